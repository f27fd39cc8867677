//! Facts for the tests of this module.

use chrono::NaiveDate;

use super::{Bank, ClaimLine, ClaimLineKind, Creditor, Language, LetterFacts, LetterKind, NextStep, Recipient, TEXT_REVISION};

pub(super) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

pub(super) fn claim_line(kind: ClaimLineKind, amount_minor: i64) -> ClaimLine {
    ClaimLine {
        kind,
        invoice_number: Some("INV-7".to_owned()),
        title: (kind == ClaimLineKind::Principal).then(|| "Deck timber".to_owned()),
        issued_on: Some(date(2026, 9, 1)),
        due_on: (kind == ClaimLineKind::Principal).then(|| date(2026, 10, 1)),
        amount_minor,
        note: None,
    }
}

/// A claim of 1,234.50 after a part payment; paid in full when it is a thank-you.
pub(super) fn facts(kind: LetterKind, language: Language) -> LetterFacts {
    let mut lines = vec![
        claim_line(ClaimLineKind::Principal, 150_000),
        claim_line(ClaimLineKind::Interest, 3_450),
        claim_line(ClaimLineKind::Payment, -30_000),
    ];
    let (outstanding_minor, paid_minor) = if kind.demands_payment() { (123_450, 30_000) } else { (0, 153_450) };
    if !kind.demands_payment() {
        lines.push(claim_line(ClaimLineKind::Payment, -123_450));
    }
    LetterFacts {
        kind,
        language,
        step_number: 2,
        steps_total: 3,
        next_step: NextStep::Letter,
        dated_on: date(2026, 11, 21),
        pay_by: date(2026, 12, 5),
        reference: "C-1042".to_owned(),
        currency: "NZD".to_owned(),
        creditor: Creditor {
            name: "Kōwhai Timber".to_owned(),
            legal_name: Some("Kōwhai Timber Limited".to_owned()),
            registration_number: Some("NZBN 9429000000000".to_owned()),
            address_lines: vec!["1 Quay Street".to_owned(), "Auckland 1010".to_owned()],
            country: "NZ".to_owned(),
            email: "accounts@kowhai.example".to_owned(),
            phone: Some("+64 9 555 0100".to_owned()),
        },
        debtor: Recipient {
            name: "Bjørn Straße & Sons".to_owned(),
            attention: None,
            address_lines: vec!["2 Hill Road".to_owned(), "Wellington 6011".to_owned()],
            country: "NZ".to_owned(),
        },
        lines,
        outstanding_minor,
        paid_minor,
        bank: Bank {
            account_name: "Kōwhai Timber Limited".to_owned(),
            iban: None,
            bic: None,
            local_account: Some("01-0001-0000001-00".to_owned()),
            payment_reference: "C-1042".to_owned(),
            code: true,
            online_url: None,
        },
        text_revision: TEXT_REVISION.to_owned(),
        message_only: false,
        charges_minor: 0,
        figures_on: None,
        grouped: Vec::new(),
        wording: None,
        legal: None,
    }
}
