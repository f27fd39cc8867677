//! Eligible invoices become proposals: the drafts list. Runs after each sync and at each tenant's midnight, because
//! time alone makes invoices eligible.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use entity::{
    CaseGrouping, CaseStatus, DebtorId, IntegrationStatus, OverdueBasis, Scoped, collection_case, debtor, integration, invoice, tenant,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr},
};

mod ahead;
mod walk;

pub(crate) use ahead::not_reminded_ahead;
use walk::Walk;

use super::approve;
use crate::{
    change::{Change, rows_per_insert},
    error::Result,
    escalation,
    event::{Happened, kind},
    policy::Choice,
};

/// Invoices per page of the walk: each page is a transaction.
const BATCH: u64 = 500;

/// Where a walk over what is eligible goes on: first what is overdue, then what is reminded of ahead. The default is its
/// beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    ahead: bool,
    behind: Option<walk::Behind>,
}

/// What a batch brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Batch {
    /// Cases that were proposed.
    pub proposed: u32,
    /// Where the next batch begins; none when the walk is over.
    pub next: Option<Place>,
}

/// Proposes a batch of eligible invoices of an integration. The integration's row must be locked by the caller.
///
/// # Errors
///
/// When the database refuses.
pub async fn propose_batch(
    change: &mut Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
    from: Place,
) -> Result<Batch> {
    if integration.status != IntegrationStatus::Active {
        return Ok(Batch::default());
    }
    let (found, next) = eligible(change, tenant, integration, today, from).await?;
    if found.is_empty() {
        return Ok(Batch { proposed: 0, next });
    }
    let mut groups = join_open_proposals(change, tenant, group(tenant, found)).await?;
    let mut cases = make(change, tenant, integration, &mut groups).await?;
    if integration.auto_approve {
        let dues = escalation::FirstDue::new(change, &cases, Some(dated(&groups))).await?;
        for case in &mut cases {
            approve::approve_one(change, &dues, case, None)?;
        }
    }
    let proposed = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    insert(change, cases).await?;
    attach(change, &groups).await?;
    Ok(Batch { proposed, next })
}

/// What is eligible from a place on, and where the rest begins.
async fn eligible(
    change: &Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    today: NaiveDate,
    from: Place,
) -> Result<(Vec<invoice::Model>, Option<Place>)> {
    let mut found = Vec::new();
    if !from.ahead {
        let together = tenant.case_grouping == CaseGrouping::PerDebtor;
        let page = Walk { integration, today, of_age: old_enough(integration, today), together }.page(change, from.behind).await?;
        found = page.invoices;
        if page.behind.is_some() {
            return Ok((found, Some(Place { ahead: false, behind: page.behind })));
        }
    }
    let page = ahead::page(change, tenant, integration, today, from.behind.filter(|_| from.ahead)).await?;
    found.extend(page.invoices);
    Ok((found, page.behind.map(|behind| Place { ahead: true, behind: Some(behind) })))
}

/// Invoices that become one case.
struct Group {
    invoices: Vec<invoice::Model>,
    case: Option<entity::CaseId>,
}

/// Whether an invoice is overdue for long enough. Due today is not overdue, whatever the basis.
pub(crate) fn old_enough(integration: &integration::Model, today: NaiveDate) -> Condition {
    let days = u64::try_from(integration.minimum_days_overdue.max(1)).unwrap_or(1);
    let latest = today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    let basis = match integration.overdue_basis {
        OverdueBasis::DueDate => invoice::Column::DueOn,
        OverdueBasis::IssueDate => invoice::Column::IssuedOn,
    };
    Condition::all().add(invoice::Column::DueOn.lt(today)).add(basis.lte(latest))
}

/// The first day on which [`old_enough`] holds for an invoice.
pub(crate) fn overdue_on(integration: &integration::Model, due_on: NaiveDate, issued_on: NaiveDate) -> NaiveDate {
    let days = Days::new(u64::try_from(integration.minimum_days_overdue.max(1)).unwrap_or(1));
    let basis = match integration.overdue_basis {
        OverdueBasis::DueDate => due_on,
        OverdueBasis::IssueDate => issued_on,
    };
    let after_due = due_on.succ_opt().unwrap_or(due_on);
    basis.checked_add_days(days).unwrap_or(basis).max(after_due)
}

/// Whether a debtor is not collected from: exempt on that day, or in an excluded group.
pub(crate) fn not_collected_from(today: NaiveDate) -> Condition {
    let until = Condition::any().add(debtor::Column::ExemptUntil.is_null()).add(debtor::Column::ExemptUntil.gte(today));
    let exempt = Condition::all().add(debtor::Column::Exempt.eq(true)).add(until);
    Condition::any().add(exempt).add(debtor::Column::GroupExcluded.eq(true))
}

/// The dates of the invoices of new cases.
fn dated(groups: &[Group]) -> Vec<escalation::Dated> {
    let of = |group: &Group| {
        let case = group.case;
        group.invoices.iter().filter_map(move |i| Some((case?, i.due_on, i.issued_on))).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of).collect()
}

fn group(tenant: &tenant::Model, invoices: Vec<invoice::Model>) -> Vec<Group> {
    match tenant.case_grouping {
        CaseGrouping::PerInvoice => invoices.into_iter().map(|i| Group { invoices: vec![i], case: None }).collect(),
        CaseGrouping::PerDebtor => {
            let mut by_debtor: BTreeMap<(DebtorId, String), Vec<invoice::Model>> = BTreeMap::new();
            for invoice in invoices {
                by_debtor.entry((invoice.debtor_id, invoice.currency.clone())).or_default().push(invoice);
            }
            by_debtor.into_values().map(|invoices| Group { invoices, case: None }).collect()
        }
    }
}

/// With one case per debtor, an invoice joins the debtor's open proposal; a case that was approved keeps the claim
/// that the creditor saw.
async fn join_open_proposals(change: &mut Change<'_>, tenant: &tenant::Model, mut groups: Vec<Group>) -> Result<Vec<Group>> {
    if tenant.case_grouping == CaseGrouping::PerInvoice {
        return Ok(groups);
    }
    let debtors: Vec<DebtorId> = groups.iter().map(|g| g.invoices[0].debtor_id).collect();
    let open = collection_case::Entity::of(change.tenant)
        .filter(collection_case::Column::Status.eq(CaseStatus::Proposed))
        .filter(collection_case::Column::DebtorId.is_in(debtors))
        .order_by_asc(collection_case::Column::Id)
        .lock_exclusive()
        .all(&change.tx)
        .await?;
    for mut case in open {
        let joins = |g: &Group| g.case.is_none() && g.invoices[0].debtor_id == case.debtor_id && g.invoices[0].currency == case.currency;
        if let Some(group) = groups.iter_mut().find(|g| joins(g)) {
            group.case = Some(case.id);
            case.principal_minor += group.invoices.iter().map(|i| i.total_minor).sum::<i64>();
            case.outstanding_minor += group.invoices.iter().map(|i| i.outstanding_minor).sum::<i64>();
            change.record(Happened::new(kind::CLAIM_CHANGED).case(&case).with("outstandingMinor", case.outstanding_minor));
            super::save(change, &mut case).await?;
        }
    }
    Ok(groups)
}

async fn make(
    change: &mut Change<'_>,
    tenant: &tenant::Model,
    integration: &integration::Model,
    groups: &mut [Group],
) -> Result<Vec<collection_case::Model>> {
    let new: Vec<&mut Group> = groups.iter_mut().filter(|g| g.case.is_none()).collect();
    let debtors = new.iter().map(|group| group.invoices[0].debtor_id).collect();
    let choice = Choice::read(change, tenant, integration, debtors).await?;
    let first = take_numbers(change, i64::try_from(new.len()).unwrap_or(0)).await?;
    let mut cases = Vec::with_capacity(new.len());
    for (number, group) in (first..).zip(new) {
        let invoice = &group.invoices[0];
        let (policy_id, policy_revision) = choice.of(invoice.debtor_id)?;
        let case = collection_case::Model {
            tenant_id: change.tenant,
            id: change.env.new_id(),
            number,
            integration_id: integration.id,
            debtor_id: invoice.debtor_id,
            currency: invoice.currency.clone(),
            status: CaseStatus::Proposed,
            hold_reason: None,
            hold_until: None,
            status_before_hold: None,
            close_reason: None,
            policy_id,
            policy_revision,
            next_step: 0,
            course: 0,
            last_step_at: None,
            next_action_at: None,
            postponed_because: None,
            principal_minor: group.invoices.iter().map(|i| i.total_minor).sum(),
            outstanding_minor: group.invoices.iter().map(|i| i.outstanding_minor).sum(),
            charges_minor: 0,
            limitation_warned_at: None,
            approved_at: None,
            approved_by: None,
            opened_at: change.now,
            closed_at: None,
            version: 1,
            updated_at: change.now,
        };
        change.record(
            Happened::new(kind::CASE_PROPOSED).case(&case).integration(integration.id).with("outstandingMinor", case.outstanding_minor),
        );
        group.case = Some(case.id);
        cases.push(case);
    }
    Ok(cases)
}

/// Takes the next numbers of the tenant and returns the first.
async fn take_numbers(change: &Change<'_>, count: i64) -> Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "the tenant's own row")]
    tenant::Entity::update_many()
        .col_expr(tenant::Column::NextCaseNumber, sea_orm::sea_query::ExprTrait::add(Expr::col(tenant::Column::NextCaseNumber), count))
        .filter(tenant::Column::Id.eq(change.tenant))
        .exec(&change.tx)
        .await?;
    let row = crate::tenant::find(&change.tx, change.tenant).await?;
    Ok(row.next_case_number - count)
}

async fn insert(change: &Change<'_>, cases: Vec<collection_case::Model>) -> Result<()> {
    let rows: Vec<_> = cases.into_iter().map(|case| case.into_active_model().reset_all()).collect();
    for chunk in rows.chunks(rows_per_insert::<collection_case::Entity>()) {
        collection_case::Entity::insert_many(chunk.to_vec()).exec_without_returning(&change.tx).await?;
    }
    Ok(())
}

/// Points the invoices at their cases, in one statement for each batch of them.
async fn attach(change: &Change<'_>, groups: &[Group]) -> Result<()> {
    let pairs: Vec<_> = groups.iter().flat_map(|group| group.invoices.iter().map(|invoice| (invoice.id, group.case))).collect();
    for chunk in pairs.chunks(usize::try_from(2 * BATCH).unwrap_or(usize::MAX)) {
        let mut case_of = CaseStatement::new();
        for (invoice, case) in chunk {
            case_of = case_of.case(invoice::Column::Id.eq(*invoice), Expr::value(*case));
        }
        invoice::Entity::update_of(change.tenant)
            .col_expr(invoice::Column::CaseId, case_of.into())
            .filter(invoice::Column::Id.is_in(chunk.iter().map(|(invoice, _)| *invoice)))
            .exec(&change.tx)
            .await?;
    }
    Ok(())
}
