//! The product without its doors: an [`Env`] over one test's database, a moved clock, channels that remember, and the
//! loop that the jobs room runs: whatever is due, until nothing is.

use std::{collections::BTreeMap, sync::Arc};

use adapters::connectors::Settings;
use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use domain::{
    Clock, Env, Error, Refusal, RefusalCode, Viewer, calendar, case, delivery,
    env::Doorbell,
    escalation::{self, Advanced, Decision},
    import,
    import::{ImportRequest, StartImport},
    integration::{self, IntegrationChanges},
    online_page,
    policy::{self, Draft, Ladder},
    port::{Outside, Postman, Renderer},
    sync,
    tenant::{self, BankDetails, NewTenant, TenantChanges},
};
use entity::{
    CaseId, CaseStatus, Channel, ConsentMode, IntegrationId, LetterStatus, Role, Scoped, SyncRunId, TenantId, UserId, collection_case,
    debtor, delivery as deliveries, event, invoice, letter, payment, sync_issue, sync_run, work_task,
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder};
use testdb::TestDb;

use crate::{
    clock::{MovedClock, Seeded},
    postbox::{Notebook, Postbox, QuickRenderer},
    sheet,
};

/// Rounds after which work that is still due is work that never ends.
const ROUNDS: usize = 400;

/// What the dispatcher takes at once.
const BATCH: u64 = 200;

/// A database with the product's tables, for `testdb::on_both!`.
pub async fn migrate(db: sea_orm::DatabaseConnection) -> Result<(), migration::MigrateError> {
    migration::up(&db).await.map(drop)
}

/// The product over one database.
pub struct World {
    pub env: Env,
    pub clock: Arc<MovedClock>,
    pub postbox: Arc<Postbox>,
    pub notebook: Arc<Notebook>,
    /// Each look at a case is explained before.
    explains: bool,
    _db: TestDb,
}

/// A tenant with one integration for files, as its owner sees it.
#[derive(Clone, Copy)]
pub struct Creditor {
    pub viewer: Viewer,
    pub integration: IntegrationId,
    pub zone: Tz,
}

impl Creditor {
    pub fn tenant(&self) -> TenantId {
        self.viewer.tenant
    }

    /// The same tenant, seen in another role.
    pub fn as_role(&self, role: Role) -> Viewer {
        Viewer { role, ..self.viewer }
    }
}

impl World {
    /// Monday, 6 July 2026, 06:00 in Auckland.
    pub async fn new(db: TestDb) -> Self {
        Self::at(db, "2026-07-05T18:00:00Z", Arc::new(QuickRenderer)).await
    }

    pub async fn at(db: TestDb, start: &str, renderer: Arc<dyn Renderer>) -> Self {
        Self::with(db, Arc::new(MovedClock::at(start.parse().unwrap())), renderer, Settings::default()).await
    }

    /// The same with accounting systems set up.
    pub async fn with(db: TestDb, clock: Arc<MovedClock>, renderer: Arc<dyn Renderer>, settings: Settings) -> Self {
        let postbox = Arc::new(Postbox::new(clock.clone()));
        let notebook = Arc::new(Notebook::default());
        let postmen = [Channel::Email, Channel::Sms, Channel::Post].map(|c| (c, postbox.clone() as Arc<dyn Postman>));
        let env = Env {
            db: db.connect().await,
            clock: clock.clone(),
            entropy: Arc::new(Seeded::new(7)),
            messenger: notebook.clone(),
            outside: Arc::new(Outside {
                systems: adapters::connectors::registry(settings).unwrap(),
                postmen: BTreeMap::from(postmen),
                renderer,
                agencies: domain::port::agency::Agencies::default(),
                heralds: BTreeMap::new(),
                unsubscribe: None,
                vault: Arc::new(adapters::vault::KeyringVault::new([9; 32], &[])),
            }),
            doorbell: Doorbell::default(),
        };
        Self { env, clock, postbox, notebook, explains: false, _db: db }
    }

    /// The same, where each look at a case does what explaining it just before says. Not for workers that race.
    pub fn explaining(self) -> Self {
        Self { explains: true, ..self }
    }

    /// A creditor in New Zealand: three weekly letters, automatic consent, master switch on, cases approved by hand.
    pub async fn creditor(&self) -> Creditor {
        self.creditor_in("Pacific/Auckland").await
    }

    pub async fn creditor_in(&self, zone: &str) -> Creditor {
        self.creditor_from(("NZ", "NZD", zone)).await
    }

    /// The same in another country, with the ladder that its market sells.
    pub async fn creditor_from(&self, home: (&str, &str, &str)) -> Creditor {
        self.creditor_with(home, "en", TenantChanges::default()).await
    }

    /// The same with a language and settings of its own.
    pub async fn creditor_with(&self, (country, currency, zone): (&str, &str, &str), language: &str, own: TenantChanges) -> Creditor {
        let new = NewTenant {
            name: "Kauri Supplies".into(),
            country: country.into(),
            time_zone: zone.into(),
            language: language.into(),
            currency: currency.into(),
            email: "office@kauri.example".into(),
        };
        let id = tenant::create(&self.env, &new).await.unwrap();
        let viewer = Viewer { tenant: id, user: self.env.new_id::<UserId>(), role: Role::Owner };
        let bank = BankDetails {
            account_name: "Kauri Supplies Ltd".into(),
            local_account: Some("12-3456-7890123-00".into()),
            ..BankDetails::default()
        };
        let changes = TenantChanges {
            bank: Some(own.bank.clone().unwrap_or(bank)),
            automatic_actions: Some(true),
            consent_mode: Some(ConsentMode::Automatic),
            ..own
        };
        tenant::update(&self.env, &viewer, &changes).await.unwrap();
        let integration = integration::create_csv(&self.env, &viewer, "Files").await.unwrap().id;
        Creditor { viewer, integration, zone: zone.parse().unwrap() }
    }

    /// Changes the creditor's settings.
    pub async fn settings(&self, by: &Creditor, changes: TenantChanges) {
        tenant::update(&self.env, &by.viewer, &changes).await.unwrap();
    }

    pub async fn switch(&self, by: &Creditor, on: bool) {
        self.settings(by, TenantChanges { automatic_actions: Some(on), ..TenantChanges::default() }).await;
    }

    pub async fn intake(&self, by: &Creditor, changes: IntegrationChanges) {
        integration::update(&self.env, &by.viewer, by.integration, &changes).await.unwrap();
    }

    /// Makes a ladder the policy of new cases.
    pub async fn policy(&self, by: &Creditor, ladder: &Ladder) {
        let id = policy::save(&self.env, &by.viewer, None, &Draft::new("Of the story", ladder)).await.unwrap().id;
        self.settings(by, TenantChanges { default_policy: Some(id), ..TenantChanges::default() }).await;
    }

    /// Uploads a file and asks for its import; nothing is taken over yet.
    pub async fn upload(&self, by: &Creditor, (text, request): (String, ImportRequest)) -> SyncRunId {
        let bytes = text.as_bytes();
        let upload = import::create(&self.env, &by.viewer, "export.csv", bytes.len() as u64).await.unwrap();
        let mut writer = import::writer(&self.env, &by.viewer, upload.id).await.unwrap();
        writer.write(bytes).await.unwrap();
        let upload = writer.finish().await.unwrap().id;
        let start = StartImport { integration: by.integration, upload, request, save_mapping: false };
        import::start(&self.env, &by.viewer, start).await.unwrap().id
    }

    /// Imports a file and does whatever is due then.
    pub async fn import(&self, by: &Creditor, file: (String, ImportRequest)) -> sync_run::Model {
        let run = self.upload(by, file).await;
        self.run_due().await;
        let row = sync_run::Entity::of(by.tenant()).filter(sync_run::Column::Id.eq(run)).one(&self.env.db).await.unwrap().unwrap();
        assert!(row.finished_at.is_some(), "the run ended: {row:?}");
        row
    }

    pub async fn invoices(&self, by: &Creditor, rows: &[sheet::Invoice]) -> sync_run::Model {
        self.import(by, sheet::invoices(rows)).await
    }

    pub async fn payments(&self, by: &Creditor, rows: &[sheet::Payment]) -> sync_run::Model {
        self.import(by, sheet::payments(rows)).await
    }

    /// Approves every proposal.
    pub async fn approve_all(&self, by: &Creditor) -> Vec<CaseId> {
        let proposed: Vec<CaseId> = self.cases(by).await.into_iter().filter(|c| c.status == CaseStatus::Proposed).map(|c| c.id).collect();
        let approved = case::approve(&self.env, &by.viewer, &case::Selection::Ids(proposed.clone())).await.unwrap();
        assert_eq!(approved.cases.len(), proposed.len());
        self.run_due().await;
        proposed
    }

    /// One invoice, imported and approved; its first letter went out at 09:00.
    pub async fn case_under_way(&self, by: &Creditor) -> CaseId {
        self.invoices(by, &[sheet::Invoice::new("INV-1")]).await;
        let id = self.approve_all(by).await[0];
        self.at_local(by, self.today(by), 9).await;
        id
    }

    /// The creditor's day.
    pub fn today(&self, by: &Creditor) -> NaiveDate {
        calendar::local_date(by.zone, self.clock.now())
    }

    /// Moves the clock to an hour of a day and does what is due then.
    pub async fn at_local(&self, by: &Creditor, day: NaiveDate, hour: u32) {
        self.clock.set_local(by.zone, day, hour);
        self.run_due().await;
    }

    /// Lives through the next days hour of opening by hour of opening: at midnight, 09:00 and 16:00.
    pub async fn days(&self, by: &Creditor, days: u64) {
        let first = self.today(by);
        for n in 1..=days {
            for hour in [0, 9, 16] {
                self.at_local(by, first + Days::new(n), hour).await;
            }
        }
    }

    /// Does what is due, until nothing is.
    pub async fn run_due(&self) {
        for _ in 0..ROUNDS {
            if Box::pin(self.round()).await == 0 {
                return;
            }
        }
        panic!("work is due that never ends: {:?}", self.due().await);
    }

    /// One round of the dispatcher and its workers; returns how much was due.
    pub async fn round(&self) -> usize {
        let env = &self.env;
        let mut done = 0;
        for (tenant, integration) in sync::due(&env.db, env.now(), BATCH).await.unwrap() {
            sync::start_due(env, tenant, integration).await.unwrap();
            done += 1;
        }
        for (tenant, run) in sync::unfinished(&env.db, self.clock.machine(), BATCH).await.unwrap() {
            done += usize::from(sync::run(env, tenant, run).await.unwrap() == sync::Ran::Ended);
        }
        let due = self.due().await;
        done += due.proposals.len() + due.cases.len() + due.pages.len() + due.deliveries.len() + due.orphans.len();
        for (tenant, integration) in due.proposals {
            sync::propose(env, tenant, integration).await.unwrap();
        }
        for (tenant, case) in due.cases {
            if self.explains {
                self.advance_as_explained(tenant, case).await;
            } else {
                escalation::advance(env, tenant, case).await.unwrap();
            }
        }
        for (tenant, invoice) in due.pages {
            online_page::ask(env, tenant, invoice).await.unwrap();
        }
        for (tenant, delivery) in due.deliveries {
            delivery::deliver(env, tenant, delivery).await.unwrap();
        }
        for (tenant, delivery) in due.orphans {
            delivery::recover(env, tenant, delivery, false).await.unwrap();
        }
        done
    }

    /// Advances a case, which does what explaining it just before said, unless something that is over is ended first: a
    /// hold, or a letter's consent.
    async fn advance_as_explained(&self, tenant: TenantId, id: CaseId) {
        let told = escalation::explain(&self.env, tenant, id).await.unwrap();
        let row = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.eq(id)).one(&self.env.db).await.unwrap().unwrap();
        let over = letter::Column::ConsentExpiresAt.lte(self.env.now());
        let over = letter::Entity::of(tenant)
            .filter(letter::Column::CaseId.eq(id))
            .filter(over)
            .filter(letter::Column::Status.ne(LetterStatus::Sent));
        let ended = row.status == CaseStatus::OnHold || over.count(&self.env.db).await.unwrap() > 0;
        let did = escalation::advance(&self.env, tenant, id).await.unwrap();
        let said = match told.decision {
            Decision::Issue { .. } => did == Advanced::Issued,
            Decision::Ask { .. } => did == Advanced::Asked,
            Decision::Pass { .. } => did == Advanced::Passed,
            Decision::Exhaust => did == Advanced::Exhausted,
            Decision::Wait { .. } => matches!(did, Advanced::Waits | Advanced::Nothing),
            Decision::Rest => did == Advanced::Nothing,
        };
        assert!(said || ended, "explained: {told:?}, done: {did:?}");
    }

    /// What the dispatcher would find now.
    pub async fn due(&self) -> Due {
        let (db, now) = (&self.env.db, self.env.now());
        Due {
            proposals: integration::due_proposals(db, now, BATCH).await.unwrap(),
            cases: escalation::due_cases(db, now, BATCH).await.unwrap(),
            pages: online_page::due(db, now, BATCH).await.unwrap(),
            deliveries: delivery::due_deliveries(db, now, BATCH).await.unwrap(),
            orphans: delivery::orphaned_deliveries(db, self.clock.machine(), false, BATCH).await.unwrap(),
        }
    }
}

/// Work that is due.
#[derive(Debug)]
pub struct Due {
    pub proposals: Vec<(TenantId, IntegrationId)>,
    pub cases: Vec<(TenantId, CaseId)>,
    pub pages: Vec<(TenantId, entity::InvoiceId)>,
    pub deliveries: Vec<(TenantId, entity::DeliveryId)>,
    pub orphans: Vec<(TenantId, entity::DeliveryId)>,
}

/// Reading back.
impl World {
    pub async fn cases(&self, of: &Creditor) -> Vec<collection_case::Model> {
        collection_case::Entity::of(of.tenant()).order_by_asc(collection_case::Column::Number).all(&self.env.db).await.unwrap()
    }

    pub async fn case(&self, of: &Creditor, id: CaseId) -> collection_case::Model {
        self.cases(of).await.into_iter().find(|c| c.id == id).expect("the case is there")
    }

    pub async fn letters(&self, of: &Creditor) -> Vec<letter::Model> {
        let select = letter::Entity::of(of.tenant()).order_by_asc(letter::Column::CreatedAt);
        select.order_by_asc(letter::Column::Step).order_by_asc(letter::Column::Course).all(&self.env.db).await.unwrap()
    }

    /// What persons were asked to do, in the order in which it was asked.
    pub async fn tasks(&self, of: &Creditor) -> Vec<work_task::Model> {
        let select = work_task::Entity::of(of.tenant()).order_by_asc(work_task::Column::CreatedAt);
        select.order_by_asc(work_task::Column::Id).all(&self.env.db).await.unwrap()
    }

    /// Begins the hand-over of a delivery, as a worker does that dies then.
    pub async fn begin(&self, row: &deliveries::Model) -> delivery::Begun {
        let letter = letter::Entity::of(row.tenant_id).filter(letter::Column::Id.eq(row.letter_id)).one(&self.env.db).await.unwrap();
        let page = domain::letter::page(&self.env, &letter.unwrap()).await.unwrap();
        delivery::begin(&self.env, row, page).await.unwrap()
    }

    /// The same, of one that may leave: the row as its hand-over is finished with.
    pub async fn begun(&self, row: &deliveries::Model) -> deliveries::Model {
        let delivery::Begun::Go(begun) = self.begin(row).await else { panic!("it does not leave: {row:?}") };
        begun.row
    }

    pub async fn deliveries(&self, of: &Creditor) -> Vec<deliveries::Model> {
        let select = deliveries::Entity::of(of.tenant()).order_by_asc(deliveries::Column::CreatedAt);
        select.order_by_asc(deliveries::Column::Channel).all(&self.env.db).await.unwrap()
    }

    pub async fn invoice_rows(&self, of: &Creditor) -> Vec<invoice::Model> {
        invoice::Entity::of(of.tenant()).order_by_asc(invoice::Column::Number).all(&self.env.db).await.unwrap()
    }

    pub async fn payment_rows(&self, of: &Creditor) -> Vec<payment::Model> {
        payment::Entity::of(of.tenant()).order_by_asc(payment::Column::ExternalId).all(&self.env.db).await.unwrap()
    }

    pub async fn debtors(&self, of: &Creditor) -> Vec<debtor::Model> {
        debtor::Entity::of(of.tenant()).order_by_asc(debtor::Column::Name).all(&self.env.db).await.unwrap()
    }

    pub async fn events(&self, of: &Creditor) -> Vec<event::Model> {
        event::Entity::of(of.tenant()).order_by_asc(event::Column::Sequence).all(&self.env.db).await.unwrap()
    }

    pub async fn issues(&self, of: &Creditor, run: SyncRunId) -> Vec<sync_issue::Model> {
        let select = sync_issue::Entity::of(of.tenant()).filter(sync_issue::Column::RunId.eq(run));
        select.order_by_asc(sync_issue::Column::RowNumber).all(&self.env.db).await.unwrap()
    }

    /// The kinds of a case's events, in order.
    pub async fn timeline(&self, of: &Creditor, case: CaseId) -> Vec<String> {
        self.events(of).await.into_iter().filter(|e| e.case_id == Some(case)).map(|e| e.kind).collect()
    }

    /// Rows of everything that a use case may change, to see that nothing did.
    pub async fn snapshot(&self, of: &Creditor) -> String {
        let db = &self.env.db;
        let tenant = tenant::find(db, of.tenant()).await.unwrap();
        let integration = integration::find(db, of.tenant(), of.integration).await.unwrap();
        let policies = entity::policy_revision::Entity::of(of.tenant()).count(db).await.unwrap();
        let runs = sync_run::Entity::of(of.tenant()).count(db).await.unwrap();
        format!(
            "{tenant:?}\n{integration:?}\n{policies} {runs}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{}",
            self.cases(of).await,
            self.letters(of).await,
            self.tasks(of).await,
            self.deliveries(of).await,
            self.invoice_rows(of).await,
            self.payment_rows(of).await,
            self.debtors(of).await,
            self.events(of).await,
            self.postbox.count(),
        )
    }

    /// The local days on which letters of a case left, by step.
    pub async fn sent_on(&self, of: &Creditor, case: CaseId) -> Vec<(i32, NaiveDate)> {
        let mut sent: Vec<(i32, NaiveDate)> = self
            .letters(of)
            .await
            .iter()
            .filter(|l| l.case_id == case)
            .filter_map(|l| Some((l.step, calendar::local_date(of.zone, l.sent_at?))))
            .collect();
        sent.sort_unstable();
        sent
    }
}

/// The refusal of a use case that must be refused.
pub fn refused<T>(result: domain::Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => panic!("a fault where a refusal was expected: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

/// The code of a refusal.
pub fn code<T>(result: domain::Result<T>) -> RefusalCode {
    refused(result).code
}

/// A date.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Longer than a hand-over may take.
pub const PAST_LEASE: TimeDelta = TimeDelta::minutes(6);
