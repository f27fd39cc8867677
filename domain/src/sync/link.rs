//! The way to a provider's books: whose they are, keys for one call, turns under its limits.

use std::sync::Arc;

use entity::integration;

use crate::{
    credential,
    env::Env,
    error::Result,
    port::{Link, SourceError},
    throttle::DbThrottle,
};

/// Builds it; an error of the source when there are no keys to go there.
///
/// # Errors
///
/// When the database refuses.
pub async fn link(env: &Env, integration: &integration::Model) -> Result<Result<Link, SourceError>> {
    let Some(account) = integration.account.clone().filter(|_| integration.credential_id.is_some()) else {
        return Ok(Err(SourceError::Unauthorised("the integration is not connected: connect it again".into())));
    };
    Ok(Ok(Link {
        account: serde_json::from_value(account)?,
        access: credential::access(env, integration.tenant_id, integration.id).await?,
        throttle: Arc::new(DbThrottle::new(env.db.clone(), env.clock.clone())),
        now: crate::clock::to_micros(env.clock.machine()),
    }))
}
