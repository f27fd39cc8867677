//! Pages of lists inside lists: the first rows of each parent, for all parents in one statement.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use async_graphql::dataloader::Loader;
use entity::{CaseId, IntegrationId, Scoped, SyncRunId, TenantId, event, sync_run};
use sea_orm::{
    ColumnTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, WindowStatement},
};

use super::{Failed, Loads, pieces};

/// Which part of each parent's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slice<P> {
    /// Only rows after this one.
    pub after: Option<P>,
    /// Only rows before this one.
    pub before: Option<P>,
    /// How many.
    pub limit: u64,
    /// Count from the end.
    pub backward: bool,
}

impl<P: Copy + Into<sea_orm::Value>> Slice<P> {
    fn cut<E: Scoped>(&self, mut select: Select<E>, position: E::Column, newest_first: bool) -> Select<E> {
        for (place, later) in [(self.after, !newest_first), (self.before, newest_first)] {
            if let Some(place) = place {
                select = select.filter(if later { position.gt(place) } else { position.lt(place) });
            }
        }
        select
    }

    /// The positions of the wanted rows, at most `limit` of each parent.
    fn ranked<E: Scoped>(&self, select: Select<E>, parent: E::Column, position: E::Column, newest_first: bool) -> SelectStatement {
        let order = if newest_first == self.backward { Order::Asc } else { Order::Desc };
        let mut window = WindowStatement::partition_by(parent);
        window.order_by(position, order);
        let ranked = select
            .select_only()
            .column_as(position, "position")
            .into_query()
            .expr_window_as(Func::cust("ROW_NUMBER"), window, "rank")
            .take();
        Query::select()
            .column("position")
            .from_subquery(ranked, Alias::new("ranked"))
            .and_where(Expr::col("rank").lte(i64::try_from(self.limit).unwrap_or(i64::MAX)))
            .take()
    }
}

/// Keys that ask for the same part, together.
fn alike<K, P, Id>(keys: &[K], split: impl Fn(&K) -> (Slice<P>, TenantId, Id)) -> Vec<(Slice<P>, TenantId, Vec<Id>)>
where
    P: Copy + Ord,
    Id: Clone,
{
    let mut by_slice: BTreeMap<Slice<P>, Vec<(TenantId, Id)>> = BTreeMap::new();
    for key in keys {
        let (slice, tenant, id) = split(key);
        by_slice.entry(slice).or_default().push((tenant, id));
    }
    let pieces = by_slice.into_iter().map(|(slice, keys)| (slice, pieces(keys.into_iter())));
    pieces.flat_map(|(slice, pieces)| pieces.into_iter().map(move |(tenant, ids)| (slice, tenant, ids))).collect()
}

/// A part of a case's timeline, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimelineOf(pub TenantId, pub CaseId, pub Slice<i64>);

impl Loader<TimelineOf> for Loads {
    type Value = Vec<event::Model>;
    type Error = Failed;

    async fn load(&self, keys: &[TimelineOf]) -> Result<HashMap<TimelineOf, Self::Value>, Failed> {
        let mut found: HashMap<TimelineOf, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for (slice, tenant, cases) in alike(keys, |key| (key.2, key.0, key.1)) {
            let select = event::Entity::of(tenant).filter(event::Column::CaseId.is_in(cases));
            let wanted = slice.cut(select, event::Column::Sequence, false);
            let wanted = slice.ranked(wanted, event::Column::CaseId, event::Column::Sequence, false);
            let rows = event::Entity::of(tenant)
                .filter(event::Column::Sequence.in_subquery(wanted))
                .order_by_asc(event::Column::Sequence)
                .all(&self.db)
                .await?;
            for row in rows {
                if let Some(list) = row.case_id.and_then(|case| found.get_mut(&TimelineOf(tenant, case, slice))) {
                    list.push(row);
                }
            }
        }
        Ok(found)
    }
}

/// A part of the runs of an integration, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunsOf(pub TenantId, pub IntegrationId, pub Slice<SyncRunId>);

impl Loader<RunsOf> for Loads {
    type Value = Vec<sync_run::Model>;
    type Error = Failed;

    async fn load(&self, keys: &[RunsOf]) -> Result<HashMap<RunsOf, Self::Value>, Failed> {
        let mut found: HashMap<RunsOf, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for (slice, tenant, integrations) in alike(keys, |key| (key.2, key.0, key.1)) {
            let select = sync_run::Entity::of(tenant).filter(sync_run::Column::IntegrationId.is_in(integrations));
            let wanted = slice.cut(select, sync_run::Column::Id, true);
            let wanted = slice.ranked(wanted, sync_run::Column::IntegrationId, sync_run::Column::Id, true);
            let rows = sync_run::Entity::of(tenant)
                .filter(sync_run::Column::Id.in_subquery(wanted))
                .order_by_desc(sync_run::Column::Id)
                .all(&self.db)
                .await?;
            for row in rows {
                if let Some(list) = found.get_mut(&RunsOf(tenant, row.integration_id, slice)) {
                    list.push(row);
                }
            }
        }
        Ok(found)
    }
}

/// Turns what a slice found, one row more than asked for, into a page.
pub fn page<M, P>(slice: &Slice<P>, mut rows: Vec<M>, asked: usize) -> (Vec<M>, bool, bool) {
    let more = rows.len() > asked;
    if more && slice.backward {
        rows.remove(0);
    }
    rows.truncate(asked);
    if slice.backward { (rows, more, slice.before.is_some()) } else { (rows, slice.after.is_some(), more) }
}
