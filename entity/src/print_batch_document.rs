//! The file of a print batch, kept as it was printed.

use sea_orm::entity::prelude::*;

use crate::id::{PrintBatchId, TenantId};

/// The file of a print batch, kept as it was printed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "print_batch_document")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Which batch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch_id: PrintBatchId,
    /// The PDF of all its letters.
    #[sea_orm(column_type = "Blob")]
    pub pdf: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
