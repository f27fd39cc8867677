//! What the commands do and refuse, as somebody at a terminal sees it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use testdb::Backend;

use super::product::{Installation, repository};

const SECRET: &str = "s3cr3t-that-nobody-may-read";

#[test]
fn schema_prints_the_sdl_that_is_kept_beside_the_code() {
    testdb::block_on(async {
        let printed = Installation::embedded().done(&["schema"]).await;
        let kept = std::fs::read_to_string(repository().join("schema.graphql"));
        assert!(printed.contains("type Mutation"), "{printed}");
        assert_eq!(printed, kept.expect("schema.graphql is kept"), "write it anew: cargo run -- schema > schema.graphql");
    });
}

/// The tests of both databases.
macro_rules! on_both {
    ($name:ident, $sqlite:ident, $postgres:ident) => {
        #[test]
        fn $sqlite() {
            testdb::block_on($name(Backend::Sqlite));
        }

        #[test]
        fn $postgres() {
            testdb::block_on($name(Backend::Postgres));
        }
    };
}

async fn migrate_works_once_and_then_finds_nothing_to_do(backend: Backend) {
    let installation = Installation::on(backend).await;
    assert!(installation.done(&["migrate"]).await.starts_with("done: "));
    assert_eq!(installation.done(&["migrate"]).await, "the database is up to date\n");
    installation.serve(&["serve", "--no-migrate"]).await;
}

on_both!(
    migrate_works_once_and_then_finds_nothing_to_do,
    migrate_works_once_and_then_finds_nothing_to_do_sqlite,
    migrate_works_once_and_then_finds_nothing_to_do_postgres
);

async fn a_migration_that_is_killed_is_made_whole_by_the_next_start(backend: Backend) {
    for instant in 0..16 {
        let installation = Installation::on(backend).await;
        let migrating = installation.start(&["migrate"]);
        tokio::time::sleep(Duration::from_millis(instant * 8)).await;
        migrating.kill().await;
        let again = installation.run(&["migrate"]).await;
        assert!(again.status.success(), "killed after {} ms: {again:?}", instant * 8);
        assert_eq!(installation.done(&["admin", "tenants"]).await, "");
    }
}

on_both!(
    a_migration_that_is_killed_is_made_whole_by_the_next_start,
    a_migration_that_is_killed_is_made_whole_by_the_next_start_sqlite,
    a_migration_that_is_killed_is_made_whole_by_the_next_start_postgres
);

async fn a_newer_database_is_refused_and_left_alone(backend: Backend) {
    let installation = Installation::on(backend).await;
    installation.done(&["migrate"]).await;
    let db = open(&installation, backend).await;
    let future = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 0)";
    db.execute_unprepared(future).await.unwrap();
    db.close().await.unwrap();
    for command in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"], &["serve", "--no-migrate", "--listen", "127.0.0.1:0"]] {
        installation.run(command).await.refused_saying(&["newer than this program", "m9999_from_the_future"]);
    }
}

on_both!(
    a_newer_database_is_refused_and_left_alone,
    a_newer_database_is_refused_and_left_alone_sqlite,
    a_newer_database_is_refused_and_left_alone_postgres
);

async fn without_migrating_an_empty_database_is_refused_and_stays_empty(backend: Backend) {
    let installation = Installation::on(backend).await;
    let serve = ["serve", "--no-migrate", "--listen", "127.0.0.1:0"];
    installation.run(&serve).await.refused_saying(&["the database lacks", "dunwell migrate"]);
    let db = open(&installation, backend).await;
    let count = match backend {
        Backend::Sqlite => "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'",
        Backend::Postgres => "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema IN ('public', 'apalis')",
    };
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), count)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0);
}

on_both!(
    without_migrating_an_empty_database_is_refused_and_stays_empty,
    without_migrating_an_empty_database_is_refused_and_stays_empty_sqlite,
    without_migrating_an_empty_database_is_refused_and_stays_empty_postgres
);

async fn open(installation: &Installation, backend: Backend) -> DatabaseConnection {
    let url = match backend {
        Backend::Sqlite => format!("sqlite://{}", installation.data().join("dunwell.db").display()),
        Backend::Postgres => installation.database().url().to_owned(),
    };
    entity::database::open(&url).await.unwrap()
}

#[test]
fn a_folder_belongs_to_one_process() {
    testdb::block_on(async {
        let installation = Installation::embedded();
        let first = installation.serve(&["serve"]).await;
        for second in [&["serve", "--listen", "127.0.0.1:0"][..], &["demo", "--listen", "127.0.0.1:0"], &["work"], &["admin", "tenants"]] {
            installation.run(second).await.refused_saying(&["another dunwell uses the folder", "PostgreSQL"]);
        }
        assert_eq!(first.client().get("/readyz").await.unwrap().status, 200, "the first is not disturbed");
        first.kill().await;
        assert_eq!(installation.done(&["admin", "tenants"]).await, "", "the lock died with its process");
    });
}

#[test]
fn a_folder_that_migrates_belongs_to_one_process_too() {
    testdb::block_on(async {
        let installation = Installation::embedded();
        let _serving = installation.serve(&["serve"]).await;
        installation.run(&["migrate"]).await.refused_saying(&["another dunwell uses the folder"]);
    });
}

#[test]
fn another_kind_of_database_is_refused_without_showing_its_password() {
    testdb::block_on(async {
        for url in [format!("mysql://root:{SECRET}@127.0.0.1/dunwell"), SECRET.to_owned()] {
            let installation = Installation::embedded().with("DATABASE_URL", &url);
            for command in ["serve", "work", "migrate"] {
                let finished = installation.run(&[command]).await;
                finished.refused_saying(&["DATABASE_URL", "postgres://"]);
                assert!(!finished.stderr.contains(SECRET), "{finished:?}");
            }
        }
    });
}

#[test]
fn a_database_that_does_not_answer_is_one_line_without_its_password() {
    testdb::block_on(async {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        drop(taken);
        let url = format!("postgres://dunwell:{SECRET}@127.0.0.1:{port}/dunwell");
        let finished = Installation::embedded().with("DATABASE_URL", &url).run(&["migrate"]).await;
        finished.refused_saying(&[]);
        assert!(!finished.stderr.contains(SECRET), "{finished:?}");
    });
}

#[test]
fn a_bad_setting_is_named() {
    testdb::block_on(async {
        let bad = [
            ("listen = \"nowhere\"\n", "listen"),
            ("[smtp]\nhost = \"mail.example.com\"\n", "from"),
            ("[smtp]\nhost = \"mail.example.com\"\nfrom = \"a@example.com\"\ntls = \"maybe\"\n", "tls"),
            ("[smtp]\nhost = \"mail.example.com\"\nfrom = \"a@example.com\"\nhots = \"x\"\n", "hots"),
            ("secret_key = \"short\"\n", "secret_key"),
            ("listen = \n", "dunwell.toml"),
        ];
        for (text, name) in bad {
            let installation = Installation::embedded();
            std::fs::write(installation.folder().join("dunwell.toml"), text).unwrap();
            let finished = installation.run(&["serve"]).await;
            finished.refused_saying(&[name]);
        }
    });
}

#[test]
fn a_setting_that_does_not_exist_is_named() {
    testdb::block_on(async {
        let installation = Installation::embedded();
        std::fs::write(installation.folder().join("dunwell.toml"), "liten = \"127.0.0.1:0\"\n").unwrap();
        installation.run(&["migrate"]).await.refused_saying(&["liten"]);
    });
}

#[test]
fn figures_of_the_law_that_do_not_fit_keep_the_server_from_starting() {
    testdb::block_on(async {
        let installation = Installation::embedded();
        let file = installation.folder().join("figures.toml");
        let installation = installation.with("DUNWELL_LAW_RATES", file.to_str().unwrap());
        installation.run(&["serve"]).await.refused_saying(&["law_rates", "figures.toml"]);
        let rate = |source: &str| {
            format!("[DE]\nrates = [{{ from = \"2026-07-01\", last = \"2026-12-31\", ppm = 12_700, source = \"{source}\" }}]\n")
        };
        std::fs::write(&file, rate("")).unwrap();
        for command in ["serve", "work", "demo"] {
            installation
                .run(&[command, "--listen", "127.0.0.1:0"][..if command == "work" { 1 } else { 3 }])
                .await
                .refused_saying(&["figures.toml", "DE: a rate has no source"]);
        }
    });
}

#[test]
fn figures_that_the_operator_adds_are_told_as_such() {
    testdb::block_on(async {
        let installation = Installation::embedded();
        let file = installation.folder().join("figures.toml");
        let text =
            "[DE]\nrates = [{ from = \"2026-07-01\", last = \"2026-12-31\", ppm = 12_700, source = \"https://bank.example/rate\" }]\n";
        std::fs::write(&file, text).unwrap();
        let installation = installation.with("DUNWELL_LAW_RATES", file.to_str().unwrap());
        let demo = installation.serve(&["demo"]).await;
        let token = &super::demo::describe(&installation)["tenants"][0]["tokens"]["OWNER"];
        let client = demo.client().with_token(token.as_str().unwrap());
        let question = r#"{ rulePack(country: "DE") {
            revision
            statutoryRate(debtor: BUSINESS, on: "2026-11-22") { percent source }
            interest { baseRates { from addedByOperator } }
        } }"#;
        let pack = client.ask(question, json!({})).await["rulePack"].clone();
        assert_eq!(pack["statutoryRate"], json!({ "percent": "10.27", "source": "https://bank.example/rate" }));
        let rates = pack["interest"]["baseRates"].as_array().unwrap();
        let added: Vec<_> = rates.iter().filter(|row| row["addedByOperator"] == true).map(|row| &row["from"]).collect();
        assert_eq!(added, ["2026-07-01"]);
        assert!(pack["revision"].as_str().unwrap().starts_with("DE-2026-11+"), "{pack}");
    });
}

#[test]
fn on_postgres_all_processes_share_a_key_that_must_be_given() {
    testdb::block_on(async {
        let database = testdb::TestDb::postgres().await;
        let installation = Installation::embedded().with("DATABASE_URL", database.url());
        installation.run(&["serve", "--listen", "127.0.0.1:0"]).await.refused_saying(&["DUNWELL_SECRET_KEY"]);
        let short = Installation::embedded().with("DATABASE_URL", database.url()).with("DUNWELL_SECRET_KEY", "abc");
        short.run(&["work"]).await.refused_saying(&["secret_key", "64"]);
    });
}

#[test]
fn a_taken_port_is_one_line() {
    testdb::block_on(async {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        for command in ["serve", "demo"] {
            let finished = Installation::embedded().run(&[command, "--listen", &address]).await;
            finished.refused_saying(&["cannot listen on", &address]);
            let lines = finished.stderr.lines().filter(|line| line.contains(&address)).count();
            assert_eq!(lines, 1, "{finished:?}");
            assert!(!finished.stdout.contains("is up"), "{finished:?}");
        }
    });
}

#[test]
fn two_processes_that_start_at_once_on_an_empty_postgres_database_both_come_up() {
    testdb::block_on(async {
        let installation = Installation::on(Backend::Postgres).await;
        let (first, second, _third) =
            futures_util::join!(installation.serve(&["serve"]), installation.serve(&["serve", "--no-jobs"]), installation.work());
        for process in [first, second] {
            let version = process.client().ask("{ serverInfo { version } }", json!({})).await;
            assert!(version["serverInfo"]["version"].is_string(), "{version}");
        }
    });
}

#[test]
fn the_key_of_an_embedded_database_is_kept_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    testdb::block_on(async {
        let installation = Installation::embedded();
        installation.done(&["admin", "tenants"]).await;
        let key = installation.data().join("secret.key");
        let before = std::fs::read_to_string(&key).unwrap();
        assert_eq!(before.len(), 64);
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        installation.done(&["admin", "tenants"]).await;
        assert_eq!(std::fs::read_to_string(&key).unwrap(), before, "sessions survive a restart");
    });
}

/// Where the key that seals the keys of providers is set, and where the ones before it.
const VAULT: (&str, &str) = ("DUNWELL_VAULT_KEY", "DUNWELL_VAULT_OLD_KEYS");

#[test]
fn reseal_changes_the_vault_s_key_and_a_lost_key_is_told_before_anything_starts() {
    testdb::block_on(async {
        let (first, second) = ("a1".repeat(32), "b2".repeat(32));
        let installation = Installation::embedded();
        // The demo's three connections, sealed with the key that is derived from the secret key.
        installation.serve(&["demo"]).await.kill().await;
        let installation = installation.with(VAULT.0, &first);
        assert!(installation.done(&["admin", "reseal"]).await.starts_with("3 sealed again, 0 "));
        assert!(installation.done(&["admin", "reseal"]).await.starts_with("0 sealed again, 0 "));

        let installation = installation.with(VAULT.0, &second);
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["work"], &["admin", "reseal"]] {
            installation.run(command).await.refused_saying(&["vault_old_keys", "not configured"]);
        }
        let installation = installation.with(VAULT.1, &format!("{}, {first}", "c3".repeat(32)));
        installation.serve(&["serve"]).await.kill().await;
        assert!(installation.done(&["admin", "reseal"]).await.starts_with("3 sealed again, 0 "));

        let installation = installation.with(VAULT.1, "");
        assert!(installation.done(&["admin", "tenants"]).await.contains("Kerer"), "the old keys are not needed any more");
        installation.with(VAULT.0, "short").run(&["admin", "tenants"]).await.refused_saying(&["vault_key", "64"]);
    });
}
