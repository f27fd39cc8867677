//! Jobs of the tests, what their handlers saw, and a runtime in the background.
#![allow(dead_code, reason = "each test program uses a part")]

use std::time::{Duration, Instant};

use queue::{Attempt, Enqueue, Fail, Handler, Job, Runtime, Settings, enqueue};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

/// Far more than anything here takes, far less than the waits that the defects cause.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// An interval that never comes in a test.
pub const NEVER: Duration = Duration::from_secs(100_000);

/// What handlers share with the test.
#[derive(Clone)]
pub struct Ctx {
    /// `(job, number of the run)` of each run that began.
    pub runs: watch::Sender<Vec<(String, u32)>>,
    /// When each of them began, as the handler itself saw it.
    pub began: watch::Sender<Vec<Instant>>,
    /// Held jobs end when this is true.
    pub gate: watch::Sender<bool>,
    pub db: DatabaseConnection,
    pub name: &'static str,
    /// Names of the contexts whose held jobs ran to their end.
    pub ended: watch::Sender<Vec<&'static str>>,
}

impl Ctx {
    pub fn new(db: &DatabaseConnection, name: &'static str) -> Self {
        Self {
            runs: watch::Sender::default(),
            began: watch::Sender::default(),
            gate: watch::Sender::default(),
            db: db.clone(),
            name,
            ended: watch::Sender::default(),
        }
    }

    pub fn saw(&self) -> Vec<(String, u32)> {
        self.runs.borrow().clone()
    }

    pub fn times(&self, job: &str) -> usize {
        self.runs.borrow().iter().filter(|(name, _)| name == job).count()
    }

    /// Waits until the runs so far satisfy the condition.
    pub async fn until(&self, what: &str, mut enough: impl FnMut(&[(String, u32)]) -> bool) {
        let mut runs = self.runs.subscribe();
        let waited = tokio::time::timeout(PATIENCE, runs.wait_for(|runs| enough(runs))).await.is_ok();
        assert!(waited, "waited in vain for: {what}; runs: {:?}", self.saw());
    }

    pub async fn until_ran(&self, job: &str) {
        self.until(job, |runs| runs.iter().any(|(name, _)| name == job)).await;
    }

    fn log(&self, job: &str, attempt: Attempt) {
        self.began.send_modify(|began| began.push(Instant::now()));
        self.runs.send_modify(|runs| runs.push((job.to_owned(), attempt.number)));
    }
}

/// Does nothing but being seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note(pub String);
impl Job for Note {
    const QUEUE: &'static str = "note";
}
impl Handler<Ctx> for Note {
    async fn run(self, ctx: Ctx, attempt: Attempt) -> Result<(), Fail> {
        ctx.log(&self.0, attempt);
        Ok(())
    }
}

/// Fails its first runs in a certain way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flaky {
    pub how: How,
    pub fails: u32,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    Plain,
    AfterAnHour,
    AtOnce,
    GiveUp,
    Panic,
    Hang,
}
impl Job for Flaky {
    const QUEUE: &'static str = "flaky";
    const MAX_ATTEMPTS: u32 = 3;
    /// Only [`How::Hang`] should ever meet it, also on a machine that stands still for a moment.
    const TIMEOUT: Duration = Duration::from_secs(1);
    fn backoff(_: u32) -> Duration {
        Duration::from_secs(1)
    }
}
impl Handler<Ctx> for Flaky {
    async fn run(self, ctx: Ctx, attempt: Attempt) -> Result<(), Fail> {
        ctx.log("flaky", attempt);
        if attempt.number > self.fails {
            return Ok(());
        }
        match self.how {
            How::Plain => Err("plain\0 failure".into()),
            How::AfterAnHour => Err(Fail::retry_after("ask later", Duration::from_hours(1))),
            How::AtOnce => Err(Fail::retry_after("ask again", Duration::ZERO)),
            How::GiveUp => Err(Fail::give_up("no use")),
            How::Panic => panic!("handler fell over"),
            How::Hang => std::future::pending().await,
        }
    }
}

/// Runs until the gate opens; one at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hold(pub String);
impl Job for Hold {
    const QUEUE: &'static str = "hold";
    const CONCURRENCY: usize = 1;
}
impl Handler<Ctx> for Hold {
    async fn run(self, ctx: Ctx, attempt: Attempt) -> Result<(), Fail> {
        ctx.log(&self.0, attempt);
        ctx.gate.subscribe().wait_for(|open| *open).await?;
        ctx.ended.send_modify(|ended| ended.push(ctx.name));
        Ok(())
    }
}

/// Enqueues a note and is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chain(pub String);
impl Job for Chain {
    const QUEUE: &'static str = "chain";
}
impl Handler<Ctx> for Chain {
    async fn run(self, ctx: Ctx, _: Attempt) -> Result<(), Fail> {
        enqueue(&ctx.db, &Note(self.0), Enqueue::default()).await?;
        Ok(())
    }
}

pub async fn migrate(db: DatabaseConnection) -> Result<(), DbErr> {
    queue::migrate(&db).await
}

/// Quick to look, slow to declare dead.
pub fn brisk() -> Settings {
    Settings { look: Duration::from_millis(50), heartbeat: Duration::from_millis(200), missed: 100, grace: PATIENCE }
}

pub fn runtime(db: &DatabaseConnection, ctx: &Ctx, settings: Settings) -> Runtime<Ctx> {
    Runtime::new(db.clone(), ctx.clone(), settings).register::<Note>().register::<Flaky>().register::<Hold>().register::<Chain>()
}

/// A runtime at work.
pub struct Working {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    pub wake: queue::Wake,
    /// True when the signal to stop has been heard.
    pub stopping: watch::Receiver<bool>,
}

pub fn start(runtime: Runtime<Ctx>) -> Working {
    let (stop, stopped) = oneshot::channel::<()>();
    let (heard, stopping) = watch::channel(false);
    let wake = runtime.wake();
    let task = tokio::spawn(runtime.run(async move {
        stopped.await.ok();
        heard.send_replace(true);
    }));
    Working { stop, task, wake, stopping }
}

impl Working {
    pub async fn stop(self) {
        self.stop.send(()).ok();
        tokio::time::timeout(PATIENCE, self.task).await.expect("the runtime ends").expect("the runtime does not panic");
    }
}

pub async fn put<J: Job>(db: &DatabaseConnection, job: J) {
    assert!(enqueue(db, &job, Enqueue::default()).await.expect("enqueued"));
}

pub fn note(text: &str) -> Note {
    Note(text.into())
}

/// The queue's table in the dialect at hand.
pub fn jobs_table(db: &DatabaseConnection) -> &'static str {
    match db.get_database_backend() {
        DbBackend::Sqlite => "Jobs",
        _ => "apalis.jobs",
    }
}

pub async fn sql(db: &DatabaseConnection, text: &str) -> u64 {
    let text = text.replace("{jobs}", jobs_table(db));
    db.execute_unprepared(&text).await.expect("a statement of the test").rows_affected()
}

/// One number asked of the database.
pub async fn number(db: &DatabaseConnection, text: &str) -> i64 {
    let text = format!("SELECT CAST(({}) AS BIGINT)", text.replace("{jobs}", jobs_table(db)));
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), text)).await;
    row.expect("a query of the test").expect("a row").try_get_by_index(0).expect("a number")
}

/// Puts a row that [`enqueue`] would never make.
pub async fn put_raw(db: &DatabaseConnection, id: &str, queue: &str, payload: &[u8]) {
    let text = match db.get_database_backend() {
        DbBackend::Sqlite => "INSERT INTO Jobs (job, id, job_type, metadata) VALUES (?1, ?2, ?3, '{}')",
        _ => "INSERT INTO apalis.jobs (job, id, job_type, metadata) VALUES ($1, $2, $3, ''::hstore)",
    };
    let values: Vec<Value> = vec![payload.to_vec().into(), id.into(), queue.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
    db.execute_raw(statement).await.expect("a raw row");
}

/// Looks again and again until the condition holds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "waited in vain for: {what}");
}
