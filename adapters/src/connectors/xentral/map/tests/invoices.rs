//! Each status, field and trap of an invoice.

use super::*;

#[test]
fn an_open_invoice_is_taken_over_with_its_debtor_and_due_date() {
    let told = Told { outstanding_minor: Some(11_900), ..Told::default() };
    let all = records(&json!({}), told);
    let invoice = all[0].invoice.clone().unwrap();
    assert_eq!((invoice.external_id.as_str(), invoice.number.as_str(), invoice.title.as_deref()), ("4711", "RE-2026-0815", Some("B-77")));
    assert_eq!((invoice.issued_on, invoice.due_on), (day("2026-09-01"), day("2026-09-15")));
    assert_eq!((invoice.total_minor, invoice.outstanding_minor, invoice.currency.as_deref()), (11_900, Some(11_900), Some("EUR")));
    assert_eq!((invoice.state, invoice.disputed, all.len()), (InvoiceState::Approved, false, 1));
    let debtor = all[0].debtor.clone().unwrap();
    let expected = DebtorSnapshot {
        external_id: "31".into(),
        name: "Schreinerei Huber GmbH".into(),
        kind: Some(DebtorKind::Business),
        line1: Some("Talstr. 4".into()),
        postal_code: Some("86150".into()),
        city: Some("Augsburg".into()),
        country: Some("DE".into()),
        language: Some("de".into()),
        ..DebtorSnapshot::default()
    };
    assert_eq!(debtor, expected);
}

#[test]
fn each_status_ends_where_it_must() {
    use InvoiceState::{Approved, Voided, WrittenOff};
    let open = Some(5_000);
    for (status, paying, outstanding, state, stated, disputed) in [
        ("sent", "pending", open, Approved, open, false),
        ("released", "partiallyPaid", open, Approved, open, false),
        ("completed", "partlyPaid", open, Approved, open, false),
        ("partiallyCancelled", "partiallyCancelled", open, Approved, open, false),
        ("sent", "paid", None, Approved, Some(0), false),
        ("sent", "badDebt", None, WrittenOff, None, false),
        ("sent", "debited", open, Approved, open, true),
        ("sent", "cancelled", None, Voided, Some(0), false),
        ("cancelled", "pending", open, Voided, Some(0), false),
        ("canceled", "paid", None, Voided, Some(0), false),
    ] {
        let told = Told { outstanding_minor: outstanding, ..Told::default() };
        let invoice = records(&json!({ "/status": status, "/paymentStatus": paying }), told)[0].invoice.clone().unwrap();
        assert_eq!((invoice.state, invoice.outstanding_minor, invoice.disputed), (state, stated, disputed), "{status} {paying}");
    }
}

#[test]
fn a_draft_is_not_passed_on() {
    for status in ["draft", "created"] {
        assert_eq!(read_document(&json!({ "/status": status, "/paymentStatus": null, "/documentNumber": null })), Ok(None));
    }
}

#[test]
fn what_is_not_documented_is_a_problem_that_names_the_field() {
    for (changes, field) in [
        (json!({ "/id": "47/../11" }), "id"),
        (json!({ "/status": "escalated" }), "status"),
        (json!({ "/paymentStatus": "unknown" }), "paymentStatus"),
        (json!({ "/paymentStatus": null }), "paymentStatus"),
        (json!({ "/documentNumber": null }), "documentNumber"),
        (json!({ "/documentDate": null }), "documentDate"),
        (json!({ "/address": null }), "address"),
        (json!({ "/address/id": "x" }), "address.id"),
        (json!({ "/documentAddress": null }), "documentAddress"),
        (json!({ "/documentAddress/name": " " }), "documentAddress.name"),
        (json!({ "/totals/gross": null }), "totals.gross"),
        (json!({ "/totals/gross/amount": "1.234" }), "totals.gross"),
        (json!({ "/totals/gross/amount": -5 }), "totals.gross"),
        (json!({ "/totals/gross/currency": "XXQ" }), "totals.gross"),
        (json!({ "/dunningSettings/level": "reminder9" }), "dunningSettings.level"),
        (json!({ "/financials/paymentTerms/paymentTargetDays": 4_000_000_000_u32 }), "financials.paymentTerms.paymentTargetDays"),
    ] {
        let fault = read_document(&changes).unwrap_err();
        assert_eq!((fault.code, fault.message.split(':').next()), ("CONTRACT_BROKEN", Some(field)), "{changes}");
    }
}

#[test]
fn a_field_that_vanished_is_not_an_empty_one() {
    for field in ["id", "status", "paymentStatus", "totals", "dunningSettings"] {
        let mut document = document(&json!({}));
        document.as_object_mut().unwrap().remove(field);
        let problem = record::<wire::Invoice>(&serde_json::value::to_raw_value(&document).unwrap()).unwrap_err();
        assert!(problem.message.contains(field), "{field}: {}", problem.message);
        assert_eq!(problem.external_id.as_deref(), (field != "id").then_some("4711"));
    }
    for field in ["level", "blocked"] {
        let mut document = document(&json!({}));
        document["dunningSettings"].as_object_mut().unwrap().remove(field);
        let raw = serde_json::value::to_raw_value(&document).unwrap();
        assert!(record::<wire::Invoice>(&raw).is_err(), "{field}");
    }
}

#[test]
fn who_must_not_be_dunned_by_us_is_disputed() {
    let ours = "Kunde zahlt nicht. An Inkasso übergeben (#dunwell-0192f0c1a2b37c4d8e5f60718293a4b5)";
    for (level, blocked, comment, disputed) in [
        (json!(null), false, json!(null), false),
        (json!("reminder3"), false, json!(null), false),
        (json!("reminder1"), true, json!(null), true),
        (json!("debtCollection"), false, json!(null), true),
        (json!("debtCollection"), false, json!("bei Inkasso Meier"), true),
        (json!("debtCollection"), false, json!(ours), false),
        (json!("debtCollection"), true, json!(ours), true),
        (json!("lossOfReceivables"), false, json!(ours), true),
    ] {
        let changes = json!({ "/dunningSettings": { "level": level, "blocked": blocked, "comment": comment } });
        let told = Told { outstanding_minor: Some(11_900), ..Told::default() };
        assert_eq!(records(&changes, told)[0].invoice.as_ref().unwrap().disputed, disputed, "{changes}");
    }
}

#[test]
fn amounts_are_exact_as_text_and_as_numbers() {
    for (amount, currency, minor) in [
        (json!("119.00"), "EUR", 11_900),
        (json!(119.1), "EUR", 11_910),
        (json!("148062.76"), "CHF", 14_806_276),
        (json!(980), "JPY", 980),
        (json!("0.00"), "EUR", 0),
    ] {
        let gross = json!({ "/totals/gross": { "amount": amount, "currency": currency }, "/paymentStatus": "paid" });
        assert_eq!(records(&gross, Told::default())[0].invoice.as_ref().unwrap().total_minor, minor, "{gross}");
    }
}

#[test]
fn a_balance_is_owed_whatever_its_sign_but_never_more_than_the_whole_or_in_another_currency() {
    let claim = claim(&json!({}));
    let of = |amount: &str, currency: &str| {
        claim.outstanding(&serde_json::from_value(json!({ "amount": amount, "currency": currency })).unwrap())
    };
    assert_eq!((of("50.00", "EUR"), of("-50.00", "EUR"), of("0.00", "EUR")), (Ok(5_000), Ok(5_000), Ok(0)));
    assert!(of("119.01", "EUR").is_err());
    assert!(of("50.00", "USD").is_err());
}

#[test]
fn an_invoice_whose_balance_nobody_told_is_not_guessed() {
    for paying in ["pending", "partiallyPaid", "partiallyCancelled", "debited"] {
        let claim = claim(&json!({ "/paymentStatus": paying }));
        assert!(claim.wants_outstanding(), "{paying}");
        assert!(claim.records(Told::default()).unwrap_err().message.starts_with("payment.balance"), "{paying}");
    }
}

#[test]
fn the_due_date_comes_from_v1_where_there_are_no_days_to_pay() {
    let changes = json!({ "/financials": null });
    let told = Told { outstanding_minor: Some(11_900), due_on: Some(day("2026-10-01")), ..Told::default() };
    assert!(claim(&changes).wants_due_date() && !claim(&json!({})).wants_due_date());
    assert_eq!(records(&changes, told)[0].invoice.as_ref().unwrap().due_on, day("2026-10-01"));
    let none = Told { outstanding_minor: Some(11_900), ..Told::default() };
    assert!(claim(&changes).records(none).unwrap_err().message.contains("paymentTargetDays"));
}

#[test]
fn an_explanation_is_asked_for_only_where_there_is_something_to_explain() {
    let today = day("2026-09-01");
    for (paying, outstanding, today, wants) in [
        ("pending", Some(11_900), today, false),
        ("pending", Some(10_000), today, true),
        ("partiallyPaid", Some(5_000), today, true),
        ("partiallyCancelled", Some(5_000), today, true),
        ("cancelled", None, today, true),
        ("badDebt", None, today, false),
        ("debited", Some(11_900), today, false),
        ("paid", None, today, false),
        ("paid", None, day("2026-09-02"), true),
    ] {
        assert_eq!(claim(&json!({ "/paymentStatus": paying })).wants_explanation(outstanding, today), wants, "{paying} {today}");
    }
    let at_once = json!({ "/paymentStatus": "paid", "/status": "cancelled" });
    assert!(!claim(&at_once).wants_explanation(None, day("2026-12-01")), "what is cancelled needs none");
}

#[test]
fn credited_as_a_whole_is_credited_and_cancelled_is_voided() {
    let note = |amount: &str| json!([{ "id": "8", "amount": { "amount": amount, "currency": "EUR" }, "date": "2026-09-20" }]);
    for (amount, state) in [("119.00", InvoiceState::Approved), ("-119.00", InvoiceState::Approved), ("19.00", InvoiceState::Voided)] {
        let told = Told { explained: Some(balance(&note(amount), &json!([])).unwrap()), ..Told::default() };
        let all = records(&json!({ "/paymentStatus": "cancelled" }), told);
        assert_eq!((all[0].invoice.as_ref().unwrap().state, all.len()), (state, 2), "{amount}");
    }
}
