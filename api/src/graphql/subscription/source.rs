//! What a subscription reads from, taken out of its context once: it lives longer than the operation that began it.

use async_graphql::Context;
use domain::{
    Env, Viewer,
    event::feed::{self, Cursor},
};

use crate::{
    graphql::{access, error::query_error, seal::Seal},
    tail::{EventTail, Follow},
};

/// What a subscription reads from.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) env: Env,
    pub(super) viewer: Viewer,
    /// Seals places in the feed.
    cursors: Seal,
    /// Seals places in a case's timeline.
    pub(super) timeline: Seal,
    tail: EventTail,
}

impl Source {
    pub(super) fn of(ctx: &Context<'_>) -> async_graphql::Result<Self> {
        Ok(Self {
            env: access::env(ctx)?.clone(),
            viewer: access::viewer(ctx)?,
            cursors: Seal::of(ctx, "events")?,
            timeline: Seal::of(ctx, crate::graphql::timeline::LIST)?,
            tail: ctx.data::<EventTail>()?.clone(),
        })
    }

    /// Where to begin: behind `after`, or behind everything that is there now.
    pub(super) async fn begin(&self, after: Option<&str>) -> async_graphql::Result<Cursor> {
        match after {
            Some(cursor) => self.cursors.open(cursor),
            None => feed::head(&self.env.db).await.map_err(query_error),
        }
    }

    pub(super) fn follow(&self, after: Cursor) -> Follow {
        self.tail.follow(&self.env.db, self.viewer.tenant, after)
    }

    pub(super) fn cursor(&self, place: Cursor) -> async_graphql::Result<String> {
        self.cursors.close(&place)
    }
}
