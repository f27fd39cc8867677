//! Adding people to a tenant. Done by `admin` and `demo`, not by the API.

use entity::{Role, Scoped, TenantId, UserId, app_user, membership};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{machine_now, password, person};
use crate::{
    delivery::email_usable,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    letter::text,
    tenant,
};

/// A person to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// To which tenant.
    pub tenant: TenantId,
    /// Sign-in name.
    pub email: String,
    /// Shown to others.
    pub name: String,
    /// None for a person who signs in by link only.
    pub password: Option<String>,
    /// What the person may do.
    pub role: Role,
}

/// The one spelling of an e-mail address as a sign-in name.
pub(super) fn sign_in_name(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Adds a person to a tenant. A person who is known already keeps name and password and joins the tenant.
///
/// # Errors
///
/// A refusal: unknown tenant, a bad e-mail address, name or password, a person who is a member already.
pub async fn add(env: &Env, new: &NewUser) -> Result<UserId> {
    let email = sign_in_name(&new.email);
    if !email_usable(&email) {
        return Err(Refusal::new(RefusalCode::Invalid, "this is not a plain e-mail address").at("email").into());
    }
    let name = text::clean_line(&new.name).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at("name"))?;
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::new(RefusalCode::Invalid, "a name has 1 to 200 characters").at("name").into());
    }
    let password_hash = match &new.password {
        Some(password) => Some(password::hash(env.entropy.as_ref(), password).await?),
        None => None,
    };
    let tx = entity::database::begin_write(&env.db).await?;
    let tenant = tenant::find(&tx, new.tenant).await?;
    let now = machine_now(env);
    let user = if let Some(known) = person(&tx, &email).await? {
        known.id
    } else {
        let row = app_user::Model { id: env.new_id(), email, name, password_hash, locale: tenant.language, created_at: now };
        row.into_active_model().reset_all().insert(&tx).await?.id
    };
    let joined = membership::Entity::of(new.tenant).filter(membership::Column::UserId.eq(user)).count(&tx).await?;
    if joined > 0 {
        return Err(Refusal::new(RefusalCode::AlreadyExists, "this person is a member already").at("email").into());
    }
    let row = membership::Model { tenant_id: new.tenant, user_id: user, role: new.role, created_at: now };
    row.into_active_model().reset_all().insert(&tx).await?;
    tx.commit().await?;
    Ok(user)
}
