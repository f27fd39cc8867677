//! Between our claims and Amili's documents: pure and total. A word that is not known is pending, never accepted.

use chrono::NaiveDate;
use domain::{
    money::to_decimal,
    port::agency::{AgencyCase, AgencyError, Batch, Claim, Verdict},
};
use entity::{DebtorKind, HandoverId};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::wire;

/// Where the process begins: our letters went out already.
const NOTICE: &str = "NOTICE";

/// The claim as one invoice: what is open of the invoices alone. The document has no place for interest and costs that
/// were claimed before; Amili reckons its own.
pub(super) fn invoice(claim: &Claim) -> Result<wire::Invoice, AgencyError> {
    let empty = || AgencyError::Rejected { code: "NO_INVOICE".into(), message: "the claim has no open invoice".into() };
    let issued_on = claim.invoices.iter().map(|invoice| invoice.issued_on).min().ok_or_else(empty)?;
    let due_on = claim.invoices.iter().map(|invoice| invoice.due_on).min().ok_or_else(empty)?;
    let number = match claim.invoices.as_slice() {
        [only] => only.number.clone(),
        _ => claim.reference.clone(),
    };
    Ok(wire::Invoice {
        kind: NOTICE,
        invoice_number: number,
        unique_source_invoice_id: claim.handover.to_string(),
        original_invoice_amount: amount(claim.outstanding_minor, &claim.currency)?,
        currency: claim.currency.clone(),
        invoice_date: instant(issued_on),
        due_date: instant(due_on),
        description: description(claim),
        debtors: [debtor(claim)],
    })
}

fn description(claim: &Claim) -> String {
    let numbers: Vec<&str> = claim.invoices.iter().map(|invoice| invoice.number.as_str()).collect();
    let letters: Vec<String> = claim.letters.iter().map(|letter| letter.sent_at.date_naive().to_string()).collect();
    let sent = if letters.is_empty() { String::new() } else { format!("; letters sent on {}", letters.join(", ")) };
    format!("{}: {}{sent}", claim.reference, numbers.join(", "))
}

fn debtor(claim: &Claim) -> wire::Debtor {
    let debtor = &claim.debtor;
    let address = debtor.postal_code.as_ref().map(|postal_code| wire::Address {
        address_line1: debtor.line1.clone(),
        address_line2: debtor.line2.clone(),
        postal_code: Some(postal_code.clone()),
        city: debtor.city.clone(),
        country: debtor.country.clone(),
    });
    wire::Debtor {
        kind: match debtor.kind {
            DebtorKind::Consumer => "PRIVATE",
            DebtorKind::Business => "COMPANY",
        },
        name: debtor.name.clone(),
        customer_number: debtor.number.clone(),
        email: debtor.email.clone(),
        phone_number: debtor.phone.clone(),
        address,
    }
}

/// A payment that went to the creditor.
pub(super) fn payment(invoice_id: String, (minor, currency, on): (i64, &str, NaiveDate)) -> Result<wire::Payments, AgencyError> {
    if minor <= 0 {
        let message = "Amili's API takes no reversed payments: tell it yourself";
        return Err(AgencyError::Rejected { code: "NO_REVERSALS".into(), message: message.into() });
    }
    let amount = amount(minor, currency)?;
    let payment_date = on.to_string();
    Ok(wire::Payments { payments: [wire::Payment { invoice_id, kind: "DIRECT_PAYMENT", amount, currency: currency.into(), payment_date }] })
}

/// What a batch says to each of our claims. Items that are not ours are left out.
pub(super) fn batch(batch: wire::Batch) -> Batch {
    if !matches!(batch.status.as_str(), "SUCCESS" | "PARTIAL" | "FAILED") {
        return Batch::Pending;
    }
    let taken =
        batch.succeeded.into_iter().filter_map(|item| Some((ours(&item.unique_source_invoice_id)?, Verdict::Accepted(item.case_id))));
    let refused = batch.failed.into_iter().filter_map(|item| {
        let code = item.code.unwrap_or_else(|| "REJECTED".into());
        let message = item.message.unwrap_or_else(|| "Amili does not say why".into());
        Some((ours(&item.unique_source_invoice_id)?, Verdict::Rejected { code, message }))
    });
    Batch::Done(taken.chain(refused).collect())
}

/// A case; amounts are read when the currency is known.
pub(super) fn case(case: wire::Case, currency: Option<&str>) -> AgencyCase {
    let remaining = |currency: &str| {
        let amounts = case.invoices.iter().map(|invoice| invoice.remaining_amount.as_ref()?.minor(currency).ok());
        amounts.sum::<Option<i64>>().filter(|_| !case.invoices.is_empty())
    };
    AgencyCase {
        remaining_minor: currency.and_then(remaining),
        closed: case.status == "CLOSED" || case.closed_at.is_some(),
        status: case.sub_status.map_or(case.status.clone(), |sub_status| format!("{} {sub_status}", case.status)),
        reference: case.case_id,
    }
}

fn ours(source: &str) -> Option<HandoverId> {
    source.parse::<Uuid>().ok().map(HandoverId)
}

fn instant(day: NaiveDate) -> String {
    format!("{day}T00:00:00Z")
}

/// Written as a number without ever being a float.
fn amount(minor: i64, currency: &str) -> Result<Box<RawValue>, AgencyError> {
    RawValue::from_string(to_decimal(minor, currency)).map_err(|_| AgencyError::Unavailable("an amount cannot be written".into()))
}
