//! Who is signed in, and the people of a tenant.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use entity::{ActorKind as StoredKind, TenantId, UserId, app_user};

use super::{
    access,
    connection::list_cost,
    error::database_error,
    id,
    kind::{ActorKind, Role},
    loader::{self, Member},
    scalars::{EmailAddress, Locale},
    tenant::{Tenant, tenant_row},
};
use async_graphql::Context;
use entity::{membership, tenant};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// A person who may sign in, as one tenant knows the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person.
    pub user: app_user::Model,
    /// What the person may do in the tenant.
    pub role: entity::Role,
}

/// Finds a person among the members of a tenant.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn member(ctx: &Context<'_>, tenant: TenantId, user: Option<UserId>) -> async_graphql::Result<Option<User>> {
    match user {
        Some(user) => Ok(loader::one(ctx, Member(tenant, user)).await?.map(|(user, role)| User { user, role })),
        None => Ok(None),
    }
}

/// A person who may sign in.
#[Object]
impl User {
    /// Its id, `user_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.user.id)
    }

    /// The name that others see.
    async fn display_name(&self) -> &str {
        &self.user.name
    }

    /// The address that the person signs in with.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.user.email.clone())
    }

    /// The language of what is shown to the person.
    async fn locale(&self) -> Locale {
        Locale(self.user.locale.clone())
    }

    /// What the person may do in this tenant.
    async fn role(&self) -> Role {
        self.role.into()
    }

    /// Since when the person is known.
    async fn created_at(&self) -> DateTime<Utc> {
        self.user.created_at
    }
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// In which tenant.
    pub tenant: TenantId,
    /// Which kind.
    pub kind: StoredKind,
    /// Which person.
    pub user: Option<UserId>,
}

/// Who did something.
#[Object]
impl Actor {
    /// Dunwell itself, a person, or the accounting system.
    async fn kind(&self) -> ActorKind {
        self.kind.into()
    }

    /// The person; null for the others.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.tenant, self.user).await
    }

    /// A name to show.
    async fn display_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(match self.kind {
            StoredKind::System => "Dunwell".into(),
            StoredKind::Provider => "Accounting system".into(),
            StoredKind::User => {
                member(ctx, self.tenant, self.user).await?.map_or_else(|| "A former member".into(), |found| found.user.name)
            }
        })
    }
}

/// The signed-in person in one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer(pub domain::Viewer);

/// The signed-in person in one tenant.
#[Object]
impl Viewer {
    /// The person; null when the membership ended meanwhile.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant, Some(self.0.user)).await
    }

    /// The tenant that everything is seen in.
    async fn tenant(&self, ctx: &Context<'_>) -> async_graphql::Result<Tenant> {
        Ok(Tenant(tenant_row(ctx, self.0.tenant).await?))
    }

    /// What the person may do there.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The tenants that the person belongs to. A session sees one of them at a time.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn tenants(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<TenantSummary>> {
        Ok(tenants_of(ctx, self.0.user).await?.into_iter().map(TenantSummary).collect())
    }
}

/// A tenant by name, for choosing one to sign in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSummary(tenant::Model);

/// A tenant by name, for choosing one to sign in to.
#[Object]
impl TenantSummary {
    /// The tenant's id, `tenant_…`.
    async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Its trading name.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

#[allow(clippy::disallowed_methods, reason = "a person's own tenants, by the person's id")]
async fn tenants_of(ctx: &Context<'_>, user: UserId) -> async_graphql::Result<Vec<tenant::Model>> {
    let db = &access::env(ctx)?.db;
    let members = membership::Entity::find().filter(membership::Column::UserId.eq(user)).all(db).await.map_err(database_error)?;
    let ids = members.iter().map(|member| member.tenant_id);
    let select = tenant::Entity::find().filter(tenant::Column::Id.is_in(ids)).order_by_asc(tenant::Column::Name);
    select.all(db).await.map_err(database_error)
}
