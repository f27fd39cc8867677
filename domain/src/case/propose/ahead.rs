//! Proposals ahead of the due date: invoices of debtors whose policy begins with a reminder before it.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use entity::{CaseGrouping, PolicyId, Scoped, debtor, integration, invoice, tenant};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait};

use super::walk::{Behind, Page, Walk};
use crate::{
    change::Change,
    error::Result,
    policy::{self, Choice},
};

/// Most pages of invoices that are looked at to count them: the count is made when a pull ends, with its rows locked.
const MOST_PAGES: usize = 20;

/// A page of invoices that are near enough to their due date for a reminder. With one case for each debtor there are
/// none: its invoices fall due on different days.
pub(super) async fn page(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
    behind: Option<Behind>,
) -> Result<Page> {
    let CaseGrouping::PerInvoice = tenant.case_grouping else { return Ok(Page::default()) };
    let Some(near) = Near::of(change, tenant, integration, today).await? else { return Ok(Page::default()) };
    near.page(change, behind).await
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
    let Some(near) = Near::of(change, tenant, integration, today).await? else { return Ok(count) };
    let mut behind = None;
    for _ in 0..MOST_PAGES {
        let page = near.page(change, behind).await?;
        count += page.invoices.len() as u64;
        behind = page.behind;
        if behind.is_none() {
            break;
        }
    }
    Ok(count)
}

/// Invoices that are not due yet and near enough to it for the reminder that their policy begins with, page by page. On
/// the due date itself there is nothing to remind of any more, and nothing to demand yet.
struct Near<'a> {
    tenant: &'a tenant::Model,
    ahead: HashMap<PolicyId, u32>,
    walk: Walk<'a>,
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
        Ok(Some(Self { tenant, ahead, walk: Walk { integration, today, of_age, together: false } }))
    }

    /// What is near of a page, which may be nothing of it.
    async fn page(&self, change: &Change<'_>, behind: Option<Behind>) -> Result<Page> {
        let mut page = self.walk.page(change, behind).await?;
        let debtors: BTreeSet<_> = page.invoices.iter().map(|invoice| invoice.debtor_id).collect();
        let choice = Choice::read(change, self.tenant, self.walk.integration, debtors).await?;
        let mut near = Vec::with_capacity(page.invoices.len());
        for invoice in page.invoices {
            let days = self.ahead.get(&choice.of(invoice.debtor_id)?.0);
            if days.is_some_and(|days| invoice.due_on <= self.walk.today + Days::new((*days).into())) {
                near.push(invoice);
            }
        }
        page.invoices = near;
        Ok(page)
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
