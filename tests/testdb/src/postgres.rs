//! Databases on the tests' `PostgreSQL` cluster: made from a template, dropped when the test ends.
//!
//! The cluster is the one named by `DUNWELL_TEST_POSTGRES`, or the one that `scripts/postgres.sh start` left running.

use std::{
    sync::Once,
    time::{Duration, SystemTime},
};

use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

/// Where `scripts/postgres.sh` writes the URL of the cluster that it started.
const REMEMBERED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-postgres.url");

/// Databases of tests that were killed are swept after this long.
const LEFT_BEHIND: Duration = Duration::from_hours(2);

/// The URL of the cluster's maintenance database.
///
/// # Panics
/// When no cluster is known.
pub fn admin_url() -> String {
    if let Ok(url) = std::env::var("DUNWELL_TEST_POSTGRES")
        && !url.is_empty()
    {
        return url;
    }
    let url = std::fs::read_to_string(REMEMBERED);
    let url = url.expect("no PostgreSQL for the tests: run `make test`, or first `scripts/postgres.sh start`");
    url.trim().to_owned()
}

/// The URL of another database on the same cluster.
pub fn url_of(admin: &str, database: &str) -> String {
    let (base, query) = admin.split_once('?').map_or((admin, None), |(base, query)| (base, Some(query)));
    let server = base.rfind('/').map_or(base, |at| &base[..at]);
    match query {
        Some(query) => format!("{server}/{database}?{query}"),
        None => format!("{server}/{database}"),
    }
}

/// A connection to the maintenance database.
pub async fn admin(url: &str) -> sqlx::Result<PgConnection> {
    PgConnection::connect(url).await
}

/// Runs one statement made of names that this crate chose itself.
pub async fn run(admin: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    admin.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement))).await.map(drop)
}

/// Makes a database for one test as a copy of `template`; answers its name.
#[expect(clippy::disallowed_methods, reason = "databases of tests that run at the same time must not share a name")]
pub async fn create_from(url: &str, template: &str) -> sqlx::Result<String> {
    let mut conn = admin(url).await?;
    sweep_once(&mut conn).await;
    let name = format!("dw_test_{}_{}", unix_seconds(), Uuid::new_v4().simple());
    run(&mut conn, format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
    conn.close().await?;
    Ok(name)
}

/// Drops a test's database from a destructor: on a thread and a runtime of its own, and waits for it.
pub fn drop_now(url: String, name: String) {
    let work = async move {
        let mut conn = admin(&url).await?;
        run(&mut conn, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        conn.close().await
    };
    let done = std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(sqlx::Error::Io)
            .and_then(|runtime| runtime.block_on(work))
    })
    .join();
    if !matches!(done, Ok(Ok(()))) {
        eprintln!("a test's database was left behind; a later run sweeps it");
    }
}

/// Once per program: drops what killed programs left. A failure means only that another program was faster.
async fn sweep_once(conn: &mut PgConnection) {
    static SWEEP: Once = Once::new();
    let mut first = false;
    SWEEP.call_once(|| first = true);
    if !first {
        return;
    }
    let names: Vec<String> = sqlx::query_scalar(r"SELECT datname FROM pg_database WHERE datname LIKE 'dw\_test\_%'")
        .fetch_all(&mut *conn)
        .await
        .unwrap_or_default();
    let limit = unix_seconds().saturating_sub(LEFT_BEHIND.as_secs());
    for name in names.into_iter().filter(|name| made_at(name).is_some_and(|at| at < limit)) {
        run(conn, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok();
    }
}

fn made_at(name: &str) -> Option<u64> {
    name.split('_').nth(2)?.parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "the age of a database that a killed test left is machine time")]
fn unix_seconds() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::{made_at, url_of};

    #[test]
    fn a_database_keeps_its_servers_address_and_options() {
        assert_eq!(url_of("postgres://u@h:5/postgres", "x"), "postgres://u@h:5/x");
        assert_eq!(url_of("postgres://u:p@h/postgres?sslmode=disable", "x"), "postgres://u:p@h/x?sslmode=disable");
    }

    #[test]
    fn only_databases_of_tests_have_an_age() {
        assert_eq!(made_at("dw_test_1700000000_abc"), Some(1_700_000_000));
        assert_eq!(made_at("postgres"), None);
    }
}
