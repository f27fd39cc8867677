//! The live feed: one task per process reads the events of all tenants as they settle and hands them to everyone who
//! follows. Nobody loses or repeats an event: whoever is too slow for the queue reads on from the database.
//!
//! What an event means to a subscriber is `graphql::subscription`'s; in which order events may be handed out is
//! `domain::event::feed`'s.

mod follow;

use std::{sync::Arc, time::Duration};

use domain::{
    Env,
    event::feed::{self, Cursor},
};
use entity::event;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

pub use follow::Follow;

/// Batches kept for followers; whoever is further behind reads from the database.
const QUEUED_BATCHES: usize = 256;

/// Events of one read.
const BATCH: u64 = 500;

/// How long the tail sleeps when no bell rings: another process's bell may have been missed.
const NAP: Duration = Duration::from_secs(1);

/// How soon the tail looks again when a bell rang for something that has not settled yet.
const SOON: Duration = Duration::from_millis(25);

/// How often it looks again that soon.
const SOON_TRIES: u32 = 40;

type Batch = Arc<Vec<event::Model>>;

/// The live feed of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EventTail {
    sender: broadcast::Sender<Batch>,
    /// Whether its own place in the feed is fixed: before that, nobody may rely on it.
    begun: watch::Receiver<bool>,
    stopped: CancellationToken,
}

impl EventTail {
    /// Starts the feed; it ends, and with it everyone who follows, when `shutdown` is cancelled.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn start(env: Env, shutdown: CancellationToken) -> Self {
        Self::with_queue(env, shutdown, QUEUED_BATCHES)
    }

    /// The same with a queue of another length.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, or for a length of zero.
    pub fn with_queue(env: Env, shutdown: CancellationToken, batches: usize) -> Self {
        let (sender, _) = broadcast::channel(batches);
        let (start, begun) = watch::channel(false);
        let tail = Self { sender: sender.clone(), begun, stopped: shutdown.clone() };
        tokio::spawn(async move { shutdown.run_until_cancelled(read_on(env, sender, start)).await });
        tail
    }
}

/// Reads for ever.
async fn read_on(env: Env, sender: broadcast::Sender<Batch>, start: watch::Sender<bool>) {
    let mut bell = env.doorbell.listen();
    let mut cursor = first_place(&env).await;
    start.send_replace(true);
    let mut hurry: u32 = 0;
    loop {
        bell.mark_unchanged();
        let found = next(&env, &sender, &mut cursor).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the event feed could not be read; trying again");
            false
        });
        hurry = if found { 0 } else { hurry.saturating_sub(1) };
        let wait = if hurry > 0 { SOON } else { NAP };
        tokio::select! {
            rung = bell.changed() => match rung {
                Ok(()) => hurry = SOON_TRIES,
                // Nobody holds a bell any more; only the clock is left.
                Err(_) => tokio::time::sleep(NAP).await,
            },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Where the feed begins: behind everything that is there.
async fn first_place(env: &Env) -> Cursor {
    loop {
        match feed::head(&env.db).await {
            Ok(place) => return place,
            Err(error) => tracing::error!(%error, "the event feed cannot begin; trying again"),
        }
        tokio::time::sleep(NAP).await;
    }
}

/// Hands on everything that has settled; whether there was anything.
async fn next(env: &Env, sender: &broadcast::Sender<Batch>, cursor: &mut Cursor) -> domain::Result<bool> {
    let mut found = false;
    loop {
        let events = feed::after(&env.db, *cursor, BATCH).await?;
        let Some(last) = events.last() else { return Ok(found) };
        *cursor = Cursor::after(last);
        found = true;
        // Nobody follows at the moment: that is no failure.
        let _ = sender.send(Arc::new(events));
    }
}
