//! Live: how things stand first, then every change once, behind any cursor, whatever stops in between.

use std::{pin::Pin, time::Duration};

use api::{graphql::id::encode, tail::EventTail};
use async_graphql::{Request, Response};
use domain::{
    Actor, Change, Env, Viewer,
    case::Selection,
    env::Doorbell,
    event::{Happened, feed, kind},
};
use entity::{CaseId, HoldReason, event};
use futures_util::{Stream, StreamExt};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use testdb::{Backend, TestDb};
use tokio_util::sync::CancellationToken;

use crate::{
    outside::books::signed,
    world::{Creditor, World, migrate},
};

/// Long enough for a busy machine; nothing waits this long when it works.
const PATIENCE: Duration = Duration::from_secs(30);

/// Long enough for a message that must not come.
const SILENCE: Duration = Duration::from_millis(1_500);

/// One process: its own feed and its own bell, on the world's database.
struct Process {
    env: Env,
    schema: api::AppSchema,
    stop: CancellationToken,
}

impl Process {
    async fn start(world: &World, queue: usize) -> Self {
        let env = Env { db: world.db.connect().await, doorbell: Doorbell::default(), ..world.env.clone() };
        settled(&env).await;
        let stop = CancellationToken::new();
        let tail = EventTail::with_queue(env.clone(), stop.clone(), queue);
        let schema = api::schema(env.clone(), tail, &world.settings);
        Self { env, schema, stop }
    }

    fn subscribe(&self, viewer: &Viewer, field: &str) -> Live {
        let request = Request::new(format!("subscription {{ {field} }}")).data(api::graphql::loader::loaders(&self.env.db)).data(*viewer);
        Live(Box::pin(self.schema.execute_stream(request)))
    }
}

/// Waits until everything that was written may be handed out: another test's transaction on the same PostgreSQL may
/// hold it back, and what is held back is told after the snapshot that shows it already.
#[allow(clippy::disallowed_methods, reason = "the newest event of all tenants")]
async fn settled(env: &Env) {
    let newest = event::Entity::find().order_by_desc(event::Column::Sequence).one(&env.db).await.unwrap().map(|row| row.sequence);
    let reached = async {
        while Some(feed::head(&env.db).await.unwrap().sequence) < newest {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.expect("events settle");
}

struct Live(Pin<Box<dyn Stream<Item = Response> + Send>>);

impl Live {
    async fn response(&mut self) -> Option<Value> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message comes in time");
        next.map(|response| serde_json::to_value(response).unwrap())
    }

    /// The next message.
    async fn next(&mut self) -> Value {
        let response = self.response().await.expect("the subscription goes on");
        assert!(response.get("errors").is_none(), "{response}");
        response["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(SILENCE, self.0.next()).await.is_err()
    }

    async fn refused_with(&mut self) -> Value {
        let response = self.response().await.expect("an answer");
        response["errors"][0]["extensions"]["code"].clone()
    }
}

const CASE_EVENT: &str = "{ cursor change case { id number status } timelineEdge { cursor node { id kind } } }";

fn progress(case: CaseId, after: Option<&Value>) -> String {
    let after = after.map(|cursor| format!("after: {cursor}")).unwrap_or_default();
    format!("caseProgress(caseId: \"{}\" {after}) {CASE_EVENT}", *encode(case))
}

fn changed(arguments: &str) -> String {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    format!("casesChanged{arguments} {CASE_EVENT}")
}

async fn pause(env: &Env, of: &Creditor, case: CaseId) {
    domain::case::hold(env, &of.owner, case, HoldReason::Paused, "2026-07-20".parse().unwrap(), "", None).await.unwrap();
}

async fn resume(env: &Env, of: &Creditor, case: CaseId) {
    domain::case::resume(env, &of.owner, case, None).await.unwrap();
}

async fn approve(env: &Env, of: &Creditor, case: CaseId) {
    domain::case::approve(env, &of.owner, &Selection::Ids(vec![case])).await.unwrap();
}

/// Case numbers and what happened, of the next messages.
async fn kinds(live: &mut Live, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(live.next().await["timelineEdge"]["node"]["kind"].as_str().unwrap().to_owned());
    }
    found
}

testdb::on_both!(a_case_is_shown_as_it_stands_and_then_every_change_of_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let ids = world.proposals(&of, &["A-1", "A-2"]).await;
    let process = Process::start(&world, 64).await;
    let mut live = process.subscribe(&of.reader, &progress(ids[0], None));
    let first = live.next().await;
    assert_eq!((&first["change"], &first["case"]["status"]), (&json!("SNAPSHOT"), &json!("PROPOSED")));
    assert_eq!(first["timelineEdge"], Value::Null);
    approve(&process.env, &of, ids[1]).await;
    approve(&process.env, &of, ids[0]).await;
    pause(&process.env, &of, ids[0]).await;
    let second = live.next().await;
    assert_eq!((&second["change"], &second["case"]["number"]), (&json!("UPDATED"), &json!("D000001")));
    assert_eq!(second["timelineEdge"]["node"]["kind"], "case.approved");
    assert_eq!(live.next().await["timelineEdge"]["node"]["kind"], "case.held");
    assert!(live.is_silent().await, "another case's change is not told");
});

testdb::on_both!(a_change_by_another_process_arrives_without_its_bell, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let case = world.proposals(&of, &["A-1"]).await[0];
    let process = Process::start(&world, 64).await;
    let mut live = process.subscribe(&of.owner, &progress(case, None));
    live.next().await;
    approve(&world.env, &of, case).await;
    assert_eq!(kinds(&mut live, 1).await, ["case.approved"]);
});

testdb::on_both!(behind_any_cursor_it_goes_on_in_another_process_without_loss_or_repeat, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let case = world.proposals(&of, &["A-1"]).await[0];
    let process = Process::start(&world, 64).await;
    let mut live = process.subscribe(&of.owner, &progress(case, None));
    let mut cursors = vec![live.next().await["cursor"].clone()];
    approve(&process.env, &of, case).await;
    pause(&process.env, &of, case).await;
    for _ in 0..2 {
        cursors.push(live.next().await["cursor"].clone());
    }
    drop(live);
    process.stop.cancel();
    // Nobody listens meanwhile.
    resume(&world.env, &of, case).await;
    let all = ["case.approved", "case.held", "case.resumed", "case.held"];
    let process = Process::start(&world, 64).await;
    let mut open = Vec::new();
    for cursor in &cursors {
        open.push(process.subscribe(&of.owner, &progress(case, Some(cursor))));
    }
    for (seen, live) in open.iter_mut().enumerate() {
        assert_eq!(kinds(live, 3 - seen).await, all[seen..3], "behind message {seen}");
    }
    pause(&process.env, &of, case).await;
    for live in &mut open {
        assert_eq!(kinds(live, 1).await, all[3..]);
        assert!(live.is_silent().await);
    }
});

testdb::on_both!(a_slow_reader_loses_nothing_and_sees_nothing_twice, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let case = world.proposals(&of, &["A-1"]).await[0];
    let process = Process::start(&world, 1).await;
    let mut live = process.subscribe(&of.owner, &progress(case, None));
    live.next().await;
    approve(&process.env, &of, case).await;
    assert_eq!(kinds(&mut live, 1).await, ["case.approved"], "it follows the live feed before it falls behind");
    for _ in 0..40 {
        pause(&process.env, &of, case).await;
        resume(&process.env, &of, case).await;
    }
    // The feed went on while nobody read.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let seen = kinds(&mut live, 80).await;
    let expected: Vec<&str> = std::iter::repeat_n(["case.held", "case.resumed"], 40).flatten().collect();
    assert_eq!(seen, expected);
    assert!(live.is_silent().await);
    pause(&process.env, &of, case).await;
    assert_eq!(kinds(&mut live, 1).await, ["case.held"], "it is back on the live feed");
});

testdb::on_both!(a_filter_tells_what_begins_to_match_changes_and_no_longer_matches, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let ids = world.proposals(&of, &["A-1", "A-2"]).await;
    let process = Process::start(&world, 64).await;
    let mut live = process.subscribe(&of.owner, &changed("where: {status: [ACTIVE]}"));
    let empty = live.next().await;
    assert_eq!((&empty["change"], &empty["case"]), (&json!("SNAPSHOT"), &Value::Null));
    let told = |message: &Value| (message["change"].as_str().unwrap().to_owned(), message["case"]["number"].as_str().unwrap().to_owned());
    let expect = |change: &str, number: &str| (change.to_owned(), number.to_owned());
    approve(&process.env, &of, ids[0]).await;
    let added = live.next().await;
    assert_eq!(told(&added), expect("ADDED", "D000001"));
    world.run_due().await;
    let mut last = live.next().await;
    assert_eq!(told(&last), expect("UPDATED", "D000001"));
    // Several events of one moment may come as one message or as more; a letter sent is the last.
    while last["timelineEdge"]["node"]["kind"] != "letter.sent" {
        last = live.next().await;
        assert_eq!(told(&last), expect("UPDATED", "D000001"));
    }
    pause(&process.env, &of, ids[0]).await;
    assert_eq!(told(&live.next().await), expect("REMOVED", "D000001"));
    domain::case::decline(&process.env, &of.owner, &Selection::Ids(vec![ids[1]]), None).await.unwrap();
    assert!(live.is_silent().await, "what never matched is not removed");
    resume(&process.env, &of, ids[0]).await;
    assert_eq!(told(&live.next().await), expect("ADDED", "D000001"));
    let mut late = process.subscribe(&of.owner, &changed("where: {status: [ACTIVE]}"));
    assert_eq!(told(&late.next().await), expect("SNAPSHOT", "D000001"));
    let mut resumed = process.subscribe(&of.owner, &changed(&format!("where: {{status: [ON_HOLD]}} after: {}", added["cursor"])));
    assert_eq!(resumed.next().await["change"], "REMOVED", "its client may still show it");
});

testdb::on_both!(runs_are_followed_from_the_queue_to_the_end, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let process = Process::start(&world, 64).await;
    let field = format!(
        "syncProgress(integrationId: \"{}\") {{ cursor change syncRun {{ status counters {{ casesProposed }} }} }}",
        *encode(of.integration)
    );
    let mut live = process.subscribe(&of.owner, &field);
    assert_eq!(live.next().await["syncRun"], Value::Null);
    world.proposals(&of, &["A-1", "A-2"]).await;
    let first = live.next().await;
    assert_eq!(first["change"], "ADDED");
    let mut last = first;
    while last["syncRun"]["status"] != "SUCCEEDED" {
        last = live.next().await;
    }
    assert_eq!(last["syncRun"]["counters"]["casesProposed"], 2);
    let mut late = process.subscribe(&of.owner, &field);
    let snapshot = late.next().await;
    assert_eq!((&snapshot["change"], &snapshot["syncRun"]["status"]), (&json!("SNAPSHOT"), &json!("SUCCEEDED")));
});

testdb::on_both!(figures_are_told_when_they_change_and_only_then, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let ids = world.proposals(&of, &["A-1", "A-2"]).await;
    let process = Process::start(&world, 64).await;
    let mut live = process.subscribe(&of.owner, "collectionSummary { inCollection { amount } casesByStatus { status count } }");
    assert_eq!(live.next().await["inCollection"]["amount"], "0.00");
    approve(&process.env, &of, ids[0]).await;
    approve(&process.env, &of, ids[1]).await;
    let mut told = live.next().await;
    if told["inCollection"]["amount"] == "120.00" {
        told = live.next().await;
    }
    assert_eq!(told["inCollection"]["amount"], "240.00");
    domain::integration::create_csv(&process.env, &of.owner, "More files").await.unwrap();
    assert!(live.is_silent().await, "an event that changes no figure is not told");
});

testdb::on_both!(a_neighbours_records_cannot_be_followed, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    let foreign = world.proposals(&other, &["B-1"]).await[0];
    let own = world.proposals(&of, &["A-1"]).await[0];
    let process = Process::start(&world, 64).await;
    let mut unseen = process.subscribe(&of.owner, &changed(""));
    assert_eq!(unseen.next().await["case"]["id"], json!(*encode(own)));
    let foreign_cursor = process.subscribe(&other.owner, &progress(foreign, None)).next().await["cursor"].clone();
    for (field, code) in [
        (progress(foreign, None), "NOT_FOUND"),
        (progress(CaseId(uuid::Uuid::from_u128(7)), None), "NOT_FOUND"),
        (format!("syncProgress(integrationId: \"{}\") {{ cursor }}", *encode(other.integration)), "NOT_FOUND"),
        (progress(own, Some(&foreign_cursor)), "BAD_USER_INPUT"),
        (progress(own, Some(&json!("0-0"))), "BAD_USER_INPUT"),
        (changed("where: {debtorId: \"nonsense\"}"), "BAD_USER_INPUT"),
    ] {
        assert_eq!(process.subscribe(&of.owner, &field).refused_with().await, json!(code), "{field}");
    }
    approve(&process.env, &other, foreign).await;
    assert!(unseen.is_silent().await);
});

testdb::on_both!(runs_by_the_clock_and_by_what_a_provider_tells_are_told_live, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let id = crate::connecting::xero(&world, &of).await;
    let process = Process::start(&world, 64).await;
    let field = format!("syncProgress(integrationId: \"{id}\") {{ change cursor syncRun {{ id trigger scope status }} }}");
    let mut live = process.subscribe(&of.reader, &field);
    assert_eq!(live.next().await["syncRun"], Value::Null, "nothing was pulled yet");
    world.run_due().await;
    assert_eq!(ended(&mut live).await, ["INITIAL", "EVERYTHING"]);
    let body = b"Kauri invoice B-1 m1";
    let taken = domain::sync::take_hints(&world.env, entity::Provider::Xero, Some(&signed(body)), body).await;
    taken.unwrap().unwrap();
    world.run_due().await;
    assert_eq!(ended(&mut live).await, ["WEBHOOK", "ONLY"]);
    world.clock.pass(chrono::TimeDelta::hours(2));
    world.run_due().await;
    assert_eq!(ended(&mut live).await, ["SCHEDULE", "CHANGES"]);
});

/// Trigger and scope of the next run that ends well.
async fn ended(live: &mut Live) -> [String; 2] {
    loop {
        let run = live.next().await["syncRun"].clone();
        if run["status"] == "SUCCEEDED" {
            return ["trigger", "scope"].map(|field| run[field].as_str().unwrap().to_owned());
        }
    }
}

testdb::on_both!(everyone_is_let_go_when_the_process_stops, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let case = world.proposals(&of, &["A-1"]).await[0];
    let process = Process::start(&world, 64).await;
    let mut open = [
        process.subscribe(&of.owner, &progress(case, None)),
        process.subscribe(&of.owner, &changed("")),
        process.subscribe(&of.owner, "collectionSummary { asOf }"),
        process.subscribe(&of.owner, "syncProgress { cursor }"),
    ];
    for live in &mut open {
        live.next().await;
    }
    process.stop.cancel();
    for mut live in open {
        assert_eq!(live.response().await, None);
    }
});

/// A transaction that began earlier commits later: its event is told once, in a place that no cursor has passed.
#[test]
fn a_slower_transaction_is_neither_lost_nor_put_behind_a_cursor() {
    testdb::block_on(async {
        let world = World::new(TestDb::with(Backend::Postgres, "product", migrate).await).await;
        let of = world.creditor("Kiwi").await;
        let ids = world.proposals(&of, &["A-1", "A-2"]).await;
        let process = Process::start(&world, 64).await;
        let mut live = process.subscribe(&of.owner, &changed("where: {status: [PROPOSED, ACTIVE]}"));
        let start = [live.next().await, live.next().await][1]["cursor"].clone();

        let mut slow = Change::begin(&process.env, of.tenant, Actor::System).await.unwrap();
        slow.tx.execute_unprepared("SELECT pg_current_xact_id()").await.unwrap();
        approve(&process.env, &of, ids[1]).await;
        assert!(live.is_silent().await, "what is after a running transaction is not handed out yet");
        let case = world.case(&of, ids[0]).await;
        slow.record(Happened::new(kind::CASE_STUCK).case(&case));
        slow.commit().await.unwrap();

        let (first, second) = (live.next().await, live.next().await);
        let kind = |message: &Value| message["timelineEdge"]["node"]["kind"].as_str().unwrap().to_owned();
        assert_eq!([kind(&first), kind(&second)], ["case.stuck", "case.approved"]);
        assert!(live.is_silent().await);
        for (cursor, expected) in [(&start, vec!["case.stuck", "case.approved"]), (&first["cursor"], vec!["case.approved"])] {
            let mut resumed = process.subscribe(&of.owner, &changed(&format!("after: {cursor}")));
            assert_eq!(kinds(&mut resumed, expected.len()).await, expected);
            assert!(resumed.is_silent().await);
        }
    });
}
