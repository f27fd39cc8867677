//! A stand-in for one test: started, signed in to, with a clock that is moved by hand.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use sandbox::{Options, Provider, Running, serve, xero::XeroControl};
use serde_json::Value;
use uuid::Uuid;

/// All scopes that a client of receivables needs.
pub const SCOPES: &str =
    "openid profile email offline_access accounting.invoices accounting.payments.read accounting.contacts.read accounting.settings.read";

/// A stand-in and a client that is signed in to it.
pub struct Stand {
    pub running: Running,
    pub client: Client,
    pub token: String,
    seconds: Arc<AtomicI64>,
}

/// When every test starts.
pub fn start() -> DateTime<Utc> {
    "2026-11-21T21:00:00Z".parse().unwrap()
}

/// The day on which every test starts.
pub fn today() -> NaiveDate {
    start().date_naive()
}

impl Stand {
    /// A stand-in with samples and limits.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// A stand-in that does not throttle.
    pub async fn unlimited() -> Self {
        Self::with(Options { limits: false, ..Options::default() }).await
    }

    /// A stand-in with these options, but the test's clock.
    pub async fn with(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let running = serve(Provider::Xero, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let token = running.xero().sign_in(SCOPES).unwrap().access_token;
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { running, client, token, seconds }
    }

    pub fn control(&self) -> &XeroControl {
        self.running.xero()
    }

    /// Moves the clock.
    pub fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn tenant(&self) -> Uuid {
        self.control().first_organisation()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    /// A call as a well-behaved client makes it.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(&format!("/api.xro/2.0{path}"))).bearer_auth(&self.token);
        request.header("xero-tenant-id", self.tenant().to_string()).header("accept", "application/json")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.call(Method::GET, path).send().await.unwrap()
    }

    /// The JSON of an answer that must be 200.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// The JSON of what changed since an instant.
    pub async fn since(&self, path: &str, at: &str) -> Value {
        self.call(Method::GET, path).header("if-modified-since", at).send().await.unwrap().json().await.unwrap()
    }

    /// One invoice as it is answered.
    pub async fn invoice(&self, id: Uuid) -> Value {
        self.json(&format!("/Invoices/{id}")).await["Invoices"][0].clone()
    }

    /// The token endpoint's answer to these fields, from the registered app.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Response {
        let fields: HashMap<_, _> = fields.iter().copied().collect();
        let request = self.client.post(self.url("/connect/token")).basic_auth("sandbox-client", Some("sandbox-secret"));
        request.form(&fields).send().await.unwrap()
    }
}

/// The texts of a field of each row.
pub fn texts<'a>(answer: &'a Value, name: &str, field: &str) -> Vec<&'a str> {
    answer[name].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap()).collect()
}
