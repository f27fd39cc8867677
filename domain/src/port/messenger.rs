//! Work that is due, as ids: the job reloads, checks again and runs one use case.

use entity::{AgencyTaskId, BookNoteId, CaseId, DeliveryId, HandoverId, IntegrationId, InvoiceId, SyncRunId, TenantId};
use sea_orm::{DatabaseTransaction, DbErr};

/// One piece of due work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// Carry a run on.
    Sync {
        /// The tenant.
        tenant: TenantId,
        /// The run.
        run: SyncRunId,
    },
    /// Start what is due of an integration.
    StartSync {
        /// The tenant.
        tenant: TenantId,
        /// The integration.
        integration: IntegrationId,
    },
    /// Tell a provider that an integration left it.
    Farewell {
        /// The tenant.
        tenant: TenantId,
        /// The integration.
        integration: IntegrationId,
    },
    /// Look at a case: a step may be due.
    Escalate {
        /// The tenant.
        tenant: TenantId,
        /// The case.
        case: CaseId,
    },
    /// Hand a delivery to its channel.
    Deliver {
        /// The tenant.
        tenant: TenantId,
        /// The delivery.
        delivery: DeliveryId,
    },
    /// Do what is due of a hand-over.
    HandOver {
        /// The tenant.
        tenant: TenantId,
        /// The hand-over.
        handover: HandoverId,
    },
    /// Tell an agency something about a case that it works.
    TellAgency {
        /// The tenant.
        tenant: TenantId,
        /// What.
        task: AgencyTaskId,
    },
    /// Ask for an invoice's page on the web.
    AskOnlinePage {
        /// The tenant.
        tenant: TenantId,
        /// The invoice.
        invoice: InvoiceId,
    },
    /// Write a note into the books.
    WriteNote {
        /// The tenant.
        tenant: TenantId,
        /// Which.
        note: BookNoteId,
    },
}

/// Enqueues work inside the change that made it due. Losing every queued job loses nothing but seconds: the due
/// instants on the rows are the promise, and the dispatcher finds them again.
#[async_trait::async_trait]
pub trait Messenger: Send + Sync + 'static {
    /// Writes the jobs in the caller's transaction. Work that is queued already is left as it is.
    async fn enqueue(&self, tx: &DatabaseTransaction, work: &[Work]) -> Result<(), DbErr>;

    /// Wakes the workers, after the commit.
    fn wake(&self, work: &[Work]);
}
