//! The connector joined to the provider's examples, and pulls from them.

use std::{collections::BTreeMap, io::Write as _, sync::Arc};

use adapters::{
    connectors::xero::{Settings, system},
    http::Http,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::port::{
    Account, DebtorSnapshot, InvoiceSnapshot, Link, Page, PaymentSnapshot, Problem, Pull, Scope, SourceError, System,
    access::{Access, Lent},
    throttle::{Limit, Throttle, Told, Turn},
    vault::SecretString,
};
use serde_json::json;
use tempfile::NamedTempFile;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::peer::{DESCRIPTION, Prism};

/// The consent that the token names, and that connections are asked for by.
const CONSENT: &str = "0d8a1c2e-6a1f-4f0b-9d3c-2b7e5a4c1f90";

/// Books that consist of Xero's examples.
pub struct Books {
    pub prism: Prism,
    pub system: System,
    pub accounts: Vec<Account>,
    pub hands: Arc<Hands>,
    _description: NamedTempFile,
}

impl Books {
    /// By the description as Xero publishes it.
    pub async fn join() -> Self {
        Self::described(DESCRIPTION).await
    }

    pub async fn described(description: &str) -> Self {
        let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        file.write_all(description.as_bytes()).unwrap();
        let prism = Prism::serve(file.path()).await;
        let tokens = tokens().await;
        let mut settings = Settings::new("client", "secret".into(), "http://localhost/callback", "webhook-key".into());
        settings.write_notes = true;
        settings.token_url = format!("{}/connect/token", tokens.uri());
        // The description writes it with a capital, and Prism minds.
        settings.connections_url = format!("{}/Connections", prism.url);
        settings.api_url.clone_from(&prism.url);
        let system = system(settings, Http::trusted().unwrap());
        let granted = system.consent.clone().unwrap().trade(&"code".into(), &"verifier".into()).await.unwrap();
        Self { prism, system, accounts: granted.accounts, hands: Arc::new(Hands(granted.fresh.keys)), _description: file }
    }

    pub fn link(&self) -> Link {
        Link { account: self.accounts[0].clone(), access: self.hands.clone(), throttle: self.hands.clone(), now: now() }
    }

    /// All that a pull tells. A refused parameter would end it.
    pub async fn pull(&self, scope: Scope) -> Pulled {
        let pull = Pull {
            tenant: Uuid::nil().into(),
            integration: Uuid::nil().into(),
            currency: "NZD".into(),
            position: None,
            scope,
            link: Some(self.link()),
            file: None,
            today: now().date_naive(),
        };
        let mut source = self.system.connector.pull(pull).await.unwrap();
        let mut pulled = Pulled::default();
        while let Some(page) = source.next_page().await.unwrap() {
            pulled.take(page);
        }
        pulled
    }
}

/// The description has no token endpoint: this one gives a token that names a consent, as Xero's do.
async fn tokens() -> MockServer {
    let server = MockServer::start().await;
    let claims = URL_SAFE_NO_PAD.encode(json!({ "authentication_event_id": CONSENT }).to_string());
    let tokens =
        json!({ "access_token": format!("e30.{claims}.sig"), "refresh_token": "refresh", "token_type": "Bearer", "expires_in": 1800 });
    let answer = ResponseTemplate::new(200).set_body_json(tokens);
    Mock::given(matchers::method("POST")).and(matchers::path("/connect/token")).respond_with(answer).mount(&server).await;
    server
}

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// What a pull told.
#[derive(Default)]
pub struct Pulled {
    pub account: Option<Account>,
    pub debtors: BTreeMap<String, DebtorSnapshot>,
    pub invoices: BTreeMap<String, InvoiceSnapshot>,
    pub payments: BTreeMap<String, PaymentSnapshot>,
    pub problems: Vec<Problem>,
}

impl Pulled {
    fn take(&mut self, page: Page) {
        self.account = page.account.or(self.account.take());
        self.problems.extend(page.problems);
        for record in page.records {
            self.debtors.extend(record.debtor.map(|debtor| (debtor.external_id.clone(), debtor)));
            self.invoices.extend(record.invoice.map(|invoice| (invoice.number.clone(), invoice)));
            self.payments.extend(record.payment.map(|payment| (payment.external_id.clone(), payment)));
        }
    }

    /// Number, sum and what is open of each invoice, in minor units.
    pub fn sums(&self) -> Vec<(&str, i64, Option<i64>)> {
        self.invoices.values().map(|invoice| (invoice.number.as_str(), invoice.total_minor, invoice.outstanding_minor)).collect()
    }

    /// The records that cannot be taken over.
    pub fn troubled(&self) -> Vec<&str> {
        self.problems.iter().filter_map(|problem| problem.external_id.as_deref()).collect()
    }
}

/// Lends the same keys always, and every turn is free. Keys are never refused: Prism takes any.
pub struct Hands(SecretString);

#[async_trait::async_trait]
impl Access for Hands {
    async fn lend(&self) -> Result<Lent, SourceError> {
        Ok(Lent { keys: self.0.clone(), version: 1 })
    }

    async fn refused(&self, _: &Lent) -> Result<Lent, SourceError> {
        Err(SourceError::Unauthorised("Prism refused the keys".into()))
    }
}

#[async_trait::async_trait]
impl Throttle for Hands {
    async fn enter(&self, _: &[Limit]) -> Result<Turn, SourceError> {
        Ok(Turn::default())
    }

    async fn leave(&self, _: Turn, _: Told) {}
}
