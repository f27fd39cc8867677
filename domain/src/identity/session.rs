//! Sign-ins: one per device, each a family of refresh tokens of which only the newest is valid.
//!
//! A refresh token is used once: it is exchanged for the next. When an older one of the family turns up again, it was
//! copied; nobody can tell who holds the copy, so the family ends. One exception: two requests of one client may race
//! with the same token, so the token before the newest is only refused for [`RACE_GRACE`].

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Scoped, SessionId, TenantId, UserId, session};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::Expr,
};

use super::{bad_credentials, machine_now, member, memberships, password, person, token, user::sign_in_name};
use crate::{
    actor::Viewer,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
};

/// A sign-in lasts this long, however often it is refreshed.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);

/// For this long after a rotation the token before is refused without ending the family.
pub const RACE_GRACE: TimeDelta = TimeDelta::seconds(30);

/// Longest e-mail address that is looked up, in bytes.
const MAX_EMAIL_BYTES: usize = 320;

/// A sign-in, begun or carried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The family.
    pub session: SessionId,
    /// Who, where, in which role.
    pub viewer: Viewer,
    /// What the next refresh takes; shown once.
    pub refresh_token: String,
    /// When the family ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Signs a person in by e-mail address and password: into the named tenant, or the one joined first.
///
/// # Errors
///
/// `BAD_CREDENTIALS`, the same after the same time for an unknown address, a wrong password and a foreign tenant.
pub async fn sign_in(env: &Env, email: &str, password: &str, tenant: Option<TenantId>) -> Result<SignedIn> {
    let email = sign_in_name(email);
    let known = if email.len() <= MAX_EMAIL_BYTES { person(&env.db, &email).await? } else { None };
    let stored = known.as_ref().and_then(|person| person.password_hash.clone());
    let fits = password::verify(password, stored).await?;
    let Some(user) = known.filter(|_| fits) else { return Err(bad_credentials().into()) };
    let homes = memberships(&env.db, user.id).await?;
    let home = homes.into_iter().find(|(id, _)| tenant.is_none_or(|wanted| wanted == *id));
    let (tenant, role) = home.ok_or_else(bad_credentials)?;
    begin(env, Viewer { tenant, user: user.id, role }).await
}

/// Begins a sign-in for a person whose identity is proven.
pub(super) async fn begin(env: &Env, viewer: Viewer) -> Result<SignedIn> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let signed_in = insert(env, &change.tx, viewer).await?;
    change.record(Happened::new(kind::SESSION_STARTED));
    change.commit().await?;
    Ok(signed_in)
}

async fn insert(env: &Env, tx: &impl ConnectionTrait, viewer: Viewer) -> Result<SignedIn> {
    let now = machine_now(env);
    let id: SessionId = env.new_id();
    let (refresh_token, token_hash) = token::make(env.entropy.as_ref(), id.0);
    let row = session::Model {
        id,
        user_id: viewer.user,
        tenant_id: viewer.tenant,
        token_hash,
        previous_hash: None,
        rotated_at: now,
        expires_at: now + LIFETIME,
        revoked_at: None,
        created_at: now,
    };
    let row = row.into_active_model().reset_all().insert(tx).await?;
    Ok(SignedIn { session: id, viewer, refresh_token, expires_at: row.expires_at })
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
///
/// `BAD_CREDENTIALS` for anything but the newest token of a sign-in that goes on.
pub async fn refresh(env: &Env, offered: &str) -> Result<SignedIn> {
    let (id, digest) = token::read(offered).ok_or_else(bad_credentials)?;
    let tx = entity::database::begin_write(&env.db).await?;
    let row = lock(&tx, SessionId(id)).await?.ok_or_else(bad_credentials)?;
    let now = machine_now(env);
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Err(bad_credentials().into());
    }
    if row.token_hash != digest {
        let racing = row.previous_hash.as_ref() == Some(&digest) && now < row.rotated_at + RACE_GRACE;
        if !racing {
            tracing::warn!(session = %row.id, "a refresh token was used twice: the sign-in ends");
            end(&tx, row, now).await?;
            tx.commit().await?;
        }
        return Err(bad_credentials().into());
    }
    let viewer = member(&tx, row.tenant_id, row.user_id).await?.ok_or_else(bad_credentials)?;
    let (refresh_token, next) = token::make(env.entropy.as_ref(), id);
    let (session, expires_at) = (row.id, row.expires_at);
    let mut row = row.into_active_model();
    row.token_hash = Set(next);
    row.previous_hash = Set(Some(digest));
    row.rotated_at = Set(now);
    row.update(&tx).await?;
    tx.commit().await?;
    Ok(SignedIn { session, viewer, refresh_token, expires_at })
}

#[expect(clippy::disallowed_methods, reason = "the token names the session; the tenant is what we learn from it")]
async fn lock(tx: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>> {
    Ok(session::Entity::find().filter(session::Column::Id.eq(id)).lock_exclusive().one(tx).await?)
}

async fn end(tx: &impl ConnectionTrait, row: session::Model, now: DateTime<Utc>) -> Result<()> {
    let mut row = row.into_active_model();
    row.revoked_at = Set(Some(now));
    row.update(tx).await?;
    Ok(())
}

/// Ends one sign-in of the viewer. Ending it twice is no error.
///
/// # Errors
///
/// When the database refuses.
pub async fn revoke(env: &Env, viewer: &Viewer, id: SessionId) -> Result<()> {
    session::Entity::update_of(viewer.tenant)
        .col_expr(session::Column::RevokedAt, Expr::value(machine_now(env)))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::UserId.eq(viewer.user))
        .filter(session::Column::RevokedAt.is_null())
        .exec(&env.db)
        .await?;
    Ok(())
}

/// Ends every sign-in of a person, in all tenants and on all devices. Returns how many went on until now.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "a person's own sign-ins, across tenants, by the person's id")]
pub async fn revoke_all(env: &Env, user: UserId) -> Result<u64> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(machine_now(env)))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::RevokedAt.is_null())
        .exec(&env.db)
        .await?;
    Ok(ended.rows_affected)
}

/// Whether a sign-in of the viewer goes on.
pub(super) async fn goes_on(env: &Env, viewer: &Viewer, id: SessionId) -> Result<bool> {
    let found = session::Entity::of(viewer.tenant)
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::UserId.eq(viewer.user))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(machine_now(env)))
        .one(&env.db)
        .await?;
    Ok(found.is_some())
}
