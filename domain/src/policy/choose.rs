//! Which policy a new case gets: the debtor's, else the integration's, else the tenant's. One that is made for debtors of
//! another country or kind is passed over for the next in line; the tenant's is made for all of them.

use std::collections::{BTreeSet, HashMap};

use entity::{DebtorId, PolicyId, Scoped, debtor, escalation_policy, integration, tenant};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    change::Change,
    error::{Error, Result},
};

/// Whether a policy is made for a debtor. A debtor without a country is in the tenant's.
pub(super) fn fits(policy: &escalation_policy::Model, debtor: &debtor::Model, tenant_country: &str) -> bool {
    let country = debtor.country.as_deref().unwrap_or(tenant_country);
    !policy.archived
        && policy.country.as_deref().is_none_or(|made_for| made_for == country)
        && policy.debtor_kind.is_none_or(|made_for| made_for == debtor.kind)
}

/// What is needed to choose for a batch of new cases, read in two statements whatever their number.
pub(crate) struct Choice {
    country: String,
    debtors: HashMap<DebtorId, debtor::Model>,
    policies: HashMap<PolicyId, escalation_policy::Model>,
    of_integration: Option<PolicyId>,
    of_tenant: PolicyId,
}

impl Choice {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When the database refuses; a bug when the tenant has no policy.
    pub(crate) async fn read(
        change: &Change<'_>,
        tenant: &tenant::Model,
        integration: &integration::Model,
        debtors: BTreeSet<DebtorId>,
    ) -> Result<Self> {
        let of_tenant = tenant.default_policy_id.ok_or_else(|| Error::Bug("tenant without a default policy".into()))?;
        let debtors = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.is_in(debtors)).all(&change.tx).await?;
        let wanted: BTreeSet<PolicyId> =
            debtors.iter().filter_map(|row| row.policy_id).chain(integration.policy_id).chain([of_tenant]).collect();
        let policies =
            escalation_policy::Entity::of(change.tenant).filter(escalation_policy::Column::Id.is_in(wanted)).all(&change.tx).await?;
        Ok(Self {
            country: tenant.country.clone(),
            debtors: debtors.into_iter().map(|row| (row.id, row)).collect(),
            policies: policies.into_iter().map(|row| (row.id, row)).collect(),
            of_integration: integration.policy_id,
            of_tenant,
        })
    }

    /// The policy of a debtor's new case, and its newest revision.
    ///
    /// # Errors
    ///
    /// A bug when a row that must be there is not.
    pub(crate) fn of(&self, debtor: DebtorId) -> Result<(PolicyId, i32)> {
        let debtor = self.debtors.get(&debtor).ok_or_else(|| Error::Bug(format!("there is no debtor {debtor}")))?;
        let nearer = [debtor.policy_id, self.of_integration].into_iter().flatten().filter_map(|id| self.policies.get(&id));
        let chosen = nearer.into_iter().find(|policy| fits(policy, debtor, &self.country)).or_else(|| self.policies.get(&self.of_tenant));
        chosen.map(|policy| (policy.id, policy.revision)).ok_or_else(|| Error::Bug(format!("there is no policy {}", self.of_tenant)))
    }
}
