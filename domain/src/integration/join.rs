//! From a grant to integrations: whichever way a person gave keys, they end in one credential, and each chosen account
//! in one integration. Called inside a use case's change.
//!
//! A set of keys lives in one place only: a login that is used again brings new keys for all its accounts, and the old
//! set may be worthless from then on. So every integration whose account the grant opens moves to the new keys.

use std::collections::BTreeSet;

use entity::{CredentialId, IntegrationId, IntegrationStatus, Provider, Scoped, integration};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    SqlErr,
};

use super::{IntegrationChanges, blank, check_room, next_midnight, save, settings, system};
use crate::{
    change::Change,
    credential,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::text,
    port::{
        Account, Work,
        connect::{ConnectError, Granted},
    },
    tenant,
};

/// What a provider's answer to connecting means for the person.
pub(super) fn refusal(error: ConnectError) -> Refusal {
    match error {
        ConnectError::Unavailable(why) => Refusal::new(RefusalCode::ProviderUnavailable, why),
        ConnectError::Refused(why) => Refusal::new(RefusalCode::ProviderRejected, why),
        ConnectError::Missing(why) => Refusal::new(RefusalCode::ProviderScopeMissing, why),
        ConnectError::BadAddress(why) => Refusal::new(RefusalCode::Invalid, why).at("baseUrl"),
    }
}

/// Makes an integration of each chosen account, or wakes the one that was disconnected: its debtors and cases are the
/// same, and a second row would claim everything twice.
pub(super) async fn join(
    change: &mut Change<'_>,
    provider: Provider,
    granted: &Granted,
    chosen: &[Account],
    settings: &IntegrationChanges,
) -> Result<Vec<integration::Model>> {
    let mut ended = lock_all(change, provider).await?;
    ended.retain(|row| row.status == IntegrationStatus::Disconnected);
    for account in chosen {
        refuse_joined(change, provider, account).await?;
    }
    let credential = keep_keys(change, provider, granted).await?;
    let mut joined = Vec::with_capacity(chosen.len());
    for account in chosen {
        let known = ended.iter().position(|row| account_of(row).is_some_and(|was| was.external_id == account.external_id));
        let name = settings.name.as_ref().filter(|_| chosen.len() == 1);
        let named = IntegrationChanges { name: name.cloned(), ..settings.clone() };
        let row = match known {
            Some(at) => wake(change, ended.remove(at), account, credential, &named).await?,
            None => make(change, provider, account, credential, &named).await?,
        };
        joined.push(row);
    }
    Ok(joined)
}

/// Connects an integration again, with the account that it always had.
pub(super) async fn rejoin(
    change: &mut Change<'_>,
    provider: Provider,
    id: IntegrationId,
    granted: &Granted,
) -> Result<integration::Model> {
    let mut rows = lock_all(change, provider).await?.into_iter();
    let row = rows.find(|row| row.id == id).ok_or_else(|| Refusal::not_found("integration").at("id"))?;
    let was = account_of(&row).ok_or_else(|| Error::Bug(format!("integration {id} was never connected")))?;
    let Some(account) = granted.accounts.iter().find(|account| account.external_id == was.external_id) else {
        let message = format!("this access does not open {}: choose the same account again, or connect the other one anew", was.name);
        return Err(Refusal::new(RefusalCode::ProviderRejected, message).into());
    };
    if row.account_key.is_none() {
        refuse_joined(change, provider, account).await?;
    }
    let credential = keep_keys(change, provider, granted).await?;
    // Moving the keys wrote the row as well.
    let row = super::lock(change, id).await?;
    wake(change, row, account, credential, &IntegrationChanges::default()).await
}

/// The integrations of the tenant at a provider, locked in the order of their ids.
async fn lock_all(change: &Change<'_>, provider: Provider) -> Result<Vec<integration::Model>> {
    let rows = integration::Entity::of(change.tenant).filter(integration::Column::Provider.eq(provider));
    Ok(rows.order_by_asc(integration::Column::Id).lock_exclusive().all(&change.tx).await?)
}

/// The account that a row is or was linked to.
pub(super) fn account_of(row: &integration::Model) -> Option<Account> {
    serde_json::from_value(row.account.clone()?).ok()
}

/// Whether somebody has joined an account, this tenant or another.
#[expect(clippy::disallowed_methods, reason = "an account belongs to one tenant of all; the answer names nobody")]
pub(super) async fn is_joined(db: &impl ConnectionTrait, provider: Provider, account: &Account) -> Result<bool> {
    let select = integration::Entity::find().filter(integration::Column::AccountKey.eq(&account.external_id));
    Ok(select.filter(integration::Column::Provider.eq(provider)).count(db).await? > 0)
}

async fn refuse_joined(change: &Change<'_>, provider: Provider, account: &Account) -> Result<()> {
    if is_joined(&change.tx, provider, account).await? { Err(already(account).into()) } else { Ok(()) }
}

fn already(account: &Account) -> Refusal {
    Refusal::new(RefusalCode::AlreadyExists, format!("{} is connected already; disconnect it there first", account.name))
}

/// The same, when another tenant was faster by a moment and the database says so.
fn overtaken(error: Error, account: &Account) -> Error {
    match &error {
        Error::Database(fault) if matches!(fault.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => already(account).into(),
        _ => error,
    }
}

/// Stores the keys in one place. A row whose users all are opened by the grant is the same login's: it gets the new
/// keys. Integrations with other keys whose accounts the grant opens move here; what nobody uses then goes.
async fn keep_keys(change: &mut Change<'_>, provider: Provider, granted: &Granted) -> Result<CredentialId> {
    let users: Vec<integration::Model> = lock_all(change, provider).await?.into_iter().filter(|row| row.credential_id.is_some()).collect();
    let opened: BTreeSet<&str> = granted.accounts.iter().map(|account| account.external_id.as_str()).collect();
    let opens = |row: &integration::Model| row.account_key.as_deref().is_some_and(|key| opened.contains(key));
    let only_ours = |id: CredentialId| users.iter().filter(|row| row.credential_id == Some(id)).all(&opens);
    let same_login = users.iter().filter(|row| opens(row)).filter_map(|row| row.credential_id).find(|id| only_ours(*id));
    let id = match same_login {
        Some(id) => {
            credential::replace(change, id, &granted.fresh, granted.hint.clone()).await?;
            id
        }
        None => credential::insert(change, provider, &granted.fresh, granted.hint.clone()).await?,
    };
    let moved: Vec<integration::Model> = users.into_iter().filter(opens).collect();
    let left: BTreeSet<CredentialId> = moved.iter().filter_map(|row| row.credential_id).filter(|left| *left != id).collect();
    for row in moved {
        move_to_keys(change, row, id).await?;
    }
    for gone in left {
        credential::remove_unused(change, gone).await?;
    }
    Ok(id)
}

/// Moves an integration to other keys; one that waited for new ones goes on.
async fn move_to_keys(change: &mut Change<'_>, mut row: integration::Model, id: CredentialId) -> Result<()> {
    let waited = row.status == IntegrationStatus::NeedsReauthorization;
    if row.credential_id == Some(id) && !waited {
        return Ok(());
    }
    row.credential_id = Some(id);
    if waited {
        revive(change, &mut row).await?;
        change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("status", "active"));
    }
    save(change, &mut row).await
}

/// Lets an integration work again: nothing is wrong with it, and it is pulled from at once. A paused one stays paused.
pub(super) async fn revive(change: &mut Change<'_>, row: &mut integration::Model) -> Result<()> {
    if row.status != IntegrationStatus::Paused {
        row.status = IntegrationStatus::Active;
    }
    row.health_code = None;
    row.health_message = None;
    row.failing_since = None;
    row.parked_until = None;
    row.consecutive_failures = 0;
    row.stale_alerts = 0;
    row.connected_at = Some(change.now);
    row.next_proposal_at = Some(change.now);
    if row.poll_minutes.is_some() {
        row.next_sync_at = Some(change.now);
        row.next_sweep_at = Some(super::next_sweep(change, row).await?);
        change.enqueue(Work::StartSync { tenant: change.tenant, integration: row.id });
    }
    Ok(())
}

fn link(row: &mut integration::Model, account: &Account, credential: CredentialId) -> Result<()> {
    row.account = Some(serde_json::to_value(account)?);
    row.account_key = Some(account.external_id.clone());
    row.credential_id = Some(credential);
    Ok(())
}

async fn make(
    change: &mut Change<'_>,
    provider: Provider,
    account: &Account,
    credential: CredentialId,
    changes: &IntegrationChanges,
) -> Result<integration::Model> {
    check_room(change).await?;
    let system = system(change.env, provider)?;
    let zone = tenant::find(&change.tx, change.tenant).await?.time_zone;
    let mut row = blank(change, provider, &system.profile, name_of(account, system.profile.name), next_midnight(&zone, change.now)?);
    settings::apply(system, &mut row, changes)?;
    link(&mut row, account, credential)?;
    revive(change, &mut row).await?;
    row.next_proposal_at = Some(next_midnight(&zone, change.now)?);
    let row = row.into_active_model().reset_all().insert(&change.tx).await.map_err(|error| overtaken(error.into(), account))?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("created", true));
    Ok(row)
}

async fn wake(
    change: &mut Change<'_>,
    mut row: integration::Model,
    account: &Account,
    credential: CredentialId,
    changes: &IntegrationChanges,
) -> Result<integration::Model> {
    settings::apply(system(change.env, row.provider)?, &mut row, changes)?;
    let before = row.credential_id.filter(|before| *before != credential);
    link(&mut row, account, credential)?;
    revive(change, &mut row).await?;
    row.version += 1;
    save(change, &mut row).await.map_err(|error| overtaken(error, account))?;
    if let Some(before) = before {
        credential::remove_unused(change, before).await?;
    }
    if changes.excluded_groups.is_some() {
        super::groups::recount(change, &row).await?;
    }
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(row.id).with("connected", true));
    Ok(row)
}

/// The account's name as far as it can be shown; the system's name otherwise.
fn name_of(account: &Account, system: &str) -> String {
    let name = text::clean_line(&account.name).unwrap_or_else(|_| system.to_owned());
    name.chars().take(100).collect()
}
