//! A file that a person sent, kept until it was imported.

use sea_orm::entity::prelude::*;

use crate::id::{TenantId, UploadId, UserId};
use crate::kind::UploadStatus;

/// A file that a person sent, kept until it was imported.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UploadId,
    /// As the person called it; never a path of ours.
    pub file_name: String,
    /// Bytes received.
    pub byte_size: i64,
    /// Whether all bytes are here.
    pub status: UploadStatus,
    /// Hex digest of the bytes.
    pub sha256: Option<String>,
    /// Who.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
