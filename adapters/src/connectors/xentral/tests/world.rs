//! A stand-in with a clock of its own, and a link to it that counts turns and refused keys.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::port::{
    InvoiceSnapshot, Link, Page, PaymentSnapshot, Pull, Record, Scope, Source, SourceError, System, Wanted,
    access::{Access, Lent},
    connect::Account,
    throttle::{Limit, Throttle, Told, Turn},
    vault::SecretString,
};
use sandbox::{Options, Provider, Running, serve, xentral::TOKEN};
use uuid::Uuid;

use crate::connectors::xentral::{Settings, system};

/// When the tests begin.
pub(super) fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// Lends one token; somebody may have pasted another meanwhile.
pub(super) struct Keys {
    pub token: Mutex<String>,
    pub newer: Option<String>,
    pub refused: AtomicU32,
}

impl Keys {
    fn lent(&self) -> Lent {
        let keys = serde_json::json!({ "token": *self.token.lock().unwrap() }).to_string();
        Lent { keys: SecretString::from(keys), version: 1 }
    }
}

#[async_trait::async_trait]
impl Access for Keys {
    async fn lend(&self) -> Result<Lent, SourceError> {
        Ok(self.lent())
    }

    async fn refused(&self, _lent: &Lent) -> Result<Lent, SourceError> {
        self.refused.fetch_add(1, Ordering::SeqCst);
        let newer = self.newer.clone().ok_or_else(|| SourceError::Unauthorised("connect again".into()))?;
        *self.token.lock().unwrap() = newer;
        Ok(self.lent())
    }
}

/// Lets everybody through and remembers what it was told.
#[derive(Default)]
pub(super) struct Gate {
    pub entered: Mutex<Vec<Limit>>,
    pub left: Mutex<Vec<Told>>,
}

#[async_trait::async_trait]
impl Throttle for Gate {
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError> {
        self.entered.lock().unwrap().extend_from_slice(limits);
        Ok(Turn::default())
    }

    async fn leave(&self, _turn: Turn, told: Told) {
        self.left.lock().unwrap().push(told);
    }
}

/// A link to an address.
pub(super) struct Linked {
    pub system: System,
    pub keys: Arc<Keys>,
    pub gate: Arc<Gate>,
    pub account: Account,
    pub now: DateTime<Utc>,
}

impl Linked {
    pub(super) fn to(url: &str, token: &str, newer: Option<&str>) -> Self {
        let place = url.strip_prefix("http://").unwrap().to_owned();
        let account = Account {
            external_id: place.clone(),
            name: "Test".into(),
            base_url: Some(url.to_owned()),
            connection_id: None,
            time_zone: None,
            currency: None,
            country: None,
        };
        Self {
            system: system(&Settings { allowed_hosts: vec![place] }).unwrap(),
            keys: Arc::new(Keys { token: Mutex::new(token.to_owned()), newer: newer.map(str::to_owned), refused: AtomicU32::new(0) }),
            gate: Arc::default(),
            account,
            now: start(),
        }
    }

    pub(super) fn link(&self) -> Link {
        Link { account: self.account.clone(), access: self.keys.clone(), throttle: self.gate.clone(), now: self.now }
    }

    pub(super) async fn source(&self, scope: Scope, position: Option<String>) -> Box<dyn Source> {
        let pull = Pull {
            tenant: Uuid::nil().into(),
            integration: Uuid::nil().into(),
            currency: "EUR".into(),
            position,
            scope,
            link: Some(self.link()),
            file: None,
            today: self.now.date_naive(),
        };
        self.system.connector.pull(pull).await.unwrap()
    }

    pub(super) async fn pages(&self, scope: Scope) -> Result<Vec<Page>, SourceError> {
        let mut source = self.source(scope, None).await;
        let mut pages = Vec::new();
        while let Some(page) = source.next_page().await? {
            pages.push(page);
        }
        Ok(pages)
    }

    pub(super) async fn pull(&self, scope: Scope) -> Pulled {
        Pulled::of(self.pages(scope).await.unwrap())
    }

    pub(super) async fn fails(&self, scope: Scope) -> SourceError {
        self.pages(scope).await.unwrap_err()
    }
}

/// All that a pull brought.
pub(super) struct Pulled {
    pub pages: Vec<Page>,
    pub records: Vec<Record>,
}

impl Pulled {
    pub(super) fn of(pages: Vec<Page>) -> Self {
        let records = pages.iter().flat_map(|page| page.records.clone()).collect();
        Self { pages, records }
    }

    pub(super) fn invoices(&self) -> Vec<&InvoiceSnapshot> {
        self.records.iter().filter_map(|record| record.invoice.as_ref()).collect()
    }

    pub(super) fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.invoices().iter().map(|invoice| invoice.external_id.parse().unwrap()).collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn invoice(&self, id: u32) -> Option<&InvoiceSnapshot> {
        self.invoices().into_iter().find(|invoice| invoice.external_id == id.to_string())
    }

    pub(super) fn payments(&self, invoice: u32) -> Vec<&PaymentSnapshot> {
        let all = self.records.iter().filter_map(|record| record.payment.as_ref());
        all.filter(|payment| payment.invoice_external_id == invoice.to_string()).collect()
    }

    pub(super) fn problems(&self) -> Vec<(Option<&str>, &str)> {
        let all = self.pages.iter().flat_map(|page| &page.problems);
        all.map(|problem| (problem.external_id.as_deref(), problem.code.as_str())).collect()
    }

    pub(super) fn mark(&self) -> Scope {
        Scope::Changes(self.pages.last().unwrap().mark.clone().unwrap())
    }
}

/// A stand-in and the link to it.
pub(super) struct World {
    pub stand: Running,
    pub linked: Linked,
    seconds: Arc<AtomicI64>,
}

impl World {
    pub(super) async fn new(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let stand = serve(Provider::Xentral, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let linked = Linked::to(&stand.url(), TOKEN, None);
        Self { stand, linked, seconds }
    }

    /// The samples, without limits.
    pub(super) async fn sampled() -> Self {
        Self::new(Options { limits: false, ..Options::default() }).await
    }

    /// This many invented invoices, each tenth of them paid, without limits.
    pub(super) async fn of(invoices: usize) -> Self {
        Self::new(Options { limits: false, samples: false, invoices, ..Options::default() }).await
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
        self.linked.now += TimeDelta::seconds(seconds);
    }

    pub(super) fn today(&self) -> NaiveDate {
        self.linked.now.date_naive()
    }

    /// Ids of what is open there.
    pub(super) fn open(&self) -> Vec<u32> {
        use sandbox::xentral::PaymentStatus::{PartiallyCancelled, PartiallyPaid, Pending};
        let is_open = |status| matches!(status, Some(Pending | PartiallyPaid | PartiallyCancelled));
        self.stand.xentral().invoices().iter().filter(|invoice| is_open(invoice.payment_status())).map(|invoice| invoice.id).collect()
    }
}

/// These invoices only.
pub(super) fn only(invoices: &[&str]) -> Scope {
    Scope::Only(Wanted { invoices: invoices.iter().map(|id| (*id).to_owned()).collect(), debtors: Vec::new() })
}
