//! Credit notes, overpayments and prepayments that were allocated to an invoice.
//!
//! A credit note takes back a part of the claim, so it is a credit note here. An overpayment or prepayment is money that
//! the debtor sent earlier, so it counts as a payment. One of them can be allocated to several invoices: its id here is
//! its kind, its own id and the invoice's. Allocating is an entry in the books and nothing that a bank could confirm:
//! all of them count as reconciled. Their date is that of the document, Xero tells no other here.

use domain::port::{PaymentSnapshot, Problem};
use entity::PaymentKind;

use super::{MAX_TITLE, broken, invoice::amount};
use crate::connectors::{
    wire::text,
    xero::{
        map::invoice::Claim,
        wire::{Credit, Invoice},
    },
};

/// All that was allocated to an invoice.
pub(in crate::connectors::xero) fn credits(told: &Invoice, claim: &Claim) -> Vec<Result<PaymentSnapshot, Problem>> {
    let all: Vec<&Credit> = [&told.credit_notes, &told.overpayments, &told.prepayments].into_iter().flatten().flatten().collect();
    let applied: Vec<_> = all.iter().map(|credit| applied(told, credit, claim, all.len())).collect();
    all.into_iter().zip(applied).filter_map(|(credit, applied)| snapshot(told, credit, claim, applied).transpose()).collect()
}

/// How much of a credit went to this invoice. Where Xero leaves it out and nothing else was allocated, it is what the
/// invoice says was credited in all.
fn applied(told: &Invoice, credit: &Credit, claim: &Claim, credits: usize) -> Result<i64, Problem> {
    let sum = told.amount_credited.as_ref().filter(|_| credits == 1);
    amount(&told.id, credit.applied_amount.as_ref().or(sum), "AppliedAmount", &claim.currency)
}

/// None for an allocation of nothing.
fn snapshot(told: &Invoice, credit: &Credit, claim: &Claim, applied: Result<i64, Problem>) -> Result<Option<PaymentSnapshot>, Problem> {
    let amount_minor = applied?;
    if amount_minor <= 0 {
        return Ok(None);
    }
    let (word, own_id, kind) =
        identity(credit).ok_or_else(|| broken(&told.id, "CreditNotes, Overpayments or Prepayments", "has an entry without an id"))?;
    let day = credit.date_string.as_ref().or(credit.date.as_ref()).map(|day| day.0);
    Ok(Some(PaymentSnapshot {
        external_id: spelled(word, own_id, &told.id),
        invoice_external_id: told.id.clone(),
        kind,
        amount_minor: Some(amount_minor),
        currency: Some(claim.currency.clone()),
        received_on: day.ok_or_else(|| broken(own_id, "Date", "is missing"))?,
        reconciled: true,
        reversed: false,
        reference: text(credit.credit_note_number.as_deref(), MAX_TITLE),
    }))
}

/// The id of a credit's part on an invoice; none for a credit without an id.
pub(super) fn allocation_id(credit: &Credit, invoice: &str) -> Option<String> {
    identity(credit).map(|(word, own_id, _)| spelled(word, own_id, invoice))
}

fn spelled(word: &str, own_id: &str, invoice: &str) -> String {
    format!("{word}:{own_id}:{invoice}")
}

fn identity(credit: &Credit) -> Option<(&'static str, &str, PaymentKind)> {
    let kinds = [
        ("credit-note", &credit.credit_note, PaymentKind::CreditNote),
        ("overpayment", &credit.overpayment, PaymentKind::Payment),
        ("prepayment", &credit.prepayment, PaymentKind::Payment),
    ];
    kinds.into_iter().find_map(|(word, id, kind)| Some((word, id.as_deref().filter(|id| !id.is_empty())?, kind)))
}
