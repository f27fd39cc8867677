//! Waking workers: in this process after a commit, between processes by `PostgreSQL`'s NOTIFY, and by looking themselves.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{StreamExt, stream::BoxStream};
use serde::Deserialize;
use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::watch,
    time::{Instant, Sleep},
};

/// The channel that the queue's own trigger notifies at each insert of a job that is due.
const CHANNEL: &str = "apalis::job::insert";

/// The queue's doorbell; clones ring the same bells.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Mutex<HashMap<String, watch::Sender<()>>>>);

impl Wake {
    /// Wakes this process' worker of `queue`; call it after the commit that made the job.
    pub fn notify(&self, queue: &str) {
        self.bell(queue).send_replace(());
    }

    /// Wakes all workers of this process.
    pub(crate) fn notify_all(&self) {
        for bell in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bell.send_replace(());
        }
    }

    fn bell(&self, queue: &str) -> watch::Sender<()> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(queue.to_owned()).or_default().clone()
    }

    /// The bell of `queue`, to hear whether it rang.
    pub(crate) fn listener(&self, queue: &str) -> watch::Receiver<()> {
        self.bell(queue).subscribe()
    }

    /// When a worker of `queue` looks for jobs: at each ring, and every `look` in any case.
    pub(crate) fn looks(&self, queue: &str, look: Duration) -> Looks {
        let rings =
            futures_util::stream::unfold(self.listener(queue), |mut bell| async move { bell.changed().await.ok().map(|()| ((), bell)) });
        Looks { every: look, next: Box::pin(tokio::time::sleep(look)), rings: rings.boxed() }
    }

    /// Rings for the inserts of all processes. One connection serves all queues. Never ends; drop it to stop.
    pub(crate) async fn listen(self, pool: PgPool) {
        loop {
            if let Err(error) = self.hear(&pool).await {
                tracing::warn!(%error, "listening for jobs failed, connecting again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn hear(&self, pool: &PgPool) -> sqlx::Result<()> {
        #[derive(Deserialize)]
        struct Inserted {
            job_type: String,
        }
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        self.notify_all();
        // `None`: the connection was lost and has been made again; rings in between were missed.
        loop {
            match listener.try_recv().await? {
                Some(note) => match serde_json::from_str::<Inserted>(note.payload()) {
                    Ok(inserted) => self.notify(&inserted.job_type),
                    Err(_) => self.notify_all(),
                },
                None => self.notify_all(),
            }
        }
    }
}

/// When one worker looks for jobs.
///
/// apalis' own interval and stream strategies re-arm without polling again, so nothing wakes the worker until its next
/// heartbeat. This one polls until pending, so a waker is always registered. (That a ring during a fetch is not lost is
/// `source.rs`' part.)
pub(crate) struct Looks {
    every: Duration,
    next: Pin<Box<Sleep>>,
    rings: BoxStream<'static, ()>,
}

impl Looks {
    /// Registers for the next ring or look, and asks for one more poll if one is here.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) {
        let mut fired = false;
        while let Poll::Ready(Some(())) = self.rings.poll_next_unpin(cx) {
            fired = true;
        }
        while self.next.as_mut().poll(cx).is_ready() {
            self.next.as_mut().reset(Instant::now() + self.every);
            fired = true;
        }
        if fired {
            cx.waker().wake_by_ref();
        }
    }
}
