//! Forgetting finished jobs. The queue's tables stay small: apalis itself deletes never, or everything.

use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};

use crate::{sql::Sql, state::millis};

/// Rows deleted by one statement, so that no sweep holds the database for long.
const BATCH: i64 = 1_000;

/// How long finished jobs are kept, counted from their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Jobs that are done.
    pub done: Duration,
    /// Dead letters, which a person may want to see.
    pub dead: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        Self { done: Duration::from_hours(24), dead: Duration::from_hours(30 * 24) }
    }
}

/// Deletes finished jobs that ended longer ago than `keep`; answers how many.
///
/// # Errors
/// When the database fails; what was deleted before stays deleted.
pub async fn sweep(db: &DatabaseConnection, keep: Keep) -> Result<u64, DbErr> {
    const SWEEP: Sql = Sql {
        sqlite: "DELETE FROM Jobs WHERE id IN (SELECT id FROM Jobs WHERE status IN ('Done', 'Killed') \
                 AND done_at IS NOT NULL AND done_at <= unixepoch() - \
                 (CASE status WHEN 'Done' THEN ?1 ELSE ?2 END) / 1000 LIMIT ?3)",
        postgres: "DELETE FROM apalis.jobs WHERE id IN (SELECT id FROM apalis.jobs WHERE status IN ('Done', 'Killed') \
                   AND done_at IS NOT NULL AND done_at <= now() - \
                   (CASE status WHEN 'Done' THEN $1::bigint ELSE $2::bigint END) * interval '1 millisecond' LIMIT $3)",
    };
    let mut total = 0;
    loop {
        let values = vec![millis(keep.done).into(), millis(keep.dead).into(), BATCH.into()];
        let swept = SWEEP.run(db, values).await?;
        total += swept;
        if swept < BATCH.unsigned_abs() {
            return Ok(total);
        }
    }
}
