//! The ids of all that counts on an invoice now. Xero tells no deletion of an allocation: a credit note that was taken off
//! an invoice is just no longer in it. So what an invoice tells is its whole list, as long as it tells all four of payments, credit
//! notes, overpayments and prepayments. Deleted payments are told by `GET /Payments`, too; this catches those that were missed.
//! The domain takes back what it knows and does not find here, so an entry that cannot be named makes the whole list unknown.

use super::{credit, invoice::amount};
use crate::connectors::xero::wire::{Credit, Invoice, Paid};

/// The ids as [`super::payment`] and [`super::credit`] spell them; none when not all was told, as in summaries.
pub(super) fn settled_by(told: &Invoice, currency: &str) -> Option<Vec<String>> {
    let paid = told.payments.as_deref()?.iter().filter(|paid| !is_deleted(paid)).map(|paid| known(&paid.id));
    let [notes, over, pre] = [told.credit_notes.as_deref()?, told.overpayments.as_deref()?, told.prepayments.as_deref()?];
    let credits = [notes, over, pre].into_iter().flatten().filter(|credit| !is_empty(&told.id, credit, currency));
    paid.chain(credits.map(|credit| credit::allocation_id(credit, &told.id))).collect()
}

fn known(id: &str) -> Option<String> {
    (!id.is_empty()).then(|| id.to_owned())
}

fn is_deleted(paid: &Paid) -> bool {
    paid.status.as_deref() == Some("DELETED")
}

/// Allocated once, and nothing of it now. An amount that is missing or cannot be read takes nothing back.
fn is_empty(invoice: &str, credit: &Credit, currency: &str) -> bool {
    amount(invoice, credit.applied_amount.as_ref(), "AppliedAmount", currency).is_ok_and(|minor| minor <= 0)
}
