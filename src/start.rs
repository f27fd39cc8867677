//! Opening: the database by its URL, migrated under a lock, and the product's surroundings on top.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use domain::{Env, env::Doorbell};
use jobs::{QueueMessenger, Wake};
use migration::Lock;
use sea_orm::DatabaseConnection;

use crate::{
    clock::{MachineClock, OsEntropy},
    config::Config,
    keys,
    lock::{self, FolderLock},
    outside,
};

/// A running product, not yet serving.
pub struct Started {
    /// What the jobs are given.
    pub jobs: jobs::Context,
    /// The clock, for the demo to move.
    pub clock: MachineClock,
    /// Where the outbox is.
    pub outbox: adapters::delivery::Outbox,
    /// Signs sessions and links.
    pub signing_key: [u8; 32],
    /// Whether this process is the only one of its database.
    pub sole_process: bool,
    /// For people: what was opened.
    pub database: String,
    _folder: Option<FolderLock>,
}

impl Started {
    /// The product's surroundings.
    pub fn env(&self) -> &Env {
        &self.jobs.env
    }
}

/// Opens everything. A key may be made for a process that is alone: on an embedded database, or a demo's.
///
/// # Errors
///
/// When the folder, the database or a setting does not allow it; the message says what to do.
pub async fn open(config: &Config, alone: bool) -> anyhow::Result<Started> {
    open_at(config, alone, MachineClock::default()).await
}

/// The same by a clock that others go by, too.
///
/// # Errors
///
/// As [`open`].
pub async fn open_at(config: &Config, alone: bool, clock: MachineClock) -> anyhow::Result<Started> {
    std::fs::create_dir_all(&config.data).with_context(|| format!("cannot make the folder {}", config.data.display()))?;
    let (url, folder) = database(config)?;
    let db = entity::database::open(&url).await.with_context(|| format!("cannot open the database {}", shown(&url)))?;
    bring_up_to_date(&db, config.no_migrate).await?;
    let wake = Wake::default();
    let outbox = outside::outbox(config);
    let signing_key = keys::signing(config, alone || folder.is_some())?;
    let vault = keys::vault(config, &signing_key)?;
    keys::check(&db, &vault).await?;
    let env = Env {
        db,
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(OsEntropy),
        messenger: Arc::new(QueueMessenger::new(wake.clone())),
        outside: Arc::new(outside::build(config, &outbox, vault, &signing_key)?),
        doorbell: Doorbell::default(),
    };
    Ok(Started {
        signing_key,
        jobs: jobs::Context { env, wake },
        clock,
        outbox,
        sole_process: folder.is_some(),
        database: shown(&url),
        _folder: folder,
    })
}

/// Adds the operator's figures to the countries' rules: before anything asks for them.
///
/// # Errors
///
/// When the file cannot be read, or what in it does not fit, named.
pub fn law_rates(config: &Config) -> anyhow::Result<()> {
    let Some(path) = &config.law_rates else { return Ok(()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read law_rates from {}", path.display()))?;
    let added = domain::law::extend(&text).with_context(|| format!("law_rates: {} does not fit", path.display()))?;
    tracing::info!(added, "the operator's figures are part of the countries' rules");
    Ok(())
}

/// The database's URL, and the lock on the folder when it is embedded.
///
/// # Errors
///
/// When another process has the folder.
pub fn database(config: &Config) -> anyhow::Result<(String, Option<FolderLock>)> {
    match &config.database_url {
        Some(url) if !url.starts_with("sqlite:") => Ok((url.clone(), None)),
        Some(url) => Ok((url.clone(), Some(lock::take(&folder_of(url, &config.data))?))),
        None => {
            let folder = std::path::absolute(&config.data)?;
            let lock = lock::take(&folder)?;
            Ok((format!("sqlite://{}", folder.join("dunwell.db").display()), Some(lock)))
        }
    }
}

/// The folder of an SQLite URL's file, whatever the data folder is: that is what no second process may use. A database
/// in memory is nobody else's.
fn folder_of(url: &str, data: &Path) -> PathBuf {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default();
    match Path::new(path).parent() {
        _ if path.is_empty() || path.contains(":memory:") => data.to_owned(),
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => data.to_owned(),
    }
}

/// A URL without its password.
fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

/// Migrates the product's tables and the queue's under one lock, or checks that nothing is missing.
///
/// # Errors
///
/// A database that is newer than this program, or not up to date with `--no-migrate`.
pub async fn bring_up_to_date(db: &DatabaseConnection, no_migrate: bool) -> anyhow::Result<Vec<String>> {
    if no_migrate {
        let missing = migration::pending(db).await?;
        anyhow::ensure!(missing.is_empty(), "the database lacks {}; run `dunwell migrate`", missing.join(", "));
        return Ok(missing);
    }
    let lock = Lock::take(db).await?;
    let steps = migration::up(db).await?;
    jobs::migrate(db).await?;
    lock.release().await?;
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_lies_where_the_database_does() {
        let data = Path::new("data");
        for (url, folder) in [
            ("sqlite:///var/lib/dunwell.db", "/var/lib"),
            ("sqlite:///var/lib/dunwell.db?mode=rwc", "/var/lib"),
            ("sqlite://books/dunwell.db", "books"),
            ("sqlite:books/dunwell.db", "books"),
            ("sqlite:dunwell.db", "."),
            ("sqlite::memory:", "data"),
        ] {
            assert_eq!(folder_of(url, data), Path::new(folder), "{url}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        assert_eq!(shown("postgres://dunwell:s3cret@db:5432/dunwell"), "postgres://…@db:5432/dunwell");
        assert_eq!(shown("sqlite:///data/dunwell.db"), "sqlite:///data/dunwell.db");
    }
}
