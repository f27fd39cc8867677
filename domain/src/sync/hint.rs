//! What a provider tells by its webhook: kept once, pulled by the next run, never believed.

use entity::{IntegrationStatus, Provider, integration, sync_hint};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    port::{
        Work,
        webhook::{Hint, WebhookError},
    },
};

/// Most hints of one call; a provider that sends more is asked by the regular pull.
const MAX_HINTS: usize = 1_000;

/// Longest id or mark that is kept.
const MAX_TEXT: usize = 400;

/// Takes a webhook's call: checks the signature, keeps what it tells. An unknown account is no error: the answer tells
/// nothing about who is connected.
///
/// # Errors
///
/// When the database refuses; then the provider tells it again.
pub async fn take(env: &Env, provider: Provider, signature: Option<&str>, body: &[u8]) -> Result<Result<(), WebhookError>> {
    let Some(webhook) = env.outside.systems.get(&provider).and_then(|system| system.webhook.clone()) else {
        return Ok(Err(WebhookError::BadSignature));
    };
    let hints = match webhook.read(signature, body) {
        Ok(hints) => hints,
        Err(error) => return Ok(Err(error)),
    };
    let fits = |hint: &Hint| hint.external_id.len() <= MAX_TEXT && hint.mark.len() <= MAX_TEXT;
    let hints: Vec<Hint> = hints.into_iter().filter(fits).take(MAX_HINTS).collect();
    let mut accounts: Vec<&str> = hints.iter().map(|hint| hint.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        for row in of_account(env, provider, account).await? {
            keep(env, &row, hints.iter().filter(|hint| hint.account == account)).await?;
        }
    }
    Ok(Ok(()))
}

#[expect(clippy::disallowed_methods, reason = "a webhook names an account, not a tenant")]
async fn of_account(env: &Env, provider: Provider, account: &str) -> Result<Vec<integration::Model>> {
    Ok(integration::Entity::find()
        .filter(integration::Column::AccountKey.eq(account))
        .filter(integration::Column::Provider.eq(provider))
        .filter(integration::Column::Status.eq(IntegrationStatus::Active))
        .all(&env.db)
        .await?)
}

async fn keep(env: &Env, row: &integration::Model, hints: impl Iterator<Item = &Hint>) -> Result<()> {
    let mut change = Change::begin(env, row.tenant_id, Actor::Provider).await?;
    let rows: Vec<_> = hints
        .map(|hint| sync_hint::ActiveModel {
            tenant_id: Set(row.tenant_id),
            id: Set(env.new_id()),
            integration_id: Set(row.id),
            subject: Set(hint.subject),
            external_id: Set(hint.external_id.clone()),
            mark: Set(hint.mark.clone()),
            run_id: Set(None),
            told_at: Set(change.now),
        })
        .collect();
    let once = OnConflict::columns([sync_hint::Column::TenantId, sync_hint::Column::IntegrationId, sync_hint::Column::Mark]);
    let once = once.clone().do_nothing().to_owned();
    sync_hint::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&change.tx).await?;
    change.enqueue(Work::StartSync { tenant: row.tenant_id, integration: row.id });
    change.commit().await
}
