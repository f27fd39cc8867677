//! A one-time sign-in link. Only the hash of its token is kept.

use sea_orm::entity::prelude::*;

use crate::id::{SignInLinkId, TenantId, UserId};

/// A one-time sign-in link. Only the hash of its token is kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_link")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SignInLinkId,
    /// Whom it signs in.
    pub user_id: UserId,
    /// Into which tenant.
    pub tenant_id: TenantId,
    /// SHA-256 of the token.
    #[sea_orm(column_type = "Blob")]
    pub token_hash: Vec<u8>,
    /// Useless from then on.
    pub expires_at: DateTimeUtc,
    /// When it was used; it works once.
    pub used_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
