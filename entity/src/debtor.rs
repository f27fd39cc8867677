//! Who owes: a snapshot of the accounting system, with what the creditor corrected.

use sea_orm::entity::prelude::*;

use crate::id::{DebtorId, IntegrationId, PolicyId, TenantId};
use crate::kind::DebtorKind;

/// Who owes: a snapshot of the accounting system, with what the creditor corrected.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "debtor")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DebtorId,
    /// Where it comes from.
    pub integration_id: IntegrationId,
    /// Its id there.
    pub external_id: String,
    /// As letters show it.
    pub name: String,
    /// Private person or business.
    pub kind: DebtorKind,
    /// Where e-mail goes.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Second address line.
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2; the tenant's when none.
    pub country: Option<String>,
    /// `en`, `de`, `nb` or a longer tag; the tenant's when none.
    pub language: Option<String>,
    /// Never collected from.
    pub exempt: bool,
    /// Why.
    pub exempt_reason: Option<String>,
    /// Last day of the exemption; none means for good.
    pub exempt_until: Option<Date>,
    /// The groups that the debtor is in at the source: an array of names.
    pub groups: Option<Json>,
    /// One of them is excluded by the integration's settings.
    pub group_excluded: bool,
    /// The debtor that this one was merged into at the source.
    pub merged_into: Option<DebtorId>,
    /// The policy of its new cases; none: the integration's or the tenant's.
    pub policy_id: Option<PolicyId>,
    /// Where the address was found, when it is not the one that the debtor gave (RDG § 13a).
    pub address_source: Option<String>,
    /// A person corrected the contact: a sync no longer overwrites it.
    pub contact_edited: bool,
    /// Digest of what the accounting system said, to see changes.
    pub snapshot_hash: String,
    /// Grows with each change by a person.
    pub version: i64,
    /// When it was first seen.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
