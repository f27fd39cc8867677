//! An escalation policy: a ladder of steps, revised over time.

use sea_orm::entity::prelude::*;

use crate::id::{PolicyId, TenantId};
use crate::kind::DebtorKind;

/// An escalation policy: a ladder of steps, revised over time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "escalation_policy")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyId,
    /// Shown to people.
    pub name: String,
    /// The newest revision; new cases get it.
    pub revision: i32,
    /// The country that it is made for (ISO 3166-1 alpha-2); none for any.
    pub country: Option<String>,
    /// The debtors that it is made for; none for any.
    pub debtor_kind: Option<DebtorKind>,
    /// The preset that it was made from.
    pub preset: Option<String>,
    /// No longer offered.
    pub archived: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
