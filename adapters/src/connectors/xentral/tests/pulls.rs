//! What each scope brings, compared with what the stand-in holds.

use domain::port::{
    InvoiceState::{Approved, Voided, WrittenOff},
    Scope, Wanted,
};
use entity::PaymentKind;
use sandbox::xentral::{DunningLevel, NewInvoice, Status};

use super::world::{World, only};

#[tokio::test]
async fn everything_is_what_is_open_with_debtors_and_what_explains_it() {
    let world = World::sampled().await;
    let pulled = world.linked.pull(Scope::Everything).await;
    assert_eq!((pulled.ids(), pulled.problems()), (world.open(), Vec::new()));
    for invoice in world.stand.xentral().invoices() {
        let Some(told) = pulled.invoice(invoice.id) else { continue };
        assert_eq!(
            (told.due_on, told.total_minor, told.outstanding_minor),
            (invoice.due_on(), invoice.gross_minor, Some(invoice.outstanding_minor()))
        );
        let paid: i64 = pulled.payments(invoice.id).iter().filter_map(|payment| payment.amount_minor).sum();
        assert_eq!(invoice.gross_minor - paid, invoice.outstanding_minor(), "{}", invoice.id);
        let elsewhere = matches!(invoice.dunning.level, Some(DunningLevel::DebtCollection | DunningLevel::LossOfReceivables));
        assert_eq!(told.disputed, invoice.dunning.blocked || elsewhere, "{}", invoice.id);
    }
    assert!(pulled.records.iter().filter(|record| record.invoice.is_some()).all(|record| record.debtor.is_some()));
    assert!(pulled.records.iter().filter_map(|record| record.payment.as_ref()).all(|payment| payment.reconciled));
}

#[tokio::test]
async fn the_first_page_tells_the_account_and_each_page_where_changes_begin() {
    let world = World::sampled().await;
    let pulled = world.linked.pull(Scope::Everything).await;
    assert_eq!(pulled.pages[0].account.as_ref(), Some(&world.linked.account));
    assert!(pulled.pages.iter().all(|page| page.mark.as_deref() == Some("2026-11-21T08:58:00Z")));
    let rows = pulled.pages.last().unwrap().rows_done;
    assert_eq!(rows, world.open().len() as u64);
}

#[tokio::test]
async fn each_call_takes_a_turn_of_its_instance_and_gives_it_back() {
    let world = World::sampled().await;
    world.linked.pull(Scope::Everything).await;
    let (entered, left) = (world.linked.gate.entered.lock().unwrap().clone(), world.linked.gate.left.lock().unwrap().len());
    assert_eq!((entered.len() as u64, left), (world.stand.calls().total(), entered.len()));
    let key = format!("xentral:{}", world.linked.account.external_id);
    assert!(entered.iter().all(|limit| limit.key == key));
}

#[tokio::test]
async fn changes_tell_each_way_in_which_a_claim_can_end_or_come_back() {
    let mut world = World::sampled().await;
    let first = world.linked.pull(Scope::Everything).await;
    world.pass(3_600);
    let books = world.stand.xentral();
    let add = || {
        let new =
            NewInvoice { customer: 1, issued_on: "2026-09-01".parse().unwrap(), target_days: 10, gross_minor: 10_000, currency: "EUR" };
        books.add_invoice(&new).unwrap()
    };
    let [paid, part, credited, whole, written_off, cancelled, blocked, terms, back] = [(); 9].map(|()| add());
    books.record_payment(paid, 10_000).unwrap();
    books.record_payment(part, 2_500).unwrap();
    books.credit(credited, 1_000).unwrap();
    books.credit(whole, 10_000).unwrap();
    books.write_off(written_off).unwrap();
    books.cancel(cancelled).unwrap();
    books.block_dunning(blocked, true).unwrap();
    books.set_terms(terms, 60).unwrap();
    let payment = books.record_payment(back, 10_000).unwrap();
    books.delete_payment(payment).unwrap();
    let draft = add();
    books.edit(draft, |invoice| (invoice.status, invoice.number) = (Status::Draft, None)).unwrap();
    let pulled = world.linked.pull(first.mark()).await;
    for (id, state, outstanding, disputed) in [
        (paid, Approved, Some(0), false),
        (part, Approved, Some(7_500), false),
        (credited, Approved, Some(9_000), false),
        (whole, Voided, Some(0), false),
        (written_off, WrittenOff, None, false),
        (cancelled, Voided, Some(0), false),
        (blocked, Approved, Some(10_000), true),
        (terms, Approved, Some(10_000), false),
        (back, Approved, Some(10_000), false),
    ] {
        let told = pulled.invoice(id).unwrap();
        assert_eq!((told.state, told.outstanding_minor, told.disputed), (state, outstanding, disputed), "{id}");
    }
    assert_eq!(pulled.invoice(terms).unwrap().due_on, "2026-10-31".parse().unwrap());
    assert_eq!(
        pulled.payments(paid).iter().map(|one| (one.kind, one.amount_minor)).collect::<Vec<_>>(),
        [(PaymentKind::Payment, Some(10_000))]
    );
    let notes: Vec<_> = pulled.payments(credited).iter().map(|one| (one.kind, one.amount_minor)).collect();
    assert_eq!(notes, [(PaymentKind::CreditNote, Some(1_000))]);
    assert_eq!((pulled.payments(back).len(), pulled.invoice(draft), pulled.problems()), (0, None, Vec::new()));
    assert_eq!(pulled.ids().len(), 9, "what did not change is not pulled again");
}

#[tokio::test]
async fn a_payment_that_vanished_settles_nothing_more() {
    let world = World::sampled().await;
    let books = world.stand.xentral();
    let new = NewInvoice { customer: 1, issued_on: "2026-09-01".parse().unwrap(), target_days: 10, gross_minor: 10_000, currency: "EUR" };
    let id = books.add_invoice(&new).unwrap();
    let [first, second] = [2_500, 1_500].map(|minor| books.record_payment(id, minor).unwrap());
    let all = [first, second].map(|payment| format!("{id}/payment/{payment}"));
    for expected in [&all[..], &all[1..], &[]] {
        for scope in [Scope::Everything, only(&[&id.to_string()])] {
            let pulled = world.linked.pull(scope).await;
            assert_eq!(pulled.invoice(id).unwrap().settled_by.as_deref(), Some(expected));
            assert_eq!(pulled.payments(id).into_iter().map(|one| one.external_id.clone()).collect::<Vec<_>>(), expected);
        }
        let gone = if expected.len() == 2 { first } else { second };
        assert_eq!(books.delete_payment(gone).is_ok(), !expected.is_empty());
    }
}

#[tokio::test]
async fn what_changes_while_a_pull_runs_is_in_the_next() {
    let mut world = World::sampled().await;
    let mut source = world.linked.source(Scope::Everything, None).await;
    let mark = source.next_page().await.unwrap().unwrap().mark.unwrap();
    let open = world.open()[0];
    world.stand.xentral().record_payment(open, 1).unwrap();
    while source.next_page().await.unwrap().is_some() {}
    world.pass(900);
    assert_eq!(world.linked.pull(Scope::Changes(mark)).await.ids(), [open]);
}

#[tokio::test]
async fn what_was_sold_and_paid_today_costs_no_call() {
    let mut world = World::sampled().await;
    let mark = world.linked.pull(Scope::Everything).await.mark();
    world.pass(3_600);
    for _ in 0..30 {
        let new = NewInvoice { customer: 1, issued_on: world.today(), target_days: 14, gross_minor: 4_900, currency: "EUR" };
        let id = world.stand.xentral().add_invoice(&new).unwrap();
        world.stand.xentral().record_payment(id, 4_900).unwrap();
    }
    world.stand.calls().clear();
    let pulled = world.linked.pull(mark).await;
    assert_eq!((pulled.ids().len(), world.stand.calls().count("GET", "/api/v1")), (30, 0));
    assert!(pulled.invoices().iter().all(|invoice| invoice.outstanding_minor == Some(0)));
}

#[tokio::test]
async fn a_pending_invoice_needs_a_fiftieth_of_a_call() {
    let world = World::of(200).await;
    assert_eq!(world.linked.pull(Scope::Everything).await.ids().len(), 180);
    assert_eq!(world.stand.calls().count("GET", "/api/v1/invoices"), 4);
    assert_eq!((world.stand.calls().count("GET", "/balance"), world.stand.calls().count("GET", "/api/v3/invoices")), (0, 1));
}

#[tokio::test]
async fn only_the_wanted_are_looked_at_in_whatever_state_they_are() {
    let world = World::sampled().await;
    let all = world.stand.xentral().invoices();
    let paid = all.iter().find(|invoice| invoice.payment_status() == Some(sandbox::xentral::PaymentStatus::Paid)).unwrap();
    world.stand.xentral().cancel(world.open()[0]).unwrap();
    let (cancelled, open) = (all.iter().find(|invoice| Some(&invoice.id) == world.open().first()).unwrap().id, world.open()[1]);
    let wanted = [paid.id, cancelled, open].map(|id| id.to_string());
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).chain(["999999", "../../v1/users"]).collect();
    let pulled = world.linked.pull(only(&wanted)).await;
    let mut expected = vec![paid.id, cancelled, open];
    expected.sort_unstable();
    assert_eq!(pulled.ids(), expected);
    assert_eq!(pulled.invoice(paid.id).unwrap().outstanding_minor, Some(0));
    assert_eq!(pulled.payments(paid.id).iter().filter_map(|payment| payment.amount_minor).sum::<i64>(), paid.paid_minor());
    assert_eq!(pulled.problems(), [(Some("999999"), "NOT_FOUND"), (Some("../../v1/users"), "NOT_FOUND")]);
    assert!(pulled.pages.iter().all(|page| page.mark.is_none()), "it says nothing about changes of others");
    assert_eq!(world.stand.calls().matching(|call| call.path.contains("..")).len(), 0);
}

#[tokio::test]
async fn wanted_debtors_come_alone_and_unknown_ones_are_problems() {
    let world = World::sampled().await;
    let scope = Scope::Only(Wanted { invoices: Vec::new(), debtors: vec!["1".into(), "888888".into(), "me".into()] });
    let pulled = world.linked.pull(scope).await;
    let names: Vec<&str> = pulled.records.iter().filter_map(|record| Some(record.debtor.as_ref()?.name.as_str())).collect();
    assert_eq!(names, [world.stand.xentral().customer(1).unwrap().address.name]);
    assert!(pulled.records.iter().all(|record| record.invoice.is_none()));
    assert_eq!(pulled.problems(), [(Some("888888"), "NOT_FOUND"), (Some("me"), "NOT_FOUND")]);
}

#[tokio::test]
async fn nothing_wanted_is_nothing_asked() {
    let world = World::sampled().await;
    let pulled = world.linked.pull(Scope::Only(Wanted::default())).await;
    assert_eq!((pulled.records.len(), world.stand.calls().total()), (0, 0));
}
