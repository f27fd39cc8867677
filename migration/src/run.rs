//! Running the steps at start: under a lock, so that many processes may start at once, and never backwards.

use std::collections::BTreeSet;

use sea_orm_migration::{
    MigratorTrait, SchemaManager,
    sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement, TransactionTrait},
    seaql_migrations,
};

use crate::Migrator;

/// Any number that no other user of the database takes for an advisory lock.
const LOCK: i64 = 0x0064_756e_7765_6c6c;

/// Why a database was not brought up to date.
#[derive(Debug)]
pub enum MigrateError {
    /// The database has steps that this program does not know: a newer program wrote it.
    NewerDatabase(Vec<String>),
    /// The database refused.
    Database(DbErr),
}

impl std::fmt::Display for MigrateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NewerDatabase(steps) => write!(
                f,
                "the database is newer than this program: it has the migration {} that this version of dunwell does not know; \
                 start a newer dunwell, or restore a backup made by this one",
                steps.join(", ")
            ),
            Self::Database(error) => write!(f, "the migration failed: {error}"),
        }
    }
}

impl std::error::Error for MigrateError {}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Names of the steps that the database still lacks.
///
/// # Errors
///
/// When the database is newer than this program, or cannot be read.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, MigrateError> {
    let applied = applied(db).await?;
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if unknown.is_empty() {
        Ok(known.into_iter().filter(|name| !applied.contains(name)).collect())
    } else {
        Err(MigrateError::NewerDatabase(unknown))
    }
}

/// Keeps other processes from migrating the same database: PostgreSQL by an advisory lock that ends with its
/// transaction; SQLite belongs to one process, which holds the lock file of its folder.
pub struct Lock(Option<DatabaseTransaction>);

impl Lock {
    /// Takes the lock, or waits for it.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    pub async fn take(db: &DatabaseConnection) -> Result<Self, MigrateError> {
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(Self(None));
        }
        let tx = db.begin().await?;
        // It waits idly while the steps run beside it, however long they take.
        tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [LOCK.into()])).await?;
        Ok(Self(Some(tx)))
    }

    /// Lets go.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    pub async fn release(self) -> Result<(), MigrateError> {
        if let Some(tx) = self.0 {
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Brings the database up to date and returns the names of the steps taken. Take the [`Lock`] before.
///
/// # Errors
///
/// When the database is newer than this program, or refuses a step.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, MigrateError> {
    let steps = pending(db).await?;
    if !steps.is_empty() {
        Migrator::up(db, None).await?;
    }
    Ok(steps)
}

#[expect(clippy::disallowed_methods, reason = "the list of steps taken belongs to no tenant")]
async fn applied(db: &DatabaseConnection) -> Result<BTreeSet<String>, DbErr> {
    use sea_orm_migration::sea_orm::EntityTrait;
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(BTreeSet::new());
    }
    let rows = seaql_migrations::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_a_name_of_its_own_and_is_taken_whole_or_not_at_all() {
        let steps = Migrator::migrations();
        let names: BTreeSet<&str> = steps.iter().map(|step| step.name()).collect();
        assert_eq!(names.len(), steps.len(), "{names:?}");
        assert!(names.iter().all(|name| name.starts_with('m') && name.len() > 4), "{names:?}");
        assert!(steps.iter().all(|step| step.use_transaction() == Some(true)));
    }
}
