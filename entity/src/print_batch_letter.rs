//! One letter of a print batch, with its place in the file.

use sea_orm::entity::prelude::*;

use crate::id::{LetterId, PrintBatchId, TenantId};

/// One letter of a print batch, with its place in the file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "print_batch_letter")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Which batch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch_id: PrintBatchId,
    /// Which letter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub letter_id: LetterId,
    /// Its place among the letters, from 0.
    pub position: i32,
    /// As long as the batch is open; a letter is in one open batch at most.
    pub open: bool,
    /// Its first page in the file, from 1; none before the file is drawn, or when it is not in it.
    pub first_page: Option<i32>,
    /// How many pages it has there.
    pub pages: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
