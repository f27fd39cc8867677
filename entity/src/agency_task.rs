//! Something to tell the agency about a case that it works: a payment, a pause, a recall.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyTaskId, HandoverId, PaymentId, TenantId};
use crate::kind::{AgencyTaskKind, TaskStatus};

/// Something to tell the agency about a case that it works: a payment, a pause, a recall.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agency_task")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key; the idempotency key at the agency.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgencyTaskId,
    /// About which hand-over.
    pub handover_id: HandoverId,
    /// What to tell.
    pub kind: AgencyTaskKind,
    /// For payments: how much; negative when one was reversed.
    pub amount_minor: Option<i64>,
    /// For payments the value date, for pauses the last day.
    pub on_date: Option<Date>,
    /// For payments: which.
    pub payment_id: Option<PaymentId>,
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
