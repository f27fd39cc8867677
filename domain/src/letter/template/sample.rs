//! Invented figures, to see a text before there is a case.

use chrono::{Days, NaiveDate};
use entity::{LetterKind, tenant};

use crate::{
    error::Result,
    letter::{Bank, ClaimLine, ClaimLineKind, Creditor, Language, LetterFacts, NextStep, Recipient, TEXT_REVISION},
};

/// An account that belongs to nobody, shown while the tenant has entered none.
const NO_ACCOUNT: &str = "00-0000-0000000-00";

/// A letter of the tenant's to an invented debtor.
pub(super) fn facts(tenant: &tenant::Model, kind: LetterKind, language: Language, country: &str, today: NaiveDate) -> Result<LetterFacts> {
    let lines = lines(kind, today);
    let bank = crate::tenant::bank(tenant)?;
    let nowhere = bank.iban.is_none() && bank.local_account.is_none();
    Ok(LetterFacts {
        kind,
        language,
        step_number: 1,
        steps_total: 3,
        next_step: NextStep::Letter,
        dated_on: today,
        pay_by: pay_by(kind, today),
        reference: "C-1042".to_owned(),
        currency: tenant.currency.clone(),
        creditor: creditor(tenant)?,
        debtor: Recipient {
            name: "Hill Road Builders".to_owned(),
            attention: None,
            address_lines: vec!["2 Hill Road".to_owned(), "6011 Sampletown".to_owned()],
            country: country.to_owned(),
        },
        outstanding_minor: lines.iter().map(|line| line.amount_minor).sum(),
        paid_minor: -lines.iter().filter(|line| line.kind == ClaimLineKind::Payment).map(|line| line.amount_minor).sum::<i64>(),
        lines,
        bank: Bank {
            account_name: Some(bank.account_name).filter(|name| !name.is_empty()).unwrap_or_else(|| tenant.name.clone()),
            iban: bank.iban,
            bic: bank.bic,
            local_account: if nowhere { Some(NO_ACCOUNT.to_owned()) } else { bank.local_account },
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
    })
}

fn creditor(tenant: &tenant::Model) -> Result<Creditor> {
    Ok(Creditor {
        name: tenant.name.clone(),
        legal_name: tenant.legal_name.clone(),
        registration_number: tenant.registration_number.clone(),
        address_lines: serde_json::from_value(tenant.address_lines.clone())?,
        country: tenant.country.clone(),
        email: tenant.email.clone(),
        phone: tenant.phone.clone(),
    })
}

/// The deadline: ahead of the due day nothing else is asked for than to pay on it.
fn pay_by(kind: LetterKind, today: NaiveDate) -> NaiveDate {
    today + Days::new(if kind == LetterKind::PreDueReminder { 5 } else { 14 })
}

/// One invoice; paid in part or whole where the letter thanks for it.
fn lines(kind: LetterKind, today: NaiveDate) -> Vec<ClaimLine> {
    let due_on = if kind == LetterKind::PreDueReminder { pay_by(kind, today) } else { today - Days::new(45) };
    let line = |kind, on, amount_minor| ClaimLine {
        kind,
        invoice_number: Some("1042".to_owned()),
        title: None,
        issued_on: Some(on),
        due_on: None,
        amount_minor,
        note: None,
    };
    let mut lines = vec![ClaimLine { due_on: Some(due_on), ..line(ClaimLineKind::Principal, due_on - Days::new(14), 124_500) }];
    match kind {
        LetterKind::ThankYou => lines.push(line(ClaimLineKind::Payment, today, -124_500)),
        LetterKind::PartPayment | LetterKind::Statement => lines.push(line(ClaimLineKind::Payment, today, -24_500)),
        _demand => {}
    }
    lines
}
