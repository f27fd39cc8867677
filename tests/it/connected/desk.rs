//! A creditor who pasted the keys of a stand-in Xentral in Germany, or of a stand-in PowerOffice GO in Norway.

use std::{sync::Arc, time::Duration};

use adapters::connectors::{Settings, poweroffice, xentral};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    Clock,
    integration::{self, IntegrationChanges},
    port::connect::PastedKeys,
    sync,
    tenant::{BankDetails, TenantChanges},
};
use entity::{Provider, Scoped, collection_case, integration as integrations, invoice, sync_run};
use sandbox::{
    Options, Running,
    poweroffice::{APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY},
    xentral::TOKEN,
};
use sea_orm::{ColumnTrait, QueryFilter};
use testdb::TestDb;
use tokio::task::JoinHandle;

use crate::{
    clock::MovedClock,
    invariants,
    postbox::QuickRenderer,
    world::{Creditor, World},
};

/// The product, a stand-in and a creditor who is connected.
pub struct Desk {
    pub world: World,
    pub books: Running,
    pub by: Creditor,
    /// Lets the machine's clock run.
    pulse: JoinHandle<()>,
}

/// What the machine's clock gains at each beat. It runs twenty times as fast as it should: ten calls in a second are soon
/// used up, and nobody wants to wait for the next.
const GAIN: TimeDelta = TimeDelta::milliseconds(100);
const BEAT: Duration = Duration::from_millis(5);

/// Where a creditor is, and what books they keep.
struct Place {
    provider: Provider,
    stand_in: sandbox::Provider,
    country: &'static str,
    zone: &'static str,
    language: &'static str,
    currency: &'static str,
    iban: &'static str,
}

const GERMANY: Place = Place {
    provider: Provider::Xentral,
    stand_in: sandbox::Provider::Xentral,
    country: "DE",
    zone: "Europe/Berlin",
    language: "en",
    currency: "EUR",
    iban: "DE89370400440532013000",
};

const NORWAY: Place = Place {
    provider: Provider::PowerOffice,
    stand_in: sandbox::Provider::PowerOffice,
    country: "NO",
    zone: "Europe/Oslo",
    language: "en",
    currency: "NOK",
    iban: "NO9386011117947",
};

impl Desk {
    pub async fn xentral(db: TestDb) -> Self {
        Self::at(db, &GERMANY).await
    }

    pub async fn poweroffice(db: TestDb) -> Self {
        Self::at(db, &NORWAY).await
    }

    /// Connected on a Monday morning; nothing is pulled yet. The stand-in does not throttle: its clock stands still.
    async fn at(db: TestDb, place: &Place) -> Self {
        let clock = Arc::new(MovedClock::at("2026-07-06T05:00:00Z".parse().unwrap()));
        let told = clock.clone();
        let options = Options { samples: false, limits: false, auto_consent: true, ..Options::default() }.with_clock(move || told.now());
        let books = sandbox::serve(place.stand_in, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let world = World::with(db, clock, Arc::new(QuickRenderer), settings(&books)).await;
        let mut by = creditor(&world, place).await;
        let key = if place.provider == Provider::Xentral { TOKEN } else { CLIENT_KEY };
        let keys = PastedKeys { address: Some(books.url()), key: key.into() };
        let joined =
            integration::paste::connect(&world.env, &by.viewer, place.provider, &keys, &IntegrationChanges::default()).await.unwrap();
        by.integration = joined.id;
        let clock = world.clock.clone();
        let pulse = tokio::spawn(async move {
            loop {
                tokio::time::sleep(BEAT).await;
                clock.age_machine(GAIN);
            }
        });
        Self { world, books, by, pulse }
    }

    pub fn today(&self) -> NaiveDate {
        self.world.today(&self.by)
    }

    /// Pulls what changed, a quarter of an hour later.
    pub async fn sync(&self) -> sync_run::Model {
        let quarter = TimeDelta::minutes(15);
        self.world.clock.set(self.world.clock.now() + quarter);
        self.world.clock.age_machine(quarter);
        let run = sync::request(&self.world.env, &self.by.viewer, self.by.integration, false).await.unwrap();
        self.world.run_due().await;
        let select = sync_run::Entity::of(self.by.tenant()).filter(sync_run::Column::Id.eq(run.id));
        select.one(&self.world.env.db).await.unwrap().unwrap()
    }

    /// Approves what is proposed, and lives through the next opening hours.
    pub async fn approve(&self) {
        self.world.approve_all(&self.by).await;
        self.world.at_local(&self.by, self.today(), 10).await;
    }

    /// Lives through the next days, the machine's clock going along.
    pub async fn days(&self, days: u64) {
        for _ in 0..days {
            self.world.clock.age_machine(TimeDelta::days(1));
            self.world.days(&self.by, 1).await;
        }
    }

    pub async fn integration(&self) -> integrations::Model {
        integration::find(&self.world.env.db, self.by.tenant(), self.by.integration).await.unwrap()
    }

    /// Our row of an invoice there.
    pub async fn ours(&self, external_id: &str) -> invoice::Model {
        let select = invoice::Entity::of(self.by.tenant()).filter(invoice::Column::ExternalId.eq(external_id));
        select.one(&self.world.env.db).await.unwrap().unwrap()
    }

    /// The case of an invoice there.
    pub async fn case(&self, external_id: &str) -> collection_case::Model {
        let id = self.ours(external_id).await.case_id.unwrap();
        self.world.case(&self.by, id).await
    }

    /// The invariants of every story.
    pub async fn check(&self) {
        invariants::hold(&self.world, std::slice::from_ref(&self.by)).await;
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.pulse.abort();
    }
}

fn settings(books: &Running) -> Settings {
    let mut poweroffice = poweroffice::Settings::new(
        APPLICATION_KEY.into(),
        SUBSCRIPTION_KEY.into(),
        "http://localhost:8080/integrations/poweroffice/callback",
    );
    poweroffice.token_url = format!("{}/OAuth/Token", books.url());
    poweroffice.api_url = format!("{}/v2", books.url());
    let xentral = xentral::Settings { allowed_hosts: vec![books.addr.to_string()] };
    Settings { xero: None, xentral, poweroffice: Some(poweroffice) }
}

async fn creditor(world: &World, place: &Place) -> Creditor {
    let bank = BankDetails { account_name: "Bürohaus".into(), iban: Some(place.iban.into()), ..BankDetails::default() };
    let own = TenantChanges { bank: Some(bank), ..TenantChanges::default() };
    world.creditor_with((place.country, place.currency, place.zone), place.language, own).await
}
