//! Something that a provider told us to look at: pulled by the next run, never believed.

use sea_orm::entity::prelude::*;

use crate::id::{IntegrationId, SyncHintId, SyncRunId, TenantId};
use crate::kind::HintSubject;

/// Something that a provider told us to look at: pulled by the next run, never believed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_hint")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncHintId,
    /// Whose books.
    pub integration_id: IntegrationId,
    /// What changed.
    pub subject: HintSubject,
    /// Its id there.
    pub external_id: String,
    /// Tells this hint from others about the same thing.
    pub mark: String,
    /// The run that looks at it.
    pub run_id: Option<SyncRunId>,
    /// When we were told.
    pub told_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
