//! A creditor in New Zealand who is connected to a stand-in Xero.

use std::sync::Arc;

use adapters::connectors::{Settings, xero};
use chrono::{Days, NaiveDate, TimeDelta};
use domain::{
    Clock,
    integration::{self, IntegrationChanges, connect},
    sync,
};
use entity::{CaseStatus, IntegrationId, Provider, Scoped, collection_case, integration as integrations, invoice, sync_run};
use sandbox::{
    Options, Running,
    xero::{NewInvoice, books::Cents},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use testdb::TestDb;
use uuid::Uuid;

use crate::{
    clock::MovedClock,
    invariants,
    postbox::QuickRenderer,
    world::{Creditor, World},
};

/// Where consent leads back to; nobody listens there, the code is read off the redirect.
const CALLBACK: &str = "http://localhost:8080/integrations/xero/callback";

/// The product, the stand-in and a creditor who is connected.
pub struct Stage {
    pub world: World,
    pub xero: Running,
    pub kauri: Creditor,
    /// The organisation at Xero.
    pub books: Uuid,
    /// A contact there with e-mail, phone and address.
    pub contact: Uuid,
}

impl Stage {
    /// Connected; nothing is pulled yet.
    pub async fn new(db: TestDb) -> Self {
        let clock = Arc::new(MovedClock::at("2026-07-05T21:00:00Z".parse().unwrap()));
        let told = clock.clone();
        let options = Options { samples: false, auto_consent: true, ..Options::default() }.with_clock(move || told.now());
        let app = options.app.clone();
        let xero = sandbox::serve(sandbox::Provider::Xero, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let settings = Settings { xero: Some(settings(&xero.url(), &app)), ..Settings::default() };
        let world = World::with(db, clock, Arc::new(QuickRenderer), settings).await;
        let mut kauri = world.creditor().await;
        let books = xero.xero().first_organisation();
        kauri.integration = connect(&world, &kauri, &books.to_string()).await;
        let contact = xero.xero().add_contact(books, "Bob's Boats", "bob@boats.example").unwrap();
        Self { world, xero, kauri, books, contact }
    }

    /// An approved invoice that is due so many days ago.
    pub fn invoice(&self, overdue: u64, cents: i64) -> Uuid {
        let new = NewInvoice::due(self.contact, self.today() - Days::new(overdue), Cents(cents));
        self.xero.xero().add_invoice(self.books, new).unwrap()
    }

    pub fn today(&self) -> NaiveDate {
        self.world.today(&self.kauri)
    }

    /// Lives through the next days, the machine's clock going along: limits refill.
    pub async fn days(&self, days: u64) {
        for _ in 0..days {
            self.world.clock.age_machine(TimeDelta::days(1));
            self.world.days(&self.kauri, 1).await;
        }
    }

    /// Pulls what changed, now.
    pub async fn sync(&self) -> sync_run::Model {
        self.pull(false).await
    }

    /// Pulls everything that is open, now.
    pub async fn sweep(&self) -> sync_run::Model {
        self.pull(true).await
    }

    async fn pull(&self, everything: bool) -> sync_run::Model {
        let run = sync::request(&self.world.env, &self.kauri.viewer, self.kauri.integration, everything).await.unwrap();
        self.world.run_due().await;
        self.run(run.id).await
    }

    pub async fn run(&self, id: entity::SyncRunId) -> sync_run::Model {
        let select = sync_run::Entity::of(self.kauri.tenant()).filter(sync_run::Column::Id.eq(id));
        select.one(&self.world.env.db).await.unwrap().unwrap()
    }

    /// All runs, oldest first.
    pub async fn runs(&self) -> Vec<sync_run::Model> {
        sync_run::Entity::of(self.kauri.tenant()).order_by_asc(sync_run::Column::Id).all(&self.world.env.db).await.unwrap()
    }

    pub async fn integration(&self) -> integrations::Model {
        integration::find(&self.world.env.db, self.kauri.tenant(), self.kauri.integration).await.unwrap()
    }

    /// Our row of an invoice there.
    pub async fn ours(&self, invoice: Uuid) -> invoice::Model {
        let select = invoice::Entity::of(self.kauri.tenant()).filter(invoice::Column::ExternalId.eq(invoice.to_string()));
        select.one(&self.world.env.db).await.unwrap().unwrap()
    }

    /// The case of an invoice there.
    pub async fn case(&self, invoice: Uuid) -> collection_case::Model {
        let id = self.ours(invoice).await.case_id.unwrap();
        self.world.case(&self.kauri, id).await
    }

    /// One invoice, pulled and approved, its first letter sent.
    pub async fn case_under_way(&self) -> Uuid {
        let invoice = self.invoice(40, 150_00);
        self.sync().await;
        self.world.approve_all(&self.kauri).await;
        self.world.at_local(&self.kauri, self.today(), 10).await;
        assert_eq!(self.case(invoice).await.status, CaseStatus::Active);
        invoice
    }

    /// No invoice lost, none doubled, every sum as in the books there; and the invariants of every story.
    pub async fn check(&self) {
        let rows = self.world.invoice_rows(&self.kauri).await;
        for there in self.xero.xero().invoices(self.books) {
            let ours: Vec<_> = rows.iter().filter(|row| row.external_id == there.id.to_string()).collect();
            assert!(ours.len() <= 1, "an invoice is here twice: {}", there.id);
        }
        invariants::hold(&self.world, std::slice::from_ref(&self.kauri)).await;
    }
}

/// An app at the stand-in.
pub fn settings(url: &str, app: &sandbox::xero::App) -> xero::Settings {
    let secret = |text: &str| secrecy::SecretString::from(text);
    let mut settings = xero::Settings::new(&app.client_id, secret(&app.client_secret), CALLBACK, secret(&app.webhook_key));
    settings.authorize_url = format!("{url}/identity/connect/authorize");
    settings.token_url = format!("{url}/connect/token");
    settings.revocation_url = format!("{url}/connect/revocation");
    settings.connections_url = format!("{url}/connections");
    settings.api_url = format!("{url}/api.xro/2.0");
    settings
}

/// Consents as a browser does, and joins one organisation.
pub async fn connect(world: &World, by: &Creditor, organisation: &str) -> IntegrationId {
    let begin = connect::Begin {
        provider: Provider::Xero,
        settings: IntegrationChanges::default(),
        return_url: "http://localhost:3000/back".into(),
        reconnect: None,
    };
    let allowed = ["http://localhost:3000".to_owned()];
    let started = connect::start(&world.env, &by.viewer, &begin, &allowed).await.unwrap();
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(&started.url).send().await.unwrap();
    let back = answer.headers()[reqwest::header::LOCATION].to_str().unwrap().to_owned();
    let back = reqwest::Url::parse(&back).unwrap();
    let told = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let code = secrecy::SecretString::from(told("code"));
    let chosen = [organisation.to_owned()];
    let finished = connect::finish(&world.env, &by.viewer, Provider::Xero, &told("state"), &code, &chosen).await.unwrap();
    finished.integrations[0].id
}
