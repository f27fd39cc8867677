//! Proposals ahead of the due date: invoices of debtors whose policy begins with a reminder before it.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use entity::{CaseGrouping, InvoiceId, PolicyId, Scoped, debtor, integration, invoice, tenant};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait};

use super::{BATCH, eligible};
use crate::{
    change::Change,
    error::Result,
    policy::{self, Choice},
};

/// Most pages of invoices that are looked at to count them: the count is made when a pull ends, with its rows locked.
const MOST_PAGES: usize = 20;

/// Up to a batch of invoices that are near enough to their due date for a reminder. With one case for each debtor there
/// are none: its invoices fall due on different days.
pub(super) async fn eligible_ahead(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
) -> Result<Vec<invoice::Model>> {
    let mut found = Vec::new();
    let CaseGrouping::PerInvoice = tenant.case_grouping else { return Ok(found) };
    let Some(mut near) = Near::of(change, tenant, integration, today).await? else { return Ok(found) };
    while let Some(page) = near.next(change).await? {
        found.extend(page);
        if found.len() as u64 >= BATCH {
            break;
        }
    }
    Ok(found)
}

/// How many invoices nobody is reminded of ahead, because there is one case for each debtor: of the first
/// [`MOST_PAGES`] pages.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn not_reminded_ahead(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
) -> Result<u64> {
    let mut count = 0;
    let CaseGrouping::PerDebtor = tenant.case_grouping else { return Ok(count) };
    let Some(mut near) = Near::of(change, tenant, integration, today).await? else { return Ok(count) };
    for _ in 0..MOST_PAGES {
        let Some(page) = near.next(change).await? else { break };
        count += page.len() as u64;
    }
    Ok(count)
}

/// Invoices that are not due yet and near enough to it for the reminder that their policy begins with, page by page. On
/// the due date itself there is nothing to remind of any more, and nothing to demand yet.
struct Near<'a> {
    tenant: &'a tenant::Model,
    integration: &'a integration::Model,
    today: NaiveDate,
    ahead: HashMap<PolicyId, u32>,
    of_age: Condition,
    behind: Option<(NaiveDate, InvoiceId)>,
    over: bool,
}

impl<'a> Near<'a> {
    /// None when no invoice can have such a policy.
    async fn of(
        change: &Change<'_>,
        tenant: &'a tenant::Model,
        integration: &'a integration::Model,
        today: NaiveDate,
    ) -> Result<Option<Self>> {
        let ahead = policy::begin_before_due(&change.tx, change.tenant).await?;
        let Some(of_age) = may_be(change, tenant, integration, today, &ahead) else { return Ok(None) };
        Ok(Some(Self { tenant, integration, today, ahead, of_age, behind: None, over: false }))
    }

    /// What is near of the next page, which may be nothing of it; none behind the last.
    async fn next(&mut self, change: &Change<'_>) -> Result<Option<Vec<invoice::Model>>> {
        if self.over {
            return Ok(None);
        }
        let page = eligible(change, self.integration, self.today, self.of_age.clone(), self.behind).await?;
        self.over = (page.len() as u64) < BATCH;
        let Some(last) = page.last() else { return Ok(None) };
        self.behind = Some((last.due_on, last.id));
        let debtors: BTreeSet<_> = page.iter().map(|invoice| invoice.debtor_id).collect();
        let choice = Choice::read(change, self.tenant, self.integration, debtors).await?;
        let mut found = Vec::with_capacity(page.len());
        for invoice in page {
            let days = self.ahead.get(&choice.of(invoice.debtor_id)?.0);
            if days.is_some_and(|days| invoice.due_on <= self.today + Days::new((*days).into())) {
                found.push(invoice);
            }
        }
        Ok(Some(found))
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
