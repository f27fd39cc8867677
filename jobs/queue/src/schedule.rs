//! Repeated jobs. Every process plans; one row per schedule remembers the last tick that became a job, and whoever moves
//! it forward inserts the job in the same transaction. So each tick becomes one job whatever number of processes plan,
//! and after a downtime all missed ticks together become one.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use entity::database::begin_write;
use sea_orm::{DatabaseConnection, DbErr};
use tokio_util::sync::CancellationToken;

use crate::{
    enqueue::{Draft, Enqueue},
    job::Job,
    sql::{self, Sql},
    wake::Wake,
};

/// The planner looks at least this often: the database's clock may have been set.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// A job repeated at fixed instants: every so many seconds, counted from 1970-01-01 UTC plus an offset.
pub struct Schedule {
    name: &'static str,
    every_s: i64,
    offset_s: i64,
    queue: &'static str,
    make: Box<dyn Fn(DateTime<Utc>) -> Result<Draft, DbErr> + Send + Sync>,
}

impl Schedule {
    /// Enqueues `make(tick)` at each full multiple of `every` (whole seconds, at least one).
    ///
    /// A tick is passed over while the job of an earlier one still waits or runs, so a slow queue does not pile them up.
    /// A schedule that was never seen before ticks at once.
    pub fn every<J: Job>(name: &'static str, every: Duration, make: impl Fn(DateTime<Utc>) -> J + Send + Sync + 'static) -> Self {
        Self {
            name,
            every_s: i64::try_from(every.as_secs()).unwrap_or(i64::MAX).max(1),
            offset_s: 0,
            queue: J::QUEUE,
            make: Box::new(move |tick| Draft::of(&make(tick))),
        }
    }

    /// Moves all ticks by `offset`: `every` a day with an offset of 2 h ticks at 02:00 UTC.
    #[must_use]
    pub fn offset(mut self, offset: Duration) -> Self {
        self.offset_s = i64::try_from(offset.as_secs()).unwrap_or_default() % self.every_s;
        self
    }

    /// The schedule's name, unique in the product.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The queue of its job.
    pub fn queue(&self) -> &'static str {
        self.queue
    }

    /// Time between two ticks.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.every_s.unsigned_abs())
    }

    /// The last tick at or before `now`, in seconds.
    fn last_tick(&self, now: DateTime<Utc>) -> i64 {
        let since = now.timestamp().saturating_sub(self.offset_s);
        since.div_euclid(self.every_s) * self.every_s + self.offset_s
    }

    fn until_next(&self, now: DateTime<Utc>) -> Duration {
        let next_ms = self.last_tick(now).saturating_add(self.every_s).saturating_mul(1000);
        Duration::from_millis(u64::try_from(next_ms - now.timestamp_millis()).unwrap_or_default())
    }

    async fn tick(&self, db: &DatabaseConnection, now: DateTime<Utc>) -> Result<bool, DbErr> {
        const SEEN: Sql = Sql {
            sqlite: "SELECT 1 AS seen FROM queue_schedule WHERE name = ?1 AND ticked_at >= ?2",
            postgres: "SELECT 1 AS seen FROM queue_schedule WHERE name = $1 AND ticked_at >= $2",
        };
        const MOVE: Sql = Sql {
            sqlite: "INSERT INTO queue_schedule (name, ticked_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE \
                     SET ticked_at = excluded.ticked_at WHERE queue_schedule.ticked_at < excluded.ticked_at",
            postgres: "INSERT INTO queue_schedule (name, ticked_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
                       SET ticked_at = excluded.ticked_at WHERE queue_schedule.ticked_at < excluded.ticked_at",
        };
        let tick = self.last_tick(now);
        let values = vec![self.name.into(), tick.into()];
        // Most looks find the tick already taken; only the others need the write lock.
        if SEEN.one(db, values.clone()).await?.is_some() {
            return Ok(false);
        }
        let tx = begin_write(db).await?;
        let moved = MOVE.run(&tx, values).await? == 1;
        let inserted = moved
            && (self.make)(sql::instant(tick.saturating_mul(1000))?)?
                .insert(&tx, Enqueue::keyed(format!("schedule:{}", self.name)))
                .await?;
        tx.commit().await?;
        Ok(inserted)
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("name", &self.name)
            .field("queue", &self.queue)
            .field("every_s", &self.every_s)
            .field("offset_s", &self.offset_s)
            .finish_non_exhaustive()
    }
}

/// Enqueues what is due at `now`; answers how many jobs were inserted.
pub(crate) async fn tick(db: &DatabaseConnection, schedules: &[Schedule], wake: &Wake, now: DateTime<Utc>) -> Result<usize, DbErr> {
    let mut inserted = 0;
    for schedule in schedules {
        if schedule.tick(db, now).await? {
            wake.notify(schedule.queue);
            inserted += 1;
        }
    }
    Ok(inserted)
}

/// Ticks by the database's clock until `stop`.
pub(crate) async fn plan(db: DatabaseConnection, schedules: Vec<Schedule>, wake: Wake, stop: CancellationToken) {
    loop {
        let sleep = match plan_once(&db, &schedules, &wake).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::warn!(%error, "the schedules could not be read, trying again");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn plan_once(db: &DatabaseConnection, schedules: &[Schedule], wake: &Wake) -> Result<Duration, DbErr> {
    let now = sql::now(db).await?;
    tick(db, schedules, wake, now).await?;
    let next = schedules.iter().map(|schedule| schedule.until_next(now)).min();
    Ok(next.unwrap_or(LONGEST_SLEEP).clamp(Duration::from_millis(20), LONGEST_SLEEP))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use serde::{Deserialize, Serialize};

    use super::Schedule;
    use crate::job::Job;

    #[derive(Clone, Serialize, Deserialize)]
    struct Sweep;
    impl Job for Sweep {
        const QUEUE: &'static str = "sweep";
    }

    fn schedule(every: u64, offset: u64) -> Schedule {
        Schedule::every("sweep", Duration::from_secs(every), |_| Sweep).offset(Duration::from_secs(offset))
    }

    #[test]
    fn ticks_are_multiples_of_the_interval_plus_the_offset() {
        for (every, offset, now, last, wait) in [
            (60, 0, 120, 120, 60),
            (60, 0, 179, 120, 1),
            (86_400, 7_200, 7_199, 7_200 - 86_400, 1),
            (86_400, 7_200, 7_200, 7_200, 86_400),
            (60, 90, 100, 90, 50),
        ] {
            let now = DateTime::from_timestamp(now, 0).unwrap_or_default();
            let schedule = schedule(every, offset);
            assert_eq!(schedule.last_tick(now), last, "last tick of {schedule:?} at {now}");
            assert_eq!(schedule.until_next(now), Duration::from_secs(wait), "wait of {schedule:?} at {now}");
        }
    }
}
