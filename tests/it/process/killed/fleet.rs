//! The processes of one installation, and their deaths.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use testdb::Backend;

use crate::{
    clock::Seeded,
    process::mailbox::Mailbox,
    process::product::{Installation, LOOK, Process},
};

/// Processes that do nothing but work, on PostgreSQL.
const WORKERS: usize = 2;

/// Everything that runs.
pub struct Fleet {
    pub installation: Installation,
    backend: Backend,
    api: Option<Process>,
    workers: Vec<Worker>,
    db: Option<DatabaseConnection>,
    pub deaths: usize,
}

/// A process of `work`, and the name under which the queue knows it.
struct Worker {
    process: Process,
    name: String,
}

impl Fleet {
    pub async fn start(installation: Installation, backend: Backend) -> Self {
        let db = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(installation.database().connect().await),
        };
        let mut fleet = Self { installation, backend, api: None, workers: Vec::new(), db, deaths: 0 };
        fleet.revive().await;
        fleet
    }

    /// Where the API is now.
    pub fn url(&self) -> &str {
        self.api.as_ref().expect("the API runs").url()
    }

    /// Kills one process, or all of them, and starts what is missing.
    pub async fn strike(&mut self, chance: &Seeded) {
        match (self.backend, chance.below(4)) {
            (Backend::Sqlite, _) | (_, 0) => self.kill_api().await,
            (_, 1) => {
                self.kill_api().await;
                while !self.workers.is_empty() {
                    self.kill_worker(0).await;
                }
            }
            (_, other) => self.kill_worker(other % WORKERS).await,
        }
        self.revive().await;
    }

    /// Kills what answers the API, and starts it again.
    pub async fn strike_api(&mut self) {
        self.kill_api().await;
        self.revive().await;
    }

    /// Stops everything as a person would, and starts it again: each process ends by itself, with success.
    pub async fn restart_in_order(&mut self) {
        let mut all: Vec<Process> = self.workers.drain(..).map(|worker| worker.process).collect();
        all.extend(self.api.take());
        for process in &all {
            process.signal("TERM");
        }
        for mut process in all {
            let status = process.ended().await;
            assert_eq!(status.code(), Some(0), "{}", process.stderr());
        }
        self.revive().await;
    }

    async fn kill_api(&mut self) {
        self.api.take().expect("the API runs").kill().await;
        self.deaths += 1;
    }

    async fn kill_worker(&mut self, index: usize) {
        let Worker { process, name } = self.workers.remove(index);
        process.kill().await;
        self.deaths += 1;
        self.mark_silent(&name).await;
    }

    /// As if its silence had lasted: what it held is given back without waiting for half a minute.
    async fn mark_silent(&self, name: &str) {
        let silent = "UPDATE apalis.workers SET last_seen = now() - interval '1 hour' WHERE id LIKE '%@' || $1 || '#%'";
        self.execute(silent, name).await;
    }

    async fn revive(&mut self) {
        if self.api.is_none() {
            let arguments: &[&str] = if self.backend == Backend::Sqlite { &["serve"] } else { &["serve", "--no-jobs"] };
            self.api = Some(self.installation.serve(arguments).await);
        }
        while self.backend == Backend::Postgres && self.workers.len() < WORKERS {
            let before = self.names().await;
            let process = self.installation.work().await;
            let name = loop {
                if let Some(new) = self.names().await.difference(&before).next() {
                    break new.clone();
                }
                tokio::time::sleep(LOOK).await;
            };
            self.workers.push(Worker { process, name });
        }
    }

    /// Stops the first worker in whatever it does, without ending it, and lets its silence and its leases run out.
    pub async fn put_worker_to_sleep(&mut self, mailbox: &Mailbox) {
        self.workers[0].process.signal("STOP");
        mailbox.let_go();
        self.mark_silent(&self.workers[0].name).await;
        self.age_hand_overs().await;
    }

    /// Lets it go on where it was.
    pub fn wake_worker(&self) {
        self.workers[0].process.signal("CONT");
    }

    /// Waits until the first worker has said that it lives.
    pub async fn until_awake(&self) {
        let sql = "SELECT bool_or(last_seen > now() - interval '1 minute') AS awake FROM apalis.workers WHERE id LIKE '%@' || $1 || '#%'";
        loop {
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [self.workers[0].name.as_str().into()]);
            let row = self.db().query_one_raw(statement).await.unwrap().unwrap();
            if row.try_get::<Option<bool>>("", "awake").unwrap() == Some(true) {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// As if the lease of every hand-over that nobody finishes had run out. Only right when nothing is being sent.
    pub async fn age_hand_overs(&self) {
        if self.backend == Backend::Postgres {
            let aged = "UPDATE delivery SET sending_since = sending_since - interval '1 hour' WHERE $1 = '' AND (tenant_id, id) IN
                (SELECT tenant_id, id FROM delivery WHERE sending_since IS NOT NULL FOR UPDATE SKIP LOCKED)";
            self.execute(aged, "").await;
        }
    }

    fn db(&self) -> &DatabaseConnection {
        self.db.as_ref().expect("PostgreSQL")
    }

    async fn execute(&self, sql: &str, value: &str) {
        self.db().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [value.into()])).await.unwrap();
    }

    /// The names of all processes that ever worked.
    async fn names(&self) -> BTreeSet<String> {
        let sql = "SELECT DISTINCT split_part(split_part(id, '@', 2), '#', 1) AS name FROM apalis.workers";
        let rows = self.db().query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }
}
