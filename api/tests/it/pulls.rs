//! Pulling from accounting systems: on request, a look before, what a run tells of itself, live; and how many statements
//! a list of integrations takes.

use std::sync::{Arc, Mutex};

use api::{graphql::id::encode, tail::EventTail};
use domain::{Env, port::SourceError};
use serde_json::{Value, json};
use testdb::{Backend, TestDb, on_both};
use tokio_util::sync::CancellationToken;

use crate::{
    connecting::xero,
    outside::books::{account, payment, record},
    world::{Creditor, World, codes, migrate},
};

const ERRORS: &str = "userErrors { code field message }";

const RUN: &str = "id trigger status scope resumeAt progress { phase } counters { invoicesNew casesProposed }
  skipped { exempt disputed beforeActivation tooSmall notRemindedAhead tooEarly } error { code } createdBy { displayName }";

async fn stage(db: TestDb) -> (World, Creditor, String) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let id = xero(&world, &creditor).await;
    *world.books.records.lock().unwrap() = vec![record("B-1", "2026-05-20"), record("B-2", "2026-05-20"), record("B-3", "2026-07-01")];
    (world, creditor, id)
}

fn sync(id: &str, more: &str) -> String {
    format!("integrationSyncNow(id: \"{id}\"{more}) {{ {ERRORS} syncRun {{ {RUN} }} }}")
}

async fn run(world: &World, of: &Creditor, id: &Value) -> Value {
    world.ask(Some(&of.reader), &format!("{{ syncRun(id: {id}) {{ {RUN} }} }}")).await["data"]["syncRun"].clone()
}

on_both!(a_pull_is_asked_for_once_and_tells_what_it_left_aside, with("api", migrate), |db| async move {
    let (world, of, id) = stage(db).await;
    let asked = world.change(&of.accountant, &sync(&id, "")).await;
    let queued = &World::done(&asked)["syncRun"];
    assert_eq!((&queued["trigger"], &queued["status"], &queued["scope"]), (&json!("MANUAL"), &json!("QUEUED"), &json!("EVERYTHING")));
    assert_eq!((&queued["skipped"], &queued["createdBy"]["displayName"]), (&Value::Null, &json!("Accountant of Kauri")));
    assert_eq!(world.change(&of.owner, &sync(&id, "")).await["syncRun"]["id"], queued["id"], "it waits already");
    world.run_due().await;
    let done = run(&world, &of, &queued["id"]).await;
    assert_eq!(done["counters"], json!({ "invoicesNew": 3, "casesProposed": 2 }));
    assert_eq!(
        done["skipped"],
        json!({ "exempt": 0, "disputed": 0, "beforeActivation": 0, "tooSmall": 0, "notRemindedAhead": 0, "tooEarly": 1 })
    );
    assert_eq!(done["progress"]["phase"], "done");
    let again = world.change(&of.owner, &sync(&id, "")).await;
    assert_eq!(again["syncRun"]["scope"], "CHANGES", "everything was seen once");
    world.run_due().await;
    let all = world.change(&of.owner, &sync(&id, ", everything: true")).await;
    assert_eq!(all["syncRun"]["scope"], "EVERYTHING");
    let files = encode(of.integration).0;
    assert_eq!(codes(&world.change(&of.owner, &sync(&files, "")).await), ["ILLEGAL_TRANSITION"]);
});

on_both!(a_source_that_asks_to_wait_parks_its_run, with("api", migrate), |db| async move {
    let (world, of, id) = stage(db).await;
    *world.books.trouble.lock().unwrap() = Some(SourceError::RateLimited(3_600));
    let asked = world.change(&of.owner, &sync(&id, "")).await;
    world.run_due().await;
    let parked = run(&world, &of, &asked["syncRun"]["id"]).await;
    assert_eq!((&parked["progress"]["phase"], &parked["status"]), (&json!("waiting"), &json!("RUNNING")));
    assert_eq!(parked["resumeAt"], "2026-07-05T23:00:00+00:00");
    let health =
        world.ask(Some(&of.reader), &format!("{{ integration(id: \"{id}\") {{ health {{ ok code message parkedUntil }} }} }}")).await;
    let health = &health["data"]["integration"]["health"];
    assert_eq!((&health["ok"], &health["code"]), (&json!(false), &json!("PROVIDER_RATE_LIMITED")));
    assert_eq!(health["parkedUntil"], parked["resumeAt"]);
    assert!(health["message"].as_str().unwrap().contains("60 minutes"), "{health}");
});

on_both!(a_look_changes_nothing_and_its_ticks_are_taken_over, with("api", migrate), |db| async move {
    let (world, of, id) = stage(db).await;
    world.books.records.lock().unwrap().push(payment("B-1", "2026-06-01"));
    let look = |arguments: &str| {
        format!(
            "{{ pullPreview(integrationId: \"{id}\"{arguments}) {{ more at problems {{ externalId code }}
               invoices {{ known invoice {{ externalId number debtorName issuedOn dueOn total {{ amount currency }} outstanding {{ amount }} }} }}
               payments {{ externalId invoiceExternalId kind amount {{ amount }} receivedOn }} }} }}"
        )
    };
    let before = world.snapshot(&of).await;
    let found = world.ask(Some(&of.accountant), &look("")).await["data"]["pullPreview"].clone();
    let first = json!({ "known": false, "invoice": { "externalId": "B-1", "number": "B-1", "debtorName": "Debtor B-1", "issuedOn": "2026-05-06",
        "dueOn": "2026-05-20", "total": { "amount": "120.00", "currency": "NZD" }, "outstanding": { "amount": "120.00" } } });
    assert_eq!(found["invoices"][0], first);
    let paid = json!([{ "externalId": "P-B-1", "invoiceExternalId": "B-1", "kind": "PAYMENT", "amount": { "amount": "20.00" }, "receivedOn": "2026-06-01" }]);
    assert_eq!((found["invoices"].as_array().unwrap().len(), &found["payments"], &found["more"]), (3, &paid, &json!(false)));
    assert_eq!(world.snapshot(&of).await, before);
    let late = world.ask(Some(&of.owner), &look(", invoicesFrom: \"2026-06-01\", paymentsFrom: \"2026-06-02\"")).await;
    let late = &late["data"]["pullPreview"];
    assert_eq!((late["invoices"].as_array().unwrap().len(), &late["payments"]), (1, &json!([])));

    let import = |ids: Value| format!("integrationImport(id: \"{id}\", invoiceExternalIds: {ids}) {{ {ERRORS} syncRun {{ {RUN} }} }}");
    let refused = world.change(&of.owner, &import(json!([]))).await;
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["LIMIT_EXCEEDED"], &json!(["invoiceExternalIds"])));
    let paused = format!("integrationPause(id: \"{id}\") {{ {ERRORS} }}");
    World::done(&world.change(&of.owner, &paused).await);
    assert_eq!(codes(&world.change(&of.owner, &import(json!(["B-2"]))).await), ["ILLEGAL_TRANSITION"]);
    World::done(&world.change(&of.owner, &paused.replace("Pause", "Resume")).await);
    let asked = world.change(&of.accountant, &import(json!(["B-2"]))).await;
    let asked = &World::done(&asked)["syncRun"];
    assert_eq!(asked["scope"], "ONLY");
    let run_id = api::graphql::id::decode(asked["id"].as_str().unwrap()).unwrap();
    domain::sync::run(&world.env, of.tenant, run_id).await.unwrap();
    let done = run(&world, &of, &asked["id"]).await;
    assert_eq!(done["counters"], json!({ "invoicesNew": 1, "casesProposed": 1 }));
    let known = world.ask(Some(&of.owner), &look("")).await["data"]["pullPreview"]["invoices"].clone();
    assert_eq!(known.as_array().unwrap().iter().map(|i| i["known"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, false]);
});

on_both!(a_look_is_for_who_may_import_and_says_what_the_provider_says, with("api", migrate), |db| async move {
    let (world, of, id) = stage(db).await;
    let neighbour = world.creditor("Rimu").await;
    let look = |id: &str| format!("{{ pullPreview(integrationId: \"{id}\") {{ more }} }}");
    let code = |answer: Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    assert_eq!(code(world.ask(Some(&of.reader), &look(&id)).await), "FORBIDDEN");
    let unknown = encode(entity::IntegrationId(uuid::Uuid::from_u128(7))).0;
    let expected = world.ask(Some(&neighbour.owner), &look(&unknown)).await["errors"][0]["message"].clone();
    let theirs = world.ask(Some(&neighbour.owner), &look(&id)).await;
    assert_eq!((theirs["errors"][0]["message"].clone(), code(theirs)), (expected, "NOT_FOUND".into()));
    assert_eq!(code(world.ask(Some(&of.owner), &look(&encode(of.integration).0)).await), "ILLEGAL_TRANSITION");
    *world.books.trouble.lock().unwrap() = Some(SourceError::Unavailable("no answer".into()));
    assert_eq!(code(world.ask(Some(&of.owner), &look(&id)).await), "PROVIDER_UNAVAILABLE");
    let many = ["a", "b", "c", "d", "e", "f"].map(|alias| format!("{alias}: pullPreview(integrationId: \"{id}\") {{ more }}")).join(" ");
    let refused = world.ask(Some(&of.owner), &format!("{{ {many} }}")).await;
    assert!(refused["data"].is_null() && refused["errors"][0].to_string().contains("complex"), "{refused}");
});

/// Integrations with their keys, books, health and newest runs: as many statements for thirty as for three.
fn does_not_grow(backend: Backend) {
    // One thread: what is asked for together is then one statement, not as it happens.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let mut world = World::new(TestDb::with(backend, "api", migrate).await).await;
        let of = world.creditor("Kauri").await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let counter = Arc::clone(&seen);
        world.env.db.set_metric_callback(move |info| counter.lock().unwrap().push(info.statement.sql.clone()));
        let feed = Env { db: world.db.connect().await, ..world.env.clone() };
        world.schema = api::schema(world.env.clone(), EventTail::start(feed, CancellationToken::new()), &world.settings);
        let document = "{ tenant { integrations { id keyHint grantedScopes account { organisationName } health { ok } canSync system { name }
            settings { minimumDaysOverdueFloor minimumAmount { amount } debtorGroupsExcluded } syncRuns(first: 2) { nodes { scope status } } } } }";
        let mut counts = Vec::new();
        for accounts in [2, 29] {
            *world.books.accounts.lock().unwrap() = (0..accounts).map(|n| account(&format!("Nr{accounts}-{n}"))).collect();
            connect_all(&world, &of).await;
            seen.lock().unwrap().clear();
            let answer = world.ask(Some(&of.reader), document).await;
            assert!(answer["data"]["tenant"]["integrations"].as_array().unwrap().len() > accounts, "{answer}");
            counts.push(seen.lock().unwrap().clone());
        }
        let [few, many] = [counts[0].len(), counts[1].len()];
        assert!(few.abs_diff(many) <= 2 && many < 12, "27 more integrations are no reason: {counts:#?}");
        assert!(!counts[1].iter().any(|sql| sql.contains("\"sealed\"")), "keys are not read for a list");
    });
}

async fn connect_all(world: &World, of: &Creditor) {
    let started = world.change(&of.owner, "powerOfficeConnectStart(returnUrl: \"http://127.0.0.1:1/\") { authorizationUrl }").await;
    let state = crate::catalogue::state_of(&started);
    let ids: Vec<String> = world.books.accounts.lock().unwrap().iter().map(|account| account.external_id.clone()).collect();
    let finish = format!("powerOfficeConnectFinish(state: \"{state}\", token: \"good\", organisationIds: {}) {{ {ERRORS} }}", json!(ids));
    World::done(&world.change(&of.owner, &finish).await);
}

#[test]
fn the_statements_of_a_list_of_integrations_do_not_grow_on_sqlite() {
    does_not_grow(Backend::Sqlite);
}

#[test]
fn the_statements_of_a_list_of_integrations_do_not_grow_on_postgres() {
    does_not_grow(Backend::Postgres);
}
