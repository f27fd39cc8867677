//! The bytes of a letter, kept as sent.

use sea_orm::entity::prelude::*;

use crate::id::{LetterId, TenantId};

/// The bytes of a letter, kept as sent.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_document")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Which letter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub letter_id: LetterId,
    /// The PDF.
    #[sea_orm(column_type = "Blob")]
    pub pdf: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
