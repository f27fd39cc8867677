//! One append-only row per change: timeline, audit trail, subscription feed and outgoing webhooks in one.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DebtorId, IntegrationId, SyncRunId, TenantId, UserId};
use crate::kind::ActorKind;

/// One append-only row per change: timeline, audit trail, subscription feed and outgoing webhooks in one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Order of writing on one connection; with `txid` the cursor.
    #[sea_orm(primary_key)]
    pub sequence: i64,
    /// Writing transaction on PostgreSQL, 0 on SQLite: a cursor may only pass what no running transaction can still precede.
    pub txid: i64,
    /// The tenant.
    pub tenant_id: TenantId,
    /// Past tense: `case.approved`, `letter.sent`.
    pub kind: String,
    /// Which case.
    pub case_id: Option<CaseId>,
    /// Which debtor.
    pub debtor_id: Option<DebtorId>,
    /// Which integration.
    pub integration_id: Option<IntegrationId>,
    /// Which run.
    pub sync_run_id: Option<SyncRunId>,
    /// The letter, delivery, payment or invoice that it is about.
    pub subject_id: Option<Uuid>,
    /// Who did it.
    pub actor: ActorKind,
    /// Which person.
    pub actor_id: Option<UserId>,
    /// What changed; figures and words, no secrets.
    pub data: Json,
    /// When, by the product's clock.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
