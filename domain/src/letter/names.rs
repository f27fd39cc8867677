//! Foreign texts, amounts and dates in the form in which a letter prints them.

use chrono::NaiveDate;

use super::{
    ComposeError, LetterFacts, LetterKind, MAX_ADDRESS_LINES, NextStep, format_amount, format_long, text,
    wording::{Values, Words},
};

/// The parties' names and numbers, cleaned.
pub(super) struct Names {
    pub creditor: String,
    pub debtor: String,
    pub reference: String,
    pub email: String,
    pub phone: Option<String>,
    pub payment_reference: String,
    pub legal_name: Option<String>,
    pub registration_number: Option<String>,
    pub address_lines: Vec<String>,
    pub attention: Option<String>,
}

impl Names {
    pub(super) fn from(facts: &LetterFacts) -> Result<Self, ComposeError> {
        let LetterFacts { creditor, debtor, bank, .. } = facts;
        let address_lines = lines("creditor address", &creditor.address_lines)?;
        if address_lines.len() > MAX_ADDRESS_LINES {
            return Err(ComposeError::AddressTooLong("creditor"));
        }
        Ok(Self {
            creditor: line("creditor name", &creditor.name)?,
            debtor: line("debtor name", &debtor.name)?,
            reference: line("reference", &facts.reference)?,
            email: line("creditor e-mail", &creditor.email)?,
            phone: optional("creditor phone", creditor.phone.as_ref())?,
            payment_reference: line("payment reference", &bank.payment_reference)?,
            legal_name: optional("legal name", creditor.legal_name.as_ref())?,
            registration_number: optional("registration number", creditor.registration_number.as_ref())?,
            address_lines,
            attention: optional("attention", debtor.attention.as_ref())?,
        })
    }

    /// The values of a letter about `invoice`, or about several.
    pub(super) fn values<'a>(
        &'a self,
        facts: &LetterFacts,
        formatted: &'a Formatted,
        words: &Words,
        invoice: Option<&'a str>,
    ) -> Result<Values<'a>, ComposeError> {
        Ok(Values {
            next_step: next_step(facts),
            creditor: self.legal_name.as_deref().unwrap_or(&self.creditor),
            debtor: &self.debtor,
            outstanding: &formatted.outstanding,
            paid: &formatted.paid,
            pay_by: &formatted.pay_by,
            due_on: &formatted.due_on,
            reference: &self.reference,
            payment_reference: &self.payment_reference,
            contact: self.phone.as_deref().unwrap_or(&self.email),
            attention: self.attention.as_deref(),
            invoice,
            claim: words.claim(invoice)?.into(),
            one_invoice: invoice.is_some(),
            wrote_before: facts.step_number > 1,
            part_paid: facts.lines.iter().any(|line| line.kind.reduces()),
            open: facts.outstanding_minor > 0,
            message_only: facts.message_only,
        })
    }
}

/// A final demand that is followed by another letter would contradict itself, and a friendly letter announces nothing.
fn next_step(facts: &LetterFacts) -> NextStep {
    match (facts.kind, facts.next_step) {
        (LetterKind::FinalDemand, NextStep::Letter) => NextStep::Nothing,
        (kind, _) if !kind.speaks_of_arrears() => NextStep::Nothing,
        (_, next) => next,
    }
}

/// Amounts and dates as the reader sees them.
pub(super) struct Formatted {
    pub outstanding: String,
    pub paid: String,
    pub pay_by: String,
    pub due_on: String,
}

impl Formatted {
    pub(super) fn from(facts: &LetterFacts) -> Result<Self, ComposeError> {
        Ok(Self {
            outstanding: format_amount(facts.outstanding_minor, &facts.currency, facts.language)?,
            paid: format_amount(facts.paid_minor, &facts.currency, facts.language)?,
            pay_by: format_long(facts.pay_by, facts.language),
            due_on: format_long(first_due(facts), facts.language),
        })
    }
}

/// The day on which the first invoice falls due; the letter's deadline when no invoice tells.
fn first_due(facts: &LetterFacts) -> NaiveDate {
    facts.lines.iter().filter_map(|line| line.due_on).min().unwrap_or(facts.pay_by)
}

/// A text that must be there.
pub(super) fn line(field: &'static str, raw: &str) -> Result<String, ComposeError> {
    text::clean_line(raw).map_err(|error| ComposeError::Text { field, error })
}

/// A text that may be missing or blank.
pub(super) fn optional(field: &'static str, raw: Option<&String>) -> Result<Option<String>, ComposeError> {
    let Some(raw) = raw else { return Ok(None) };
    let line = text::clean_optional_line(raw).map_err(|error| ComposeError::Text { field, error })?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// Several texts; blank ones are dropped.
pub(super) fn lines(field: &'static str, raw: &[String]) -> Result<Vec<String>, ComposeError> {
    raw.iter().filter_map(|raw| optional(field, Some(raw)).transpose()).collect()
}
