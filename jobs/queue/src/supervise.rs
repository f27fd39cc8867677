//! Keeps one worker per queue alive: a worker that fails is followed by one with a new name, after a pause.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::{
    sync::{CancellationToken, PollSemaphore},
    task::{AbortOnDropHandle, TaskTracker},
};

use crate::{
    execute::Core,
    job::Registered,
    pulse::Live,
    runtime::Settings,
    source::{Feed, Source},
    state,
    wake::Wake,
    worker::{self, Desk},
};

/// Pauses after 1, 2, 3, … failures in a row, in seconds; the last one repeats.
const PAUSES_S: [u64; 5] = [0, 1, 2, 5, 10];

/// A worker that worked for this long has recovered.
const RECOVERED: Duration = Duration::from_mins(1);

/// The shared parts of all workers of a process.
pub(crate) struct Staff<C> {
    pub(crate) core: Arc<Core<C>>,
    pub(crate) live: Live,
    pub(crate) runs: TaskTracker,
    pub(crate) wake: Wake,
    pub(crate) settings: Settings,
    /// Part of each worker's name, new for each start of a process.
    pub(crate) instance: String,
    pub(crate) stop: CancellationToken,
}

impl<C: Clone + Send + Sync + 'static> Staff<C> {
    /// Works on one queue until `stop`, and until the runs of its last worker have ended.
    pub(crate) async fn supervise(self: Arc<Self>, job: Arc<Registered<C>>) {
        // Shared by all workers that follow each other: the runs of a failed one still count.
        let slots = Arc::new(Semaphore::new(job.concurrency));
        let mut failures = 0;
        for number in 0_u64.. {
            let name = format!("{}@{}#{number}", job.queue, self.instance);
            let hired = tokio::time::Instant::now();
            self.employ(name, &job, &slots).await;
            if self.stop.is_cancelled() {
                return;
            }
            failures = if hired.elapsed() > RECOVERED { 1 } else { failures + 1 };
            let pause = Duration::from_secs(PAUSES_S[failures.min(PAUSES_S.len()) - 1]);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn employ(&self, name: String, job: &Registered<C>, slots: &Arc<Semaphore>) {
        let fetches = TaskTracker::new();
        let feed = Feed::new(
            Source { db: self.core.db.clone(), queue: job.queue, bell: self.wake.listener(job.queue), fetches: fetches.clone() },
            self.wake.looks(job.queue, self.settings.look),
        );
        let desk = Desk {
            queue: job.queue,
            core: self.core.clone(),
            slots: PollSemaphore::new(slots.clone()),
            slot: None,
            runs: self.runs.clone(),
            alive: self.live.enter(name.clone()),
        };
        let work = tokio::spawn(worker::work(feed, desk, self.stop.clone()));
        match AbortOnDropHandle::new(work).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(queue = job.queue, %error, "a worker failed"),
            Err(error) => tracing::error!(queue = job.queue, %error, "a worker broke down"),
        }
        fetches.close();
        fetches.wait().await;
        // What it fetched last may never have reached it. Should this fail too, the silence of its name tells.
        if let Err(error) = state::release_unstarted(&self.core.db, &name).await {
            tracing::warn!(queue = job.queue, %error, "a worker's last jobs were not given back");
        }
    }
}
