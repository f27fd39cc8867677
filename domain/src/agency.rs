//! The creditor's collection agency: made, changed and ended by an owner; its keys are checked by a call before they
//! are sealed into its row. One agency takes cases at a time. What is handed to it, and when, is [`crate::handover`]'s.

use std::sync::Arc;

use entity::{AgencyId, AgencyKind, AgencyStatus, Scoped, TenantId, agency};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::{
    actor::{Action, Viewer},
    change::Change,
    credential::{machine_now, seal, unseal},
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    port::{
        agency::{AgencyConnector, AgencyError, AgencyKeys, AgencyLink, ClaimPacker},
        vault::{ExposeSecret, SecretString, hint},
    },
};

/// Longest name, contact, organisation or key, in characters.
const MAX_CHARS: usize = 400;

/// Most days that the creditor may have to stop a hand-over.
pub const MAX_DECIDE_DAYS: i32 = 60;

/// The account of a creditor with an agency's API.
#[derive(Debug, Clone)]
pub struct Account {
    /// The organisation's id there.
    pub organization: String,
    /// The keys.
    pub keys: AgencyKeys,
}

/// An agency as a person enters it.
#[derive(Debug, Clone)]
pub struct NewAgency {
    /// As the creditor knows it.
    pub name: String,
    /// Whom to ask when something is stuck: e-mail or phone.
    pub support_contact: String,
    /// The account, for an agency with an API; without one it gets files.
    pub account: Option<Account>,
    /// Confirms hand-overs by itself once the creditor's time to stop them is over.
    pub automatic: bool,
    /// Days that the creditor has to stop a hand-over.
    pub decide_days: i32,
}

/// What a person changes; none leaves as it is.
#[derive(Debug, Clone, Default)]
pub struct AgencyChanges {
    /// Name.
    pub name: Option<String>,
    /// Whom to ask.
    pub support_contact: Option<String>,
    /// Account and keys, anew.
    pub account: Option<Account>,
    /// See [`NewAgency::automatic`].
    pub automatic: Option<bool>,
    /// See [`NewAgency::decide_days`].
    pub decide_days: Option<i32>,
}

/// The creditor's account as its row keeps it.
#[derive(Serialize, Deserialize)]
struct StoredAccount {
    organization: String,
}

/// The keys as they are sealed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredKeys {
    client_id: String,
    client_secret: String,
}

/// Makes the agency that takes cases from now on.
///
/// # Errors
///
/// A refusal: not an owner, a text or number out of bounds, an agency that takes cases already, keys that are refused.
pub async fn create(env: &Env, viewer: &Viewer, new: &NewAgency) -> Result<agency::Model> {
    viewer.require(Action::Configure)?;
    check_texts(&[(&new.name, "name"), (&new.support_contact, "supportContact")])?;
    check_days(new.decide_days)?;
    let kind = if new.account.is_some() { AgencyKind::Amili } else { AgencyKind::File };
    if let Some(account) = &new.account {
        check_account(env, kind, account).await?;
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    crate::tenant::lock(&change).await?;
    if current(&change.tx, viewer.tenant).await?.is_some() {
        return Err(Refusal::new(RefusalCode::AlreadyExists, "end the agency that takes cases first").into());
    }
    let mut row = agency::Model {
        tenant_id: viewer.tenant,
        id: env.new_id(),
        name: new.name.trim().to_owned(),
        kind,
        status: AgencyStatus::Active,
        support_contact: new.support_contact.trim().to_owned(),
        account: None,
        sealed: None,
        key_id: None,
        hint: None,
        automatic: new.automatic,
        decide_days: new.decide_days,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    };
    if let Some(account) = &new.account {
        put_account(env, &mut row, account)?;
    }
    row.clone().into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::AGENCY_CHANGED).subject(row.id.0).with("what", "created"));
    change.commit().await?;
    Ok(row)
}

/// Changes an agency; new keys make one that refused the old ones take cases again.
///
/// # Errors
///
/// As [`create`]; `NOT_FOUND`, `STALE_VERSION`, `ILLEGAL_TRANSITION` for one that was ended.
pub async fn update(env: &Env, viewer: &Viewer, id: AgencyId, changes: &AgencyChanges, expected: Option<i64>) -> Result<agency::Model> {
    viewer.require(Action::Configure)?;
    for (text, field) in [(&changes.name, "name"), (&changes.support_contact, "supportContact")] {
        text.as_deref().map_or(Ok(()), |text| check_texts(&[(text, field)]))?;
    }
    changes.decide_days.map_or(Ok(()), check_days)?;
    if let Some(account) = &changes.account {
        let seen = find(&env.db, viewer.tenant, id).await?;
        if seen.kind == AgencyKind::File {
            return Err(Refusal::new(RefusalCode::Invalid, "this agency gets files and has no account").at("account").into());
        }
        check_account(env, seen.kind, account).await?;
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock(&change, id, expected).await?;
    if let Some(name) = &changes.name {
        name.trim().clone_into(&mut row.name);
    }
    if let Some(contact) = &changes.support_contact {
        contact.trim().clone_into(&mut row.support_contact);
    }
    row.automatic = changes.automatic.unwrap_or(row.automatic);
    row.decide_days = changes.decide_days.unwrap_or(row.decide_days);
    if let Some(account) = &changes.account {
        put_account(env, &mut row, account)?;
        row.status = AgencyStatus::Active;
    }
    save(&mut change, &mut row, "changed").await?;
    change.commit().await?;
    Ok(row)
}

/// Ends an agency: it gets no new cases; those that it works go on.
///
/// # Errors
///
/// `FORBIDDEN`, `NOT_FOUND`, `STALE_VERSION`, `ILLEGAL_TRANSITION` for one that was ended.
pub async fn end(env: &Env, viewer: &Viewer, id: AgencyId, expected: Option<i64>) -> Result<agency::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock(&change, id, expected).await?;
    row.status = AgencyStatus::Ended;
    save(&mut change, &mut row, "ended").await?;
    change.commit().await?;
    Ok(row)
}

/// An agency of the tenant.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: AgencyId) -> Result<agency::Model> {
    let found = agency::Entity::of(tenant).filter(agency::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Refusal::not_found("agency").at("id").into())
}

/// The agency that takes the tenant's cases, also while its keys are refused; none when there is none.
///
/// # Errors
///
/// When the database refuses.
pub async fn current(db: &impl ConnectionTrait, tenant: TenantId) -> Result<Option<agency::Model>> {
    let select = agency::Entity::of(tenant).filter(agency::Column::Status.ne(AgencyStatus::Ended));
    Ok(select.order_by_asc(agency::Column::Id).one(db).await?)
}

/// How an agency is reached.
pub(crate) enum Way {
    /// Over its API.
    Api(Arc<dyn AgencyConnector>, AgencyLink),
    /// By files.
    File(Arc<dyn ClaimPacker>),
}

/// The way to an agency; an error of the agency when this server or its keys do not lead there.
pub(crate) fn way(env: &Env, row: &agency::Model) -> Result<Result<Way, AgencyError>> {
    let missing = || AgencyError::Unavailable("this server is not set up for the agency".into());
    let agencies = &env.outside.agencies;
    if row.kind == AgencyKind::File {
        return Ok(agencies.packer.clone().map(Way::File).ok_or_else(missing));
    }
    let Some(connector) = agencies.connectors.get(&row.kind).cloned() else { return Ok(Err(missing())) };
    let (Some(account), Some(sealed), Some(key_id)) = (&row.account, &row.sealed, &row.key_id) else {
        return Ok(Err(AgencyError::Unauthorised("the agency's keys are missing: enter them again".into())));
    };
    let account: StoredAccount = serde_json::from_value(account.clone())?;
    let opened = match unseal(env, row.tenant_id, row.id.0, key_id, sealed) {
        Ok(opened) => opened,
        // The vault's key is missing here: whoever runs the server must act, and nothing that was begun may hang.
        Err(error) => return Ok(Err(AgencyError::Unavailable(format!("the stored keys do not open: {error}")))),
    };
    let keys: StoredKeys = serde_json::from_str(opened.expose_secret())?;
    let keys = AgencyKeys { client_id: keys.client_id, client_secret: keys.client_secret.into() };
    Ok(Ok(Way::Api(connector, AgencyLink { organization: account.organization, keys, now: machine_now(env) })))
}

/// Notes, once, that an agency refuses the keys of a version of its row. Keys that were entered meanwhile are not meant.
pub(crate) async fn refused(change: &mut Change<'_>, id: AgencyId, version: i64) -> Result<()> {
    let select = agency::Entity::of(change.tenant).filter(agency::Column::Id.eq(id));
    let Some(mut row) = select.lock_exclusive().one(&change.tx).await? else { return Ok(()) };
    if row.status == AgencyStatus::Active && row.version == version {
        row.status = AgencyStatus::NeedsKeys;
        row.updated_at = change.now;
        row.clone().into_active_model().reset_all().update(&change.tx).await?;
        change.record(Happened::new(kind::AGENCY_REFUSED).subject(id.0));
    }
    Ok(())
}

fn put_account(env: &Env, row: &mut agency::Model, account: &Account) -> Result<()> {
    let client_secret = account.keys.client_secret.expose_secret().to_owned();
    let keys = serde_json::to_string(&StoredKeys { client_id: account.keys.client_id.clone(), client_secret })?;
    let sealed = seal(env, row.tenant_id, row.id.0, &SecretString::from(keys));
    row.account = Some(serde_json::to_value(StoredAccount { organization: account.organization.trim().to_owned() })?);
    (row.sealed, row.key_id) = (Some(sealed.bytes), Some(sealed.key_id));
    row.hint = hint(&account.keys.client_id);
    Ok(())
}

async fn lock(change: &Change<'_>, id: AgencyId, expected: Option<i64>) -> Result<agency::Model> {
    let select = agency::Entity::of(change.tenant).filter(agency::Column::Id.eq(id));
    let found = select.lock_exclusive().one(&change.tx).await?;
    let row = found.ok_or_else(|| Error::from(Refusal::not_found("agency").at("id")))?;
    if expected.is_some_and(|expected| expected != row.version) {
        let message = format!("the agency changed meanwhile: it is at version {}", row.version);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedVersion").into());
    }
    if row.status == AgencyStatus::Ended {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this agency was ended").at("id").into());
    }
    Ok(row)
}

async fn save(change: &mut Change<'_>, row: &mut agency::Model, what: &str) -> Result<()> {
    row.version += 1;
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    change.record(Happened::new(kind::AGENCY_CHANGED).subject(row.id.0).with("what", what));
    Ok(())
}

async fn check_account(env: &Env, kind: AgencyKind, account: &Account) -> Result<()> {
    let (keys, organization) = (&account.keys, &account.organization);
    check_texts(&[(organization, "account.organization"), (&keys.client_id, "account.clientId")])?;
    check_texts(&[(keys.client_secret.expose_secret(), "account.clientSecret")])?;
    let connector = env.outside.agencies.connectors.get(&kind);
    let connector = connector.ok_or_else(|| Refusal::new(RefusalCode::NotConfigured, "this server is not set up for the agency"))?;
    let link = AgencyLink { organization: organization.trim().to_owned(), keys: keys.clone(), now: machine_now(env) };
    connector.check(&link).await.map_err(|error| refusal(&error).into())
}

fn refusal(error: &AgencyError) -> Refusal {
    let code = match error {
        AgencyError::Unauthorised(_) => RefusalCode::ProviderUnauthorized,
        AgencyError::Rejected { .. } => RefusalCode::ProviderRejected,
        AgencyError::Unavailable(_) | AgencyError::RateLimited(_) | AgencyError::Unknown(_) => RefusalCode::ProviderUnavailable,
    };
    Refusal::new(code, error.to_string()).at("account")
}

fn check_texts(texts: &[(&str, &str)]) -> Result<()> {
    for (text, field) in texts {
        let text = text.trim();
        if text.is_empty() {
            return Err(Refusal::new(RefusalCode::Required, "this is needed").at(field).into());
        }
        if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
            return Err(Refusal::new(RefusalCode::Invalid, format!("at most {MAX_CHARS} characters, none of control")).at(field).into());
        }
    }
    Ok(())
}

fn check_days(days: i32) -> Result<()> {
    if (0..=MAX_DECIDE_DAYS).contains(&days) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange, format!("between 0 and {MAX_DECIDE_DAYS} days")).at("decideDays").into())
}
