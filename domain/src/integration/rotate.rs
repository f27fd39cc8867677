//! New pasted keys for an integration that stays what it is: the key was replaced at the provider, or was refused.

use entity::{IntegrationId, IntegrationStatus, integration};

use super::{join, paste};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    port::connect::PastedKeys,
};

/// Checks new keys at the provider and puts them in the place of the old ones. Without an address the integration's own
/// is used; a stored key is never tried at another address than the one that it was given for.
///
/// # Errors
///
/// A refusal: no right, unknown or ended integration, keys that are refused, or that open another account.
pub async fn keys(env: &Env, viewer: &Viewer, id: IntegrationId, pasted: PastedKeys) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let seen = super::find(&env.db, viewer.tenant, id).await?;
    refuse_ended(&seen)?;
    let base_url = join::account_of(&seen).and_then(|account| account.base_url);
    let pasted = PastedKeys { address: pasted.address.or(base_url), ..pasted };
    let granted = paste::check(env, seen.provider, &pasted).await?;
    paste::only(&granted)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let row = join::rejoin(&mut change, seen.provider, id, &granted).await?;
    change.commit().await?;
    Ok(row)
}

/// Only looked at before: one that is disconnected by somebody else meanwhile comes back with its new keys.
fn refuse_ended(row: &integration::Model) -> Result<()> {
    if row.status == IntegrationStatus::Disconnected {
        let message = "a disconnected integration has no keys: connect it anew";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    Ok(())
}
