//! Proposals ahead of the due date: invoices of debtors whose policy begins with a reminder before it.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use entity::{CaseGrouping, PolicyId, Scoped, debtor, integration, invoice, tenant};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait};

use super::{BATCH, eligible};
use crate::{
    change::Change,
    error::Result,
    policy::{self, Choice},
};

/// Up to a batch of invoices that are near enough to their due date for a reminder. With one case for each debtor there
/// are none: its invoices fall due on different days.
pub(super) async fn eligible_ahead(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
) -> Result<Vec<invoice::Model>> {
    match tenant.case_grouping {
        CaseGrouping::PerDebtor => Ok(Vec::new()),
        CaseGrouping::PerInvoice => near(change, tenant, integration, today, BATCH).await,
    }
}

/// How many invoices nobody is reminded of ahead, because there is one case for each debtor.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn not_reminded_ahead(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
) -> Result<usize> {
    match tenant.case_grouping {
        CaseGrouping::PerDebtor => Ok(near(change, tenant, integration, today, u64::MAX).await?.len()),
        CaseGrouping::PerInvoice => Ok(0),
    }
}

/// Invoices that are not due yet and near enough to it for the reminder that their policy begins with; not many more
/// than the most that are wanted. On the due date itself there is nothing to remind of any more, and nothing to demand
/// yet.
async fn near(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
    most: u64,
) -> Result<Vec<invoice::Model>> {
    let ahead = policy::begin_before_due(&change.tx, change.tenant).await?;
    let mut found = Vec::new();
    let Some(of_age) = may_be(change, tenant, integration, today, &ahead) else { return Ok(found) };
    let mut behind = None;
    loop {
        let page = eligible(change, integration, today, of_age.clone(), behind).await?;
        let Some(last) = page.last() else { return Ok(found) };
        behind = Some((last.due_on, last.id));
        let full = page.len() as u64 == BATCH;
        let debtors: BTreeSet<_> = page.iter().map(|invoice| invoice.debtor_id).collect();
        let choice = Choice::read(change, tenant, integration, debtors).await?;
        for invoice in page {
            let days = ahead.get(&choice.of(invoice.debtor_id)?.0);
            if days.is_some_and(|days| invoice.due_on <= today + Days::new((*days).into())) {
                found.push(invoice);
            }
        }
        if !full || found.len() as u64 >= most {
            return Ok(found);
        }
    }
}

/// What invoices must be like to have such a policy at all; none when none can.
fn may_be(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
    ahead: &HashMap<PolicyId, u32>,
) -> Option<Condition> {
    let furthest = ahead.values().max()?;
    let near =
        Condition::all().add(invoice::Column::DueOn.gt(today)).add(invoice::Column::DueOn.lte(today + Days::new((*furthest).into())));
    let by_default = [tenant.default_policy_id, integration.policy_id];
    if by_default.into_iter().flatten().any(|id| ahead.contains_key(&id)) {
        return Some(near);
    }
    let own = debtor::Entity::of(change.tenant).select_only().column(debtor::Column::Id);
    let own = own.filter(debtor::Column::PolicyId.is_in(ahead.keys().copied()));
    Some(near.add(invoice::Column::DebtorId.in_subquery(own.into_query())))
}
