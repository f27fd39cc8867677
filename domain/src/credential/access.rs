//! Lending keys: as they are while they are good, renewed first when they are not. Over all processes of one database
//! one renews at a time; the others wait for it with no transaction open.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CredentialId, IntegrationId, Scoped, TenantId, credential};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{keys, machine_now, refuse, renew};
use crate::{
    clock::moment,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    integration,
    port::{
        SourceError,
        access::{Access, Lent, Renewal},
        vault::VaultError,
    },
};

/// Keys are lent for at least so long; they are renewed when less is left.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// A process that renews may take so long; then another one takes over. Longer than both its attempts.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(40);

/// How often a process that waits for another one's renewal looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Looks that a wait for another one's renewal takes at most: the lease, and a few to take over.
const LOOKS: usize = 210;

/// Lends the keys of an integration.
///
/// # Errors
///
/// `NOT_FOUND`; `NOT_CONFIGURED` for an integration that is not connected.
pub async fn access(env: &Env, tenant: TenantId, integration: IntegrationId) -> Result<Arc<dyn Access>> {
    let row = integration::find(&env.db, tenant, integration).await?;
    let message = "this integration is not connected: it has no keys";
    let credential = row.credential_id.ok_or_else(|| Refusal::new(RefusalCode::NotConfigured, message).at("integrationId"))?;
    let renewal = integration::system(env, row.provider)?.renewal.clone();
    Ok(Arc::new(Lender { env: env.clone(), tenant, credential, renewal }))
}

/// Lends one set of keys.
pub(super) struct Lender {
    pub(super) env: Env,
    pub(super) tenant: TenantId,
    pub(super) credential: CredentialId,
    pub(super) renewal: Option<Arc<dyn Renewal>>,
}

/// What the caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Keys that are good.
    Good,
    /// Other keys than those of this version, which the provider refused.
    Other(i64),
}

/// What to do about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Lend its keys.
    Lend,
    /// Another process renews them.
    Wait,
    /// Renew them.
    Renew,
    /// They were refused just now and cannot be renewed.
    Refuse,
    /// They were refused for good before.
    Gone,
}

/// Decides what to do about a row.
pub(super) fn decide(row: &credential::Model, need: Need, renewable: bool, now: DateTime<Utc>) -> Step {
    let refused = need == Need::Other(row.version);
    let lasts = !renewable || row.good_until.is_none_or(|until| until > now + MARGIN);
    match row.renewing_since {
        _ if row.refused_at.is_some() => Step::Gone,
        _ if lasts && !refused => Step::Lend,
        _ if !renewable => Step::Refuse,
        Some(since) if now - since < LEASE => Step::Wait,
        Some(_) | None => Step::Renew,
    }
}

#[async_trait::async_trait]
impl Access for Lender {
    async fn lend(&self) -> Result<Lent, SourceError> {
        self.obtain(Need::Good).await
    }

    async fn refused(&self, lent: &Lent) -> Result<Lent, SourceError> {
        self.obtain(Need::Other(lent.version)).await
    }
}

impl Lender {
    async fn obtain(&self, need: Need) -> Result<Lent, SourceError> {
        for _ in 0..LOOKS {
            let row = self.read().await.map_err(fault)?;
            match decide(&row, need, self.renewal.is_some(), machine_now(&self.env)) {
                Step::Lend => return self.lent(&row),
                Step::Gone => return Err(gone()),
                Step::Wait => moment(LOOK_EVERY).await,
                Step::Refuse => {
                    if refuse::for_good(&self.env, &row).await.map_err(fault)? {
                        return Err(gone());
                    }
                }
                Step::Renew => {
                    if let Some(lent) = renew::renew(self, need).await? {
                        return Ok(lent);
                    }
                }
            }
        }
        Err(SourceError::Unavailable("another process renews the keys and does not come to an end".into()))
    }

    async fn read(&self) -> Result<credential::Model> {
        let found = credential::Entity::of(self.tenant).filter(credential::Column::Id.eq(self.credential)).one(&self.env.db).await?;
        found.ok_or_else(|| Error::Bug(format!("credential {} is gone", self.credential)))
    }

    fn lent(&self, row: &credential::Model) -> Result<Lent, SourceError> {
        let keys = keys(&self.env, row).map_err(|error| sealed(&error))?;
        Ok(Lent { keys, version: row.version })
    }
}

/// What callers hear once keys were refused for good.
pub(super) fn gone() -> SourceError {
    SourceError::Unauthorised("the provider refuses our access: connect again".into())
}

/// Keys that do not open: nobody's access is taken away for it, because the right key of the vault mends it.
pub(super) fn sealed(error: &VaultError) -> SourceError {
    tracing::error!(%error, "keys to a provider do not open: is a key of the vault missing?");
    SourceError::Unavailable("the stored keys do not open on this server".into())
}

/// Our own fault, as a connector hears of it.
pub(super) fn fault(error: impl std::fmt::Display) -> SourceError {
    tracing::warn!(%error, "keys to a provider could not be read or renewed");
    SourceError::Unavailable("the keys could not be read here: try again".into())
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
