//! The queue's tables: apalis' own, the schedules' ticks, and `SQLite`'s statistics about them.

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

/// Makes or updates the queue's tables; safe to call at each start, under the product's migration lock.
///
/// On `PostgreSQL` they are in the schema `apalis` and need the extensions `pgcrypto` and `hstore`, which the owner of a
/// database may create. On `SQLite` they are `Jobs` and `Workers`.
///
/// # Errors
/// When the database fails, or its tables are of a newer apalis.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    // Never SqliteStorage::setup(): it also runs PRAGMA synchronous = OFF on one of the product's connections.
    let migrated = match db.get_database_backend() {
        DbBackend::Sqlite => SqliteStorage::migrations().run(db.get_sqlite_connection_pool()).await,
        _ => PostgresStorage::migrations().run(db.get_postgres_connection_pool()).await,
    };
    migrated.map_err(|error| DbErr::Migration(format!("the queue's tables: {error}")))?;
    db.execute_unprepared("CREATE TABLE IF NOT EXISTS queue_schedule (name VARCHAR(64) NOT NULL PRIMARY KEY, ticked_at BIGINT NOT NULL)")
        .await?;
    if db.get_database_backend() == DbBackend::Sqlite {
        seed_statistics(db).await?;
    }
    Ok(())
}

/// Without statistics `SQLite` takes an index of few values (status, worker) over the right one, and each fetch scans
/// the backlog. Real statistics, gathered while the queue happens to be empty, would say the same wrong thing, so these
/// are written again at each start.
async fn seed_statistics(db: &DatabaseConnection) -> Result<(), DbErr> {
    // ANALYZE makes the table sqlite_stat1; of one index it is cheap.
    db.execute_unprepared("ANALYZE idx_jobs_running").await?;
    db.execute_unprepared(include_str!("sqlite_stat.sql")).await?;
    Ok(())
}
