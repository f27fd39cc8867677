//! Following the events of one tenant from a place on, without loss and without repeat.

use domain::event::feed::{self, Cursor};
use entity::{TenantId, event};
use sea_orm::DatabaseConnection;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};
use tokio_util::sync::CancellationToken;

use super::{BATCH, Batch, EventTail};

/// One follower.
///
/// It queues for live batches and waits until the feed has begun before it reads the database, and reads the database
/// until nothing is left before it takes the first live batch: so nothing falls in between, and what comes twice is
/// known by its place.
pub struct Follow {
    db: DatabaseConnection,
    tenant: TenantId,
    cursor: Cursor,
    live: broadcast::Receiver<Batch>,
    behind: bool,
    begun: watch::Receiver<bool>,
    stopped: CancellationToken,
}

impl EventTail {
    /// Follows a tenant's events after a place.
    pub fn follow(&self, db: &DatabaseConnection, tenant: TenantId, after: Cursor) -> Follow {
        Follow {
            db: db.clone(),
            tenant,
            cursor: after,
            live: self.sender.subscribe(),
            behind: true,
            begun: self.begun.clone(),
            stopped: self.stopped.clone(),
        }
    }
}

impl Follow {
    /// The next events, at least one; none when the process stops.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn next(&mut self) -> domain::Result<Option<Vec<event::Model>>> {
        let stopped = self.stopped.clone();
        stopped.run_until_cancelled(self.wait()).await.transpose().map(Option::flatten)
    }

    async fn wait(&mut self) -> domain::Result<Option<Vec<event::Model>>> {
        if self.begun.wait_for(|begun| *begun).await.is_err() {
            return Ok(None);
        }
        loop {
            let events = if self.behind { self.read().await? } else { self.hear().await };
            let Some(events) = events else { return Ok(None) };
            if let Some(last) = events.last() {
                self.cursor = Cursor::after(last);
                return Ok(Some(events));
            }
        }
    }

    /// From the database, until nothing is left.
    async fn read(&mut self) -> domain::Result<Option<Vec<event::Model>>> {
        let events = feed::of_tenant(&self.db, self.tenant, self.cursor, BATCH).await?;
        self.behind = !events.is_empty();
        Ok(Some(events))
    }

    /// From the live feed. Too slow for it: back to the database.
    async fn hear(&mut self) -> Option<Vec<event::Model>> {
        match self.live.recv().await {
            Ok(batch) => {
                let mine = batch.iter().filter(|row| row.tenant_id == self.tenant && Cursor::after(row) > self.cursor);
                Some(mine.cloned().collect())
            }
            Err(RecvError::Lagged(_)) => {
                self.behind = true;
                Some(Vec::new())
            }
            Err(RecvError::Closed) => None,
        }
    }
}
