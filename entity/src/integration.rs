//! A tenant's link to one accounting system.

use sea_orm::entity::prelude::*;

use crate::id::{CredentialId, IntegrationId, PolicyId, TenantId};
use crate::kind::{IntegrationStatus, OverdueBasis, Provider};

/// A tenant's link to one accounting system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integration")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationId,
    /// Which system.
    pub provider: Provider,
    /// Shown to people.
    pub name: String,
    /// Where it stands.
    pub status: IntegrationStatus,
    /// An invoice is eligible from this many days after the basis date; at least 1.
    pub minimum_days_overdue: i32,
    /// Which date the days count from.
    pub overdue_basis: OverdueBasis,
    /// Only invoices issued on or after this day are eligible.
    pub activate_from: Option<Date>,
    /// Only invoices with at least this much outstanding are eligible.
    pub minimum_amount_minor: i64,
    /// Proposed cases are approved at once.
    pub auto_approve: bool,
    /// A letter waits when the last sync is older; none for systems without one (files).
    pub freshness_hours: Option<i32>,
    /// Saved column mapping of file imports.
    pub mapping: Option<Json>,
    /// The keys that open the provider; none for files and ended links.
    pub credential_id: Option<CredentialId>,
    /// `domain::port::Account`: whose books.
    pub account: Option<Json>,
    /// The account's id there, to find the integration by what a provider tells; none for files and ended links.
    pub account_key: Option<String>,
    /// Where the next pull of changes begins; the connector's own format. None before the first complete pull.
    pub mark: Option<String>,
    /// Minutes between two pulls; none for systems that are not asked.
    pub poll_minutes: Option<i32>,
    /// When everything that is open is next looked at.
    pub next_sweep_at: Option<DateTimeUtc>,
    /// The provider asked to wait until, by the machine's clock.
    pub parked_until: Option<DateTimeUtc>,
    /// Notes on hand-over and closing are written into the books.
    pub write_back: bool,
    /// Debtor groups that are not collected from: an array of names.
    pub excluded_groups: Option<Json>,
    /// When it was last connected.
    pub connected_at: Option<DateTimeUtc>,
    /// End of the last run that took everything over.
    pub last_synced_at: Option<DateTimeUtc>,
    /// When the next run is due.
    pub next_sync_at: Option<DateTimeUtc>,
    /// When eligible invoices are next looked for: the tenant's next midnight.
    pub next_proposal_at: Option<DateTimeUtc>,
    /// Since when runs fail.
    pub failing_since: Option<DateTimeUtc>,
    /// Why.
    pub health_code: Option<String>,
    /// What is wrong and what to do, for people.
    pub health_message: Option<String>,
    /// How often in a row.
    pub consecutive_failures: i32,
    /// Alerts told since facts grew stale.
    pub stale_alerts: i32,
    /// The policy of new cases from here; none: the tenant's.
    pub policy_id: Option<PolicyId>,
    /// Grows with each change by a person.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
