//! Keys to a provider, sealed: one row per set of keys, however many integrations use it.

use sea_orm::entity::prelude::*;

use crate::id::{CredentialId, TenantId};
use crate::kind::Provider;

/// Keys to a provider, sealed: one row per set of keys, however many integrations use it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CredentialId,
    /// Whose keys.
    pub provider: Provider,
    /// The keys, sealed for this row; the connector's own JSON inside.
    pub sealed: Vec<u8>,
    /// Which key of the vault sealed them.
    pub key_id: String,
    /// The last four characters of what a person knows them by.
    pub hint: Option<String>,
    /// What they allow, as the provider spells it: an array of texts.
    pub scopes: Json,
    /// Grows with each renewal.
    pub version: i64,
    /// By the machine's clock; none for keys that do not run out.
    pub good_until: Option<DateTimeUtc>,
    /// A process is renewing them since, by the machine's clock.
    pub renewing_since: Option<DateTimeUtc>,
    /// The provider refused them for good: a person must connect again.
    pub refused_at: Option<DateTimeUtc>,
    /// When they were first given.
    pub created_at: DateTimeUtc,
    /// When they last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
