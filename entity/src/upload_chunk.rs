//! A piece of an uploaded file, so that any worker process can read it and no memory holds it whole.

use sea_orm::entity::prelude::*;

use crate::id::{TenantId, UploadId};

/// A piece of an uploaded file, so that any worker process can read it and no memory holds it whole.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_chunk")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub upload_id: UploadId,
    /// Counts from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// At most one mebibyte.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
