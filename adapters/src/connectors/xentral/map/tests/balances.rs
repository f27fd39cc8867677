//! What explains a balance.

use super::*;

#[test]
fn money_and_credit_notes_explain_a_balance() {
    let note = json!([{ "id": "8", "amount": { "amount": "19.00", "currency": "EUR" }, "date": "2026-09-20T00:00:00+02:00" }]);
    let unmatched = json!({ "reference": { "invoice": { "id": "4711" } }, "payment": { "id": "6", "type": "incoming", "statementId": "", "accountName": null, "amount": { "amount": "10.00", "currency": "EUR" }, "date": "2026-10-02" } });
    let elsewhere = json!({ "reference": { "invoice": { "id": "12" } }, "payment": { "id": "5", "type": "incoming", "statementId": "9", "accountName": "Sparkasse", "amount": { "amount": "40.00", "currency": "EUR" }, "date": "2026-10-01" } });
    let Explained(all) = balance(&note, &json!([booked("5", "incoming", "40.00", "2026-10-01"), elsewhere, unmatched])).unwrap();
    let told: Vec<_> =
        all.iter().map(|one| (one.external_id.as_str(), one.kind, one.amount_minor, one.received_on, one.reconciled)).collect();
    assert_eq!(
        told,
        [
            ("4711/credit/8", PaymentKind::CreditNote, Some(1_900), day("2026-09-20"), true),
            ("4711/payment/5", PaymentKind::Payment, Some(4_000), day("2026-10-01"), true),
            ("4711/payment/6", PaymentKind::Payment, Some(1_000), day("2026-10-02"), false),
        ]
    );
    assert!(all.iter().all(|one| one.invoice_external_id == "4711" && one.currency.as_deref() == Some("EUR") && !one.reversed));
}

fn counting(all: &[PaymentSnapshot]) -> Vec<(&str, Option<i64>, bool)> {
    all.iter().map(|one| (one.external_id.rsplit('/').next().unwrap(), one.amount_minor, one.reversed)).collect()
}

#[test]
fn money_that_went_back_takes_back_what_came_in_last() {
    let came = [booked("1", "incoming", "40.00", "2026-10-01"), booked("2", "incoming", "60.00", "2026-10-05")];
    let back = |amount: &str| json!([came[0], booked("3", "outgoing", amount, "2026-10-09"), came[1]]);
    for (amount, expected) in [
        ("60.00", [("1", Some(4_000), false), ("2", Some(6_000), true)]),
        ("-60.00", [("1", Some(4_000), false), ("2", Some(6_000), true)]),
        ("25.50", [("1", Some(4_000), false), ("2", Some(3_450), false)]),
        ("70.00", [("1", Some(3_000), false), ("2", Some(6_000), true)]),
        ("500.00", [("1", Some(4_000), true), ("2", Some(6_000), true)]),
    ] {
        assert_eq!(counting(&balance(&json!([]), &back(amount)).unwrap().0), expected, "{amount}");
    }
}

#[test]
fn a_credit_note_that_was_paid_out_counts_no_more() {
    let note = json!([{ "id": "8", "amount": { "amount": "19.00", "currency": "EUR" }, "date": "2026-09-20" }]);
    let mut out = booked("3", "outgoing", "19.00", "2026-10-09");
    out["reference"] = json!({ "creditNote": { "id": "8" } });
    assert_eq!(counting(&balance(&note, &json!([out])).unwrap().0), [("8", Some(1_900), true)]);
    let mut returned = booked("4", "incoming", "19.00", "2026-10-12");
    returned["reference"] = json!({ "creditNote": { "id": "8" } });
    assert_eq!(counting(&balance(&note, &json!([out, returned])).unwrap().0), [("8", Some(1_900), false)], "it was a mistake");
    assert_eq!(counting(&balance(&note, &json!([returned])).unwrap().0), [("8", Some(1_900), false)]);
}

#[test]
fn one_payment_booked_in_two_parts_is_one() {
    let parts = json!([booked("1", "incoming", "40.00", "2026-10-01"), booked("1", "incoming", "2.50", "2026-10-01")]);
    assert_eq!(counting(&balance(&json!([]), &parts).unwrap().0), [("1", Some(4_250), false)]);
}

#[test]
fn half_an_explanation_is_none() {
    assert!(balance(&json!([]), &json!([booked("1", "sideways", "40.00", "2026-10-01")])).is_err());
    assert!(balance(&json!([]), &json!([booked("1", "incoming", "40.001", "2026-10-01")])).is_err());
    assert!(balance(&json!([]), &json!([booked("1/../2", "incoming", "40.00", "2026-10-01")])).is_err());
}

#[test]
fn what_settles_an_invoice_is_told_where_it_was_explained_or_nothing_did() {
    let came = [booked("1", "incoming", "40.00", "2026-10-01"), booked("2", "incoming", "60.00", "2026-10-05")];
    let back = |amount: &str| booked("3", "outgoing", amount, "2026-10-09");
    let note = json!([{ "id": "8", "amount": { "amount": "19.00", "currency": "EUR" }, "date": "2026-09-20" }]);
    let (both, first, all) = (vec!["payment/1", "payment/2"], vec!["payment/1"], vec!["credit/8", "payment/1", "payment/2"]);
    for (paying, outstanding, explained, expected) in [
        ("partiallyPaid", Some(1_900), Some((json!([]), json!(came))), Some(both.clone())),
        ("paid", None, Some((note, json!(came))), Some(all)),
        ("partiallyPaid", Some(7_900), Some((json!([]), json!([came[0], came[1], back("60.00")]))), Some(first)),
        ("partiallyPaid", Some(4_450), Some((json!([]), json!([came[0], came[1], back("25.50")]))), Some(both)),
        ("partiallyPaid", Some(11_900), Some((json!([]), json!([]))), Some(vec![])),
        ("pending", Some(11_900), None, Some(vec![])),
        ("debited", Some(11_900), None, Some(vec![])),
        ("debited", Some(5_000), None, None),
        ("paid", None, None, None),
        ("badDebt", None, None, None),
    ] {
        let row = format!("{paying} {outstanding:?} {explained:?}");
        let explained = explained.map(|(notes, payments)| balance(&notes, &payments).unwrap());
        let told = Told { outstanding_minor: outstanding, explained, ..Told::default() };
        let invoice = records(&json!({ "/paymentStatus": paying }), told)[0].invoice.clone().unwrap();
        let expected = expected.map(|ids| ids.into_iter().map(|id| format!("4711/{id}")).collect::<Vec<_>>());
        assert_eq!(invoice.settled_by, expected, "{row}");
    }
}

#[test]
fn nothing_is_said_of_what_settled_a_cancelled_invoice() {
    let told = Told { outstanding_minor: Some(11_900), ..Told::default() };
    assert_eq!(records(&json!({ "/status": "cancelled" }), told)[0].invoice.as_ref().unwrap().settled_by, None);
}
