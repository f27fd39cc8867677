//! Whose new cases get which policy: all of the tenant's, those of an integration, those of a debtor.

use entity::{DebtorId, DebtorKind, IntegrationId, PolicyId, escalation_policy};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{choose::fits, save::lock_offered};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    debtor,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    integration,
};

/// Whose new cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that have no nearer one.
    Tenant,
    /// Those of an integration.
    Integration(IntegrationId),
    /// Those of a debtor.
    Debtor(DebtorId),
}

/// Sets the policy of new cases, or takes the nearer one away. Cases that are there keep theirs.
///
/// # Errors
///
/// A refusal: unknown or archived policy, unknown integration or debtor; `REQUIRED` when the tenant would have none;
/// `INVALID` when the policy is made for other debtors.
pub async fn assign(env: &Env, viewer: &Viewer, scope: Scope, policy: Option<PolicyId>) -> Result<()> {
    viewer.require(match scope {
        Scope::Tenant | Scope::Integration(_) => Action::Configure,
        Scope::Debtor(_) => Action::EditDebtors,
    })?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    // Locks: whose before which, as an archiving does.
    match scope {
        Scope::Tenant => for_tenant(&mut change, policy).await?,
        Scope::Integration(id) => for_integration(&mut change, id, policy).await?,
        Scope::Debtor(id) => for_debtor(&mut change, id, policy).await?,
    }
    change.commit().await
}

async fn for_tenant(change: &mut Change<'_>, policy: Option<PolicyId>) -> Result<()> {
    let mut tenant = crate::tenant::lock(change).await?;
    let Some(policy) = policy else {
        return Err(Refusal::new(RefusalCode::Required, "a tenant always has a policy for new cases").at("policyId").into());
    };
    check_default(change, policy, "policyId").await?;
    tenant.default_policy_id = Some(policy);
    tenant.version += 1;
    tenant.updated_at = change.now;
    change.record(Happened::new(kind::TENANT_CHANGED).with("version", tenant.version));
    tenant.into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

async fn for_integration(change: &mut Change<'_>, id: IntegrationId, policy: Option<PolicyId>) -> Result<()> {
    let mut row = integration::lock(change, id).await?;
    offered(change, policy).await?;
    row.policy_id = policy;
    row.version += 1;
    integration::save(change, &mut row).await?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("version", row.version));
    Ok(())
}

async fn for_debtor(change: &mut Change<'_>, id: DebtorId, policy: Option<PolicyId>) -> Result<()> {
    let mut row = debtor::lock(change, id).await?;
    if let Some(found) = offered(change, policy).await? {
        let country = crate::tenant::find(&change.tx, change.tenant).await?.country;
        if !fits(&found, &row, &country) {
            let message = "this policy is made for debtors of another country or kind";
            return Err(Refusal::new(RefusalCode::Invalid, message).at("policyId").into());
        }
    }
    row.policy_id = policy;
    debtor::save(change, &mut row, "policy").await
}

async fn offered(change: &Change<'_>, policy: Option<PolicyId>) -> Result<Option<escalation_policy::Model>> {
    match policy {
        Some(policy) => Ok(Some(lock_offered(change, policy, "policyId").await?)),
        None => Ok(None),
    }
}

/// Locks a policy that is to be the tenant's and refuses one that cannot be.
///
/// # Errors
///
/// `NOT_FOUND` for an unknown or archived policy; `INVALID` for one that is not made for every debtor.
pub(crate) async fn check_default(change: &Change<'_>, policy: PolicyId, field: &str) -> Result<()> {
    let found = lock_offered(change, policy, field).await?;
    Ok(for_everybody(found.country.as_deref(), found.debtor_kind).map_err(|refusal| refusal.at(field))?)
}

/// Refuses a policy as the tenant's that is not made for every debtor: it is the last in line.
pub(super) fn for_everybody(country: Option<&str>, debtor_kind: Option<DebtorKind>) -> Result<(), Refusal> {
    if country.is_none() && debtor_kind.is_none() {
        return Ok(());
    }
    let message = "the tenant's policy is the last in line: it must be made for debtors of any country and kind";
    Err(Refusal::new(RefusalCode::Invalid, message).at(if country.is_some() { "country" } else { "debtorKind" }))
}
