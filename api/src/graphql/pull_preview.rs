//! What a pull would bring, before anything is taken over: for a person to tick.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::{port::PaymentSnapshot, sync};

use super::import_preview::{PreviewInvoice, PreviewPayment, RowProblem};

/// An invoice that may be ticked.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PullCandidate {
    /// The invoice as the books describe it.
    pub invoice: PreviewInvoice,
    /// It was taken over before.
    pub known: bool,
}

/// What a pull would bring.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PullPreview {
    /// Approved invoices that are open, at most 1000; for `integrationImport`.
    pub invoices: Vec<PullCandidate>,
    /// Payments and credit notes; they come with their invoices.
    pub payments: Vec<PreviewPayment>,
    /// Records that could not be read.
    pub problems: Vec<RowProblem>,
    /// Whether there are more than shown.
    pub more: bool,
    /// When it was looked, by the product's clock.
    pub at: DateTime<Utc>,
}

impl PullPreview {
    /// Of what a look found; `currency` is the tenant's, for records without one.
    pub fn of(found: sync::Candidates, currency: &str) -> Self {
        let payment = |payment: PaymentSnapshot| PreviewPayment::of(payment, None, currency);
        Self {
            invoices: found.invoices.into_iter().filter_map(|candidate| PullCandidate::of(candidate, currency)).collect(),
            payments: found.payments.into_iter().map(payment).collect(),
            problems: found.problems.into_iter().map(RowProblem::from).collect(),
            more: found.more,
            at: found.at,
        }
    }
}

impl PullCandidate {
    fn of(candidate: sync::Candidate, currency: &str) -> Option<Self> {
        let invoice = PreviewInvoice::of(candidate.record.invoice?, candidate.record.debtor, currency);
        Some(Self { invoice, known: candidate.known })
    }
}
