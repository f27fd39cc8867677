//! Opening the database and starting write transactions: the one way for product, tools and tests.
//!
//! What must not live here: tables (one file each beside this one), migrations (crate `migration`).
//!
//! `sqlite:` URLs are one file, one machine, one process; `postgres:` URLs are many processes. Everything above this
//! module treats both alike, which needs two things to be set here and nowhere else: durability (a commit that was
//! answered survives a power cut on both) and IMMEDIATE write transactions on `SQLite`.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::{
        self, PgConnection, Row, raw_sql,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

/// How long a writer waits for `SQLite`'s single write lock, and any caller for a free connection.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// `PostgreSQL` ends a transaction in which nothing is asked for so long: no use case waits for anything outside in the
/// middle of one, so its process hangs, and its locks would stop everybody else. Shorter than
/// [`Pool::statement_timeout`], so that whoever waits for such a lock still gets its turn.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// Sizes of the connection pool; the defaults suit one process of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Shown by `PostgreSQL` in `pg_stat_activity`.
    pub application: String,
    /// Connections of this process at most; `SQLite` in memory always has exactly one.
    pub max_connections: u32,
    /// `PostgreSQL` cancels a statement that runs longer; `None` for migrations and maintenance.
    pub statement_timeout: Option<Duration>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { application: "dunwell".into(), max_connections: 20, statement_timeout: Some(Duration::from_secs(30)) }
    }
}

/// Opens the database behind `url` (`sqlite:` or `postgres:`) with the default pool; a `SQLite` file is created.
///
/// # Errors
/// When the URL is of another kind, or the database cannot be reached within [`PATIENCE`].
pub async fn open(url: &str) -> Result<DatabaseConnection, DbErr> {
    open_with(url, &Pool::default()).await
}

/// Opens the database behind `url` with a pool of the given size.
///
/// # Errors
/// When the URL is of another kind, or the database cannot be reached within [`PATIENCE`].
pub async fn open_with(url: &str, pool: &Pool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.acquire_timeout(PATIENCE).sqlx_logging(false);
    if url.starts_with("sqlite:") {
        sqlite(&mut options, url, pool);
    } else {
        options.max_connections(pool.max_connections).set_application_name(pool.application.clone());
        if let Some(limit) = pool.statement_timeout {
            options.statement_timeout(limit);
        }
        options.map_sqlx_postgres_opts(|postgres| {
            postgres.options([("idle_in_transaction_session_timeout", IDLE_LIMIT.as_millis().to_string())])
        });
        // Instead of sqlx' ping, which would not notice what `fresh` is about.
        options.test_before_acquire(false);
        options.map_sqlx_postgres_before_acquire(|conn, _| Box::pin(fresh(conn)));
    }
    Database::connect(options).await
}

fn sqlite(options: &mut ConnectOptions, url: &str, pool: &Pool) {
    // A database in memory belongs to its one connection: a second one, or a recycled one, would be empty.
    if url.contains(":memory:") || url.contains("mode=memory") {
        options.max_connections(1).min_connections(1);
        options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    } else {
        options.max_connections(pool.max_connections.min(8));
    }
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL would lose the last commits on power loss; these rows are about money and sent letters.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
    });
}

/// Whether a pooled connection lives and has no transaction open; otherwise the pool replaces it.
///
/// A future that is dropped while its BEGIN is under way (a client that hangs up, a time limit) leaves the transaction
/// open and nobody knows: whatever the next user of the connection writes would never be committed. As one simple
/// statement outside a transaction, this query starts its own, so both clocks are equal.
async fn fresh(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let alone = raw_sql("SELECT now() = statement_timestamp() AS alone").fetch_one(conn).await?;
    alone.try_get("alone")
}

/// Starts a transaction that will write.
///
/// `SQLite` takes its write lock at once: a transaction that reads first and writes later fails with
/// `SQLITE_BUSY_SNAPSHOT` when another writer came in between, and no busy timeout helps against that.
///
/// # Errors
/// When no connection, or `SQLite`'s write lock, becomes free within [`PATIENCE`].
pub async fn begin_write(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => {
            db.begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
        }
        _ => db.begin().await,
    }
}

/// Begins a transaction that only reads, and sees one state of the database from its first query to its last.
///
/// # Errors
///
/// When the database gives none.
pub async fn begin_read(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let isolation_level = (db.get_database_backend() == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
    // On SQLite a deferred transaction reads one state from its first query on.
    let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
    db.begin_with_options(options).await
}
