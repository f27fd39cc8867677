//! Writing a set of keys inside a use case's change: the first, the next, and none any more.

use entity::{CredentialId, Provider, Scoped, credential, integration};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};

use super::{good_until, machine_now, seal};
use crate::{
    change::Change,
    error::{Error, Result},
    port::access::Fresh,
};

/// Stores a set of keys.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn insert(change: &Change<'_>, provider: Provider, fresh: &Fresh, hint: Option<String>) -> Result<CredentialId> {
    let id: CredentialId = change.env.new_id();
    let now = machine_now(change.env);
    let sealed = seal(change.env, change.tenant, id.0, &fresh.keys);
    let row = credential::Model {
        tenant_id: change.tenant,
        id,
        provider,
        sealed: sealed.bytes,
        key_id: sealed.key_id,
        hint,
        scopes: serde_json::to_value(&fresh.scopes)?,
        version: 1,
        good_until: good_until(now, fresh.good_for),
        renewing_since: None,
        refused_at: None,
        created_at: now,
        updated_at: now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    Ok(id)
}

/// Replaces a set of keys by one that a person gave anew; a renewal under way with the old ones comes too late.
///
/// # Errors
///
/// When the database refuses, or there is no such row.
pub(crate) async fn replace(change: &Change<'_>, id: CredentialId, fresh: &Fresh, hint: Option<String>) -> Result<()> {
    let select = credential::Entity::of(change.tenant).filter(credential::Column::Id.eq(id));
    let found = select.lock_exclusive().one(&change.tx).await?;
    let mut row = found.ok_or_else(|| Error::Bug(format!("credential {id} is gone")))?;
    let now = machine_now(change.env);
    let sealed = seal(change.env, change.tenant, id.0, &fresh.keys);
    row.sealed = sealed.bytes;
    row.key_id = sealed.key_id;
    row.hint = hint;
    row.scopes = serde_json::to_value(&fresh.scopes)?;
    row.version += 1;
    row.good_until = good_until(now, fresh.good_for);
    row.renewing_since = None;
    row.refused_at = None;
    row.updated_at = now;
    row.into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// Forgets a set of keys, unless an integration still uses it.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn remove_unused(change: &Change<'_>, id: CredentialId) -> Result<()> {
    let users = integration::Entity::of(change.tenant).filter(integration::Column::CredentialId.eq(id));
    if users.count(&change.tx).await? == 0 {
        credential::Entity::delete_of(change.tenant).filter(credential::Column::Id.eq(id)).exec(&change.tx).await?;
    }
    Ok(())
}
