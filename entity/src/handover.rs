//! One case on its way to an agency.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, CaseId, HandoverId, TenantId, UserId};
use crate::kind::HandoverStatus;

/// One case on its way to an agency.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key; also our id for the claim at the agency.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HandoverId,
    /// Which case.
    pub case_id: CaseId,
    /// To whom.
    pub agency_id: AgencyId,
    /// Where it stands.
    pub status: HandoverStatus,
    /// When the policy was exhausted.
    pub offered_at: DateTimeUtc,
    /// Until when the creditor may stop it.
    pub decide_by: DateTimeUtc,
    /// Who confirmed or stopped it; none when the time did.
    pub decided_by: Option<UserId>,
    /// When it was confirmed; the two business days count from here.
    pub confirmed_at: Option<DateTimeUtc>,
    /// When it was first handed to the agency.
    pub submitted_at: Option<DateTimeUtc>,
    /// Handed to the provider, no answer yet; by the machine's clock.
    pub sending_since: Option<DateTimeUtc>,
    /// The agency's reference of the batch that is being checked.
    pub batch_reference: Option<String>,
    /// The agency's case number.
    pub external_reference: Option<String>,
    /// What the agency says, in its own words.
    pub external_status: Option<String>,
    /// When the agency took it.
    pub accepted_at: Option<DateTimeUtc>,
    /// The claim as it was submitted.
    pub outstanding_minor: i64,
    /// Array of the payments that the submitted claim accounts for: the agency is not told of them again.
    pub known_payments: Option<Json>,
    /// How often it was tried.
    pub attempts: i32,
    /// When something is due: end of the time to decide, retry, poll, alert.
    pub next_action_at: Option<DateTimeUtc>,
    /// Why it failed or was rejected.
    pub error_code: Option<String>,
    /// The same for people.
    pub error_message: Option<String>,
    /// When it was told that it is stuck.
    pub stalled_at: Option<DateTimeUtc>,
    /// Grows with each change by a person.
    pub version: i64,
    /// When it was offered.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
