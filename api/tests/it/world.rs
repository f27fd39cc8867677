//! The stage: one database, the schema over it, creditors with their members, and documents asked as one of them.

use std::sync::Arc;

use api::{ApiSettings, AppSchema, DemoControl, auth::Keys, tail::EventTail};
use async_graphql::{Request, Variables};
use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use domain::{
    Env, Viewer, delivery,
    env::Doorbell,
    escalation, handover, identity,
    import::{self, ImportRequest, StartImport},
    integration,
    port::{DebtorSnapshot, InvoiceSnapshot, InvoiceState},
    sync,
    tenant::{self, BankDetails, NewTenant, TenantChanges},
};
use entity::{CaseId, CaseStatus, ConsentMode, DebtorId, IntegrationId, Role, Scoped, TenantId, collection_case, debtor, event, payment};
use sea_orm::QueryOrder;
use serde_json::{Value, json};
use testdb::TestDb;
use tokio_util::sync::CancellationToken;

use crate::outside::{Channels, Counted, Forgetful, MovedClock, books::Books, file, outside};

/// A database with the product's tables, for `testdb::on_both!`.
pub async fn migrate(db: sea_orm::DatabaseConnection) -> Result<(), migration::MigrateError> {
    migration::up(&db).await.map(drop)
}

pub const SIGNING_KEY: [u8; 32] = [7; 32];

/// Moves the clock and counts how often it was asked to.
struct DemoClock(Arc<MovedClock>);

#[async_trait]
impl DemoControl for DemoClock {
    async fn advance(&self, days: i64) -> domain::Result<u64> {
        self.0.pass(TimeDelta::days(days));
        Ok(3)
    }
}

pub struct World {
    pub env: Env,
    pub clock: Arc<MovedClock>,
    pub channels: Arc<Channels>,
    pub books: Arc<Books>,
    pub schema: AppSchema,
    pub settings: ApiSettings,
    pub db: TestDb,
}

/// A tenant and its three members.
#[derive(Clone, Copy)]
pub struct Creditor {
    pub tenant: TenantId,
    pub owner: Viewer,
    pub accountant: Viewer,
    pub reader: Viewer,
    pub integration: IntegrationId,
}

impl World {
    /// Monday, 6 July 2026, 10:00 in Auckland. No demo.
    pub async fn new(db: TestDb) -> Self {
        Self::with(db, false).await
    }

    pub async fn demo(db: TestDb) -> Self {
        Self::with(db, true).await
    }

    async fn with(db: TestDb, demo: bool) -> Self {
        let clock = Arc::new(MovedClock::at("2026-07-05T22:00:00Z"));
        let channels = Arc::new(Channels::default());
        let books = Arc::new(Books::default());
        let env = Env {
            db: db.connect().await,
            clock: clock.clone(),
            entropy: Arc::new(Counted::default()),
            messenger: Arc::new(Forgetful),
            outside: outside(&channels, &books),
            doorbell: Doorbell::default(),
        };
        let mut settings = ApiSettings::new(SIGNING_KEY, "http://127.0.0.1:1");
        settings.demo = demo.then(|| Arc::new(DemoClock(clock.clone())) as Arc<dyn DemoControl>);
        let schema = make_schema(&env, &settings);
        Self { env, clock, channels, books, schema, settings, db }
    }

    pub fn keys(&self) -> Keys {
        Keys::new(&self.settings.signing_key)
    }

    /// A world with one creditor.
    pub async fn stage(db: TestDb) -> (Self, Creditor) {
        let world = Self::new(db).await;
        let creditor = world.creditor("Kauri").await;
        (world, creditor)
    }

    /// A creditor in New Zealand: automatic consent, master switch on, an integration for files.
    pub async fn creditor(&self, name: &str) -> Creditor {
        let new = NewTenant {
            name: name.into(),
            country: "NZ".into(),
            time_zone: "Pacific/Auckland".into(),
            language: "en".into(),
            currency: "NZD".into(),
            email: format!("office@{}.example", name.to_lowercase()),
        };
        let tenant = tenant::create(&self.env, &new).await.unwrap();
        let [owner, accountant, reader] = [
            self.member(tenant, name, Role::Owner).await,
            self.member(tenant, name, Role::Accountant).await,
            self.member(tenant, name, Role::Viewer).await,
        ];
        let bank = BankDetails { account_name: name.into(), local_account: Some("12-3456-7890123-00".into()), ..BankDetails::default() };
        let changes = TenantChanges {
            bank: Some(bank),
            automatic_actions: Some(true),
            consent_mode: Some(ConsentMode::Automatic),
            ..TenantChanges::default()
        };
        tenant::update(&self.env, &owner, &changes).await.unwrap();
        let integration = integration::create_csv(&self.env, &owner, "Files").await.unwrap().id;
        Creditor { tenant, owner, accountant, reader, integration }
    }

    pub async fn member(&self, tenant: TenantId, name: &str, role: Role) -> Viewer {
        let email = format!("{role:?}@{name}.example");
        let new = identity::NewUser { tenant, email, name: format!("{role:?} of {name}"), password: None, role };
        Viewer { tenant, user: identity::user::add(&self.env, &new).await.unwrap(), role }
    }

    /// A file of invoices, its bytes complete.
    pub async fn uploaded(&self, of: &Creditor, bytes: &[u8]) -> entity::UploadId {
        let upload = import::create(&self.env, &of.owner, "export.json", bytes.len() as u64).await.unwrap();
        let mut writer = import::writer(&self.env, &of.owner, upload.id).await.unwrap();
        writer.write(bytes).await.unwrap();
        writer.finish().await.unwrap().id
    }

    /// Proposals, one for each invoice of 120.00.
    pub async fn proposals(&self, of: &Creditor, numbers: &[&str]) -> Vec<CaseId> {
        self.proposed(of, numbers.iter().map(|number| (debtor_of(number), invoice_of(number))).collect()).await
    }

    /// Invoices of one debtor, each of which becomes a proposal.
    pub async fn proposals_of_one(&self, of: &Creditor, numbers: &[&str]) -> Vec<CaseId> {
        self.proposed(of, numbers.iter().map(|number| (debtor_of(numbers[0]), invoice_of(number))).collect()).await
    }

    async fn proposed(&self, of: &Creditor, rows: Vec<(DebtorSnapshot, InvoiceSnapshot)>) -> Vec<CaseId> {
        let upload = self.uploaded(of, &file(&rows)).await;
        let start = StartImport { integration: of.integration, upload, request: ImportRequest::default(), save_mapping: false };
        import::start(&self.env, &of.owner, start).await.unwrap();
        self.run_due().await;
        let cases = self.cases(of).await;
        cases.into_iter().filter(|case| case.status == CaseStatus::Proposed).map(|case| case.id).collect()
    }

    /// One case whose letter went out.
    pub async fn active(&self, of: &Creditor, number: &str) -> CaseId {
        let ids = self.proposals(of, &[number]).await;
        domain::case::approve(&self.env, &of.owner, &domain::case::Selection::Ids(ids.clone())).await.unwrap();
        self.run_due().await;
        ids[0]
    }

    /// Does what is due, until nothing is.
    pub async fn run_due(&self) {
        let env = &self.env;
        for _ in 0..50 {
            let mut done = 0;
            for (tenant, integration) in sync::due(&env.db, env.now(), 100).await.unwrap() {
                sync::start_due(env, tenant, integration).await.unwrap();
                done += 1;
            }
            for (tenant, run) in sync::unfinished(&env.db, env.clock.machine(), 100).await.unwrap() {
                sync::run(env, tenant, run).await.unwrap();
                done += 1;
            }
            for (tenant, integration) in integration::due_proposals(&env.db, env.now(), 100).await.unwrap() {
                sync::propose(env, tenant, integration).await.unwrap();
                done += 1;
            }
            for (tenant, case) in escalation::due_cases(&env.db, env.now(), 100).await.unwrap() {
                escalation::advance(env, tenant, case).await.unwrap();
                done += 1;
            }
            for (tenant, id) in handover::due(&env.db, env.now(), 100).await.unwrap() {
                handover::step(env, tenant, id).await.unwrap();
                done += 1;
            }
            for (tenant, id) in delivery::due_deliveries(&env.db, env.now(), 100).await.unwrap() {
                delivery::deliver(env, tenant, id).await.unwrap();
                done += 1;
            }
            if done == 0 {
                return;
            }
        }
        panic!("work is due that never ends");
    }

    /// Asks a document as somebody, or as nobody.
    pub async fn ask(&self, viewer: Option<&Viewer>, document: &str) -> Value {
        self.ask_with(viewer, document, json!({})).await
    }

    /// What a creditor's reader is answered without an error.
    pub async fn asked(&self, by: &Creditor, query: &str) -> Value {
        let answer = self.ask(Some(&by.reader), query).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].clone()
    }

    pub async fn ask_with(&self, viewer: Option<&Viewer>, document: &str, variables: Value) -> Value {
        let mut request = Request::new(document)
            .variables(Variables::from_json(variables))
            .data(api::graphql::loader::loaders(&self.env.db))
            .data(api::graphql::access::Peer(None));
        if let Some(viewer) = viewer {
            request = request.data(*viewer);
        }
        serde_json::to_value(self.schema.execute(request).await).unwrap()
    }

    /// What one mutation answered.
    pub async fn change(&self, viewer: &Viewer, mutation: &str) -> Value {
        let answer = self.ask(Some(viewer), &format!("mutation {{ {mutation} }}")).await;
        assert!(answer.get("errors").is_none(), "{mutation}\n{answer}");
        answer["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    /// What one mutation answered that was not refused.
    #[track_caller]
    pub fn done(answer: &Value) -> &Value {
        assert_eq!(answer["userErrors"], json!([]), "{answer}");
        answer
    }

    pub async fn cases(&self, of: &Creditor) -> Vec<collection_case::Model> {
        collection_case::Entity::of(of.tenant).order_by_asc(collection_case::Column::Number).all(&self.env.db).await.unwrap()
    }

    pub async fn case(&self, of: &Creditor, id: CaseId) -> collection_case::Model {
        self.cases(of).await.into_iter().find(|case| case.id == id).unwrap()
    }

    pub async fn payments(&self, of: &Creditor) -> Vec<payment::Model> {
        payment::Entity::of(of.tenant).order_by_asc(payment::Column::Id).all(&self.env.db).await.unwrap()
    }

    pub async fn debtor(&self, of: &Creditor) -> DebtorId {
        debtor::Entity::of(of.tenant).order_by_asc(debtor::Column::Id).all(&self.env.db).await.unwrap()[0].id
    }

    /// Every row that a mutation may change, to see that none did.
    pub async fn snapshot(&self, of: &Creditor) -> String {
        let db = &self.env.db;
        macro_rules! all {
            ($($table:ident),+) => {
                [$(format!("{:?}", entity::$table::Entity::of(of.tenant).all(db).await.unwrap())),+].join("\n")
            };
        }
        let tenant = tenant::find(db, of.tenant).await.unwrap();
        let rows = all!(
            integration,
            credential,
            authorization,
            agency,
            handover,
            upload,
            sync_run,
            debtor,
            invoice,
            payment,
            escalation_policy,
            policy_revision,
            collection_case,
            letter,
            delivery,
            work_task,
            idempotency
        );
        format!("{tenant:?}\n{rows}\n{:?}", event::Entity::of(of.tenant).all(db).await.unwrap())
    }
}

pub fn make_schema(env: &Env, settings: &ApiSettings) -> AppSchema {
    let tail = EventTail::start(env.clone(), CancellationToken::new());
    api::schema(env.clone(), tail, settings)
}

/// The codes of a payload's refusals.
pub fn codes(answer: &Value) -> Vec<&str> {
    answer["userErrors"]
        .as_array()
        .unwrap_or_else(|| panic!("no userErrors: {answer}"))
        .iter()
        .map(|e| e["code"].as_str().unwrap())
        .collect()
}

fn debtor_of(number: &str) -> DebtorSnapshot {
    DebtorSnapshot {
        external_id: format!("D-{number}"),
        name: format!("Debtor {number}"),
        email: Some(format!("{}@debtor.example", number.to_lowercase())),
        ..DebtorSnapshot::default()
    }
}

fn invoice_of(number: &str) -> InvoiceSnapshot {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    InvoiceSnapshot {
        external_id: number.into(),
        number: number.into(),
        title: None,
        issued_on: day(5, 1),
        due_on: day(5, 20),
        currency: None,
        total_minor: 12_000,
        outstanding_minor: None,
        state: InvoiceState::Approved,
        disputed: false,
        settled_by: None,
        payment_reference: None,
        online_url: None,
    }
}
