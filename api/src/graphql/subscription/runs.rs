//! Following runs.

use std::collections::HashMap;

use async_graphql::{ID, SimpleObject};
use async_trait::async_trait;
use domain::{
    event::{feed::Cursor, kind},
    integration,
};
use entity::{IntegrationId, Scoped, SyncRunId, SyncStatus, event, sync_run};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Messages,
    source::Source,
    stream::{Teller, messages},
};
use crate::graphql::{
    case::ChangeKind,
    error::{database_error, query_error},
    id,
    sync_run::SyncRun,
};

/// Runs told at the beginning.
const SNAPSHOT: u64 = 100;

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SyncProgressEvent {
    /// Give it as `after` to go on behind this message.
    pub cursor: String,
    /// What the message is about.
    pub change: ChangeKind,
    /// The run as it is now; null in the first message when there is none.
    pub sync_run: Option<SyncRun>,
}

/// Follows the runs of an integration, or of all.
pub(super) async fn follow(source: Source, wanted: Option<&ID>, after: Option<&str>) -> async_graphql::Result<Messages<SyncProgressEvent>> {
    let wanted: Option<IntegrationId> = wanted.map(|id| id::queried(id, "integrationId")).transpose()?;
    let place = source.begin(after).await?;
    if let Some(wanted) = wanted {
        integration::find(&source.env.db, source.viewer.tenant, wanted).await.map_err(query_error)?;
    }
    let first = if after.is_none() { snapshot(&source, wanted, place).await? } else { Vec::new() };
    let follow = source.follow(place);
    Ok(messages(first, Runs { source, wanted }, follow))
}

async fn snapshot(source: &Source, wanted: Option<IntegrationId>, place: Cursor) -> async_graphql::Result<Vec<SyncProgressEvent>> {
    let mut select = sync_run::Entity::of(source.viewer.tenant).order_by_desc(sync_run::Column::Id);
    let mut some = Condition::any().add(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]));
    if let Some(wanted) = wanted {
        select = select.filter(sync_run::Column::IntegrationId.eq(wanted));
        let newest = select.clone().one(&source.env.db).await.map_err(database_error)?;
        some = newest.into_iter().fold(some, |some, run| some.add(sync_run::Column::Id.eq(run.id)));
    }
    let rows = select.filter(some).limit(SNAPSHOT).all(&source.env.db).await.map_err(database_error)?;
    let told = |run: Option<sync_run::Model>| {
        Ok(SyncProgressEvent { cursor: source.cursor(place)?, change: ChangeKind::Snapshot, sync_run: run.map(SyncRun) })
    };
    if rows.is_empty() {
        return Ok(vec![told(None)?]);
    }
    rows.into_iter().rev().map(|run| told(Some(run))).collect()
}

struct Runs {
    source: Source,
    wanted: Option<IntegrationId>,
}

#[async_trait]
impl Teller for Runs {
    type Message = SyncProgressEvent;

    async fn tell(&mut self, events: Vec<event::Model>) -> async_graphql::Result<Vec<SyncProgressEvent>> {
        let last = last_of_each(events, self.wanted);
        if last.is_empty() {
            return Ok(Vec::new());
        }
        let ids = last.iter().map(|(id, ..)| *id);
        let select = sync_run::Entity::of(self.source.viewer.tenant).filter(sync_run::Column::Id.is_in(ids));
        let rows = select.all(&self.source.env.db).await.map_err(database_error)?;
        let mut rows: HashMap<SyncRunId, sync_run::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        last.into_iter()
            .map(|(id, place, new)| {
                let sync_run = rows.remove(&id).map(SyncRun);
                let change = match &sync_run {
                    None => ChangeKind::Removed,
                    Some(_) if new => ChangeKind::Added,
                    Some(_) => ChangeKind::Updated,
                };
                Ok(SyncProgressEvent { cursor: self.source.cursor(place)?, change, sync_run })
            })
            .collect()
    }
}

/// The last place of each run among events, in the order of these, and whether the run was asked for among them.
fn last_of_each(events: Vec<event::Model>, wanted: Option<IntegrationId>) -> Vec<(SyncRunId, Cursor, bool)> {
    let mut last: Vec<(SyncRunId, Cursor, bool)> = Vec::new();
    for row in events.into_iter().filter(|row| wanted.is_none() || row.integration_id == wanted) {
        let Some(id) = row.sync_run_id else { continue };
        let before = last.iter().position(|(other, ..)| *other == id).map(|at| last.remove(at));
        let new = row.kind == kind::SYNC_QUEUED || before.is_some_and(|(_, _, new)| new);
        last.push((id, Cursor::after(&row), new));
    }
    last
}
