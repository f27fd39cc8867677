//! One record that a run could not take over, with the reason.

use sea_orm::entity::prelude::*;

use crate::id::{SyncIssueId, SyncRunId, TenantId};

/// One record that a run could not take over, with the reason.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_issue")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncIssueId,
    /// Which run.
    pub run_id: SyncRunId,
    /// Row of the file, the header being row 1.
    pub row_number: Option<i64>,
    /// Column of the file.
    pub column_name: Option<String>,
    /// The record's id in the accounting system.
    pub external_id: Option<String>,
    /// Stable reason.
    pub code: String,
    /// The same for people, without the row's contents.
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
