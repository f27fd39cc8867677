//! Pulls against a small Xero: which calls they make, and that nothing is lost.

use chrono::TimeDelta;
use domain::port::{Scope, Wanted};
use serde_json::json;

use super::{
    books::{Books, contact, contact_id, invoice, invoice_id, minutes, pay, payment_id, seconds, start},
    world::{World, invoices_told},
};

fn changes() -> Scope {
    Scope::Changes(start().to_rfc3339())
}

fn only(invoices: &[usize]) -> Scope {
    Scope::Only(Wanted { invoices: invoices.iter().map(|number| invoice_id(*number)).collect(), debtors: Vec::new() })
}

#[tokio::test]
async fn everything_takes_one_call_each_for_the_organisation_the_invoices_and_their_contacts() {
    let world = World::new(Books::of(
        (0..30).map(|n| invoice(n, n % 20, start() - minutes(100))),
        (0..20).map(|n| contact(n, start() - minutes(200))),
    ))
    .await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    assert_eq!(world.calls(), ["Organisation", "Invoices", "Contacts"]);
    assert_eq!(invoices_told(&pages).len(), 30);
    let account = pages[0].account.clone().unwrap();
    assert_eq!(
        (account.time_zone.as_deref(), account.currency.as_deref(), account.country.as_deref()),
        (Some("Pacific/Auckland"), Some("NZD"), Some("NZ"))
    );
    let first = &pages[0].records[0];
    assert_eq!(first.debtor.as_ref().unwrap().email.as_deref(), Some("c0@example.co.nz"));
    assert_eq!(first.invoice.as_ref().unwrap().outstanding_minor, Some(11_500));
    assert_eq!(pages.last().unwrap().mark.as_deref(), Some("2026-11-20T10:00:00+00:00"));
    assert_eq!(pages.last().unwrap().rows_done, 30);
}

#[tokio::test]
async fn many_contacts_are_read_as_a_list_when_that_is_cheaper() {
    let world = World::new(Books::of(
        (0..500).map(|n| invoice(n, n, start() - minutes(100))),
        (0..1_500).map(|n| contact(n, start() - minutes(200))),
    ))
    .await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    let calls = world.calls();
    assert!(calls.iter().filter(|call| *call == "Contacts").count() <= 2, "13 questions or two pages: {calls:?}");
    assert!(pages[0].records.iter().all(|record| record.debtor.is_some()));
    assert!(pages.iter().all(|page| page.problems.is_empty()));
}

#[tokio::test]
async fn what_was_paid_on_open_invoices_is_told_with_its_reconciliation() {
    let mut books = Books::default();
    let mut part_paid = invoice(1, 1, start() - minutes(10));
    books.payments = vec![pay(&mut part_paid, 1, true, start() - minutes(10)), pay(&mut part_paid, 2, false, start() - minutes(10))];
    books.invoices = vec![part_paid, invoice(2, 1, start() - minutes(9))];
    books.contacts = vec![contact(1, start() - minutes(200))];
    let world = World::new(books).await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    assert_eq!(
        world.calls(),
        [
            "Organisation".into(),
            "Invoices".into(),
            "Contacts".into(),
            format!("Payments/{}", payment_id(1)),
            format!("Payments/{}", payment_id(2))
        ]
    );
    let paid: Vec<_> = pages[0].records.iter().filter_map(|record| record.payment.clone()).collect();
    assert_eq!(
        paid.iter().map(|payment| (payment.external_id.as_str(), payment.reconciled)).collect::<Vec<_>>(),
        [(payment_id(1).as_str(), true), (&payment_id(2), false)]
    );
    assert_eq!(paid[0].amount_minor, Some(1_500));
}

#[tokio::test]
async fn a_payment_that_cannot_be_looked_up_is_told_as_not_reconciled() {
    let mut books = Books::default();
    let mut part_paid = invoice(1, 1, start());
    pay(&mut part_paid, 1, true, start());
    books.invoices = vec![part_paid];
    books.contacts = vec![contact(1, start())];
    let world = World::new(books).await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    let payment = pages[0].records.iter().find_map(|record| record.payment.clone()).unwrap();
    assert!(!payment.reconciled && !payment.reversed);
    assert_eq!((payment.amount_minor, payment.invoice_external_id), (Some(1_500), invoice_id(1)));
}

#[tokio::test]
async fn a_pull_of_changes_takes_three_calls_when_nothing_changed_and_still_tells_a_mark() {
    let world = World::new(Books::of([invoice(1, 1, start() - minutes(100))], [])).await;
    let pages = world.pull(changes()).await.unwrap();
    assert_eq!(world.calls(), ["Contacts", "Invoices", "Payments"]);
    assert_eq!(pages.len(), 1);
    assert!(pages[0].records.is_empty() && pages[0].mark.is_some() && pages[0].account.is_none());
}

#[tokio::test]
async fn changes_reach_back_two_minutes_behind_the_mark() {
    let world = World::new(Books::of(
        [invoice(1, 1, start() - TimeDelta::seconds(119)), invoice(2, 1, start() - TimeDelta::seconds(121))],
        [contact(1, start() - minutes(100))],
    ))
    .await;
    assert_eq!(invoices_told(&world.pull(changes()).await.unwrap()), [invoice_id(1)]);
}

#[tokio::test]
async fn what_paid_a_changed_invoice_is_told_with_it_and_read_once() {
    let mut books = Books::default();
    let mut paid = invoice(1, 1, start());
    books.payments = vec![pay(&mut paid, 1, true, start())];
    paid["Status"] = json!("PAID");
    paid["AmountDue"] = json!(0.0);
    books.invoices = vec![paid];
    let world = World::new(books).await;
    let pages = world.pull(changes()).await.unwrap();
    assert_eq!(world.calls(), ["Contacts", "Invoices", "Payments"], "no contact is asked for: it cannot be collected");
    let record = &pages[0].records[0];
    assert_eq!((record.debtor.as_ref(), record.invoice.as_ref().unwrap().outstanding_minor), (None, Some(0)));
    assert_eq!(pages[1].records[0].payment.as_ref().map(|payment| payment.reconciled), Some(true));
}

#[tokio::test]
async fn deleted_payments_and_voided_invoices_are_told() {
    let mut books = Books::default();
    let mut deleted = pay(&mut invoice(9, 1, start()), 1, true, start());
    deleted["Status"] = json!("DELETED");
    books.payments = vec![deleted];
    let mut voided = invoice(1, 1, start());
    voided["Status"] = json!("VOIDED");
    voided["AmountDue"] = json!(0.0);
    books.invoices = vec![voided];
    let world = World::new(books).await;
    let pages = world.pull(changes()).await.unwrap();
    assert_eq!(pages[0].records[0].invoice.as_ref().unwrap().state, domain::port::InvoiceState::Voided);
    let payment = pages[1].records[0].payment.as_ref().unwrap();
    assert!(payment.reversed);
    assert_eq!(payment.invoice_external_id, invoice_id(9));
}

#[tokio::test]
async fn a_changed_contact_is_news_and_is_not_asked_for_again_with_its_invoice() {
    let world =
        World::new(Books::of([invoice(1, 1, start()), invoice(2, 2, start())], [contact(1, start()), contact(2, start() - minutes(100))]))
            .await;
    let pages = world.pull(changes()).await.unwrap();
    assert_eq!(world.calls(), ["Contacts", "Invoices", "Contacts", "Payments"]);
    assert_eq!(pages[0].records[0].debtor.as_ref().unwrap().external_id, contact_id(1));
    assert!(pages[0].records[0].invoice.is_none());
    assert!(pages[1].records.iter().all(|record| record.debtor.is_some()));
}

#[tokio::test]
async fn one_invoice_asked_for_by_its_id_takes_one_call() {
    let world = World::new(Books::of([invoice(1, 1, start())], [contact(1, start())])).await;
    let pages = world.pull(only(&[1])).await.unwrap();
    assert_eq!(world.calls(), [format!("Invoices/{}", invoice_id(1))]);
    assert_eq!(pages[0].records[0].debtor.as_ref().unwrap().email.as_deref(), Some("c1@example.co.nz"));
    assert_eq!(pages.last().unwrap().mark, None, "it looked at some records only");
}

#[tokio::test]
async fn wanted_invoices_are_told_in_any_state_and_missing_ones_are_named() {
    let mut books = Books::default();
    let mut paid = invoice(1, 1, start());
    books.payments = vec![pay(&mut paid, 1, true, start() - minutes(900))];
    paid["Status"] = json!("PAID");
    paid["AmountDue"] = json!(0.0);
    let mut draft = invoice(4, 1, start());
    draft["Status"] = json!("DRAFT");
    books.invoices = vec![paid, invoice(2, 1, start()), draft];
    books.contacts = vec![contact(1, start())];
    let world = World::new(books).await;
    let Scope::Only(mut wanted) = only(&[1, 2, 3, 4]) else { unreachable!() };
    wanted.invoices.push("INV-0001".into());
    wanted.debtors = vec![contact_id(1), contact_id(7)];
    let pages = world.pull(Scope::Only(wanted)).await.unwrap();
    assert_eq!(world.calls(), ["Invoices".into(), "Contacts".into(), format!("Payments/{}", payment_id(1)), "Contacts".into()]);
    assert_eq!(invoices_told(&pages), [invoice_id(1), invoice_id(2)]);
    assert!(pages[0].records.iter().any(|record| record.payment.as_ref().is_some_and(|payment| payment.reconciled)));
    let missing: Vec<_> =
        pages.iter().flat_map(|page| &page.problems).map(|problem| (problem.external_id.clone().unwrap(), problem.code.as_str())).collect();
    assert_eq!(missing, [(invoice_id(3), "NOT_FOUND"), ("INV-0001".into(), "NOT_FOUND"), (contact_id(7), "NOT_FOUND")]);
}

#[tokio::test]
async fn nothing_is_lost_when_invoices_change_while_they_are_read() {
    let mut books = Books::of((0..2_500).map(|n| invoice(n, 1, start() - minutes(10_000) + seconds(n))), [contact(1, start())]);
    // With every call some of the invoices read already are changed, so that all behind them move up.
    books.moving = Some(Box::new(|call, books| {
        for n in (call * 7)..(call * 7 + 5) {
            books.invoices[n] = invoice(n, 1, start() + seconds(n));
        }
        books.invoices[900 + call]["AmountDue"] = json!(0.0);
    }));
    let world = World::new(books).await;
    let told = invoices_told(&world.pull(Scope::Everything).await.unwrap());
    let books = world.books.lock().unwrap();
    let open = books.invoices.iter().filter(|invoice| invoice["AmountDue"] != 0.0).map(|invoice| invoice["InvoiceID"].as_str().unwrap());
    let lost: Vec<_> = open.filter(|id| !told.contains(&(*id).to_owned())).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!((4..=6).contains(&books.calls.len()), "{:?}", books.calls);
}

#[tokio::test]
async fn a_bulk_of_invoices_of_one_second_is_read_to_its_end() {
    let world = World::new(Books::of((0..2_300).map(|n| invoice(n, 1, start())), [contact(1, start())])).await;
    assert_eq!(invoices_told(&world.pull(Scope::Everything).await.unwrap()).len(), 2_300);
}

#[tokio::test]
async fn a_broken_run_goes_on_at_its_page_in_another_process() {
    let world =
        World::new(Books::of((0..2_500).map(|n| invoice(n, n % 7, start() + seconds(n))), (0..7).map(|n| contact(n, start())))).await;
    let whole = world.pull(Scope::Everything).await.unwrap();
    let mut pieces = world.resume(Scope::Everything, None, 1).await.unwrap();
    while let Ok(mut next) = world.resume(Scope::Everything, pieces.last().map(|page| page.position.clone()), 1).await
        && !next.is_empty()
    {
        pieces.append(&mut next);
    }
    let told = |pages: &[domain::port::Page]| {
        pages.iter().map(|page| (page.records.clone(), page.position.clone(), page.rows_done, page.mark.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&pieces), told(&whole));
}

#[tokio::test]
async fn a_page_that_needs_too_many_calls_is_told_in_parts() {
    let mut books = Books::default();
    for n in 0..100 {
        let mut part_paid = invoice(n, 1, start() + seconds(n * 5));
        let payment = pay(&mut part_paid, n, true, start() - minutes(5_000));
        books.payments.push(payment);
        books.invoices.push(part_paid);
    }
    // So many other payments that their list is no way out.
    let other = books.payments[0].clone();
    books.payments.extend((0..25_000).map(|n| {
        let mut payment = other.clone();
        payment["PaymentID"] = json!(payment_id(1_000 + n));
        payment["UpdatedDateUTC"] = json!("/Date(1000+0000)/");
        payment
    }));
    books.contacts = vec![contact(1, start())];
    let world = World::new(books).await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    assert!(pages.len() >= 4, "{}", pages.len());
    assert_eq!(invoices_told(&pages).len(), 100);
    let told: std::collections::BTreeSet<_> = pages
        .iter()
        .flat_map(|page| &page.records)
        .filter_map(|record| record.payment.as_ref())
        .map(|payment| (payment.external_id.clone(), payment.reconciled))
        .collect();
    assert_eq!(told, (0..100).map(|n| (payment_id(n), true)).collect());
}
