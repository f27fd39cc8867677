//! A sign-in on one device: a family of rotating refresh tokens. Only hashes are kept.

use sea_orm::entity::prelude::*;

use crate::id::{SessionId, TenantId, UserId};

/// A sign-in on one device: a family of rotating refresh tokens. Only hashes are kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Key; the family.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// In which tenant.
    pub tenant_id: TenantId,
    /// SHA-256 of the refresh token that is valid now.
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    /// SHA-256 of the one before: seeing it again later means theft and ends the family.
    #[sea_orm(column_type = "Blob", nullable)]
    pub previous_hash: Option<Vec<u8>>,
    /// When the token last rotated.
    pub rotated_at: DateTimeUtc,
    /// When the family ends by itself.
    pub expires_at: DateTimeUtc,
    /// When it was ended.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the person signed in.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
