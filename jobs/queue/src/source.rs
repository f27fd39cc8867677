//! Where a worker gets its rows: apalis' polling over one statement of ours.
//!
//! apalis' own storages fetch inside a transaction, in a future that the worker drops when it stops. A dropped BEGIN
//! leaves its transaction open on the pooled connection: on `PostgreSQL` the next user's writes are then never committed,
//! on `SQLite` the one write lock is never let go. Here a fetch is one statement, run by a task of its own that ends
//! whatever becomes of the worker; and it knows when it began, so a ring that came meanwhile makes it look again.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    backend::{
        Backend, BackendConfig,
        finalize::Durable,
        persistence::{Persisted, Persistence, TaskEvent},
    },
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tower_layer::Identity;
use ulid::Ulid;

use crate::{
    state::{self, Held},
    wake::Looks,
};

/// apalis' own heartbeat falls silent while a worker holds rows that it has not started; `pulse.rs` beats instead.
const APALIS_HEARTBEAT: Duration = Duration::from_hours(1);

/// Rows of one queue, one per fetch: rows that wait in a worker's memory could be run by an idle process instead.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) db: DatabaseConnection,
    pub(crate) queue: &'static str,
    pub(crate) bell: watch::Receiver<()>,
    /// The fetches under way.
    pub(crate) fetches: TaskTracker,
}

impl Source {
    async fn fetch(&self, worker: &str) -> Result<Option<Held>, DbErr> {
        let (db, queue, worker) = (self.db.clone(), self.queue, worker.to_owned());
        let fetch = async move { state::claim(&db, &worker, queue, false).await };
        let fetched = self.fetches.spawn(fetch).await;
        fetched.map_err(|error| DbErr::Custom(format!("a fetch broke down: {error}")))?
    }
}

impl Persistence for Source {
    type Compact = Vec<u8>;
    type Response = serde_json::Value;
    type Error = DbErr;

    async fn register(&mut self, worker: &WorkerContext) -> Result<(), DbErr> {
        state::enter(&self.db, worker.name(), self.queue).await
    }

    async fn heartbeat(&mut self, _: &WorkerContext) -> Result<(), DbErr> {
        Ok(())
    }

    async fn fetch_next(&mut self, worker: &WorkerContext) -> Result<Vec<Task<Vec<u8>>>, DbErr> {
        loop {
            self.bell.borrow_and_update();
            if let Some(held) = self.fetch(worker.name()).await? {
                let id = TaskId::from_string(held.id);
                return Ok(vec![TaskBuilder::new(held.payload).task_id(id).build()]);
            }
            // A job committed after the look began is not in it.
            if !self.bell.has_changed().unwrap_or(false) {
                return Ok(Vec::new());
            }
        }
    }

    /// Nothing to do: `supervise.rs` gives back all that a worker did not start.
    async fn reenqueue_abandoned(&mut self, tasks: Vec<Task<Vec<u8>>>, _: &WorkerContext) -> Result<u64, DbErr> {
        Ok(tasks.len() as u64)
    }

    /// Nothing to do: `execute.rs` writes outcomes.
    async fn handle_events(&mut self, _: Vec<TaskEvent<Self::Response>>, _: &WorkerContext) -> Result<(), DbErr> {
        Ok(())
    }

    async fn push_tasks(&mut self, _: Vec<Task<Vec<u8>>>) -> Result<(), DbErr> {
        Err(DbErr::Custom("jobs are enqueued in the caller's transaction".into()))
    }
}

/// The backend of one worker.
pub(crate) struct Feed {
    rows: Persisted<Source>,
    looks: Looks,
}

impl Feed {
    pub(crate) fn new(source: Source, looks: Looks) -> Self {
        Self { rows: Persisted::new(source), looks }
    }
}

impl Backend for Feed {
    type Task = Task<Vec<u8>>;
    type Error = DbErr;

    fn poll_ready(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), DbErr>> {
        self.rows.poll_ready(cx, worker, APALIS_HEARTBEAT)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Option<Result<Self::Task, DbErr>>> {
        self.looks.poll(cx);
        self.rows.poll_next(cx, worker)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), DbErr>> {
        self.rows.poll_close(cx, worker)
    }
}

impl BackendConfig for Feed {
    type Args = Vec<u8>;
    type Id = Ulid;
    type Kind = Durable;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Poll};

    use apalis_core::{backend::persistence::Persistence, worker::context::WorkerContext};
    use entity::database::{Pool, open_with};
    use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
    use tokio_util::task::TaskTracker;

    use super::Source;
    use crate::{Enqueue, Job, Wake, enqueue};

    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    struct Plain;
    impl Job for Plain {
        const QUEUE: &'static str = "plain";
    }

    async fn migrate(db: DatabaseConnection) -> Result<(), DbErr> {
        crate::migrate(&db).await
    }

    testdb::on_both!(defect_03_a_job_that_comes_while_a_fetch_ends_empty_is_fetched, with("queue", migrate), |test| async move {
        let one = Pool { max_connections: 1, ..Pool::default() };
        let (db, other) = (open_with(test.url(), &one).await.expect("a pool"), test.connect().await);
        let wake = Wake::default();
        let fetches = TaskTracker::new();
        let mut source = Source { db: db.clone(), queue: Plain::QUEUE, bell: wake.listener(Plain::QUEUE), fetches: fetches.clone() };
        let worker = WorkerContext::new("worker");
        source.register(&worker).await.expect("a worker");
        // The pool's one connection is taken: however fast the machine, the fetch only begins when it is given back.
        let taken = db.begin().await.expect("the connection");
        let mut fetch = pin!(source.fetch_next(&worker));
        assert!(poll_fn(|cx| Poll::Ready(fetch.as_mut().poll(cx).is_pending())).await);
        taken.rollback().await.expect("the connection back");
        fetches.close();
        fetches.wait().await;
        // The database has answered "nothing", and the worker has not read the answer yet.
        enqueue(&other, &Plain, Enqueue::default()).await.expect("a job");
        wake.notify(Plain::QUEUE);
        assert_eq!(fetch.await.expect("a fetch").len(), 1);
    });
}
