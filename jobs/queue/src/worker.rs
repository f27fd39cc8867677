//! One apalis worker: the storage of the database at hand, and the service that it hands fetched rows to.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{
        Backend, BackendConfig,
        ext::poll_strategy::PollWith,
        persistence::TaskPersistLayer,
    },
    error::WorkerError,
    task::Task,
    worker::{Worker, context::WorkerContext},
};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::{JsonCodec, SqliteStorage};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::{
    sync::{CancellationToken, PollSemaphore},
    task::TaskTracker,
};
use tower_layer::Identity;
use tower_service::Service;

use crate::{execute::Core, job::BoxError, pulse::Alive, state::Held, wake::Looks};

/// apalis' own heartbeat also gives rows of silent workers to others, but it falls silent itself while jobs are
/// buffered. `pulse.rs` does both; this only keeps apalis from doing it too.
const NEVER: usize = 1_000_000;

/// What a worker is given for its life.
pub(crate) struct Post<C> {
    pub(crate) queue: &'static str,
    pub(crate) core: Arc<Core<C>>,
    pub(crate) slots: PollSemaphore,
    pub(crate) runs: TaskTracker,
    pub(crate) alive: Arc<Alive>,
    pub(crate) heartbeat: Duration,
    pub(crate) looks: Looks,
    pub(crate) stop: CancellationToken,
}

/// Runs a worker until `stop`, and then until its runs have ended; an error is apalis' or the database's.
pub(crate) async fn work<C: Clone + Send + Sync + 'static>(post: Post<C>) -> Result<(), WorkerError> {
    let Post { queue, core, slots, runs, alive, heartbeat, looks, stop } = post;
    let context = WorkerContext::new(alive.name());
    let db = core.db.clone();
    let desk = Desk { queue, core, slots, slot: None, runs, alive };
    match db.get_database_backend() {
        DbBackend::Sqlite => drive(sqlite(&db, queue, heartbeat, looks), context, desk, stop).await,
        _ => drive(postgres(&db, queue, heartbeat, looks), context, desk, stop).await,
    }
}

type Polled<S> = PollWith<S, Looks>;

/// One row per fetch: rows that wait in a worker's memory could be run by an idle process instead, and apalis writes
/// neither heartbeats nor results while it has some. Status is written by `state.rs`, so apalis writes none.
fn sqlite(
    db: &DatabaseConnection,
    queue: &str,
    heartbeat: Duration,
    looks: Looks,
) -> Polled<SqliteStorage<Vec<u8>>> {
    let mut config = apalis_sqlite::Config::default().queue(queue).batch_size(1);
    config = config.heartbeat_interval(heartbeat).missed_heartbeats(NEVER);
    config = config.lock_tasks(false).persist_results(false);
    PollWith::new(SqliteStorage::new(db.get_sqlite_connection_pool()).with_config(config), looks)
}

fn postgres(
    db: &DatabaseConnection,
    queue: &str,
    heartbeat: Duration,
    looks: Looks,
) -> Polled<PostgresStorage<Vec<u8>>> {
    let mut config = apalis_postgres::Config::default().queue(queue).batch_size(1);
    config = config.heartbeat_interval(heartbeat).missed_heartbeats(NEVER);
    config = config.lock_tasks(false).persist_results(false);
    PollWith::new(PostgresStorage::new(db.get_postgres_connection_pool()).with_config(config), looks)
}

async fn drive<B, C>(
    backend: B,
    context: WorkerContext,
    desk: Desk<C>,
    stop: CancellationToken,
) -> Result<(), WorkerError>
where
    B: Backend<Task = Task<Vec<u8>>>
        + BackendConfig<Args = Vec<u8>, Layer = TaskPersistLayer<JsonCodec<serde_json::Value>, serde_json::Value>>
        + Send
        + Unpin
        + 'static,
    B::Error: Into<BoxError> + Send + Sync + 'static,
    C: Clone + Send + Sync + 'static,
{
    let worker = Worker::<Vec<u8>, _, _, _>::new(context.clone(), backend, desk, Identity::new());
    let mut work = worker.run().boxed();
    tokio::select! {
        ended = &mut work => ended,
        () = stop.cancelled() => {
            // A worker that has not begun yet cannot be stopped, only dropped; it holds nothing.
            match context.stop() {
                Ok(()) => work.await,
                Err(_) => Ok(()),
            }
        }
    }
}

/// Takes fetched rows as raw bytes (apalis never decodes them) and runs each in a task of its own.
struct Desk<C> {
    queue: &'static str,
    core: Arc<Core<C>>,
    slots: PollSemaphore,
    slot: Option<OwnedSemaphorePermit>,
    runs: TaskTracker,
    alive: Arc<Alive>,
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
        let held = Held {
            id: about.task_id().map(ToString::to_string).unwrap_or_default(),
            queue: self.queue.to_owned(),
            payload,
        };
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
