//! Renewing a set of keys: claim the row under a lease, ask with no transaction open, store the answer before anybody
//! uses it. A process that dies in between leaves a lease that runs out; the next one asks with the old keys again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{Scoped, credential};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    access::{Lender, Need, Step, decide, fault, gone, sealed},
    good_until, keys, machine_now, refuse, seal,
};
use crate::{
    error::Result,
    port::{
        SourceError,
        access::{Fresh, Lent, RenewError, Renewal},
        vault::SecretString,
    },
};

/// An attempt without an answer counts as lost after so long. Two of them, and the store, end before the lease does.
const PATIENCE: Duration = Duration::from_secs(12);

/// Renews the keys and lends the new ones; none when somebody else was faster: look again.
pub(super) async fn renew(lender: &Lender, need: Need) -> Result<Option<Lent>, SourceError> {
    let Some(renewal) = &lender.renewal else { return Ok(None) };
    let Some(row) = claim(lender, need).await.map_err(fault)? else { return Ok(None) };
    let old = match keys(&lender.env, &row) {
        Ok(old) => old,
        Err(error) => {
            release(lender, &row).await.map_err(fault)?;
            return Err(sealed(&error));
        }
    };
    match ask(renewal.as_ref(), &old).await {
        Ok(fresh) => store(lender, &row, fresh).await.map_err(fault),
        Err(RenewError::Unavailable(why)) => {
            release(lender, &row).await.map_err(fault)?;
            Err(SourceError::Unavailable(why))
        }
        Err(RenewError::Refused(_)) if refuse::for_good(&lender.env, &row).await.map_err(fault)? => Err(gone()),
        Err(RenewError::Refused(_)) => Ok(None),
    }
}

/// Takes the lease; none when under the lock there is nothing to renew any more.
async fn claim(lender: &Lender, need: Need) -> Result<Option<credential::Model>> {
    let tx = entity::database::begin_write(&lender.env.db).await?;
    let select = credential::Entity::of(lender.tenant).filter(credential::Column::Id.eq(lender.credential));
    let Some(mut row) = select.lock_exclusive().one(&tx).await? else { return Ok(None) };
    let now = machine_now(&lender.env);
    if decide(&row, need, true, now) != Step::Renew {
        return Ok(None);
    }
    row.renewing_since = Some(now);
    credential::Entity::update_of(lender.tenant)
        .col_expr(credential::Column::RenewingSince, Expr::value(now))
        .filter(credential::Column::Id.eq(row.id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// Asks, and once more with the same keys when the answer was lost: providers that rotate keys take the old ones again
/// for a while (Xero: 30 minutes) exactly for this.
async fn ask(renewal: &dyn Renewal, old: &SecretString) -> Result<Fresh, RenewError> {
    match ask_once(renewal, old).await {
        Err(RenewError::Unavailable(_)) => ask_once(renewal, old).await,
        answer => answer,
    }
}

async fn ask_once(renewal: &dyn Renewal, old: &SecretString) -> Result<Fresh, RenewError> {
    let lost = || RenewError::Unavailable("the renewal of the keys got no answer".into());
    tokio::time::timeout(PATIENCE, renewal.renew(old)).await.unwrap_or_else(|_| Err(lost()))
}

/// Stores the new keys over the version that was renewed; none when a person gave others meanwhile.
async fn store(lender: &Lender, old: &credential::Model, fresh: Fresh) -> Result<Option<Lent>> {
    let env = &lender.env;
    let now = machine_now(env);
    let sealed = seal(env, old.tenant_id, old.id.0, &fresh.keys);
    let version = old.version + 1;
    // An answer that names none (RFC 6749 § 5.1: the scope is optional when it is the same) leaves what was granted.
    let scopes = if fresh.scopes.is_empty() { old.scopes.clone() } else { serde_json::to_value(&fresh.scopes)? };
    let tx = entity::database::begin_write(&env.db).await?;
    let stored = credential::Entity::update_of(old.tenant_id)
        .col_expr(credential::Column::Sealed, Expr::value(sealed.bytes))
        .col_expr(credential::Column::KeyId, Expr::value(sealed.key_id))
        .col_expr(credential::Column::Scopes, Expr::value(scopes))
        .col_expr(credential::Column::Version, Expr::value(version))
        .col_expr(credential::Column::GoodUntil, Expr::value(good_until(now, fresh.good_for)))
        .col_expr(credential::Column::RenewingSince, Expr::value(None::<DateTime<Utc>>))
        .col_expr(credential::Column::UpdatedAt, Expr::value(now))
        .filter(credential::Column::Id.eq(old.id))
        .filter(credential::Column::Version.eq(old.version))
        .filter(credential::Column::RefusedAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok((stored.rows_affected == 1).then_some(Lent { keys: fresh.keys, version }))
}

/// Gives the lease back, unless another process took it over.
async fn release(lender: &Lender, row: &credential::Model) -> Result<()> {
    credential::Entity::update_of(row.tenant_id)
        .col_expr(credential::Column::RenewingSince, Expr::value(None::<DateTime<Utc>>))
        .filter(credential::Column::Id.eq(row.id))
        .filter(credential::Column::Version.eq(row.version))
        .filter(credential::Column::RenewingSince.eq(row.renewing_since))
        .exec(&lender.env.db)
        .await?;
    Ok(())
}
