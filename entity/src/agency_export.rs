//! A file that was made for an agency without an API, kept as it was made.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyExportId, AgencyId, TenantId};

/// A file that was made for an agency without an API, kept as it was made.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agency_export")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key; the batch reference of its hand-overs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgencyExportId,
    /// For whom.
    pub agency_id: AgencyId,
    /// Ids of the hand-overs in it.
    pub handovers: Json,
    /// The zip archive.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
    /// Of the bytes, in hexadecimal digits.
    pub sha256: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
