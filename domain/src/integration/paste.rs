//! Joining a provider by keys that a person pastes.

use entity::{Provider, integration};

use super::{IntegrationChanges, join};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    port::{
        connect::{Granted, Pasted, PastedKeys},
        vault::ExposeSecret,
    },
};

/// Longest key and address that are tried, in bytes.
const MAX_BYTES: usize = 4_096;

/// Checks pasted keys at the provider and makes the integration. The keys are never shown again, only their hint.
///
/// # Errors
///
/// A refusal: no right, a bad setting, keys that the provider refuses (`PROVIDER_REJECTED`, `PROVIDER_SCOPE_MISSING`),
/// no answer (`PROVIDER_UNAVAILABLE`), an account that is connected already (`ALREADY_EXISTS`).
pub async fn connect(
    env: &Env,
    viewer: &Viewer,
    provider: Provider,
    keys: &PastedKeys,
    settings: &IntegrationChanges,
) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let granted = check(env, provider, keys).await?;
    let account = only(&granted)?.clone();
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut joined = join::join(&mut change, provider, &granted, &[account], settings).await?;
    change.commit().await?;
    joined.pop().ok_or_else(|| Error::Bug("keys were pasted and nothing joined".into()))
}

/// Tries pasted keys at the provider, with no transaction open.
pub(super) async fn check(env: &Env, provider: Provider, keys: &PastedKeys) -> Result<Granted> {
    let pasted = capability(env, provider)?;
    let key = keys.key.expose_secret();
    if key.trim().is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "the key is missing").at("key").into());
    }
    if key.len() > MAX_BYTES || keys.address.as_ref().is_some_and(|address| address.len() > MAX_BYTES) {
        return Err(Refusal::new(RefusalCode::TooLong, "this is longer than any key or address").at("key").into());
    }
    pasted.check(keys).await.map_err(|error| join::refusal(error).into())
}

fn capability(env: &Env, provider: Provider) -> Result<&dyn Pasted> {
    let pasted = env.outside.systems.get(&provider).and_then(|system| system.pasted.as_deref());
    let message = "this system is not connected by keys on this server";
    pasted.ok_or_else(|| Refusal::new(RefusalCode::NotConfigured, message).at("provider").into())
}

/// The one account that pasted keys open.
pub(super) fn only(granted: &Granted) -> Result<&crate::port::Account> {
    match granted.accounts.as_slice() {
        [account] => Ok(account),
        accounts => Err(Error::Bug(format!("pasted keys open {} accounts", accounts.len()))),
    }
}
