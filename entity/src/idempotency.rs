//! The first answer to a mutation with an idempotency key, replayed for 24 hours.

use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// The first answer to a mutation with an idempotency key, replayed for 24 hours.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The client's key, with the actor in front.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the operation and its arguments: the same key with others is refused.
    #[sea_orm(column_type = "Blob")]
    pub fingerprint: Vec<u8>,
    /// The stored result; none while the first call is under way.
    pub response: Option<Json>,
    /// When the key was first seen.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
