//! Taking a policy out of use. Cases that follow it go on with it; new ones do not get it.

use entity::{PolicyId, Scoped, debtor, escalation_policy, integration, tenant};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{assign::for_everybody, save::lock_offered};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Archives a policy. Where new cases get it, they get the other one from now on; archived again, nothing changes.
///
/// # Errors
///
/// A refusal: unknown policy or replacement; `REQUIRED` at `replaceWithId` while new cases get it somewhere and no other
/// is named.
pub async fn archive(env: &Env, viewer: &Viewer, id: PolicyId, replacement: Option<PolicyId>) -> Result<escalation_policy::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    // Locks: whose before which, as an assignment does; the integration before the tenant, as proposing does.
    let used = lock_users(&change, id).await?;
    let tenant = crate::tenant::lock(&change).await?;
    let select = escalation_policy::Entity::of(change.tenant).filter(escalation_policy::Column::Id.eq(id));
    let found = select.one(&change.tx).await?.ok_or_else(|| Refusal::not_found("policy").at("id"))?;
    if found.archived {
        return Ok(found);
    }
    // The lower id first: two people may name two policies as each other's replacement.
    let other = match replacement {
        Some(other) if other == id => return Err(Refusal::new(RefusalCode::Invalid, "name another policy").at("replaceWithId").into()),
        Some(other) if other < id => Some(lock_offered(&change, other, "replaceWithId").await?),
        Some(_) | None => None,
    };
    let mut row = lock_offered(&change, id, "id").await?;
    let other = match (other, replacement) {
        (None, Some(other)) => Some(lock_offered(&change, other, "replaceWithId").await?),
        (other, _) => other,
    };
    replace(&mut change, (&tenant, used), id, other.as_ref()).await?;
    row.archived = true;
    row.updated_at = change.now;
    let row = row.into_active_model().reset_all().update(&change.tx).await?;
    change.record(Happened::new(kind::POLICY_CHANGED).subject(id.0).with("archived", true));
    change.commit().await?;
    Ok(row)
}

/// Locks the integrations and debtors whose new cases get the policy; whether there are any.
async fn lock_users(change: &Change<'_>, id: PolicyId) -> Result<bool> {
    let integrations = integration::Entity::of(change.tenant).filter(integration::Column::PolicyId.eq(id));
    let integrations = integrations.order_by_asc(integration::Column::Id).lock_exclusive().all(&change.tx).await?;
    let debtors = debtor::Entity::of(change.tenant).filter(debtor::Column::PolicyId.eq(id));
    let debtors = debtors.order_by_asc(debtor::Column::Id).lock_exclusive().all(&change.tx).await?;
    Ok(!integrations.is_empty() || !debtors.is_empty())
}

/// Puts the other one wherever new cases get this one.
async fn replace(
    change: &mut Change<'_>,
    (tenant, used): (&tenant::Model, bool),
    id: PolicyId,
    other: Option<&escalation_policy::Model>,
) -> Result<()> {
    let tenants = tenant.default_policy_id == Some(id);
    if !tenants && !used {
        return Ok(());
    }
    let Some(other) = other else {
        let message = "new cases still get this policy: name the one that they get instead";
        return Err(Refusal::new(RefusalCode::Required, message).at("replaceWithId").into());
    };
    if tenants {
        for_everybody(other.country.as_deref(), other.debtor_kind).map_err(|refusal| refusal.at("replaceWithId"))?;
        let mut row = tenant.clone();
        row.default_policy_id = Some(other.id);
        row.version += 1;
        row.updated_at = change.now;
        change.record(Happened::new(kind::TENANT_CHANGED).with("version", row.version));
        row.into_active_model().reset_all().update(&change.tx).await?;
    }
    integration::Entity::update_of(change.tenant)
        .col_expr(integration::Column::PolicyId, Expr::value(other.id))
        .filter(integration::Column::PolicyId.eq(id))
        .exec(&change.tx)
        .await?;
    debtor::Entity::update_of(change.tenant)
        .col_expr(debtor::Column::PolicyId, Expr::value(other.id))
        .filter(debtor::Column::PolicyId.eq(id))
        .exec(&change.tx)
        .await?;
    Ok(())
}
