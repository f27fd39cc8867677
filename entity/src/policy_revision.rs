//! One revision of a policy, never changed: a case keeps the one that it began with.

use sea_orm::entity::prelude::*;

use crate::id::{PolicyId, TenantId};

/// One revision of a policy, never changed: a case keeps the one that it began with.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_revision")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy_id: PolicyId,
    /// Counts from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    /// `Ladder`: steps, thank-you, hand-over.
    pub ladder: Json,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
