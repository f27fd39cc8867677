//! Debtor groups that are not collected from: which debtors that means is written on the debtors, so that eligibility
//! stays one query.

use entity::{DebtorId, Scoped, debtor, integration};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::Value;
use uuid::Uuid;

use crate::{change::Change, error::Result};

/// Debtors that are looked at and written at once: below SQLite's 32,766 bound values.
const BATCH: u64 = 10_000;

/// Says of each debtor of an integration anew whether one of its groups is excluded; only what changed is written.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn recount(change: &Change<'_>, row: &integration::Model) -> Result<()> {
    let excluded: Vec<String> = row.excluded_groups.clone().map(serde_json::from_value).transpose()?.unwrap_or_default();
    let mut after = DebtorId(Uuid::nil());
    loop {
        let debtors: Vec<(DebtorId, Option<Value>, bool)> = debtor::Entity::of(change.tenant)
            .filter(debtor::Column::IntegrationId.eq(row.id))
            .filter(debtor::Column::Groups.is_not_null())
            .filter(debtor::Column::Id.gt(after))
            .order_by_asc(debtor::Column::Id)
            .limit(BATCH)
            .select_only()
            .columns([debtor::Column::Id, debtor::Column::Groups, debtor::Column::GroupExcluded])
            .into_tuple()
            .all(&change.tx)
            .await?;
        let Some((last, ..)) = debtors.last() else { return Ok(()) };
        after = *last;
        for wanted in [true, false] {
            let is = |groups: &Option<Value>| in_any(groups.as_ref(), &excluded);
            let ids = debtors.iter().filter(|(_, groups, was)| *was != wanted && is(groups) == wanted).map(|(id, ..)| *id);
            write(change, ids.collect(), wanted).await?;
        }
    }
}

async fn write(change: &Change<'_>, ids: Vec<DebtorId>, excluded: bool) -> Result<()> {
    if !ids.is_empty() {
        debtor::Entity::update_of(change.tenant)
            .col_expr(debtor::Column::GroupExcluded, Expr::value(excluded))
            .col_expr(debtor::Column::UpdatedAt, Expr::value(change.now))
            .filter(debtor::Column::Id.is_in(ids))
            .exec(&change.tx)
            .await?;
    }
    Ok(())
}

fn in_any(groups: Option<&Value>, excluded: &[String]) -> bool {
    let names = groups.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.into_iter().any(|name| excluded.iter().any(|group| group == name))
}
