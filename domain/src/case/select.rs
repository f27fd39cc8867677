//! Which cases a mutation means: named ones, or everything that matches, provided that it is still what the person
//! saw.

use std::collections::{BTreeMap, BTreeSet};

use entity::{CaseId, CaseStatus, DebtorId, IntegrationId, Scoped, collection_case};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::lock_many;
use crate::{
    change::Change,
    error::{Refusal, RefusalCode, Result},
};

/// Most cases that one call names one by one.
pub const MAX_NAMED: usize = 500;

/// Most cases that one call may change.
pub const MAX_MATCHING: usize = 10_000;

/// A set of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These.
    Ids(Vec<CaseId>),
    /// Every proposal that matches.
    Matching(Matching),
}

/// Every proposal that matches, with what the person saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    /// Of this integration.
    pub integration: Option<IntegrationId>,
    /// Of this debtor.
    pub debtor: Option<DebtorId>,
    /// Except these.
    pub except: BTreeSet<CaseId>,
    /// How many the person saw.
    pub expected_count: usize,
    /// The totals that the person saw, by currency, in minor units.
    pub expected_total: BTreeMap<String, i64>,
}

/// Locks the selected cases.
///
/// # Errors
///
/// `NOT_FOUND` when a named case is not there, `LIMIT_EXCEEDED`, `SELECTION_CHANGED` when count or total differ from
/// what the person saw.
pub(super) async fn lock_selected(change: &Change<'_>, selection: &Selection) -> Result<Vec<collection_case::Model>> {
    match selection {
        Selection::Ids(ids) => lock_named(change, ids).await,
        Selection::Matching(matching) => lock_matching(change, matching).await,
    }
}

async fn lock_named(change: &Change<'_>, ids: &[CaseId]) -> Result<Vec<collection_case::Model>> {
    let wanted: BTreeSet<CaseId> = ids.iter().copied().collect();
    if wanted.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "name at least one case").at("selection.ids").into());
    }
    if wanted.len() > MAX_NAMED {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_NAMED} cases in one call")).at("selection.ids").into());
    }
    let found = lock_many(change, &wanted.iter().copied().collect::<Vec<_>>()).await?;
    if found.len() == wanted.len() { Ok(found) } else { Err(Refusal::not_found("case").at("selection.ids").into()) }
}

async fn lock_matching(change: &Change<'_>, matching: &Matching) -> Result<Vec<collection_case::Model>> {
    let select = filter(collection_case::Entity::of(change.tenant), matching);
    let limit = u64::try_from(MAX_MATCHING + matching.except.len() + 1).unwrap_or(u64::MAX);
    let mut found = select.order_by_asc(collection_case::Column::Id).limit(limit).lock_exclusive().all(&change.tx).await?;
    found.retain(|case| !matching.except.contains(&case.id));
    if found.len() > MAX_MATCHING {
        let message = format!("more than {MAX_MATCHING} cases match; narrow the selection");
        return Err(Refusal::new(RefusalCode::LimitExceeded, message).at("selection.matching").into());
    }
    let mut total = BTreeMap::new();
    for case in &found {
        *total.entry(case.currency.clone()).or_insert(0) += case.outstanding_minor;
    }
    if found.len() != matching.expected_count || total != matching.expected_total {
        let message =
            format!("{} proposals match now, not the {} that were shown, or their total changed", found.len(), matching.expected_count);
        return Err(Refusal::new(RefusalCode::SelectionChanged, message).at("selection.matching").into());
    }
    Ok(found)
}

fn filter(select: Select<collection_case::Entity>, matching: &Matching) -> Select<collection_case::Entity> {
    let mut select = select.filter(collection_case::Column::Status.eq(CaseStatus::Proposed));
    if let Some(integration) = matching.integration {
        select = select.filter(collection_case::Column::IntegrationId.eq(integration));
    }
    if let Some(debtor) = matching.debtor {
        select = select.filter(collection_case::Column::DebtorId.eq(debtor));
    }
    select
}
