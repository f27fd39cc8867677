//! A fresh database for each test, on `SQLite` and on `PostgreSQL`.
//!
//! What must not live here: tables, migrations, sample rows; a test hands its migration in (see [`TestDb::with`]).
//! Next: `template.rs` (a migrated database is made once and copied), `postgres.rs` (the tests' cluster).
//!
//! ```ignore
//! testdb::on_both!(a_held_case_sends_nothing, with("product", migrate), |db| async move {
//!     let conn = db.connect().await;
//!     …
//! });
//! ```
//! makes the tests `a_held_case_sends_nothing::sqlite` and `a_held_case_sends_nothing::postgres`.

mod postgres;
mod template;

use std::fmt::Debug;

use sea_orm::DatabaseConnection;
use tempfile::TempDir;

/// The databases that the product runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// One file in a temporary folder.
    Sqlite,
    /// One database on the tests' cluster.
    Postgres,
}

/// One database of one test; it is dropped with this value.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Folder { _folder: TempDir },
    Cluster { admin: String, name: String },
}

impl TestDb {
    /// An empty `SQLite` database.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite() -> Self {
        Self::empty(Backend::Sqlite).await
    }

    /// An empty `PostgreSQL` database.
    ///
    /// # Panics
    /// When the tests' cluster does not run.
    pub async fn postgres() -> Self {
        Self::empty(Backend::Postgres).await
    }

    /// Both kinds, for a loop.
    pub fn both() -> [Backend; 2] {
        [Backend::Sqlite, Backend::Postgres]
    }

    /// An empty database of the given kind.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::file(None),
            Backend::Postgres => Self::on_cluster("template0").await,
        }
    }

    /// A copy of the database that `migrate` makes out of an empty one; `migrate` runs once per `template` name and
    /// test program, however many tests ask.
    ///
    /// # Panics
    /// When the migration fails or the database cannot be made.
    pub async fn with<M, F, E>(backend: Backend, template: &str, migrate: M) -> Self
    where
        M: FnOnce(DatabaseConnection) -> F,
        F: Future<Output = Result<(), E>>,
        E: Debug,
    {
        match backend {
            Backend::Sqlite => Self::file(Some(template::file(template, migrate).await)),
            Backend::Postgres => Self::on_cluster(&template::database(template, migrate).await).await,
        }
    }

    fn file(copy_of: Option<std::path::PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        if let Some(template) = copy_of {
            std::fs::copy(template, &path).expect("a copy of the template");
        }
        Self { url: format!("sqlite://{}", path.display()), home: Home::Folder { _folder: folder } }
    }

    async fn on_cluster(template: &str) -> Self {
        let admin = postgres::admin_url();
        let name = postgres::create_from(&admin, template).await.expect("a database on the tests' cluster");
        Self { url: postgres::url_of(&admin, &name), home: Home::Cluster { admin, name } }
    }

    /// Where it is, as the product's own setting would say it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which kind it is.
    pub fn backend(&self) -> Backend {
        match self.home {
            Home::Folder { .. } => Backend::Sqlite,
            Home::Cluster { .. } => Backend::Postgres,
        }
    }

    /// A new pool of connections, opened the way the product does; two calls act like two processes.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn connect(&self) -> DatabaseConnection {
        entity::database::open(&self.url).await.expect("the test's database opens")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Home::Cluster { admin, name } = &self.home {
            postgres::drop_now(admin.clone(), name.clone());
        }
    }
}

/// Runs a test's body on a runtime with several threads; [`on_both!`] calls it.
///
/// # Panics
/// When the runtime cannot be made, or the body panics.
pub fn block_on<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime").block_on(body)
}

/// Calls a test's body with its database; it only helps inference inside [`on_both!`].
pub async fn call<B, F>(db: TestDb, body: B) -> F::Output
where
    B: FnOnce(TestDb) -> F,
    F: Future,
{
    body(db).await
}

/// Makes the tests `$name::sqlite` and `$name::postgres` out of one body.
///
/// The body is a closure from [`TestDb`] to a future. With `with(template, migrate)` the database is migrated, see
/// [`TestDb::with`]; without it, it is empty.
#[macro_export]
macro_rules! on_both {
    ($(#[$meta:meta])* $name:ident, with($template:expr, $migrate:expr), $body:expr $(,)?) => {
        $crate::on_both!(@tests [$(#[$meta])*] $name, |backend| $crate::TestDb::with(backend, $template, $migrate), $body);
    };
    ($(#[$meta:meta])* $name:ident, $body:expr $(,)?) => {
        $crate::on_both!(@tests [$(#[$meta])*] $name, |backend| $crate::TestDb::empty(backend), $body);
    };
    (@tests [$($meta:tt)*] $name:ident, |$backend:ident| $make:expr, $body:expr) => {
        $($meta)*
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "the body speaks its file's names")]
            use super::*;

            async fn body($backend: $crate::Backend) {
                $crate::call($make.await, $body).await;
            }

            #[test]
            fn sqlite() {
                $crate::block_on(body($crate::Backend::Sqlite));
            }

            #[test]
            fn postgres() {
                $crate::block_on(body($crate::Backend::Postgres));
            }
        }
    };
}
