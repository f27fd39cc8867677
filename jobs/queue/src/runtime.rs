//! What a process runs: its handlers, their workers, the schedules, the pulse; from start to a graceful end.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use tokio::task::JoinSet;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use uuid::Uuid;

use crate::{
    drain::{self, Drained, Due},
    execute::Core,
    job::{Handler, Registered},
    pulse::{self, Live},
    schedule::{self, Schedule},
    supervise::Staff,
    wake::Wake,
};

/// How attentive a process' workers are; the defaults suit the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// An idle worker looks for jobs this often, also without being woken.
    pub look: Duration,
    /// How often workers say that they live.
    pub heartbeat: Duration,
    /// After this many heartbeats of silence, other workers take a worker's jobs.
    pub missed: u32,
    /// Time for running jobs to end after the signal; what still runs then is cut and given back.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { look: Duration::from_secs(1), heartbeat: Duration::from_secs(10), missed: 3, grace: Duration::from_secs(30) }
    }
}

/// The queue's side of a process: register handlers and schedules, then [`run`](Self::run) or [`drain`](Self::drain).
pub struct Runtime<C> {
    core: Core<C>,
    schedules: Vec<Schedule>,
    settings: Settings,
    wake: Wake,
}

impl<C: Clone + Send + Sync + 'static> Runtime<C> {
    /// A runtime without jobs; `ctx` is cloned into each run.
    pub fn new(db: DatabaseConnection, ctx: C, settings: Settings) -> Self {
        Self {
            core: Core { db, ctx, jobs: HashMap::new(), cut: CancellationToken::new() },
            schedules: Vec::new(),
            settings,
            wake: Wake::default(),
        }
    }

    /// Uses a doorbell that others ring too.
    #[must_use]
    pub fn with_wake(mut self, wake: Wake) -> Self {
        self.wake = wake;
        self
    }

    /// The doorbell of this runtime.
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Adds a kind of job.
    ///
    /// # Panics
    /// When its queue already has a handler.
    #[must_use]
    pub fn register<H: Handler<C>>(mut self) -> Self {
        let before = self.core.jobs.insert(H::QUEUE, Arc::new(Registered::of::<H>()));
        assert!(before.is_none(), "the queue {} has two handlers", H::QUEUE);
        self
    }

    /// Adds a repeated job.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Names of the registered queues, sorted.
    pub fn queues(&self) -> Vec<&'static str> {
        let mut queues: Vec<_> = self.core.jobs.keys().copied().collect();
        queues.sort_unstable();
        queues
    }

    /// The registered schedules.
    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    /// Enqueues what the schedules ask for at `now`; answers how many jobs were inserted. [`run`](Self::run) does it by
    /// itself, by the database's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<usize, DbErr> {
        schedule::tick(&self.core.db, &self.schedules, &self.wake, now).await
    }

    /// Runs waiting jobs, and the jobs that they enqueue, in the caller's task until none is due; without workers.
    ///
    /// # Errors
    /// When the database fails, or after [`DRAIN_LIMIT`](crate::DRAIN_LIMIT) runs.
    pub async fn drain(&self, due: Due) -> Result<Drained, DbErr> {
        drain::drain(&self.core, due).await
    }

    /// Works until `shutdown` is ready; then fetches nothing more, lets running jobs end within the grace, cuts and gives
    /// back the others, and returns.
    #[expect(clippy::disallowed_methods, reason = "a process's name must be new on each start, whatever the product's clock says")]
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { core, schedules, settings, wake } = self;
        let staff = Arc::new(Staff {
            core: Arc::new(core),
            live: Live::default(),
            runs: TaskTracker::new(),
            wake,
            settings,
            instance: Uuid::now_v7().simple().to_string(),
            stop: CancellationToken::new(),
        });
        // The pulse outlives the workers: their last runs must not be taken for dead.
        let _pulse = spawn_pulse(&staff);
        let doorbell = spawn_doorbell(&staff);
        let plan = schedule::plan(staff.core.db.clone(), schedules, staff.wake.clone(), staff.stop.clone());
        staff.runs.spawn(plan);
        let mut supervisors = JoinSet::new();
        for job in staff.core.jobs.values() {
            supervisors.spawn(staff.clone().supervise(job.clone()));
        }
        shutdown.await;
        drop(doorbell);
        staff.stop.cancel();
        staff.runs.close();
        let graceful = async {
            while supervisors.join_next().await.is_some() {}
            staff.runs.wait().await;
        };
        if tokio::time::timeout(staff.settings.grace, graceful).await.is_err() {
            cut(&staff, supervisors).await;
        }
    }
}

/// How long a cut run may take to be written down as given back.
const LAST_WORDS: Duration = Duration::from_secs(5);

async fn cut<C: Clone + Send + Sync + 'static>(staff: &Staff<C>, mut supervisors: JoinSet<()>) {
    tracing::warn!("jobs still run after the grace: they are cut and given back");
    staff.core.cut.cancel();
    let ended = async {
        while supervisors.join_next().await.is_some() {}
        staff.runs.wait().await;
    };
    if tokio::time::timeout(LAST_WORDS, ended).await.is_err() {
        tracing::warn!("some jobs were not given back; other workers will notice");
    }
}

fn spawn_pulse<C>(staff: &Staff<C>) -> AbortOnDropHandle<()> {
    let Settings { heartbeat, missed, .. } = staff.settings;
    let beat = pulse::beat(staff.core.db.clone(), staff.live.clone(), heartbeat, missed, staff.wake.clone());
    AbortOnDropHandle::new(tokio::spawn(beat))
}

fn spawn_doorbell<C>(staff: &Staff<C>) -> Option<AbortOnDropHandle<()>> {
    let db = &staff.core.db;
    (db.get_database_backend() == DbBackend::Postgres).then(|| {
        let pool = db.get_postgres_connection_pool().clone();
        AbortOnDropHandle::new(tokio::spawn(staff.wake.clone().listen(pool)))
    })
}
