//! Which invoices of an integration become proposals, and what happens then.

use async_graphql::{Context, Object};
use entity::integration;

use crate::graphql::{
    accounting_system,
    error::query_error,
    kind::OverdueBasis,
    loader::{self, Row},
    money::Money,
    policy::EscalationPolicy,
    scalars::Date,
    tenant::tenant_row,
};

/// Which invoices become proposals, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationSettings(pub(super) integration::Model);

/// Which invoices become proposals, and what happens then.
#[Object]
impl IntegrationSettings {
    /// An invoice is eligible from this many days after the basis date.
    async fn minimum_days_overdue(&self) -> i32 {
        self.0.minimum_days_overdue
    }

    /// The least that `minimumDaysOverdue` may be set to; null when the accounting system is not set up on this server.
    async fn minimum_days_overdue_floor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i32>> {
        Ok(accounting_system::one(ctx, self.0.provider)?.map(|system| system.defaults.minimum_days_overdue_floor))
    }

    /// Which date the days count from.
    async fn overdue_basis(&self) -> OverdueBasis {
        self.0.overdue_basis.into()
    }

    /// Only invoices issued on or after this day are eligible.
    async fn activate_from(&self) -> Option<Date> {
        self.0.activate_from.map(Date)
    }

    /// Only invoices with at least this much outstanding are eligible, in their own currency; shown in the tenant's.
    async fn minimum_amount(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        let tenant = tenant_row(ctx, self.0.tenant_id).await?;
        Ok(Money::new(self.0.minimum_amount_minor, &tenant.currency))
    }

    /// Proposals are approved at once, without a person.
    async fn auto_approve(&self) -> bool {
        self.0.auto_approve
    }

    /// A letter waits when the last sync is older than this; null for systems that cannot be asked (files).
    async fn freshness_hours(&self) -> Option<i32> {
        self.0.freshness_hours
    }

    /// Minutes between two pulls; null for systems that are not pulled from.
    async fn poll_every_minutes(&self) -> Option<i32> {
        self.0.poll_minutes
    }

    /// A note is written into the books when a case is handed over or closed.
    async fn write_back_notes(&self) -> bool {
        self.0.write_back
    }

    /// The policy of new cases from here; null: the tenant's. A debtor's own comes first.
    async fn policy(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EscalationPolicy>> {
        match self.0.policy_id {
            Some(policy) => Ok(loader::one(ctx, Row(self.0.tenant_id, policy)).await?.map(EscalationPolicy)),
            None => Ok(None),
        }
    }

    /// Groups of debtors that are not collected from, as the accounting system names them.
    async fn debtor_groups_excluded(&self) -> async_graphql::Result<Vec<String>> {
        let groups = self.0.excluded_groups.clone().map(serde_json::from_value).transpose();
        Ok(groups.map_err(|error| query_error(error.into()))?.unwrap_or_default())
    }
}
