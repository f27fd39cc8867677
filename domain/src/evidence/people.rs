//! The names of the persons who acted.

use std::collections::{BTreeSet, HashMap};

use entity::{Scoped, TenantId, UserId, app_user, membership};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::Snapshot;
use crate::error::Result;

/// The names of those who did something, as far as anybody is known.
pub(super) async fn named(
    snapshot: &Snapshot<'_, impl ConnectionTrait>,
    ids: impl IntoIterator<Item = Option<UserId>>,
) -> Result<HashMap<UserId, String>> {
    names(snapshot.db, snapshot.tenant, ids.into_iter().flatten().collect()).await
}

/// Names by id, of members of the tenant alone.
#[expect(clippy::disallowed_methods, reason = "persons are found through the tenant's memberships")]
pub(super) async fn names(db: &impl ConnectionTrait, tenant: TenantId, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, String>> {
    let members = membership::Entity::of(tenant).filter(membership::Column::UserId.is_in(ids)).all(db).await?;
    let users = app_user::Entity::find().filter(app_user::Column::Id.is_in(members.iter().map(|member| member.user_id)));
    Ok(users.all(db).await?.into_iter().map(|user| (user.id, user.name)).collect())
}
