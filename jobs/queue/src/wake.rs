//! Waking workers: in this process after a commit, between processes by PostgreSQL's NOTIFY, and by looking themselves.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use futures_util::{Stream, StreamExt, stream::BoxStream};
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

    /// When a worker of `queue` looks for jobs: at each ring, and every `look` in any case.
    pub(crate) fn looks(&self, queue: &str, look: Duration) -> Looks {
        let rings = futures_util::stream::unfold(self.bell(queue).subscribe(), |mut bell| async move {
            bell.changed().await.ok().map(|()| ((), bell))
        });
        Looks {
            every: look,
            echo: u32::MAX,
            next: Box::pin(tokio::time::sleep(look)),
            rings: Mutex::new(rings.boxed()),
        }
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
        // `None`: the connection was lost and is made again at the next call; rings in between were missed.
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

/// First pause between a ring and a second look; each further one is four times as long.
const ECHO: Duration = Duration::from_millis(5);
/// Looks after a ring: 5, 20, 80, 320, 1280 ms later.
const ECHOES: u32 = 5;

/// The poll strategy of one worker.
///
/// apalis' own strategies lose wake-ups twice. A timer or stream that fires while a fetch is in flight is re-armed, but
/// not polled again, so nothing wakes the worker until its next heartbeat; this one polls until pending. And a fetch
/// that began before the commit ends empty without another one being begun; nothing shows from outside when it ends, so
/// a ring is followed by a few more looks.
pub(crate) struct Looks {
    every: Duration,
    echo: u32,
    next: Pin<Box<Sleep>>,
    rings: Mutex<BoxStream<'static, ()>>,
}

impl Looks {
    fn rang(&mut self, cx: &mut Context<'_>) -> bool {
        let rings = self.rings.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut rang = false;
        while let Poll::Ready(Some(())) = Pin::new(&mut *rings).poll_next(cx) {
            rang = true;
        }
        rang
    }

    fn sleep_on(&mut self) {
        let pause = if self.echo < ECHOES {
            self.every.min(ECHO * 4_u32.pow(self.echo))
        } else {
            self.every
        };
        self.echo = self.echo.saturating_add(1);
        self.next.as_mut().reset(Instant::now() + pause);
    }
}

impl PollStrategy for Looks {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut fired = self.rang(cx);
        if fired {
            self.echo = 0;
            self.sleep_on();
        }
        while self.next.as_mut().poll(cx).is_ready() {
            fired = true;
            self.sleep_on();
        }
        if !fired {
            return Poll::Pending;
        }
        cx.waker().wake_by_ref();
        Poll::Ready(Some(()))
    }
}
