//! What the connector does over HTTP, against a small GO of our own.

mod calls;
pub(super) mod data;
mod fake;
mod joining;
mod pulls;
mod settled;
mod stand_in;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::port::{Connector, Link, Page, Pull, Scope, SourceError, System, connect::Account};
use entity::{IntegrationId, TenantId};

use super::{Settings, system};
use crate::http::Http;
use data::{Lender, Turns};
use fake::Go;

/// The product's time in all tests: a Saturday in November.
fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn account() -> Account {
    Account {
        external_id: "7711".into(),
        name: "Fjordglass".into(),
        base_url: None,
        connection_id: None,
        time_zone: None,
        currency: None,
        country: None,
    }
}

fn settings(go: &Go) -> Settings {
    let mut settings = Settings::new("application".into(), "subscription".into(), "https://dunwell.example/back?app=1");
    settings.token_url = format!("{}/OAuth/Token", go.url());
    settings.api_url = format!("{}/v2/", go.url());
    settings
}

fn connected(go: &Go) -> System {
    system(settings(go), Http::trusted().unwrap())
}

/// A pull with lenders of its own.
struct Puller {
    connector: Arc<dyn Connector>,
    lender: Arc<Lender>,
    turns: Arc<Turns>,
}

impl Puller {
    fn new(go: &Go) -> Self {
        Self { connector: connected(go).connector, lender: Arc::default(), turns: Arc::default() }
    }

    fn pull(&self, scope: Scope, position: Option<String>) -> Pull {
        Pull {
            tenant: TenantId::from(uuid::Uuid::nil()),
            integration: IntegrationId::from(uuid::Uuid::nil()),
            currency: "NOK".into(),
            position,
            scope,
            link: Some(Link { account: account(), access: self.lender.clone(), throttle: self.turns.clone(), now: now() }),
            file: None,
            today: now().date_naive(),
        }
    }

    /// All pages of a pull, in one go.
    async fn pages(&self, scope: Scope) -> Result<Vec<Page>, SourceError> {
        let mut source = self.connector.pull(self.pull(scope, None)).await?;
        let mut pages = Vec::new();
        while let Some(page) = source.next_page().await? {
            pages.push(page);
        }
        Ok(pages)
    }

    /// All pages of a pull that dies after each page and goes on in another process.
    async fn broken_pages(&self, scope: Scope) -> Result<Vec<Page>, SourceError> {
        let (mut pages, mut position): (Vec<Page>, _) = (Vec::new(), None);
        loop {
            let mut source = self.connector.pull(self.pull(scope.clone(), position)).await?;
            let Some(page) = source.next_page().await? else { return Ok(pages) };
            position = Some(page.position.clone());
            pages.push(page);
        }
    }
}
