//! A case: what one debtor owes one tenant in one currency, worked together.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DebtorId, IntegrationId, PolicyId, TenantId, UserId};
use crate::kind::{CaseStatus, CloseReason, HoldReason};

/// A case: what one debtor owes one tenant in one currency, worked together.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "collection_case")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseId,
    /// Counts per tenant; debtors see it as the reference.
    pub number: i64,
    /// Where its invoices come from.
    pub integration_id: IntegrationId,
    /// Who owes.
    pub debtor_id: DebtorId,
    /// ISO 4217.
    pub currency: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// Why it is on hold.
    pub hold_reason: Option<HoldReason>,
    /// Last day of the hold, in the tenant's zone.
    pub hold_until: Option<Date>,
    /// What it goes back to.
    pub status_before_hold: Option<CaseStatus>,
    /// How it ended.
    pub close_reason: Option<CloseReason>,
    /// Which ladder.
    pub policy_id: PolicyId,
    /// Which revision of it: the one that the case began with.
    pub policy_revision: i32,
    /// Index of the step that runs next; the number of steps when the ladder is exhausted.
    pub next_step: i32,
    /// Counts how often a person set the case back to an earlier step: each time its steps run anew.
    pub course: i32,
    /// When the last step ran.
    pub last_step_at: Option<DateTimeUtc>,
    /// The promise: when the case must be looked at again.
    pub next_action_at: Option<DateTimeUtc>,
    /// Why the next action was pushed away from its first date.
    pub postponed_because: Option<String>,
    /// Sum of the invoices' totals.
    pub principal_minor: i64,
    /// What is still open.
    pub outstanding_minor: i64,
    /// Fees, fixed sums and interest that are open beside the invoices, as last stated.
    pub charges_minor: i64,
    /// When the creditor was last warned that an invoice nears the end of its limitation period.
    pub limitation_warned_at: Option<DateTimeUtc>,
    /// When the creditor said yes.
    pub approved_at: Option<DateTimeUtc>,
    /// Who; none for automatic approval.
    pub approved_by: Option<UserId>,
    /// When it was proposed.
    pub opened_at: DateTimeUtc,
    /// When it ended.
    pub closed_at: Option<DateTimeUtc>,
    /// Grows with each change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
