//! Changing the vault's key: every sealed row is opened and sealed anew with the current key, a few rows at a time, so
//! that the old key can be taken away afterwards. Whether a key is missing is known before anything is opened.

use std::collections::BTreeSet;

use entity::{AgencyId, AuthorizationId, CredentialId, Scoped, TenantId, agency, authorization, credential};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{seal, unseal};
use crate::{
    env::Env,
    error::Result,
    port::vault::{Sealed, Vault},
};

/// Rows of one transaction: renewals wait for no more than this.
const BATCH: u64 = 50;

/// What resealing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Rows that are sealed with the current key now.
    pub done: u64,
    /// Rows that do not open: their key is not configured, or they were changed. They stay as they are.
    pub unreadable: u64,
}

/// Seals every row anew that another key than the current one sealed. May be stopped and begun again anywhere.
///
/// # Errors
///
/// When the database refuses; what was sealed before stays so.
pub async fn reseal(env: &Env) -> Result<Resealed> {
    let mut all = Resealed::default();
    let mut after = Uuid::nil();
    while let Some(last) = credentials(env, after, &mut all).await? {
        after = last;
    }
    let mut after = Uuid::nil();
    while let Some(last) = authorizations(env, after, &mut all).await? {
        after = last;
    }
    let mut after = Uuid::nil();
    while let Some(last) = agencies(env, after, &mut all).await? {
        after = last;
    }
    Ok(all)
}

/// The ids of the keys that sealed something and that this vault does not have: with one, it must not start.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "a check of all tenants' rows; only the names of keys are learnt")]
pub async fn unknown_keys(db: &impl ConnectionTrait, vault: &dyn Vault) -> Result<Vec<String>> {
    let select = credential::Entity::find().select_only().column(credential::Column::KeyId).distinct();
    let mut ids: BTreeSet<String> = select.into_tuple().all(db).await?.into_iter().collect();
    let select = authorization::Entity::find().select_only().column(authorization::Column::KeyId).distinct();
    ids.extend(select.into_tuple::<String>().all(db).await?);
    let select = agency::Entity::find().select_only().column(agency::Column::KeyId).filter(agency::Column::KeyId.is_not_null()).distinct();
    ids.extend(select.into_tuple::<String>().all(db).await?);
    Ok(ids.into_iter().filter(|id| !vault.knows(id)).collect())
}

/// Seals the next credentials anew; the last id that was looked at, none at the end.
#[expect(clippy::disallowed_methods, reason = "every tenant's rows are sealed anew, by id alone")]
async fn credentials(env: &Env, after: Uuid, all: &mut Resealed) -> Result<Option<Uuid>> {
    let tx = entity::database::begin_write(&env.db).await?;
    let select = credential::Entity::find().filter(credential::Column::KeyId.ne(env.outside.vault.current()));
    let select = select.filter(credential::Column::Id.gt(CredentialId(after))).order_by_asc(credential::Column::Id);
    let rows = select.limit(BATCH).lock_exclusive().all(&tx).await?;
    for row in &rows {
        let Some(sealed) = all.again(env, row.tenant_id, row.id.0, &row.key_id, &row.sealed) else { continue };
        credential::Entity::update_of(row.tenant_id)
            .col_expr(credential::Column::Sealed, Expr::value(sealed.bytes))
            .col_expr(credential::Column::KeyId, Expr::value(sealed.key_id))
            .filter(credential::Column::Id.eq(row.id))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(rows.last().map(|row| row.id.0))
}

/// The same for connecting under way.
#[expect(clippy::disallowed_methods, reason = "every tenant's rows are sealed anew, by id alone")]
async fn authorizations(env: &Env, after: Uuid, all: &mut Resealed) -> Result<Option<Uuid>> {
    let tx = entity::database::begin_write(&env.db).await?;
    let select = authorization::Entity::find().filter(authorization::Column::KeyId.ne(env.outside.vault.current()));
    let select = select.filter(authorization::Column::Id.gt(AuthorizationId(after))).order_by_asc(authorization::Column::Id);
    let rows = select.limit(BATCH).lock_exclusive().all(&tx).await?;
    for row in &rows {
        let Some(sealed) = all.again(env, row.tenant_id, row.id.0, &row.key_id, &row.sealed) else { continue };
        authorization::Entity::update_of(row.tenant_id)
            .col_expr(authorization::Column::Sealed, Expr::value(sealed.bytes))
            .col_expr(authorization::Column::KeyId, Expr::value(sealed.key_id))
            .filter(authorization::Column::Id.eq(row.id))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(rows.last().map(|row| row.id.0))
}

/// The same for the keys of agencies.
#[expect(clippy::disallowed_methods, reason = "every tenant's rows are sealed anew, by id alone")]
async fn agencies(env: &Env, after: Uuid, all: &mut Resealed) -> Result<Option<Uuid>> {
    let tx = entity::database::begin_write(&env.db).await?;
    let select = agency::Entity::find().filter(agency::Column::KeyId.ne(env.outside.vault.current()));
    let select = select.filter(agency::Column::Id.gt(AgencyId(after))).order_by_asc(agency::Column::Id);
    let rows = select.limit(BATCH).lock_exclusive().all(&tx).await?;
    for row in &rows {
        let (Some(key_id), Some(bytes)) = (&row.key_id, &row.sealed) else { continue };
        let Some(sealed) = all.again(env, row.tenant_id, row.id.0, key_id, bytes) else { continue };
        agency::Entity::update_of(row.tenant_id)
            .col_expr(agency::Column::Sealed, Expr::value(sealed.bytes))
            .col_expr(agency::Column::KeyId, Expr::value(sealed.key_id))
            .filter(agency::Column::Id.eq(row.id))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(rows.last().map(|row| row.id.0))
}

impl Resealed {
    /// Opens and seals one secret for its place, and counts it; none when it does not open.
    fn again(&mut self, env: &Env, tenant: TenantId, row: Uuid, key_id: &str, bytes: &[u8]) -> Option<Sealed> {
        match unseal(env, tenant, row, key_id, bytes) {
            Ok(secret) => {
                self.done += 1;
                Some(seal(env, tenant, row, &secret))
            }
            Err(error) => {
                tracing::error!(%error, %tenant, %row, "a sealed secret does not open and stays as it is");
                self.unreadable += 1;
                None
            }
        }
    }
}
