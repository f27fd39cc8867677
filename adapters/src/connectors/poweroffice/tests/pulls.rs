//! What a pull brings: everything, changes, and named records.

use std::collections::BTreeSet;

use domain::port::{InvoiceSnapshot, InvoiceState, Page, PaymentSnapshot, Scope, Wanted};
use entity::PaymentKind;
use serde_json::{Value, json};

use super::{
    Puller,
    data::{claim, customer, entry, invoice, voucher, with},
    fake::Go,
};

fn invoices(pages: &[Page]) -> Vec<&InvoiceSnapshot> {
    pages.iter().flat_map(|page| &page.records).filter_map(|record| record.invoice.as_ref()).collect()
}

fn payments(pages: &[Page]) -> Vec<&PaymentSnapshot> {
    pages.iter().flat_map(|page| &page.records).filter_map(|record| record.payment.as_ref()).collect()
}

pub(super) async fn go_with(entries: Vec<Value>) -> Go {
    let go = Go::start().await;
    let mut books = go.books();
    let is_invoice = |entry: &&Value| entry["VoucherType"] == "OutgoingInvoice";
    books.invoices = entries.iter().filter(is_invoice).map(invoice).collect();
    books.entries = entries;
    books.customers = vec![customer(40_001)];
    drop(books);
    go
}

pub(super) fn matched(record: Value, id: i64) -> Value {
    with(record, &[("MatchId", json!(id))])
}

pub(super) fn at(record: Value, created: &str, changed: &str) -> Value {
    let instant = |text: &str| json!(format!("2026-11-21 {text}.000000+00:00"));
    with(record, &[("CreatedDateTimeOffset", instant(created)), ("LastChangedDateTimeOffset", instant(changed))])
}

/// Since twenty minutes before the pull.
pub(super) fn changes() -> Scope {
    Scope::Changes("2026-11-21T09:40:00.000000Z".into())
}

#[tokio::test]
async fn everything_tells_the_books_and_an_open_invoice_with_its_debtor() {
    let go = go_with(vec![with(claim(1, "1250.50", "1250.50"), &[("Cid", json!("0050017"))])]).await;
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    let account = pages[0].account.clone().unwrap();
    assert_eq!(
        (account.name.as_str(), account.currency.as_deref(), account.country.as_deref(), account.time_zone.as_deref()),
        ("Fjordglass AS", Some("NOK"), Some("NO"), Some("Europe/Oslo"))
    );
    let told = invoices(&pages)[0];
    assert_eq!(
        (told.external_id.as_str(), told.number.as_str(), told.title.as_deref()),
        (voucher(1).as_str(), "5001", Some("Kari, vinduer"))
    );
    assert_eq!(
        (told.total_minor, told.outstanding_minor, told.state, told.disputed),
        (125_050, Some(125_050), InvoiceState::Approved, false)
    );
    assert_eq!((told.due_on.to_string(), told.payment_reference.as_deref()), ("2026-10-01".to_owned(), Some("0050017")));
    let debtor = pages[0].records[0].debtor.as_ref().unwrap();
    assert_eq!((debtor.external_id.as_str(), debtor.email.as_deref()), ("40001", Some("faktura@bjork.example")));
    assert_eq!(pages[0].mark.as_deref(), Some("2026-11-21T09:58:00.000000Z"), "two minutes before the pull began");
    assert_eq!((pages.len(), pages[0].rows_done), (1, 1));
}

#[tokio::test]
async fn an_empty_ledger_is_one_page_with_a_mark() {
    let pages = Puller::new(&go_with(vec![]).await).pages(Scope::Everything).await.unwrap();
    assert_eq!((pages.len(), pages[0].records.len(), pages[0].mark.is_some()), (1, 0, true));
}

#[tokio::test]
async fn a_part_paid_invoice_comes_with_what_was_paid() {
    let paid = matched(entry(2, "IncomingOcrGiro", "-400.00", "0"), 77);
    let go = go_with(vec![matched(claim(1, "1000.00", "600.00"), 77), paid]).await;
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    assert_eq!(invoices(&pages)[0].outstanding_minor, Some(60_000));
    let told = payments(&pages);
    assert_eq!((told.len(), told[0].amount_minor, told[0].reconciled, told[0].kind), (1, Some(40_000), true, PaymentKind::Payment));
    assert_eq!((told[0].external_id.clone(), told[0].received_on.to_string()), (format!("2/{}", voucher(1)), "2026-09-02".into()));
}

#[tokio::test]
async fn money_that_waits_holds_the_invoice_of_its_kid_and_counts_nothing() {
    let entries = vec![
        claim(1, "500.00", "500.00"),
        with(claim(2, "700.00", "700.00"), &[("Cid", json!("222"))]),
        with(entry(3, "IncomingOcrGiro", "-650.00", "-650.00"), &[("Cid", json!("222"))]),
        entry(4, "BankJournal", "-10.00", "-10.00"),
    ];
    let pages = Puller::new(&go_with(entries).await).pages(Scope::Everything).await.unwrap();
    let told: BTreeSet<_> = payments(&pages).iter().map(|p| (p.external_id.clone(), p.amount_minor, p.reconciled, p.reversed)).collect();
    let expected = [(format!("3/{}", voucher(2)), Some(65_000), false, false), (format!("4/{}", voucher(1)), Some(1_000), false, false)];
    assert_eq!(told, BTreeSet::from(expected), "with the KID to its own, without to the longest overdue one");
}

#[tokio::test]
async fn a_match_that_was_undone_meanwhile_leaves_the_balance_and_a_problem() {
    let go = go_with(vec![matched(claim(1, "1000.00", "600.00"), 77)]).await;
    go.books().instead.push(("EntriesByMatchId", wiremock::ResponseTemplate::new(404)));
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    assert_eq!((invoices(&pages)[0].outstanding_minor, payments(&pages).len()), (Some(60_000), 0));
    assert_eq!(pages[0].problems[0].external_id, Some(voucher(1)));
}

#[tokio::test]
async fn gos_own_fees_are_no_invoices() {
    let fees = ["OutgoingPaymentReminder", "OutgoingNoticeOfDebtCollection", "OutgoingPaymentDemand", "OutgoingWarrantOfExecution"];
    let entries = (10..).zip(fees).map(|(id, kind)| with(entry(id, kind, "70.00", "70.00"), &[("DueDate", json!("2026-10-20"))]));
    let entries = entries.chain([claim(1, "500.00", "500.00")]).collect();
    let go = go_with(entries).await;
    for scope in [Scope::Everything, Scope::Changes("2026-11-01T00:00:00.000000Z".into())] {
        let pages = Puller::new(&go).pages(scope).await.unwrap();
        assert_eq!(invoices(&pages).len(), 1);
    }
}

#[tokio::test]
async fn changes_tell_an_invoice_that_was_paid_with_its_payment() {
    let go = go_with(vec![
        at(matched(claim(1, "1000.00", "0.0"), 77), "08:00:00", "09:50:00"),
        at(matched(entry(2, "BankJournal", "-1000.00", "0.0"), 77), "09:49:59", "09:50:00"),
        claim(3, "90.00", "90.00"),
    ])
    .await;
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    let told = invoices(&pages);
    assert_eq!((told.len(), told[0].outstanding_minor, told[0].state), (1, Some(0), InvoiceState::Approved), "the third did not change");
    assert_eq!((payments(&pages)[0].amount_minor, payments(&pages)[0].reconciled), (Some(100_000), true));
    assert!(pages.iter().all(|page| page.account.is_none()));
}

#[tokio::test]
async fn a_poll_without_news_costs_two_calls() {
    let go = go_with(vec![claim(1, "90.00", "90.00")]).await;
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    assert_eq!((go.books().asked.len(), pages.len()), (2, 1));
    assert!(pages[0].records.is_empty() && pages[0].mark.is_some());
}

#[tokio::test]
async fn a_payment_that_was_taken_off_an_invoice_is_told_as_such() {
    // The payment had closed invoice 1. Now it is matched with a reversal, and invoice 1 is open again.
    let go = go_with(vec![
        at(claim(1, "1000.00", "1000.00"), "08:00:00", "09:50:00"),
        at(matched(entry(2, "BankJournal", "-1000.00", "0"), 78), "08:30:00", "09:50:00"),
        at(matched(entry(3, "ReversalVoucher", "1000.00", "0"), 78), "09:50:00", "09:50:00"),
    ])
    .await;
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    assert_eq!(invoices(&pages)[0].outstanding_minor, Some(100_000));
    let told = payments(&pages);
    assert_eq!((told.len(), told[0].external_id.clone(), told[0].reversed), (1, format!("2/{}", voucher(1)), true));
}

#[tokio::test]
async fn a_payment_that_was_unmatched_waits_again_under_the_same_id() {
    let go = go_with(vec![
        at(claim(1, "1000.00", "1000.00"), "08:00:00", "09:50:00"),
        at(entry(2, "BankJournal", "-1000.00", "-1000.00"), "08:30:00", "09:50:00"),
    ])
    .await;
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    let told = payments(&pages);
    assert_eq!((told.len(), told[0].external_id.clone()), (1, format!("2/{}", voucher(1))));
    assert_eq!((told[0].reconciled, told[0].reversed), (false, false));
}

#[tokio::test]
async fn money_that_waited_for_one_invoice_and_settled_another_holds_the_first_no_more() {
    let go = go_with(vec![
        claim(1, "300.00", "300.00"),
        at(matched(claim(2, "700.00", "0"), 5), "08:00:00", "09:50:00"),
        at(matched(entry(3, "BankJournal", "-700.00", "0"), 5), "08:30:00", "09:50:00"),
    ])
    .await;
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    let told: BTreeSet<_> = payments(&pages).iter().map(|p| (p.external_id.clone(), p.reconciled, p.reversed)).collect();
    assert_eq!(told, BTreeSet::from([(format!("3/{}", voucher(1)), false, true), (format!("3/{}", voucher(2)), true, false)]));
}

#[tokio::test]
async fn changed_customers_are_told_alone() {
    let go = go_with(vec![]).await;
    let changed =
        [("LastChangedDateTimeOffset", json!("2026-11-21 09:55:00.000000+00:00")), ("TransferToDebtCollectionAgency", json!(false))];
    go.books().customers = vec![customer(40_001), with(customer(40_002), &changed)];
    let pages = Puller::new(&go).pages(changes()).await.unwrap();
    let records: Vec<_> = pages.iter().flat_map(|page| &page.records).collect();
    assert_eq!(records.len(), 1);
    let debtor = records[0].debtor.as_ref().unwrap();
    assert_eq!((debtor.external_id.as_str(), debtor.exempt, records[0].invoice.is_none()), ("40002", Some(true), true));
}

#[tokio::test]
async fn named_invoices_come_in_whatever_state_they_are_and_others_do_not() {
    let go = go_with(vec![
        matched(claim(1, "1000.00", "0"), 77),
        matched(entry(2, "BankJournal", "-1000.00", "0"), 77),
        claim(3, "90.00", "90.00"),
        entry(4, "BankJournal", "-50.00", "-50.00"),
        claim(5, "60.00", "60.00"),
    ])
    .await;
    let wanted =
        Wanted { invoices: vec![voucher(1), voucher(3), voucher(99), "4711,5".into()], debtors: vec!["40001".into(), "41000".into()] };
    let pages = Puller::new(&go).pages(Scope::Only(wanted)).await.unwrap();
    let told: BTreeSet<_> = invoices(&pages).iter().map(|told| (told.external_id.clone(), told.outstanding_minor)).collect();
    assert_eq!(told, BTreeSet::from([(voucher(1), Some(0)), (voucher(3), Some(9_000))]));
    let told: BTreeSet<_> = payments(&pages).iter().map(|told| (told.external_id.clone(), told.reconciled)).collect();
    assert_eq!(told, BTreeSet::from([(format!("2/{}", voucher(1)), true), (format!("4/{}", voucher(3)), false)]));
    let problems: Vec<_> =
        pages.iter().flat_map(|page| &page.problems).map(|p| (p.code.as_str(), p.external_id.as_deref().unwrap())).collect();
    assert_eq!(problems, [("NOT_FOUND", voucher(99).as_str()), ("NOT_FOUND", "4711,5"), ("NOT_FOUND", "41000")]);
    assert_eq!(pages.iter().filter_map(|page| page.mark.as_ref()).count(), 0, "a look at some says nothing about the rest");
}

#[tokio::test]
async fn a_customer_that_is_gone_is_never_written_to() {
    let go = go_with(vec![claim(1, "90.00", "90.00")]).await;
    go.books().customers.clear();
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    let debtor = pages[0].records[0].debtor.as_ref().unwrap();
    assert_eq!((debtor.name.as_str(), debtor.exempt), ("Bjørk & Sønn", Some(true)));
    assert_eq!(pages[0].problems[0].code, "NOT_FOUND");
}

fn many(count: i64) -> Vec<Value> {
    (1..=count)
        .map(|id| {
            with(
                claim(id, "10.00", "10.00"),
                &[("LastChangedDateTimeOffset", json!(format!("2026-11-{:02} 12:00:00.{:06}+00:00", 1 + id / 900, id)))],
            )
        })
        .collect()
}

#[tokio::test]
async fn a_broken_pull_goes_on_where_it_was_and_tells_the_same() {
    let go = go_with(many(2_300)).await;
    let (whole, pieces) =
        (Puller::new(&go).pages(Scope::Everything).await.unwrap(), Puller::new(&go).broken_pages(Scope::Everything).await.unwrap());
    assert!(whole.len() >= 3);
    let ids = |pages: &[Page]| invoices(pages).into_iter().cloned().map(|told| told.external_id).collect::<Vec<_>>();
    assert_eq!(ids(&whole), ids(&pieces));
    assert_eq!(ids(&whole).into_iter().collect::<BTreeSet<_>>().len(), 2_300);
    assert!(whole.iter().all(|page| page.mark == whole[0].mark));
}

#[tokio::test]
async fn nothing_is_lost_when_items_leave_the_list_between_pages() {
    let go = go_with(many(2_300)).await;
    let puller = Puller::new(&go);
    let mut source = puller.connector.pull(puller.pull(Scope::Everything, None)).await.unwrap();
    let mut pages = vec![source.next_page().await.unwrap().unwrap()];
    // Five hundred of the first page are paid before the second is read.
    go.books().entries.drain(..500);
    while let Some(page) = source.next_page().await.unwrap() {
        pages.push(page);
    }
    assert_eq!(invoices(&pages).into_iter().map(|told| &told.external_id).collect::<BTreeSet<_>>().len(), 2_300);
}

#[tokio::test]
async fn thousands_of_records_of_one_instant_come_to_an_end() {
    let go = go_with((1..=2_100).map(|id| claim(id, "10.00", "10.00")).collect()).await;
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    assert_eq!(invoices(&pages).into_iter().map(|told| &told.external_id).collect::<BTreeSet<_>>().len(), 2_100);
}

#[tokio::test]
async fn a_page_of_a_thousand_costs_few_calls() {
    let go = go_with(many(900)).await;
    Puller::new(&go).pages(Scope::Everything).await.unwrap();
    assert!(go.books().asked.len() <= 4, "{:?}", go.books().asked.iter().map(String::len).collect::<Vec<_>>());
    assert!(go.books().asked.iter().all(|call| call.len() < 2_000));
}
