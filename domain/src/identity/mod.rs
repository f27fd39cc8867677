//! Who may come in: people and their passwords ([`user`]), sign-ins on devices as families of rotating refresh tokens
//! ([`session`]), one-time sign-in links ([`link`]).
//!
//! All instants here are the machine's, never the product's moved clock: a demo that jumps a month must not sign
//! everybody out. Only hashes of tokens and passwords are stored. Access tokens (JWT) are the API's business; what they
//! claim is held against [`standing`].

pub mod link;
pub mod password;
pub mod session;
mod token;
pub mod user;

use entity::{Role, Scoped, SessionId, TenantId, UserId, app_user, membership};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    actor::Viewer,
    clock::to_micros,
    env::Env,
    error::{Refusal, RefusalCode, Result},
};

pub use session::SignedIn;
pub use user::NewUser;

/// What a wrong password, an unknown e-mail address, a used link and a worn out token answer alike.
fn bad_credentials() -> Refusal {
    Refusal::new(RefusalCode::BadCredentials, "these credentials are not valid")
}

/// Now by the machine, in the precision of the databases.
fn machine_now(env: &Env) -> chrono::DateTime<chrono::Utc> {
    to_micros(env.clock.machine())
}

/// A person as a member of a tenant, with the role of this moment.
///
/// # Errors
///
/// When the database refuses.
pub async fn member(db: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Option<Viewer>> {
    let found = membership::Entity::of(tenant).filter(membership::Column::UserId.eq(user)).one(db).await?;
    Ok(found.map(|row| Viewer { tenant, user, role: row.role }))
}

/// Whether what an access token claims still holds: the person has this role in the tenant, and the sign-in, if the
/// token belongs to one, goes on.
///
/// # Errors
///
/// When the database refuses.
pub async fn standing(env: &Env, viewer: &Viewer, session: Option<SessionId>) -> Result<bool> {
    if member(&env.db, viewer.tenant, viewer.user).await? != Some(*viewer) {
        return Ok(false);
    }
    match session {
        Some(id) => session::goes_on(env, viewer, id).await,
        None => Ok(true),
    }
}

/// The tenants that a person belongs to, with the role in each, longest membership first.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "a person's own memberships, across tenants, by the person's id")]
pub async fn memberships(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<(TenantId, Role)>> {
    let select = membership::Entity::find().filter(membership::Column::UserId.eq(user));
    let rows = select.order_by_asc(membership::Column::CreatedAt).order_by_asc(membership::Column::TenantId).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.tenant_id, row.role)).collect())
}

/// A person's row.
#[expect(clippy::disallowed_methods, reason = "people belong to no tenant; found by their unique sign-in name")]
async fn person(db: &impl ConnectionTrait, email: &str) -> Result<Option<app_user::Model>> {
    Ok(app_user::Entity::find().filter(app_user::Column::Email.eq(email)).one(db).await?)
}

/// A member of a tenant by sign-in name; none when there is no such person or membership.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn member_by_email(db: &impl ConnectionTrait, tenant: TenantId, email: &str) -> Result<Option<Viewer>> {
    match person(db, &user::sign_in_name(email)).await? {
        Some(person) => member(db, tenant, person.id).await,
        None => Ok(None),
    }
}
