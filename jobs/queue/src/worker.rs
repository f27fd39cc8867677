//! One apalis worker, and the service that it hands fetched rows to.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use apalis_core::{
    error::WorkerError,
    task::Task,
    worker::{Worker, context::WorkerContext},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::{
    sync::{CancellationToken, PollSemaphore},
    task::TaskTracker,
};
use tower_layer::Identity;
use tower_service::Service;

use crate::{execute::Core, job::BoxError, pulse::Alive, source::Feed, state::Held};

/// Runs a worker until `stop`, and then until its runs have ended; an error is the database's.
pub(crate) async fn work<C: Clone + Send + Sync + 'static>(feed: Feed, desk: Desk<C>, stop: CancellationToken) -> Result<(), WorkerError> {
    let context = WorkerContext::new(desk.alive.name());
    let worker = Worker::<Vec<u8>, _, _, _>::new(context.clone(), feed, desk, Identity::new());
    let mut work = worker.run().boxed();
    tokio::select! {
        // The end first: a worker that learns of it together with a free slot would else fetch and begin one more job.
        biased;
        () = stop.cancelled() => {
            // A worker that has not begun yet cannot be stopped, only dropped; it holds nothing.
            match context.stop() {
                Ok(()) => work.await,
                Err(_) => Ok(()),
            }
        }
        ended = &mut work => ended,
    }
}

/// Takes fetched rows as raw bytes (apalis never decodes them) and runs each in a task of its own.
pub(crate) struct Desk<C> {
    pub(crate) queue: &'static str,
    pub(crate) core: Arc<Core<C>>,
    pub(crate) slots: PollSemaphore,
    pub(crate) slot: Option<OwnedSemaphorePermit>,
    pub(crate) runs: TaskTracker,
    pub(crate) alive: Arc<Alive>,
}

impl<C: Clone + Send + Sync + 'static> Service<Task<Vec<u8>>> for Desk<C> {
    type Response = ();
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<(), BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.slot.is_none() {
            self.slot = ready!(self.slots.poll_acquire(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<Vec<u8>>) -> Self::Future {
        let (payload, about) = task.take();
        let held = Held { id: about.task_id().map(ToString::to_string).unwrap_or_default(), queue: self.queue.to_owned(), payload };
        let (core, alive, slot) = (self.core.clone(), self.alive.clone(), self.slot.take());
        // Tracked and detached: a worker that dies with the database does not take its runs along; they end and write
        // their outcome under the name that keeps beating as long as one of them lives.
        let run = self.runs.spawn(async move {
            core.execute(alive.name(), held).await;
            drop((slot, alive));
        });
        async move {
            if let Err(error) = run.await {
                tracing::error!(%error, "the run of a job broke down");
            }
            Ok(())
        }
        .boxed()
    }
}
