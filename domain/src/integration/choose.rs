//! Keys that were granted and wait for a person to say which accounts they are for: sealed in the row of the
//! connecting, for ten minutes more. The row goes with the choice; one that nobody ends is swept.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{AuthorizationId, Provider, Scoped, authorization, integration};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{IntegrationChanges, MAX_INTEGRATIONS, connect::LIFETIME, join};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    credential::{self, good_until, machine_now},
    env::Env,
    error::{Refusal, RefusalCode, Result},
    port::{Account, access::Fresh, connect::Granted},
};

/// An account that a grant opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOffer {
    /// The account.
    pub account: Account,
    /// It is connected already and cannot be chosen.
    pub already_connected: bool,
}

/// What is known of keys that wait, besides the keys.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    hint: Option<String>,
    scopes: Vec<String>,
    good_until: Option<DateTime<Utc>>,
}

/// Makes integrations of the chosen accounts of a grant that waits.
///
/// # Errors
///
/// A refusal: no right; a connecting that is unknown, old or another's (`NOT_FOUND`); an account that the grant does not
/// open, or that is connected already. After a refusal the choice may be made again.
pub async fn choose(env: &Env, viewer: &Viewer, id: AuthorizationId, chosen: &[String]) -> Result<Vec<integration::Model>> {
    viewer.require(Action::Configure)?;
    if chosen.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "choose at least one account").at("accounts").into());
    }
    settle(env, viewer, id, chosen).await
}

/// Keeps granted keys in the row of the connecting.
pub(super) async fn keep(env: &Env, row: &authorization::Model, granted: Granted) -> Result<()> {
    let now = machine_now(env);
    let sealed = credential::seal(env, row.tenant_id, row.id.0, &granted.fresh.keys);
    let waiting = Waiting { hint: granted.hint, good_until: good_until(now, granted.fresh.good_for), scopes: granted.fresh.scopes };
    authorization::Entity::update_of(row.tenant_id)
        .col_expr(authorization::Column::Sealed, Expr::value(sealed.bytes))
        .col_expr(authorization::Column::KeyId, Expr::value(sealed.key_id))
        .col_expr(authorization::Column::Accounts, Expr::value(serde_json::to_value(granted.accounts)?))
        .col_expr(authorization::Column::Granted, Expr::value(serde_json::to_value(waiting)?))
        .col_expr(authorization::Column::ExpiresAt, Expr::value(now + LIFETIME))
        .filter(authorization::Column::Id.eq(row.id))
        .exec(&env.db)
        .await?;
    Ok(())
}

/// What the person may choose from.
pub(super) async fn offers(env: &Env, provider: Provider, accounts: Vec<Account>) -> Result<Vec<AccountOffer>> {
    let mut offers = Vec::with_capacity(accounts.len());
    for account in accounts {
        let already_connected = join::is_joined(&env.db, provider, &account).await?;
        offers.push(AccountOffer { account, already_connected });
    }
    Ok(offers)
}

/// Ends a connecting whose keys are there: the row goes, the integrations come, in one transaction.
pub(super) async fn settle(env: &Env, viewer: &Viewer, id: AuthorizationId, chosen: &[String]) -> Result<Vec<integration::Model>> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let (row, granted) = take(&change, viewer, id).await?;
    let settings: IntegrationChanges = row.settings.map(serde_json::from_value).transpose()?.unwrap_or_default();
    let joined = match row.integration_id {
        Some(again) => vec![join::rejoin(&mut change, row.provider, again, &granted).await?],
        None => join::join(&mut change, row.provider, &granted, &pick(&granted, chosen)?, &settings).await?,
    };
    change.commit().await?;
    Ok(joined)
}

/// Takes the row away and what it holds out of it.
async fn take(change: &Change<'_>, viewer: &Viewer, id: AuthorizationId) -> Result<(authorization::Model, Granted)> {
    let env = change.env;
    let gone = || Refusal::new(RefusalCode::NotFound, "this way of connecting is over: begin again").at("authorizationId");
    let now = machine_now(env);
    let select = authorization::Entity::of(viewer.tenant)
        .filter(authorization::Column::Id.eq(id))
        .filter(authorization::Column::UserId.eq(viewer.user))
        .filter(authorization::Column::Granted.is_not_null())
        .filter(authorization::Column::ExpiresAt.gt(now));
    let row = select.lock_exclusive().one(&change.tx).await?.ok_or_else(gone)?;
    authorization::Entity::delete_of(viewer.tenant).filter(authorization::Column::Id.eq(id)).exec(&change.tx).await?;
    let keys = credential::unseal(env, row.tenant_id, row.id.0, &row.key_id, &row.sealed).map_err(|e| credential::unopened(&e))?;
    let waiting: Waiting = serde_json::from_value(row.granted.clone().unwrap_or_default())?;
    let good_for = waiting.good_until.map(|until| (until - now).to_std().unwrap_or_default());
    let granted = Granted {
        fresh: Fresh { keys, good_for, scopes: waiting.scopes },
        accounts: serde_json::from_value(row.accounts.clone().unwrap_or_default())?,
        hint: waiting.hint,
    };
    Ok((row, granted))
}

/// The chosen accounts, each once.
fn pick(granted: &Granted, chosen: &[String]) -> Result<Vec<Account>, Refusal> {
    let chosen: BTreeSet<&String> = chosen.iter().collect();
    if chosen.len() > MAX_INTEGRATIONS {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_INTEGRATIONS} accounts")).at("accounts"));
    }
    let find = |id: &String| granted.accounts.iter().find(|account| account.external_id == *id).cloned();
    chosen.into_iter().map(|id| find(id).ok_or_else(|| Refusal::not_found("account").at("accounts"))).collect()
}
