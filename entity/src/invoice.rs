//! One invoice: a snapshot of the accounting system.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DebtorId, IntegrationId, InvoiceId, TenantId};
use crate::kind::InvoiceStatus;

/// One invoice: a snapshot of the accounting system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvoiceId,
    /// Where it comes from.
    pub integration_id: IntegrationId,
    /// Its id there.
    pub external_id: String,
    /// Who owes it.
    pub debtor_id: DebtorId,
    /// The case that works it.
    pub case_id: Option<CaseId>,
    /// As the debtor knows it.
    pub number: String,
    /// Subject line.
    pub title: Option<String>,
    /// Issue date.
    pub issued_on: Date,
    /// Due date; due today is not overdue.
    pub due_on: Date,
    /// ISO 4217.
    pub currency: String,
    /// The whole sum.
    pub total_minor: i64,
    /// What the accounting system says is open; none when it does not say.
    pub stated_outstanding_minor: Option<i64>,
    /// What is open by all that is known.
    pub outstanding_minor: i64,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Marked as disputed in the accounting system.
    pub disputed: bool,
    /// The structured reference that a payer gives.
    pub payment_reference: Option<String>,
    /// Where the debtor sees and pays it online, when the source has such a page.
    pub online_url: Option<String>,
    /// When the source was first asked for that page; none when no letter needed it yet.
    pub online_asked_at: Option<DateTimeUtc>,
    /// When it is asked next; none when it answered, or is not asked.
    pub online_ask_at: Option<DateTimeUtc>,
    /// When the source last told of it, changed or not; none for files.
    pub checked_at: Option<DateTimeUtc>,
    /// Since when its source does not tell of it although it was asked for it by name; none when it does.
    pub missing_since: Option<DateTimeUtc>,
    /// Digest of what the accounting system said, to see changes.
    pub snapshot_hash: String,
    /// When it was first seen.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
