//! Making and revising policies. A revision is never changed: open cases keep theirs.

use entity::{PolicyId, Scoped, TenantId, escalation_policy, policy_revision};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};

use super::Ladder;
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Makes a policy, or adds a revision to one.
///
/// # Errors
///
/// A refusal for a bad name or ladder, or an unknown policy.
pub async fn save(env: &Env, viewer: &Viewer, id: Option<PolicyId>, name: &str, ladder: &Ladder) -> Result<PolicyId> {
    viewer.require(Action::Configure)?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Refusal::new(RefusalCode::Invalid, "a policy has a name of at most 100 characters").at("name").into());
    }
    ladder.check()?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let (id, revision) = match id {
        Some(id) => (id, revise(&change, id, name).await?),
        None => (add(&change, name).await?, 1),
    };
    add_revision(&change.tx, viewer.tenant, id, revision, ladder, change.now).await?;
    change.record(Happened::new(kind::POLICY_CHANGED).subject(id.0).with("revision", revision));
    change.commit().await?;
    Ok(id)
}

/// Makes the first policy of a new tenant inside the change that makes the tenant.
///
/// # Errors
///
/// When the database refuses.
pub async fn seed(change: &Change<'_>, name: &str, ladder: &Ladder) -> Result<PolicyId> {
    let id = add(change, name).await?;
    add_revision(&change.tx, change.tenant, id, 1, ladder, change.now).await?;
    Ok(id)
}

/// The ladder that a case began with.
pub(crate) async fn ladder_of(db: &impl ConnectionTrait, tenant: TenantId, policy: PolicyId, revision: i32) -> Result<Ladder> {
    let row = policy_revision::Entity::of(tenant)
        .filter(policy_revision::Column::PolicyId.eq(policy))
        .filter(policy_revision::Column::Revision.eq(revision))
        .one(db)
        .await?
        .ok_or_else(|| crate::Error::Bug(format!("policy {policy} has no revision {revision}")))?;
    Ok(serde_json::from_value(row.ladder)?)
}

/// The revision that a new case gets.
pub(crate) async fn newest_revision(db: &impl ConnectionTrait, tenant: TenantId, policy: PolicyId) -> Result<i32> {
    let row = escalation_policy::Entity::of(tenant).filter(escalation_policy::Column::Id.eq(policy)).one(db).await?;
    Ok(row.ok_or_else(|| crate::Error::Bug(format!("there is no policy {policy}")))?.revision)
}

async fn add(change: &Change<'_>, name: &str) -> Result<PolicyId> {
    let id = change.env.new_id();
    let row = escalation_policy::ActiveModel {
        tenant_id: Set(change.tenant),
        id: Set(id),
        name: Set(name.to_owned()),
        revision: Set(1),
        country: Set(None),
        debtor_kind: Set(None),
        preset: Set(None),
        archived: Set(false),
        created_at: Set(change.now),
        updated_at: Set(change.now),
    };
    row.insert(&change.tx).await?;
    Ok(id)
}

async fn revise(change: &Change<'_>, id: PolicyId, name: &str) -> Result<i32> {
    use sea_orm::IntoActiveModel;
    let found =
        escalation_policy::Entity::of(change.tenant).filter(escalation_policy::Column::Id.eq(id)).lock_exclusive().one(&change.tx).await?;
    let found = found.ok_or_else(|| Refusal::not_found("policy").at("id"))?;
    let revision = found.revision + 1;
    let mut row = found.into_active_model();
    row.name = Set(name.to_owned());
    row.revision = Set(revision);
    row.updated_at = Set(change.now);
    row.update(&change.tx).await?;
    Ok(revision)
}

async fn add_revision(
    tx: &DatabaseTransaction,
    tenant: TenantId,
    policy: PolicyId,
    revision: i32,
    ladder: &Ladder,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let row = policy_revision::ActiveModel {
        tenant_id: Set(tenant),
        policy_id: Set(policy),
        revision: Set(revision),
        ladder: Set(serde_json::to_value(ladder)?),
        created_at: Set(now),
    };
    policy_revision::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
