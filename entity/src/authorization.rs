//! A person's connecting of a provider under way: from the first click to the choice of an account.

use sea_orm::entity::prelude::*;

use crate::id::{AuthorizationId, IntegrationId, TenantId, UserId};
use crate::kind::Provider;

/// A person's connecting of a provider under way: from the first click to the choice of an account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuthorizationId,
    /// Which provider.
    pub provider: Provider,
    /// Who began it; nobody else may end it.
    pub user_id: UserId,
    /// SHA-256 of the state that the browser carries, in hexadecimal.
    pub state_hash: String,
    /// The PKCE verifier, later the keys until an account is chosen, sealed for this row.
    pub sealed: Vec<u8>,
    /// Which key of the vault sealed it.
    pub key_id: String,
    /// Where the browser is sent back to.
    pub return_url: Option<String>,
    /// Settings for the integration to be made.
    pub settings: Option<Json>,
    /// The integration that is connected again.
    pub integration_id: Option<IntegrationId>,
    /// What the grant opens; none before the code was traded.
    pub accounts: Option<Json>,
    /// Hint, scopes and end of the keys; none before the code was traded.
    pub granted: Option<Json>,
    /// When it began, by the machine's clock.
    pub created_at: DateTimeUtc,
    /// When it ends by itself, by the machine's clock.
    pub expires_at: DateTimeUtc,
    /// When the state came back; it does so once.
    pub used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
