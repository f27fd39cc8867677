//! One pull from an accounting system or one file import, with live counters.

use sea_orm::entity::prelude::*;

use crate::id::{IntegrationId, SyncRunId, TenantId, UploadId, UserId};
use crate::kind::{SyncStatus, SyncTrigger};

/// One pull from an accounting system or one file import, with live counters.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncRunId,
    /// Which link.
    pub integration_id: IntegrationId,
    /// Which file, for imports.
    pub upload_id: Option<UploadId>,
    /// What started it.
    pub trigger: SyncTrigger,
    /// Where it stands.
    pub status: SyncStatus,
    /// `ImportRequest`: mapping and which records are wanted.
    pub request: Option<Json>,
    /// Where the connector goes on after a crash; its own format.
    pub position: Option<String>,
    /// `domain::port::Scope`: how far it reaches; none for files.
    pub scope: Option<Json>,
    /// Where the next pull of changes begins once this run is through; the connector's own format.
    pub mark: Option<String>,
    /// It goes on at this instant at the earliest, by the machine's clock.
    pub resume_at: Option<DateTimeUtc>,
    /// When it ended: open invoices that were not proposed, by reason.
    pub skipped: Option<Json>,
    /// Records looked at.
    pub rows_done: i64,
    /// Bytes of the file looked at.
    pub bytes_done: i64,
    /// Bytes of the file; none when unknown.
    pub bytes_total: Option<i64>,
    /// Invoice records.
    pub invoices_seen: i64,
    /// Of them, unknown before.
    pub invoices_new: i64,
    /// Of them, changed.
    pub invoices_updated: i64,
    /// Of them, as before.
    pub invoices_unchanged: i64,
    /// Payments and credit notes unknown before.
    pub payments_new: i64,
    /// Payments changed or reversed.
    pub payments_updated: i64,
    /// Debtors unknown before.
    pub debtors_new: i64,
    /// Debtors changed.
    pub debtors_updated: i64,
    /// Records with a problem, listed or not.
    pub rows_failed: i64,
    /// Cases proposed when the run ended.
    pub cases_proposed: i64,
    /// Cases that the run's payments closed.
    pub cases_closed: i64,
    /// How often a worker took it up.
    pub attempts: i32,
    /// Why it failed.
    pub error_code: Option<String>,
    /// The same for people.
    pub error_message: Option<String>,
    /// Who asked.
    pub created_by: Option<UserId>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When a worker first took it up.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
