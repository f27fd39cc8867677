//! What escalating costs on PostgreSQL: `cargo bench -p it --bench escalate`, or with another number of open cases,
//! `cargo bench -p it --bench escalate -- 100000`. Prints, for few and for many open cases, what one look of the
//! dispatcher at 1,000 due cases takes; then steps advanced a second; letters a second the whole way (deciding, freezing,
//! drawing the PDF, SMTP to a sink in this machine); what explaining one case takes and simulating 10,000 over 60 days.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "a benchmark may panic, and uses a part of the stories' stage")]

#[path = "../it/clock.rs"]
mod clock;
#[path = "../it/process/mailbox.rs"]
mod mailbox;
#[path = "../it/postbox.rs"]
mod postbox;
#[path = "../it/sheet.rs"]
mod sheet;
#[path = "../it/world.rs"]
mod world;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use adapters::{
    connectors::Settings,
    delivery::{EmailPostman, SmtpSettings, SmtpTls},
};
use chrono::TimeDelta;
use domain::{
    Clock, Env, delivery,
    escalation::{self, simulate},
    port::Postman,
    statistics,
};
use entity::{CaseStatus, Channel, Scoped, collection_case};
use futures_util::{StreamExt, stream};

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use testdb::{Backend, TestDb};

use clock::MovedClock;
use mailbox::Mailbox;
use world::{Creditor, World};

/// Open cases unless another number is given.
const MANY: usize = 1_000_000;

/// The number that they are compared with.
const FEW: usize = 10_000;

/// Cases that are due at once: what one look of the dispatcher takes.
const DUE: usize = 1_000;

/// Looks whose middle is told.
const LOOKS: usize = 21;

/// Steps that are advanced.
const STEPS: usize = 10_000;

/// Letters that go the whole way.
const LETTERS: usize = 2_000;

/// Rows that are copied by one statement.
const SEEDED_AT_ONCE: usize = 50_000;

/// Days of the dry run.
const SIMULATED_DAYS: u32 = 60;

/// Pieces of work at the same time.
const AT_ONCE: usize = 16;

/// Monday, 6 July 2026, 10:00 in Auckland: inside contact hours.
const NOW: &str = "2026-07-05T22:00:00Z";

/// Statements since the program began, without BEGIN and COMMIT.
static STATEMENTS: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

fn main() {
    let many = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(MANY);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(many));
}

async fn run(many: usize) {
    let sink = Mailbox::start(7, Duration::from_millis(1)).await;
    let mut world = World::with(
        TestDb::with(Backend::Postgres, "product", world::migrate).await,
        Arc::new(MovedClock::at(NOW.parse().unwrap())),
        Arc::new(letters::Renderer::new(Vec::new()).unwrap()),
        Settings::default(),
    )
    .await;
    let counted = Arc::clone(&STATEMENTS);
    world.env.db.set_metric_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    world.env = with_mail(&world.env, sink.port);
    let by = world.creditor().await;
    world.invoices(&by, &[sheet::Invoice::new("INV-1")]).await;
    let first = world.cases(&by).await[0].id;
    domain::case::approve(&world.env, &by.viewer, &domain::case::Selection::Ids(vec![first])).await.unwrap();
    let mut open = 1;
    for wanted in [FEW, many] {
        let started = Instant::now();
        seed(&world, &by, open, wanted).await;
        open = wanted;
        println!("{wanted} open cases: seeded in {:.1} s", started.elapsed().as_secs_f64());
        due(&world, &by, DUE).await;
        looks(&world, wanted).await;
    }
    warm_up(&world, &by).await;
    due(&world, &by, STEPS).await;
    steps(&world).await;
    explain(&world, &by).await;
    simulate(&world, &by).await;
    letters(&world, &by, &sink).await;
}

/// The same world, whose e-mail goes over SMTP.
fn with_mail(env: &Env, port: u16) -> Env {
    let settings = SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        username: None,
        password: None,
        tls: SmtpTls::None { anywhere: false },
        authority: None,
        from_address: "letters@dunwell.example".into(),
        from_name: "{creditor} via Dunwell".into(),
        bounce_address: None,
        pool_size: AT_ONCE,
        timeout: Duration::from_secs(20),
    };
    let postman: Arc<dyn Postman> = Arc::new(EmailPostman::new(settings).unwrap());
    let mut outside = (*env.outside).clone();
    outside.postmen = BTreeMap::from([(Channel::Email, postman)]);
    Env { outside: Arc::new(outside), ..env.clone() }
}

/// Copies the first case, its debtor and its invoice until so many are open; none of the copies is due.
async fn seed(world: &World, by: &Creditor, from: usize, to: usize) {
    for start in (from..to).step_by(SEEDED_AT_ONCE) {
        seed_some(world, by, start, to.min(start + SEEDED_AT_ONCE)).await;
    }
    // Not what is still empty: it would be planned for as if it stayed so.
    world.env.db.execute_unprepared("ANALYZE debtor, collection_case, invoice").await.unwrap();
}

async fn seed_some(world: &World, by: &Creditor, from: usize, to: usize) {
    let tenant = by.tenant().0;
    let later = world.clock.now() + TimeDelta::days(30);
    let copy = |table: &str, what: &str| {
        format!(
            "INSERT INTO {table} SELECT r.* FROM (SELECT * FROM {table} WHERE tenant_id = '{tenant}' ORDER BY created_at, id LIMIT 1) t, \
             generate_series({from}, {}) g, LATERAL jsonb_populate_record(NULL::{table}, to_jsonb(t) || {what}) r",
            to - 1
        )
    };
    let cases = copy(
        "collection_case",
        &format!(
            "jsonb_build_object('id', md5('case' || g)::uuid, 'number', g + 1, 'debtor_id', md5('debtor' || g)::uuid, \
             'next_action_at', '{}')",
            later.to_rfc3339()
        ),
    )
    .replace("ORDER BY created_at, id", "ORDER BY number");
    let debtors = copy(
        "debtor",
        "jsonb_build_object('id', md5('debtor' || g)::uuid, 'external_id', 'D' || g, 'email', 'd' || g || '@example.nz', 'phone', null)",
    );
    let invoices = copy(
        "invoice",
        "jsonb_build_object('id', md5('invoice' || g)::uuid, 'external_id', 'I' || g, 'number', 'INV-' || g, \
         'debtor_id', md5('debtor' || g)::uuid, 'case_id', md5('case' || g)::uuid)",
    );
    for sql in [debtors, cases, invoices] {
        world.env.db.execute_unprepared(&sql).await.unwrap();
    }
}

/// Makes exactly so many cases due: those that are and those that come next by their numbers.
async fn due(world: &World, by: &Creditor, count: usize) {
    let (now, later) = (world.clock.now() - TimeDelta::minutes(1), world.clock.now() + TimeDelta::days(30));
    let tenant = by.tenant().0;
    let rest = format!(
        "UPDATE collection_case SET next_action_at = '{}' WHERE tenant_id = '{tenant}' AND next_action_at <= '{}'",
        later.to_rfc3339(),
        world.clock.now().to_rfc3339()
    );
    let first = format!(
        "UPDATE collection_case SET next_action_at = '{}' WHERE tenant_id = '{tenant}' AND id IN (SELECT id FROM collection_case \
         WHERE tenant_id = '{tenant}' AND status = 'active' AND next_step = 0 AND next_action_at IS NOT NULL ORDER BY number LIMIT {count})",
        now.to_rfc3339()
    );
    for sql in [rest, first, "VACUUM ANALYZE collection_case".to_owned()] {
        world.env.db.execute_unprepared(&sql).await.unwrap();
    }
}

/// The dispatcher's look: as often as it takes to have a middle that means something.
async fn looks(world: &World, open: usize) {
    let wake = jobs::Wake::default();
    jobs::migrate(&world.env.db).await.unwrap();
    let mut took = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let started = Instant::now();
        let enqueued = jobs::dispatch(&world.env, &wake).await.unwrap();
        took.push(started.elapsed());
        assert_eq!(enqueued, DUE as u64, "each due case is enqueued once");
        world.env.db.execute_unprepared("DELETE FROM apalis.jobs").await.unwrap();
    }
    let queries = {
        let started = Instant::now();
        for _ in 0..LOOKS {
            assert_eq!(escalation::due_cases(&world.env.db, world.env.now(), DUE as u64).await.unwrap().len(), DUE);
        }
        started.elapsed() / u32::try_from(LOOKS).unwrap()
    };
    took.sort_unstable();
    let (middle, worst) = (took[LOOKS / 2], took[LOOKS - 1]);
    println!("{open} open cases: a look at {DUE} due ones {middle:.2?} in the middle, {worst:.2?} at most; finding them {queries:.2?}");
}

/// Some letters the whole way, and what the dispatcher does every 5 seconds about the tables that they filled: until then
/// every statement over letters and deliveries is planned for tables that hold nothing.
async fn warm_up(world: &World, by: &Creditor) {
    due(world, by, DUE).await;
    for (tenant, case) in escalation::due_cases(&world.env.db, world.env.now(), DUE as u64).await.unwrap() {
        escalation::advance(&world.env, tenant, case).await.unwrap();
        for id in planned(world, tenant, case).await {
            delivery::deliver(&world.env, tenant, id).await.unwrap();
        }
    }
    let grown = statistics::refresh(&world.env.db).await.unwrap();
    println!("looked anew at {}", grown.join(", "));
}

async fn steps(world: &World) {
    let cases = escalation::due_cases(&world.env.db, world.env.now(), STEPS as u64).await.unwrap();
    assert_eq!(cases.len(), STEPS);
    let started = Instant::now();
    let (issued, before) = (AtomicUsize::new(0), statements());
    stream::iter(cases)
        .for_each_concurrent(AT_ONCE, |(tenant, case)| {
            let issued = &issued;
            async move {
                let advanced = escalation::advance(&world.env, tenant, case).await.unwrap();
                issued.fetch_add(usize::from(advanced == escalation::Advanced::Issued), Ordering::Relaxed);
            }
        })
        .await;
    let seconds = started.elapsed().as_secs_f64();
    let (issued, each) = (issued.into_inner(), (statements() - before) / STEPS);
    println!("{STEPS} steps advanced, {issued} letters issued, in {seconds:.2} s: {:.0}/s, {each} statements each", rate(STEPS, seconds));
}

async fn letters(world: &World, by: &Creditor, sink: &Mailbox) {
    // Those of the steps before wait: only so many go now.
    let waiting = delivery::due_deliveries(&world.env.db, world.env.now(), LETTERS as u64).await.unwrap();
    let (before, asked) = (sink.mails().len(), statements());
    let started = Instant::now();
    stream::iter(waiting.clone())
        .for_each_concurrent(AT_ONCE, |(tenant, delivery)| async move {
            delivery::deliver(&world.env, tenant, delivery).await.unwrap();
        })
        .await;
    let seconds = started.elapsed().as_secs_f64();
    let mails = sink.mails().len() - before;
    assert_eq!(mails, waiting.len(), "each letter left once");
    let each = (statements() - asked) / mails;
    println!("{mails} letters drawn and sent in {seconds:.2} s: {:.0}/s, {each} statements each", rate(mails, seconds));
    due(world, by, LETTERS).await;
    let cases = escalation::due_cases(&world.env.db, world.env.now(), LETTERS as u64).await.unwrap();
    let started = Instant::now();
    stream::iter(cases)
        .for_each_concurrent(AT_ONCE, |(tenant, case)| async move {
            escalation::advance(&world.env, tenant, case).await.unwrap();
            for id in planned(world, tenant, case).await {
                delivery::deliver(&world.env, tenant, id).await.unwrap();
            }
        })
        .await;
    let seconds = started.elapsed().as_secs_f64();
    let mails = sink.mails().len() - before - mails;
    println!("{mails} letters the whole way (decided, frozen, drawn, sent) in {seconds:.2} s: {:.0}/s", rate(mails, seconds));
}

async fn planned(world: &World, tenant: entity::TenantId, case: entity::CaseId) -> Vec<entity::DeliveryId> {
    let select = entity::delivery::Entity::of(tenant).select_only().column(entity::delivery::Column::Id);
    select.filter(entity::delivery::Column::CaseId.eq(case)).into_tuple().all(&world.env.db).await.unwrap()
}

async fn explain(world: &World, by: &Creditor) {
    let select = collection_case::Entity::of(by.tenant()).filter(collection_case::Column::Status.eq(CaseStatus::Active));
    let cases = select.order_by_desc(collection_case::Column::Number).limit(200).all(&world.env.db).await.unwrap();
    let mut took = Vec::with_capacity(cases.len());
    for case in cases {
        let started = Instant::now();
        escalation::explain(&world.env, by.tenant(), case.id).await.unwrap();
        took.push(started.elapsed());
    }
    took.sort_unstable();
    println!("explaining a case: {:.2?} in the middle, {:.2?} at most of {}", took[took.len() / 2], took[took.len() - 1], took.len());
}

async fn simulate(world: &World, by: &Creditor) {
    let of = || collection_case::Entity::of(by.tenant());
    let portfolio = of().filter(collection_case::Column::Number.lte(i64::try_from(simulate::MAX_CASES).unwrap()));
    let started = Instant::now();
    let ran = simulate::simulate(&world.env.db, by.tenant(), portfolio, &simulate::Along::Own, SIMULATED_DAYS, world.env.now()).await;
    let ran = ran.unwrap();
    println!("a dry run of {} cases over {SIMULATED_DAYS} days: {} acts in {:.2?}", ran.cases, ran.acts.len(), started.elapsed());
}

fn statements() -> usize {
    STATEMENTS.load(Ordering::Relaxed)
}

fn rate(count: usize, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let count = count as f64;
    count / seconds
}
