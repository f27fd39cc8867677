//! One use case, one transaction: [`Change`] gathers state, events and due work, and commits them together. Whoever
//! must hear of it is told after the commit, never before.

use chrono::{DateTime, Utc};
use entity::TenantId;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Iterable, QueryTrait,
    sea_query::{Expr, Query},
};

use crate::{
    actor::Actor,
    env::Env,
    error::Result,
    event::{self, Happened},
    port::Work,
};

/// The channel on which PostgreSQL tells other processes that events were written.
pub const EVENT_CHANNEL: &str = "dunwell_event";

/// Most bound values of a statement: SQLite's `SQLITE_MAX_VARIABLE_NUMBER`; PostgreSQL takes twice as many.
const MAX_BOUND_VALUES: usize = 32_766;

/// How many rows of a table one INSERT takes: as many as its columns allow.
pub(crate) fn rows_per_insert<E: EntityTrait>() -> usize {
    MAX_BOUND_VALUES / E::Column::iter().count().max(1)
}

/// A write transaction under way.
pub struct Change<'e> {
    /// The surroundings.
    pub env: &'e Env,
    /// The open transaction.
    pub tx: DatabaseTransaction,
    /// The tenant that it is about.
    pub tenant: TenantId,
    /// Who makes the change.
    pub actor: Actor,
    /// The instant of the whole change, by the product's clock.
    pub now: DateTime<Utc>,
    events: Vec<entity::event::ActiveModel>,
    work: Vec<Work>,
}

impl<'e> Change<'e> {
    /// Begins.
    ///
    /// # Errors
    ///
    /// When the database gives no transaction.
    pub async fn begin(env: &'e Env, tenant: TenantId, actor: Actor) -> Result<Self> {
        let tx = entity::database::begin_write(&env.db).await?;
        Ok(Self { env, tx, tenant, actor, now: env.now(), events: Vec::new(), work: Vec::new() })
    }

    /// Notes what happened; written at the commit.
    pub fn record(&mut self, happened: Happened) {
        self.events.push(event::row(self, happened));
    }

    /// Notes work that is due at once; enqueued at the commit, in the same transaction.
    pub fn enqueue(&mut self, work: Work) {
        if !self.work.contains(&work) {
            self.work.push(work);
        }
    }

    /// Commits state, events and jobs together, then wakes who waits for them.
    ///
    /// # Errors
    ///
    /// When the database refuses; nothing was changed then.
    pub async fn commit(self) -> Result<()> {
        for chunk in self.events.chunks(rows_per_insert::<entity::event::Entity>()) {
            write_events(&self.tx, chunk).await?;
        }
        self.env.messenger.enqueue(&self.tx, &self.work).await?;
        let told = !self.events.is_empty();
        self.tx.commit().await?;
        if told {
            self.env.doorbell.ring();
        }
        self.env.messenger.wake(&self.work);
        Ok(())
    }
}

/// Writes events; on PostgreSQL the very statement tells the other processes, once and with the commit, however many rows
/// it has.
async fn write_events(tx: &DatabaseTransaction, rows: &[entity::event::ActiveModel]) -> Result<()> {
    let mut insert = entity::event::Entity::insert_many(rows.to_vec());
    if tx.get_database_backend() == DbBackend::Postgres {
        let tell = Expr::cust(format!("pg_notify('{EVENT_CHANNEL}', '')"));
        insert.query().returning(Query::returning().expr(tell));
    }
    tx.execute(insert.query()).await?;
    Ok(())
}
