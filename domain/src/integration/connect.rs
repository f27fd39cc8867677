//! Joining a provider by a person's consent in a browser: [`start`] sends the browser off, [`finish`] takes what comes
//! back, [`choose`] ends it when the person must say which accounts.
//!
//! What comes back is only taken from the person who began, once, and within ten minutes: the state is kept as a
//! digest, the PKCE verifier sealed. Outside calls are made with no transaction open. Instants are the machine's.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entity::{AuthorizationId, IntegrationId, Provider, Scoped, authorization, integration};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use sha2::{Digest, Sha256};

pub use super::choose::{AccountOffer, choose};
use super::{IntegrationChanges, choose as choice, join, origin, settings};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    clock::Entropy,
    credential::{self, machine_now},
    digest::sha256_hex,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    port::{
        connect::{Consent, ConsentAsk},
        vault::{ExposeSecret, SecretString},
    },
};

/// How long a browser may be away, and then how long the choice of an account may take.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Bytes of chance in a state and in a verifier: 43 characters each, the least that RFC 7636 allows.
const SECRET_BYTES: usize = 32;

/// Longest state and code that are looked at, in bytes; Xero's codes have some 50 characters, others' are JWTs.
const MAX_BYTES: usize = 8_192;

/// What a person wants to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// Which provider.
    pub provider: Provider,
    /// Settings for the integrations to be made.
    pub settings: IntegrationChanges,
    /// Where the browser is sent back to.
    pub return_url: String,
    /// The integration that is connected again; none for new ones.
    pub reconnect: Option<IntegrationId>,
}

/// A connecting under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The connecting.
    pub authorization: AuthorizationId,
    /// Where to send the browser.
    pub url: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The connecting; over when there are integrations.
    pub authorization: AuthorizationId,
    /// The integrations that were made or connected again.
    pub integrations: Vec<integration::Model>,
    /// The accounts to choose from, when the person must choose.
    pub choose: Vec<AccountOffer>,
}

/// Begins to connect a provider and says where to send the browser. `allowed` are the origins that browsers may be sent
/// back to.
///
/// # Errors
///
/// A refusal: no right, a bad setting or address, an unknown integration, a provider that is not set up here
/// (`NOT_CONFIGURED`) or does not answer (`PROVIDER_UNAVAILABLE`).
pub async fn start(env: &Env, viewer: &Viewer, begin: &Begin, allowed: &[String]) -> Result<Started> {
    viewer.require(Action::Configure)?;
    let consent = capability(env, begin.provider)?;
    origin::check(&begin.return_url, allowed)?;
    let (state, verifier) = (secret(env.entropy.as_ref()), secret(env.entropy.as_ref()));
    let authorization = write(env, viewer, begin, &state, &verifier).await?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()));
    let ask = ConsentAsk { state: state.expose_secret().to_owned(), challenge };
    let url = consent.page(&ask).await.map_err(join::refusal)?;
    Ok(Started { authorization, url })
}

fn capability(env: &Env, provider: Provider) -> Result<&dyn Consent> {
    let consent = env.outside.systems.get(&provider).and_then(|system| system.consent.as_deref());
    let message = "this system is not connected by consent on this server";
    consent.ok_or_else(|| Refusal::new(RefusalCode::NotConfigured, message).at("provider").into())
}

fn secret(entropy: &dyn Entropy) -> SecretString {
    let mut bytes = [0u8; SECRET_BYTES];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

async fn write(env: &Env, viewer: &Viewer, begin: &Begin, state: &SecretString, verifier: &SecretString) -> Result<AuthorizationId> {
    let change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    if let Some(id) = begin.reconnect {
        let row = super::find(&change.tx, viewer.tenant, id).await?;
        if row.provider != begin.provider || row.account.is_none() {
            let message = "this integration was never connected to that system";
            return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("integrationId").into());
        }
    }
    let system = super::system(env, begin.provider)?;
    // Refused before the browser leaves, not after it comes back.
    let mut trial = super::blank(&change, begin.provider, &system.profile, String::new(), change.now);
    settings::apply(system, &mut trial, &begin.settings)?;
    let id: AuthorizationId = env.new_id();
    let now = machine_now(env);
    let sealed = credential::seal(env, viewer.tenant, id.0, verifier);
    let row = authorization::Model {
        tenant_id: viewer.tenant,
        id,
        provider: begin.provider,
        user_id: viewer.user,
        state_hash: sha256_hex(state.expose_secret().as_bytes()),
        sealed: sealed.bytes,
        key_id: sealed.key_id,
        return_url: Some(begin.return_url.clone()),
        settings: Some(serde_json::to_value(&begin.settings)?),
        integration_id: begin.reconnect,
        accounts: None,
        granted: None,
        created_at: now,
        expires_at: now + LIFETIME,
        used_at: None,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    change.commit().await?;
    Ok(id)
}

/// Where a browser that comes back with this state is sent on to; none when the state is unknown, old or used. Nothing
/// changes, and nobody is signed in by it.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the browser that comes back has no session: the state names the row")]
pub async fn return_to(env: &Env, state: &str) -> Result<Option<String>> {
    if state.len() > MAX_BYTES {
        return Ok(None);
    }
    let found = authorization::Entity::find()
        .filter(authorization::Column::StateHash.eq(sha256_hex(state.as_bytes())))
        .filter(authorization::Column::UsedAt.is_null())
        .filter(authorization::Column::ExpiresAt.gt(machine_now(env)))
        .one(&env.db)
        .await?;
    Ok(found.and_then(|row| row.return_url))
}

/// Takes what the browser brought back and makes the integrations: at once for the only account or the chosen ones,
/// else after [`choose`]. The state is used up whatever comes of it.
///
/// # Errors
///
/// A refusal: no right; a state that is unknown, old, used, another's or another provider's (`INVALID`); a code that the provider refuses
/// (`PROVIDER_REJECTED`); an account that is connected already (`ALREADY_EXISTS`) or is not the one of old.
pub async fn finish(
    env: &Env,
    viewer: &Viewer,
    provider: Provider,
    state: &str,
    code: &SecretString,
    chosen: &[String],
) -> Result<Finished> {
    viewer.require(Action::Configure)?;
    if code.expose_secret().len() > MAX_BYTES {
        return Err(Refusal::new(RefusalCode::TooLong, "this is no code of a provider").at("code").into());
    }
    let row = use_up(env, viewer, provider, state).await?;
    let verifier = credential::unseal(env, row.tenant_id, row.id.0, &row.key_id, &row.sealed).map_err(|e| credential::unopened(&e))?;
    let granted = capability(env, row.provider)?.trade(code, &verifier).await.map_err(join::refusal)?;
    let accounts = granted.accounts.clone();
    if accounts.is_empty() {
        return Err(Refusal::new(RefusalCode::ProviderRejected, "this access opens no account there").into());
    }
    choice::keep(env, &row, granted).await?;
    let wanted: Vec<String> = match (row.integration_id, accounts.as_slice(), chosen) {
        (Some(_), ..) => Vec::new(),
        (None, [only], []) => vec![only.external_id.clone()],
        (None, _, []) => {
            let choose = choice::offers(env, row.provider, accounts).await?;
            return Ok(Finished { authorization: row.id, integrations: Vec::new(), choose });
        }
        (None, _, chosen) => chosen.to_vec(),
    };
    let integrations = choice::settle(env, viewer, row.id, &wanted).await?;
    Ok(Finished { authorization: row.id, integrations, choose: Vec::new() })
}

/// Marks the state as used: of two who bring it at once, one wins. What is wrong with it is not told.
async fn use_up(env: &Env, viewer: &Viewer, provider: Provider, state: &str) -> Result<authorization::Model> {
    let message = "this way of connecting is over, or was begun by somebody else or for another system: begin again";
    let refuse = || Refusal::new(RefusalCode::Invalid, message).at("state");
    if state.len() > MAX_BYTES {
        return Err(refuse().into());
    }
    let (hash, now) = (sha256_hex(state.as_bytes()), machine_now(env));
    let used = authorization::Entity::update_of(viewer.tenant)
        .col_expr(authorization::Column::UsedAt, Expr::value(now))
        .filter(authorization::Column::StateHash.eq(&hash))
        .filter(authorization::Column::UserId.eq(viewer.user))
        .filter(authorization::Column::Provider.eq(provider))
        .filter(authorization::Column::UsedAt.is_null())
        .filter(authorization::Column::ExpiresAt.gt(now))
        .exec(&env.db)
        .await?;
    if used.rows_affected != 1 {
        return Err(refuse().into());
    }
    let found = authorization::Entity::of(viewer.tenant).filter(authorization::Column::StateHash.eq(hash)).one(&env.db).await?;
    found.ok_or_else(|| refuse().into())
}
