//! Following one case, or all that match a filter.

use std::collections::HashMap;

use async_graphql::{ID, connection::Edge};
use async_trait::async_trait;
use domain::{
    Refusal,
    event::{feed::Cursor, kind},
};
use entity::{CaseId, Scoped, collection_case, event};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Messages,
    source::Source,
    stream::{Teller, messages},
};
use crate::graphql::{
    case::{Case, CaseEvent, ChangeKind},
    error::{database_error, query_error},
    id,
    query::{CaseWhere, filter_cases},
    timeline::{TimelineEdge, TimelineEntry},
};

/// Cases told at the beginning, the last changed first.
const SNAPSHOT: u64 = 100;

/// Cases of which it is remembered whether they match.
const REMEMBERED: usize = 10_000;

impl Source {
    async fn case(&self, id: CaseId) -> async_graphql::Result<Option<collection_case::Model>> {
        let select = collection_case::Entity::of(self.viewer.tenant).filter(collection_case::Column::Id.eq(id));
        select.one(&self.env.db).await.map_err(database_error)
    }

    fn snapshot(&self, place: Cursor, case: Option<collection_case::Model>) -> async_graphql::Result<CaseEvent> {
        Ok(CaseEvent { cursor: self.cursor(place)?, change: ChangeKind::Snapshot, case: case.map(Case), timeline_edge: None })
    }

    fn edge(&self, row: event::Model) -> async_graphql::Result<TimelineEdge> {
        Ok(Edge::new(self.timeline.close(&row.sequence)?, TimelineEntry(row)))
    }
}

/// Follows one case.
pub(super) async fn follow_one(source: Source, case: &ID, after: Option<&str>) -> async_graphql::Result<Messages<CaseEvent>> {
    let id: CaseId = id::queried(case, "caseId")?;
    let place = source.begin(after).await?;
    let row = source.case(id).await?.ok_or_else(|| query_error(Refusal::not_found("case").into()))?;
    let first = if after.is_none() { vec![source.snapshot(place, Some(row))?] } else { Vec::new() };
    let follow = source.follow(place);
    Ok(messages(first, OneCase { source, id }, follow))
}

struct OneCase {
    source: Source,
    id: CaseId,
}

#[async_trait]
impl Teller for OneCase {
    type Message = CaseEvent;

    async fn tell(&mut self, events: Vec<event::Model>) -> async_graphql::Result<Vec<CaseEvent>> {
        let mine: Vec<event::Model> = events.into_iter().filter(|row| row.case_id == Some(self.id)).collect();
        if mine.is_empty() {
            return Ok(Vec::new());
        }
        let case = self.source.case(self.id).await?;
        let change = if case.is_some() { ChangeKind::Updated } else { ChangeKind::Removed };
        mine.into_iter()
            .map(|row| {
                let cursor = self.source.cursor(Cursor::after(&row))?;
                Ok(CaseEvent { cursor, change, case: case.clone().map(Case), timeline_edge: Some(self.source.edge(row)?) })
            })
            .collect()
    }
}

/// Follows all cases that match a filter.
pub(super) async fn follow_many(source: Source, wanted: CaseWhere, after: Option<&str>) -> async_graphql::Result<Messages<CaseEvent>> {
    let place = source.begin(after).await?;
    let mut many = ManyCases { source, wanted, seen: HashMap::new(), complete: false };
    let first = if after.is_none() { many.snapshot(place).await? } else { many.check().map(|()| Vec::new())? };
    let follow = many.source.follow(place);
    Ok(messages(first, many, follow))
}

struct ManyCases {
    source: Source,
    wanted: CaseWhere,
    /// Whether a case matched when it was last looked at.
    seen: HashMap<CaseId, bool>,
    /// Whether a case that is not in `seen` did not match before.
    complete: bool,
}

impl ManyCases {
    fn select(&self) -> async_graphql::Result<sea_orm::Select<collection_case::Entity>> {
        filter_cases(collection_case::Entity::of(self.source.viewer.tenant), &self.wanted)
    }

    /// Refuses a bad filter when the subscription begins, not at its first change.
    fn check(&self) -> async_graphql::Result<()> {
        self.select().map(drop)
    }

    async fn snapshot(&mut self, place: Cursor) -> async_graphql::Result<Vec<CaseEvent>> {
        let select = self.select()?.order_by_desc(collection_case::Column::UpdatedAt).order_by_desc(collection_case::Column::Id);
        let rows = select.limit(SNAPSHOT + 1).all(&self.source.env.db).await.map_err(database_error)?;
        self.complete = rows.len() as u64 <= SNAPSHOT;
        self.seen = rows.iter().map(|row| (row.id, true)).collect();
        if rows.is_empty() {
            return Ok(vec![self.source.snapshot(place, None)?]);
        }
        rows.into_iter().take(usize::try_from(SNAPSHOT).unwrap_or(usize::MAX)).map(|row| self.source.snapshot(place, Some(row))).collect()
    }

    async fn rows(&self, ids: &[CaseId], matching: bool) -> async_graphql::Result<HashMap<CaseId, collection_case::Model>> {
        let select = if matching { self.select()? } else { collection_case::Entity::of(self.source.viewer.tenant) };
        let select = select.filter(collection_case::Column::Id.is_in(ids.iter().copied()));
        let rows = select.all(&self.source.env.db).await.map_err(database_error)?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// What a look at a case means to somebody who knew how it was; none when it means nothing.
    fn change(&mut self, id: CaseId, matches: bool, new: bool) -> Option<ChangeKind> {
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
            self.complete = false;
        }
        // Whether it is known that a case that was not seen did not match before.
        let known = self.complete || new;
        match (self.seen.insert(id, matches), matches) {
            (Some(false), true) => Some(ChangeKind::Added),
            (None, true) if known => Some(ChangeKind::Added),
            (Some(true) | None, true) => Some(ChangeKind::Updated),
            (Some(false), false) => None,
            (None, false) if known => None,
            (Some(true) | None, false) => Some(ChangeKind::Removed),
        }
    }
}

/// The last event of each case, in the order of these, and whether the case was proposed among its events.
fn last_of_each(events: Vec<event::Model>) -> Vec<(CaseId, event::Model, bool)> {
    let mut last: Vec<(CaseId, event::Model, bool)> = Vec::new();
    let mut new: HashMap<CaseId, bool> = HashMap::new();
    for row in events {
        let Some(id) = row.case_id else { continue };
        *new.entry(id).or_default() |= row.kind == kind::CASE_PROPOSED;
        last.retain(|(other, ..)| *other != id);
        last.push((id, row, false));
    }
    for (id, _, is_new) in &mut last {
        *is_new = new.get(id).copied().unwrap_or_default();
    }
    last
}

#[async_trait]
impl Teller for ManyCases {
    type Message = CaseEvent;

    async fn tell(&mut self, events: Vec<event::Model>) -> async_graphql::Result<Vec<CaseEvent>> {
        let changed = last_of_each(events);
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<CaseId> = changed.iter().map(|(id, ..)| *id).collect();
        let mut matching = self.rows(&ids, true).await?;
        let others: Vec<CaseId> = ids.into_iter().filter(|id| !matching.contains_key(id)).collect();
        let mut others = if others.is_empty() { HashMap::new() } else { self.rows(&others, false).await? };
        let mut messages = Vec::with_capacity(changed.len());
        for (id, row, new) in changed {
            let Some(change) = self.change(id, matching.contains_key(&id), new) else { continue };
            let case = matching.remove(&id).or_else(|| others.remove(&id)).map(Case);
            let cursor = self.source.cursor(Cursor::after(&row))?;
            messages.push(CaseEvent { cursor, change, case, timeline_edge: Some(self.source.edge(row)?) });
        }
        Ok(messages)
    }
}
