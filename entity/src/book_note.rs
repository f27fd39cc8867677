//! A note that is to be written into the books of the creditor.

use sea_orm::entity::prelude::*;

use crate::id::{BookNoteId, CaseId, IntegrationId, InvoiceId, TenantId};
use crate::kind::{BookEvent, TaskStatus};

/// A note that is to be written into the books of the creditor.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "book_note")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key; the idempotency key at the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BookNoteId,
    /// Whose books.
    pub integration_id: IntegrationId,
    /// About which case.
    pub case_id: CaseId,
    /// On which invoice.
    pub invoice_id: InvoiceId,
    /// What happened.
    pub about: BookEvent,
    /// For people.
    pub text: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is due.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Why it was refused.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
