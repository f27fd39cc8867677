//! Letters that are printed together and posted by hand.

use sea_orm::entity::prelude::*;

use crate::id::{PrintBatchId, TenantId, UserId};
use crate::kind::PrintBatchStatus;

/// Letters that are printed together and posted by hand.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "print_batch")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PrintBatchId,
    /// Where it stands.
    pub status: PrintBatchStatus,
    /// Each letter begins on a front page, for paper that is printed on both sides.
    pub duplex: bool,
    /// How many letters were chosen.
    pub letters: i32,
    /// Pages of the file with the blank ones, once drawn.
    pub pages: Option<i32>,
    /// Hex digest of the file, once drawn.
    pub sha256: Option<String>,
    /// Who chose.
    pub created_by: Option<UserId>,
    /// The day of posting, once posted.
    pub posted_on: Option<Date>,
    /// Who posted or cancelled it.
    pub ended_by: Option<UserId>,
    /// When.
    pub ended_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
