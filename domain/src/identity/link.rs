//! One-time sign-in links: made by `demo` and `admin` for a member, used once.

use chrono::TimeDelta;
use entity::{SignInLinkId, TenantId, UserId, sign_in_link};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::{SignedIn, bad_credentials, machine_now, member, session, token};
use crate::{
    env::Env,
    error::{Refusal, RefusalCode, Result},
};

/// Longest life of a link.
pub const MAX_LIFETIME: TimeDelta = TimeDelta::days(7);

/// Makes a link for a member of a tenant. Returns its token, which is shown once.
///
/// # Errors
///
/// `NOT_FOUND` when the person is no member, `OUT_OF_RANGE` for a lifetime that is not positive or too long.
pub async fn create(env: &Env, tenant: TenantId, user: UserId, lifetime: TimeDelta) -> Result<String> {
    if lifetime <= TimeDelta::zero() || lifetime > MAX_LIFETIME {
        let message = format!("a sign-in link lasts at most {} days", MAX_LIFETIME.num_days());
        return Err(Refusal::new(RefusalCode::OutOfRange, message).at("lifetime").into());
    }
    member(&env.db, tenant, user).await?.ok_or_else(|| Refusal::not_found("member").at("user"))?;
    let id: SignInLinkId = env.new_id();
    let (token, token_hash) = token::make(env.entropy.as_ref(), id.0);
    let now = machine_now(env);
    let row = sign_in_link::Model {
        id,
        user_id: user,
        tenant_id: tenant,
        token_hash,
        expires_at: now + lifetime,
        used_at: None,
        created_at: now,
    };
    row.into_active_model().reset_all().insert(&env.db).await?;
    Ok(token)
}

/// Signs the link's person in. The link is used up, also when two use it at once: one of them wins.
///
/// # Errors
///
/// `BAD_CREDENTIALS` for an unknown, used or expired link, and for a person who is no member any more.
pub async fn redeem(env: &Env, offered: &str) -> Result<SignedIn> {
    let (id, digest) = token::read(offered).ok_or_else(bad_credentials)?;
    let row = use_up(env, &env.db, SignInLinkId(id), digest).await?;
    let viewer = member(&env.db, row.tenant_id, row.user_id).await?.ok_or_else(bad_credentials)?;
    session::begin(env, viewer).await
}

#[expect(clippy::disallowed_methods, reason = "the token names the link; the tenant is what we learn from it")]
async fn use_up(env: &Env, db: &impl ConnectionTrait, id: SignInLinkId, digest: Vec<u8>) -> Result<sign_in_link::Model> {
    let now = machine_now(env);
    let used = sign_in_link::Entity::update_many()
        .col_expr(sign_in_link::Column::UsedAt, Expr::value(now))
        .filter(sign_in_link::Column::Id.eq(id))
        .filter(sign_in_link::Column::TokenHash.eq(digest))
        .filter(sign_in_link::Column::UsedAt.is_null())
        .filter(sign_in_link::Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    if used.rows_affected != 1 {
        return Err(bad_credentials().into());
    }
    let found = sign_in_link::Entity::find().filter(sign_in_link::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| bad_credentials().into())
}
