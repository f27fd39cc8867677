//! Running the queue to quiet without workers: for tests and for the demo's moved clock.

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::{
    execute::Core,
    sql::Sql,
    state::{self, End},
};

/// Runs of one drain at most: jobs that keep enqueuing each other are an error, not a hang.
pub const DRAIN_LIMIT: usize = 100_000;

/// Which waiting jobs a drain runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Those due by the database's clock: failed ones wait for their back-off.
    Now,
    /// All, as if all back-offs had passed: until each job is done or a dead letter.
    All,
}

/// What a drain did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    /// Runs that succeeded.
    pub done: usize,
    /// Runs that failed and left the job waiting.
    pub failed: usize,
    /// Jobs given up.
    pub dead: usize,
}

impl Drained {
    fn count(&mut self, end: &End) {
        match end {
            End::Done => self.done += 1,
            End::Later(..) | End::GivenBack => self.failed += 1,
            End::Dead(_) => self.dead += 1,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a worker's name must be new on each run, whatever the product's clock says")]
pub(crate) async fn drain<C: Clone + Send + Sync + 'static>(core: &Core<C>, due: Due) -> Result<Drained, DbErr> {
    let worker = format!("drain@{}", Uuid::now_v7().simple());
    state::enter(&core.db, &worker, "drain").await?;
    let drained = to_quiet(core, &worker, due).await;
    leave(&core.db, &worker).await?;
    drained
}

async fn to_quiet<C: Clone + Send + Sync + 'static>(core: &Core<C>, worker: &str, due: Due) -> Result<Drained, DbErr> {
    let mut queues: Vec<&str> = core.jobs.keys().copied().collect();
    queues.sort_unstable();
    let mut drained = Drained::default();
    let mut runs = 0;
    loop {
        let before = runs;
        for queue in &queues {
            while let Some(held) = state::claim(&core.db, worker, queue, due == Due::All).await? {
                if let Some(end) = core.execute(worker, held).await {
                    drained.count(&end);
                }
                runs += 1;
                if runs > DRAIN_LIMIT {
                    return Err(DbErr::Custom(format!("the queue is not quiet after {DRAIN_LIMIT} runs")));
                }
            }
        }
        if runs == before {
            return Ok(drained);
        }
    }
}

async fn leave(conn: &impl ConnectionTrait, worker: &str) -> Result<(), DbErr> {
    const LEAVE: Sql = Sql {
        sqlite: "DELETE FROM Workers WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = ?1)",
        postgres: "DELETE FROM apalis.workers WHERE id = $1 \
                   AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = $1)",
    };
    LEAVE.run(conn, vec![worker.into()]).await.map(drop)
}
