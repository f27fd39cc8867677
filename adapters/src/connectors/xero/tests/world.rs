//! A small Xero over real HTTP for these tests, lenders of keys and takers of turns that count, and pulls to their end.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use domain::port::{
    Account, Link, Page, Pull, Scope, SourceError,
    access::{Access, Lent},
    throttle::{Limit, Throttle, Told, Turn},
};
use entity::{IntegrationId, TenantId};
use serde_json::json;
use uuid::Uuid;
use wiremock::{Mock, MockServer, matchers::any};

use super::books::{Answers, Books, start};
use crate::{
    connectors::xero::{Settings, system},
    http::Http,
};

pub const TENANT: &str = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";

/// Keys and turns of one test.
#[derive(Default)]
pub struct Hands {
    pub renewals: AtomicUsize,
    pub entered: Mutex<Vec<Vec<Limit>>>,
    pub left: Mutex<Vec<Told>>,
    /// No keys: a person must connect again.
    pub ended: bool,
}

impl Hands {
    fn lent(&self) -> Lent {
        let version = self.renewals.load(Ordering::SeqCst);
        let keys = json!({ "access_token": format!("token-{version}"), "refresh_token": format!("refresh-{version}") }).to_string();
        Lent { keys: keys.into(), version: i64::try_from(version).unwrap() }
    }
}

#[async_trait::async_trait]
impl Access for Hands {
    async fn lend(&self) -> Result<Lent, SourceError> {
        if self.ended { Err(SourceError::Unauthorised("connect again".into())) } else { Ok(self.lent()) }
    }

    async fn refused(&self, lent: &Lent) -> Result<Lent, SourceError> {
        assert_eq!(lent.version, self.lent().version);
        self.renewals.fetch_add(1, Ordering::SeqCst);
        Ok(self.lent())
    }
}

#[async_trait::async_trait]
impl Throttle for Hands {
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError> {
        self.entered.lock().unwrap().push(limits.to_vec());
        Ok(Turn::default())
    }

    async fn leave(&self, _: Turn, told: Told) {
        self.left.lock().unwrap().push(told);
    }
}

/// A small Xero that is running.
pub struct World {
    pub server: MockServer,
    pub books: Arc<Mutex<Books>>,
    pub hands: Arc<Hands>,
}

impl World {
    pub async fn new(books: Books) -> Self {
        let server = MockServer::start().await;
        let books = Arc::new(Mutex::new(books));
        Mock::given(any()).respond_with(Answers(books.clone())).mount(&server).await;
        Self { server, books, hands: Arc::default() }
    }

    pub fn settings(&self) -> Settings {
        let base = self.server.uri();
        let mut settings = Settings::new("client", "secret".into(), "https://dunwell.example/callback", "key".into());
        settings.authorize_url = format!("{base}/authorize");
        settings.token_url = format!("{base}/token");
        settings.revocation_url = format!("{base}/revocation");
        settings.connections_url = format!("{base}/connections");
        settings.api_url = format!("{base}/api");
        settings
    }

    pub fn system(&self) -> domain::port::System {
        system(self.settings(), Http::trusted().unwrap())
    }

    pub fn link(&self) -> Link {
        Link { account: account(), access: self.hands.clone(), throttle: self.hands.clone(), now: start() }
    }

    /// Pulls on from a position.
    pub async fn resume(&self, scope: Scope, position: Option<String>, most: usize) -> Result<Vec<Page>, SourceError> {
        let pull = Pull {
            tenant: TenantId(Uuid::nil()),
            integration: IntegrationId(Uuid::nil()),
            currency: "NZD".into(),
            position,
            scope,
            link: Some(self.link()),
            file: None,
            today: start().date_naive(),
        };
        let mut source = self.system().connector.pull(pull).await?;
        let mut pages = Vec::new();
        while pages.len() < most
            && let Some(page) = source.next_page().await?
        {
            pages.push(page);
        }
        Ok(pages)
    }

    pub async fn pull(&self, scope: Scope) -> Result<Vec<Page>, SourceError> {
        self.resume(scope, None, usize::MAX).await
    }

    /// The paths that were called, and forgets them.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.books.lock().unwrap().calls)
    }
}

pub fn account() -> Account {
    Account {
        external_id: TENANT.into(),
        name: "Demo Company (NZ)".into(),
        base_url: None,
        connection_id: Some("7cb59f93-2964-421d-bb5e-a0f7a4572a44".into()),
        time_zone: None,
        currency: None,
        country: None,
    }
}

/// The ids of all invoices that were told, without repeats, in order.
pub fn invoices_told(pages: &[Page]) -> Vec<String> {
    let told = pages.iter().flat_map(|page| &page.records).filter_map(|record| record.invoice.as_ref());
    let mut ids: Vec<String> = told.map(|invoice| invoice.external_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
