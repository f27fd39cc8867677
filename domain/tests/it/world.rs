//! An [`Env`] over one test's database: a clock that stands still until it is moved, bytes that are never the same
//! twice, one provider that is joined by consent (Xero) and one by pasted keys (Xentral).

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Clock, Entropy, Env, Error, RefusalCode, Viewer,
    env::Doorbell,
    integration::{
        IntegrationChanges,
        connect::{Begin, Finished, Started, finish, start},
    },
    letter::LetterDocument,
    port::{Bound, Messenger, Outside, Pdf, Profile, RenderError, Renderer, System, Work},
    sync,
    tenant::{self, NewTenant},
};
use entity::{IntegrationId, Provider as Books, Role, Scoped, TenantId, UserId, collection_case, credential, event, integration};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use testdb::TestDb;

use crate::{provider::Provider, vault::TestVault};

pub async fn migrate(db: sea_orm::DatabaseConnection) -> Result<(), migration::MigrateError> {
    migration::up(&db).await.map(drop)
}

/// Product's and machine's time, moved by hand together.
pub struct MovedClock(Mutex<DateTime<Utc>>);

impl MovedClock {
    pub fn pass(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn machine(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Digests of a counter that all processes of a test share.
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(32) {
            let digest = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            piece.copy_from_slice(&digest[..piece.len()]);
        }
    }
}

/// Remembers what was enqueued.
#[derive(Default)]
pub struct Notebook(pub Mutex<Vec<Work>>);

#[async_trait]
impl Messenger for Notebook {
    async fn enqueue(&self, _: &DatabaseTransaction, work: &[Work]) -> Result<(), DbErr> {
        self.0.lock().unwrap().extend(work);
        Ok(())
    }

    fn wake(&self, _: &[Work]) {}
}

struct NoLetters;

impl Renderer for NoLetters {
    fn render(&self, _: &LetterDocument) -> Result<Pdf, RenderError> {
        Err(RenderError::Unprintable("no letters here".into()))
    }

    fn bind(&self, _: &[Vec<u8>], _: bool) -> Result<Bound, RenderError> {
        Err(RenderError::Unprintable("no letters here".into()))
    }

    fn missing_glyphs(&self, _: &str) -> Vec<char> {
        Vec::new()
    }
}

pub struct World {
    pub env: Env,
    pub clock: Arc<MovedClock>,
    pub notebook: Arc<Notebook>,
    pub xero: Arc<Provider>,
    pub xentral: Arc<Provider>,
    pub db: TestDb,
}

const XERO: Profile = Profile { name: "Xero", minimum_days: 30, minimum_days_floor: 30, poll_minutes: Some(15), freshness_hours: Some(24) };
const XENTRAL: Profile =
    Profile { name: "Xentral", minimum_days: 30, minimum_days_floor: 1, poll_minutes: Some(60), freshness_hours: Some(24) };

/// Where browsers may be sent back to.
pub const HOME: &str = "https://app.example";

impl World {
    pub async fn new(db: TestDb) -> Self {
        let clock = Arc::new(MovedClock(Mutex::new("2026-07-05T18:00:00Z".parse().unwrap())));
        let notebook = Arc::new(Notebook::default());
        let (xero, xentral) = (Arc::new(Provider::default()), Arc::new(Provider::default()));
        let mut consent = System::new(XERO, xero.clone());
        consent.consent = Some(xero.clone());
        consent.renewal = Some(xero.clone());
        consent.farewell = Some(xero.clone());
        let mut pasted = System::new(XENTRAL, xentral.clone());
        pasted.pasted = Some(xentral.clone());
        let env = Env {
            db: db.connect().await,
            clock: clock.clone(),
            entropy: Arc::new(Counted(AtomicU64::new(1))),
            messenger: notebook.clone(),
            outside: Arc::new(Outside {
                systems: BTreeMap::from([(Books::Xero, consent), (Books::Xentral, pasted)]),
                postmen: BTreeMap::new(),
                renderer: Arc::new(NoLetters),
                agencies: domain::port::agency::Agencies::default(),
                heralds: BTreeMap::new(),
                unsubscribe: None,
                vault: Arc::new(TestVault { keys: vec!["k1"] }),
            }),
            doorbell: Doorbell::default(),
        };
        Self { env, clock, notebook, xero, xentral, db }
    }

    /// The same product in another process: a pool of its own.
    pub async fn other_process(&self) -> Env {
        Env { db: self.db.connect().await, ..self.env.clone() }
    }

    /// The same product with other keys of the vault.
    pub fn with_vault(&self, keys: &[&'static str]) -> Env {
        let outside = Outside {
            systems: self.env.outside.systems.clone(),
            postmen: BTreeMap::new(),
            renderer: Arc::new(NoLetters),
            agencies: self.env.outside.agencies.clone(),
            heralds: BTreeMap::new(),
            unsubscribe: None,
            vault: Arc::new(TestVault { keys: keys.to_vec() }),
        };
        Env { outside: Arc::new(outside), ..self.env.clone() }
    }

    pub async fn owner(&self) -> Viewer {
        let new = NewTenant {
            name: "Kauri Supplies".into(),
            country: "NZ".into(),
            time_zone: "Pacific/Auckland".into(),
            language: "en".into(),
            currency: "NZD".into(),
            email: "office@kauri.example".into(),
        };
        let tenant = tenant::create(&self.env, &new).await.unwrap();
        Viewer { tenant, user: self.env.new_id::<UserId>(), role: Role::Owner }
    }

    pub async fn begin(&self, viewer: &Viewer, reconnect: Option<IntegrationId>) -> Started {
        let begin =
            Begin { provider: Books::Xero, settings: IntegrationChanges::default(), return_url: format!("{HOME}/integrations"), reconnect };
        start(&self.env, viewer, &begin, &[HOME.into()]).await.unwrap()
    }

    /// The state that the last browser was sent with.
    pub fn state(&self) -> String {
        self.xero.pages.lock().unwrap().last().unwrap().state.clone()
    }

    /// Connects by consent; these accounts are opened, these chosen.
    pub async fn consent(&self, viewer: &Viewer, opens: &[&str], chosen: &[&str]) -> domain::Result<Finished> {
        self.xero.opens(opens);
        self.begin(viewer, None).await;
        let chosen: Vec<String> = chosen.iter().map(|id| (*id).to_owned()).collect();
        finish(&self.env, viewer, Books::Xero, &self.state(), &"code".into(), &chosen).await
    }

    pub async fn row(&self, tenant: TenantId, id: IntegrationId) -> integration::Model {
        domain::integration::find(&self.env.db, tenant, id).await.unwrap()
    }

    pub async fn credentials(&self, tenant: TenantId) -> Vec<credential::Model> {
        credential::Entity::of(tenant).order_by_asc(credential::Column::Id).all(&self.env.db).await.unwrap()
    }

    /// Pulls once what the provider has, and proposes what is eligible.
    pub async fn pull(&self, tenant: TenantId, id: IntegrationId) {
        sync::start_due(&self.env, tenant, id).await.unwrap();
        for (tenant, run) in sync::unfinished(&self.env.db, self.clock.machine(), 10).await.unwrap() {
            assert_eq!(sync::run(&self.env, tenant, run).await.unwrap(), sync::Ran::Ended);
        }
    }

    pub async fn cases(&self, tenant: TenantId) -> Vec<collection_case::Model> {
        collection_case::Entity::of(tenant).order_by_asc(collection_case::Column::Number).all(&self.env.db).await.unwrap()
    }

    /// How many events say that an integration changed.
    pub async fn changes(&self, tenant: TenantId, id: IntegrationId) -> usize {
        let select = event::Entity::of(tenant).filter(event::Column::IntegrationId.eq(id));
        select.filter(event::Column::Kind.eq("integration.changed")).all(&self.env.db).await.unwrap().len()
    }
}

pub fn code<T: std::fmt::Debug>(result: domain::Result<T>) -> RefusalCode {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}
