//! Every kind of voucher, state and field of a customer, as tables.

use std::collections::BTreeMap;

use domain::port::{InvoiceState, PaymentSnapshot};
use entity::{DebtorKind, PaymentKind};
use serde_json::{Value, json};

use super::{
    super::{
        tests::data::{claim, customer as customer_of, entry, invoice as invoice_of, voucher, with},
        wire::{Customer, LedgerEntry, OutgoingInvoice},
    },
    Around, Details, Entry, Kind, Told, customer, settle, tell,
};

fn read(value: Value) -> Entry {
    Entry::read(serde_json::from_value::<LedgerEntry>(value).unwrap()).unwrap()
}

fn group(values: Vec<Value>) -> Vec<Entry> {
    values.into_iter().map(read).collect()
}

/// The first entry of a group as it is told.
fn told(values: Vec<Value>) -> Told {
    told_with(&Details::default(), values)
}

fn told_with(details: &Details, values: Vec<Value>) -> Told {
    let group = group(values);
    tell(&group[0], details, &around(&group))
}

/// All of a group was read, and nothing waits.
fn around(group: &[Entry]) -> Around<'_> {
    Around { group, whole: true, waiting: Some(&[]) }
}

fn state(told: &Told) -> (InvoiceState, Option<i64>, bool) {
    let invoice = told.invoice.as_ref().unwrap();
    (invoice.state, invoice.outstanding_minor, invoice.disputed)
}

fn amounts(payments: &[PaymentSnapshot]) -> Vec<(PaymentKind, Option<i64>)> {
    payments.iter().map(|payment| (payment.kind, payment.amount_minor)).collect()
}

#[test]
fn only_outgoing_invoices_are_claims_and_only_bank_and_till_are_money() {
    let all = [
        ("OutgoingInvoice", Kind::Invoice),
        ("OutgoingCreditNote", Kind::CreditNote),
        ("IncomingOcrGiro", Kind::Money),
        ("IncomingPayments", Kind::Money),
        ("BankJournal", Kind::Money),
        ("CashJournal", Kind::Money),
        ("ReversalVoucher", Kind::Correction),
        ("CorrectionVoucher", Kind::Correction),
    ];
    for (word, kind) in all {
        assert_eq!(read(entry(1, word, "10.00", "10.00")).kind, kind, "{word}");
        let written_off = with(entry(1, word, "-10.00", "0"), &[("IsWriteOff", json!(true))]);
        assert_eq!(read(written_off).kind, Kind::WriteOff, "{word}");
    }
    let others = "Unknown IncomingInvoice IncomingCreditNote IncomingBankRemittance ManualJournal Expense OutgoingPayments YearEndJournal \
                  VatReturns PayrollJournal OutgoingPaymentReminder OutgoingNoticeOfDebtCollection OutgoingPaymentDemand \
                  OutgoingWarrantOfExecution DepreciationJournal TravelExpense Settlement NegativeSettlement \
                  SystemGeneratedDocumentationVoucher SomethingNew";
    for word in others.split_whitespace() {
        let read = read(entry(1, word, "10.00", "10.00"));
        assert_eq!((read.kind, read.is_claim()), (Kind::Other, false), "{word}");
    }
    assert!(!read(claim(1, "-10.00", "-10.00")).is_claim(), "an invoice below zero owes nothing");
}

#[test]
fn a_closed_claim_is_paid_credited_written_off_or_void_by_what_closed_it() {
    use InvoiceState::{Approved, Voided, WrittenOff};
    use PaymentKind::{CreditNote, Payment};
    let written_off = |amount: &str| with(entry(9, "ManualJournal", amount, "0"), &[("IsWriteOff", json!(true))]);
    let closed = |credits: Vec<Value>| told([vec![claim(1, "100.00", "0")], credits].concat());
    for (credits, expected, payments) in [
        (vec![entry(2, "BankJournal", "-100.00", "0")], Approved, vec![(Payment, Some(10_000))]),
        (vec![entry(2, "OutgoingCreditNote", "-100.00", "0")], Approved, vec![(CreditNote, Some(10_000))]),
        (vec![entry(2, "ManualJournal", "-100.00", "0")], Approved, vec![(CreditNote, Some(10_000))]),
        (vec![entry(2, "SomethingNew", "-100.00", "0")], Approved, vec![(CreditNote, Some(10_000))]),
        (vec![entry(2, "ReversalVoucher", "-100.00", "0")], Voided, vec![(CreditNote, Some(10_000))]),
        (vec![written_off("-100.00")], WrittenOff, vec![]),
        (vec![entry(2, "BankJournal", "-60.00", "0"), written_off("-40.00")], WrittenOff, vec![(Payment, Some(6_000))]),
        (vec![entry(2, "BankJournal", "-98.99", "0"), written_off("-1.01")], WrittenOff, vec![(Payment, Some(9_899))]),
        (vec![entry(2, "BankJournal", "-99.00", "0"), written_off("-1.00")], Approved, vec![(Payment, Some(9_900))]),
    ] {
        let told = closed(credits.clone());
        assert_eq!(state(&told), (expected, Some(0), false), "{credits:?}");
        assert_eq!(amounts(&told.payments), payments, "{credits:?}");
    }
}

#[test]
fn what_is_open_is_what_the_ledger_says() {
    assert_eq!(state(&told(vec![claim(1, "100.00", "100.00")])), (InvoiceState::Approved, Some(10_000), false));
    let part = told(vec![claim(1, "100.00", "30.00"), entry(2, "BankJournal", "-70.00", "0")]);
    assert_eq!((state(&part).1, amounts(&part.payments)), (Some(3_000), vec![(PaymentKind::Payment, Some(7_000))]));
    let part_written_off = with(entry(2, "ManualJournal", "-70.00", "0"), &[("IsWriteOff", json!(true))]);
    let part = told(vec![claim(1, "100.00", "30.00"), part_written_off]);
    assert_eq!((state(&part), part.payments.len()), ((InvoiceState::Approved, Some(3_000), false), 0), "the rest is still owed");
    let over = told(vec![claim(1, "100.00", "-5.00")]);
    assert_eq!(state(&over).1, Some(0));
}

#[test]
fn reversed_invoices_are_void_and_sold_ones_are_not_ours() {
    let reversed = Details { reversed: true, ..Details::default() };
    assert_eq!(state(&told_with(&reversed, vec![claim(1, "100.00", "0")])).0, InvoiceState::Voided);
    let wire: OutgoingInvoice =
        serde_json::from_value(with(invoice_of(&claim(1, "100.00", "100.00")), &[("InvoiceDeliveryType", json!("Factoring"))])).unwrap();
    assert!(state(&told_with(&Details::read(&wire), vec![claim(1, "100.00", "100.00")])).2);
}

#[test]
fn one_payment_over_two_claims_and_a_fee_counts_for_each_what_the_ledger_used() {
    let fee = with(entry(3, "OutgoingPaymentReminder", "70.00", "35.00"), &[("DueDate", json!("2026-09-15"))]);
    let group = group(vec![claim(1, "100.00", "0"), claim(2, "50.00", "0"), fee, entry(4, "IncomingOcrGiro", "-185.00", "0")]);
    let pieces: BTreeMap<i64, i64> = settle(&group).iter().map(|piece| (piece.debit.voucher_no, piece.amount)).collect();
    assert_eq!(pieces, BTreeMap::from([(1, 10_000), (2, 5_000), (3, 3_500)]));
    for (claim, expected) in group[..2].iter().zip([10_000, 5_000]) {
        assert_eq!(amounts(&tell(claim, &Details::default(), &around(&group)).payments), [(PaymentKind::Payment, Some(expected))]);
    }
}

#[test]
fn a_payment_that_was_reversed_within_the_match_settles_nothing_else() {
    let group = group(vec![
        claim(1, "100.00", "0"),
        entry(2, "BankJournal", "-100.00", "0"),
        entry(3, "ReversalVoucher", "100.00", "0"),
        with(entry(4, "BankJournal", "-100.00", "0"), &[("PostingDate", json!("2026-10-05"))]),
    ]);
    let told = tell(&group[0], &Details::default(), &around(&group));
    assert_eq!((told.payments.len(), told.payments[0].external_id.clone()), (1, format!("4/{}", voucher(1))));
}

fn abroad(value: Value, code: &str, amount: f64) -> Value {
    with(value, &[("CurrencyCode", json!(code)), ("CurrencyAmount", json!(amount))])
}

#[test]
fn an_invoice_in_another_currency_is_told_exactly_or_held_back() {
    let bill = |balance: &str| abroad(claim(1, "1150.00", balance), "EUR", 100.0);
    let open = told(vec![bill("1150.00")]);
    let invoice = open.invoice.as_ref().unwrap();
    assert_eq!((invoice.currency.as_deref(), invoice.total_minor, invoice.outstanding_minor), (Some("EUR"), 10_000, Some(10_000)));
    assert!(open.problem.is_none());

    let euros = told(vec![bill("690.00"), abroad(entry(2, "BankJournal", "-460.00", "0"), "EUR", -40.0)]);
    assert_eq!(
        (state(&euros), amounts(&euros.payments)),
        ((InvoiceState::Approved, Some(6_000), false), vec![(PaymentKind::Payment, Some(4_000))])
    );

    let kroner = told(vec![bill("690.00"), entry(2, "BankJournal", "-460.00", "0")]);
    assert_eq!(state(&kroner), (InvoiceState::Approved, None, true), "nobody is dunned for a converted rest");
    assert_eq!((kroner.problem.unwrap().code.as_str(), kroner.payments.len()), ("CURRENCY_MISMATCH", 0));

    let half_used = told(vec![bill("690.00"), abroad(entry(2, "BankJournal", "-920.00", "-460.00"), "EUR", -80.0)]);
    assert!(state(&half_used).2);

    let closed = told(vec![bill("0"), entry(2, "BankJournal", "-1150.00", "0")]);
    assert_eq!((state(&closed), closed.problem.is_none()), ((InvoiceState::Approved, Some(0), false), true));

    let yen = told(vec![abroad(claim(1, "700.00", "700.00"), "JPY", 9_800.0)]);
    assert_eq!(yen.invoice.unwrap().total_minor, 9_800);
}

#[test]
fn amounts_are_exact_and_never_rounded() {
    assert_eq!(read(claim(1, "148062.76", "0.1")).amount, 14_806_276);
    let fine = serde_json::from_value::<LedgerEntry>(claim(1, "1.005", "1.00")).unwrap();
    assert_eq!(Entry::read(fine).unwrap_err().0, "Amount");
    let unknown = serde_json::from_value::<LedgerEntry>(abroad(claim(1, "1.00", "1.00"), "XQQ", 1.0)).unwrap();
    assert_eq!(Entry::read(unknown).unwrap_err().0, "CurrencyAmount");
}

fn debtor(fields: &[(&str, Value)]) -> domain::port::DebtorSnapshot {
    let wire: Customer = serde_json::from_value(with(customer_of(40_001), fields)).unwrap();
    customer(&wire, None).unwrap()
}

#[test]
fn reminders_go_where_go_sends_its_own() {
    let reminder = ("PaymentReminderEmailAddress", json!("purring@bjork.example"));
    let (blank, none) = (("InvoiceEmailAddress", json!(" ")), ("EmailAddress", Value::Null));
    assert_eq!(debtor(&[reminder]).email.as_deref(), Some("purring@bjork.example"));
    assert_eq!(debtor(&[]).email.as_deref(), Some("faktura@bjork.example"));
    assert_eq!(debtor(std::slice::from_ref(&blank)).email.as_deref(), Some("post@bjork.example"));
    assert_eq!(debtor(&[blank, none]).email, None);
}

#[test]
fn a_customer_is_exempt_when_one_switch_says_so() {
    let (no, yes, unset) = (json!(false), json!(true), Value::Null);
    for (reminders, agency, archived, exempt) in [
        (&yes, &yes, &no, false),
        (&unset, &unset, &unset, false),
        (&no, &yes, &no, true),
        (&yes, &no, &no, true),
        (&yes, &yes, &yes, true),
    ] {
        let fields = [
            ("SendPaymentReminders", reminders.clone()),
            ("TransferToDebtCollectionAgency", agency.clone()),
            ("IsArchived", archived.clone()),
        ];
        assert_eq!(debtor(&fields).exempt, Some(exempt), "{reminders} {agency} {archived}");
    }
}

#[test]
fn persons_have_their_own_names_and_addresses_default_to_norway() {
    let person = debtor(&[("IsPerson", json!(true)), ("FirstName", json!("Åse")), ("LastName", json!("Øien")), ("Name", Value::Null)]);
    assert_eq!((person.name.as_str(), person.kind), ("Åse Øien", Some(DebtorKind::Consumer)));
    let company = debtor(&[("Name", json!(""))]);
    assert_eq!((company.name.as_str(), company.kind), ("Bjørk & Sønn AS", Some(DebtorKind::Business)));
    assert_eq!((company.line1.as_deref(), company.line2, company.country.as_deref()), (Some("Storgata 4"), None, Some("NO")));
    assert_eq!(debtor(&[("IsPerson", Value::Null)]).kind, None);
    assert_eq!(debtor(&[("MailAddress", Value::Null)]).country, None);
    assert_eq!(debtor(&[("MailAddress", json!({"City": "Malmö", "CountryCode": "se"}))]).country.as_deref(), Some("SE"));
    let nameless: Customer = serde_json::from_value(with(customer_of(1), &[("Name", Value::Null), ("LegalName", Value::Null)])).unwrap();
    assert!(customer(&nameless, None).is_none());
}

#[test]
fn groups_go_by_their_names_and_unknown_ones_are_left_out() {
    let wire: Customer = serde_json::from_value(with(customer_of(1), &[("ContactGroupIds", json!([3, 4]))])).unwrap();
    let names = BTreeMap::from([(3, "Kommuner".to_owned())]);
    assert_eq!(customer(&wire, Some(&names)).unwrap().groups, Some(vec!["Kommuner".to_owned()]));
    assert_eq!(customer(&wire, None).unwrap().groups, None, "we may not read groups: nothing is said of them");
}
