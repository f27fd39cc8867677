//! Migrated once, copied often: a `SQLite` file per program, a `PostgreSQL` template database per program and build.
//!
//! A template's name carries the program's path, size and time of its build, so a changed migration (a new build)
//! never meets an old template; the old ones of the same program are dropped when the new one is made.

use std::{
    collections::HashMap,
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
    sync::OnceLock,
};

use sea_orm::DatabaseConnection;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::postgres;

type Files = Mutex<HashMap<String, TempDir>>;

/// The `SQLite` template of this program, made at its first use.
pub async fn file<M, F, E>(template: &str, migrate: M) -> PathBuf
where
    M: FnOnce(DatabaseConnection) -> F,
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    static FILES: OnceLock<Files> = OnceLock::new();
    let mut files = FILES.get_or_init(Files::default).lock().await;
    if let Some(folder) = files.get(template) {
        return folder.path().join("template.db");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("template.db");
    migrated(&format!("sqlite://{}", path.display()), migrate).await;
    files.insert(template.to_owned(), folder);
    path
}

/// The name of the `PostgreSQL` template of this program, made at its first use.
pub async fn database<M, F, E>(template: &str, migrate: M) -> String
where
    M: FnOnce(DatabaseConnection) -> F,
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    let url = postgres::admin_url();
    let mut conn = postgres::admin(&url).await.expect("the tests' cluster answers");
    let (family, build) = identity(template);
    let name = format!("{family}{build:016x}");
    // One program at a time; the lock leaves with the connection, also when the migration panics.
    lock(&mut conn, &family).await;
    if !exists(&mut conn, &name).await {
        drop_family(&mut conn, &family).await;
        let draft = format!("{name}_draft");
        postgres::run(&mut conn, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await.expect("no old draft");
        postgres::run(&mut conn, format!("CREATE DATABASE {draft} TEMPLATE template0")).await.expect("a draft");
        migrated(&postgres::url_of(&url, &draft), migrate).await;
        postgres::run(&mut conn, format!("ALTER DATABASE {draft} RENAME TO {name}")).await.expect("a template");
    }
    conn.close().await.ok();
    name
}

/// Migrates an empty database, and leaves no connection: a `SQLite` file without its log, a template without users.
async fn migrated<M, F, E>(url: &str, migrate: M)
where
    M: FnOnce(DatabaseConnection) -> F,
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    let db = entity::database::open(url).await.expect("the template opens");
    migrate(db.clone()).await.expect("the template migrates");
    db.close().await.expect("the template closes");
}

/// What is common to all builds of this program's template, and what is only this build's.
fn identity(template: &str) -> (String, u64) {
    let program = std::env::current_exe().unwrap_or_default();
    let stem = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // cargo names a test program NAME-HASH; the hash may change with the build.
    let stem = stem.rsplit_once('-').map_or(stem.clone(), |(name, _)| name.to_owned());
    // Several packages call their tests `it`; cargo and nextest say which one runs.
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let about = program.metadata().ok();
    let built = about.as_ref().and_then(|about| about.modified().ok());
    let size = about.as_ref().map(std::fs::Metadata::len);
    (format!("dw_tpl_{:016x}_", digest((template, package, stem))), digest((program, built, size)))
}

fn digest(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

async fn lock(conn: &mut PgConnection, family: &str) {
    sqlx::query("SELECT pg_advisory_lock(hashtext($1))").bind(family).execute(conn).await.expect("the template's lock");
}

async fn exists(conn: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(conn)
        .await
        .expect("the list of databases")
}

async fn drop_family(conn: &mut PgConnection, family: &str) {
    let old: Vec<String> = sqlx::query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1)")
        .bind(family)
        .fetch_all(&mut *conn)
        .await
        .unwrap_or_default();
    for name in old {
        postgres::run(conn, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok();
    }
}
