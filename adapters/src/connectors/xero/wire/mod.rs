//! Xero's documents, field by field as they come. Nothing is judged here but whether a field has the documented form;
//! fields that we have no use for are left out. Statuses and types stay text: an unknown one is told by `map`, with the
//! record's id. Field names and optionality follow Xero's description of its accounting API, 16.1.0, and what it
//! answers besides (numbers and flags in quotes).

#![expect(clippy::struct_field_names, reason = "the names are Xero's")]

mod contact;
mod envelope;
mod flag;
mod invoice;
mod online;
mod organisation;
mod payment;

pub(super) use contact::{Address, Contact, Phone};
pub(super) use envelope::Listing;
pub(super) use flag::Flag;
pub(super) use invoice::{Credit, Invoice, Paid};
pub(super) use online::OnlineInvoices;
pub(super) use organisation::Organisation;
pub(super) use payment::Payment;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::connectors::wire::Instant;

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    /// From 1.
    pub page: u32,
    /// Pages there are.
    pub page_count: u32,
}

/// What comes in lists.
pub(super) trait Listed {
    /// When it last changed.
    fn updated(&self) -> Option<DateTime<Utc>>;
}

/// The two spellings of one instant; the plainer one exists since July 2026 only.
fn updated(plain: Option<&Instant>, dated: Option<&Instant>) -> Option<DateTime<Utc>> {
    plain.or(dated).map(|instant| instant.0)
}
