//! One call to Xero's accounting API, in a [`turn`]: how it is sent, and its answer sorted by what to do.
//!
//! Limits: 5 calls at once and 60 in a minute for an organisation, 10,000 in a minute for the app
//! (<https://developer.xero.com/faq/limits>). The daily limit depends on the operator's plan and is not counted: when it
//! is reached, Xero says for how long.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::port::{
    Link, SourceError,
    access::Lent,
    throttle::{Limit, LimitKind, Told},
};
use serde_json::Value;

use super::{
    super::turn::{self, Call, Heard},
    fault,
    keys::Keys,
    settings::Settings,
};
use crate::http::{
    Answer, Http, HttpError, Method, StatusCode, Url, header::ACCEPT, header::HeaderName, header::IF_MODIFIED_SINCE, retry_after,
};

const AT_ONCE: u32 = 5;
const A_MINUTE: u32 = 60;
const APP_A_MINUTE: u32 = 10_000;
/// Of the 1,000 calls that the smallest plan has for an organisation and day, so many may go into what no letter depends
/// on; pulls of changes need some 300.
const ASIDE_A_DAY: u32 = 400;
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

const TENANT: HeaderName = HeaderName::from_static("xero-tenant-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const RATE_LIMIT_PROBLEM: HeaderName = HeaderName::from_static("x-rate-limit-problem");

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// For messages, without ids.
    pub(super) name: &'static str,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    since: Option<DateTime<Utc>>,
    body: Option<Value>,
    key: Option<String>,
    aside: bool,
}

impl Ask {
    /// A GET of a path below the API's address.
    pub(super) fn get(name: &'static str, path: impl Into<String>) -> Self {
        Self { name, method: Method::GET, path: path.into(), query: Vec::new(), since: None, body: None, key: None, aside: false }
    }

    /// A PUT that has its effect once for one key.
    pub(super) fn put(name: &'static str, path: String, body: Value, key: String) -> Self {
        Self { name, method: Method::PUT, path, query: Vec::new(), since: None, body: Some(body), key: Some(key), aside: false }
    }

    pub(super) fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// For what can be done without: it must leave enough calls of a day to the pulls.
    pub(super) fn aside(mut self) -> Self {
        self.aside = true;
        self
    }

    /// Only what changed after an instant.
    pub(super) fn since(mut self, since: Option<DateTime<Utc>>) -> Self {
        self.since = since;
        self
    }
}

/// Calls on behalf of one organisation.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) http: Http,
    pub(super) settings: Settings,
    pub(super) link: Link,
}

/// One call, made again with other keys when these are refused.
struct Calling<'c> {
    client: &'c Client,
    ask: &'c Ask,
}

#[async_trait::async_trait]
impl Call for Calling<'_> {
    async fn once(&self, lent: &Lent) -> (Told, Result<Heard, SourceError>) {
        self.client.once(self.ask, lent).await
    }

    fn refused(&self) -> SourceError {
        SourceError::Unauthorised("Xero refuses the keys, also renewed ones: connect again".into())
    }
}

impl Client {
    /// Calls, and once more with other keys when these are refused. The answer is 200, or 404 for what is not there.
    ///
    /// # Errors
    ///
    /// [`SourceError`], naming the call.
    pub(super) async fn call(&self, ask: &Ask) -> Result<Answer, SourceError> {
        turn::make(&self.link, &self.limits(ask), &Calling { client: self, ask }).await
    }

    async fn once(&self, ask: &Ask, lent: &Lent) -> (Told, Result<Heard, SourceError>) {
        match self.send(ask, lent).await {
            Err(error) => (Told::default(), Err(named(ask, error))),
            Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => self.too_fast(ask, &answer),
            Ok(answer) => (Told::default(), sorted(ask, answer, self.link.now)),
        }
    }

    async fn send(&self, ask: &Ask, lent: &Lent) -> Result<Answer, HttpError> {
        let keys = Keys::read(&lent.keys).ok_or_else(|| HttpError::Unsendable("the stored keys are not Xero's: connect again".into()))?;
        let url = Url::parse(&format!("{}/{}", self.settings.api_url, ask.path))
            .map_err(|_| HttpError::Blocked("the configured address of Xero's API is none".into()))?;
        let query: Vec<(&str, &str)> = ask.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut call = self.http.call(ask.method.clone(), url).query(&query).bearer(&keys.access_token());
        // Without it Xero answers XML.
        call = call.header(ACCEPT, "application/json").header(TENANT, &self.link.account.external_id);
        if let Some(since) = ask.since {
            // The form of Xero's pages: UTC, to the second, without a zone.
            call = call.header(IF_MODIFIED_SINCE, &since.format("%Y-%m-%dT%H:%M:%S").to_string());
        }
        if let Some(key) = &ask.key {
            call = call.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &ask.body {
            call = call.json(body);
        }
        call.send().await
    }

    /// Closes whom the limit counts for: the organisation, or the app.
    fn too_fast(&self, ask: &Ask, answer: &Answer) -> (Told, Result<Heard, SourceError>) {
        let seconds = retry_after(&answer.headers, self.link.now);
        let problem = answer.headers.get(RATE_LIMIT_PROBLEM).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let key = if problem.contains("app") { self.app_key() } else { self.organisation_key() };
        if problem == "day" {
            tracing::warn!(call = ask.name, seconds, "Xero's daily limit for this organisation is reached");
        }
        (Told { closed: Some((key, Duration::from_secs(seconds))) }, Err(SourceError::RateLimited(seconds)))
    }

    fn limits(&self, ask: &Ask) -> Vec<Limit> {
        let calls = |most| LimitKind::Calls { most, per: MINUTE };
        let mut limits = vec![
            Limit { key: self.organisation_key(), kind: LimitKind::AtOnce { most: AT_ONCE } },
            Limit { key: self.organisation_key(), kind: calls(A_MINUTE) },
            Limit { key: self.app_key(), kind: calls(APP_A_MINUTE) },
        ];
        if ask.aside {
            let kind = LimitKind::Calls { most: ASIDE_A_DAY, per: DAY };
            limits.push(Limit { key: format!("{}:aside", self.organisation_key()), kind });
        }
        limits
    }

    fn organisation_key(&self) -> String {
        format!("xero:{}", self.link.account.external_id)
    }

    fn app_key(&self) -> String {
        format!("xero:app:{}", self.settings.client_id)
    }
}

fn sorted(ask: &Ask, answer: Answer, now: DateTime<Utc>) -> Result<Heard, SourceError> {
    let answer = answer.sorted(now).map_err(|error| named(ask, error))?;
    match answer.status {
        StatusCode::OK | StatusCode::NOT_FOUND => Ok(Heard::Answer(answer)),
        StatusCode::UNAUTHORIZED if !fault::lacks_scope(&answer) => Ok(Heard::BadKeys),
        _ => Err(fault::of(ask.name, &answer)),
    }
}

/// The error with the call's name before it, where the message is for people.
pub(super) fn named(ask: &Ask, error: HttpError) -> SourceError {
    let name = |message: String| format!("{}: {message}", ask.name);
    match SourceError::from(error) {
        SourceError::Unavailable(message) => SourceError::Unavailable(name(message)),
        SourceError::Broken(message) => SourceError::Broken(name(message)),
        SourceError::Refused { code, message } => SourceError::Refused { code, message: name(message) },
        error @ (SourceError::RateLimited(_) | SourceError::Unauthorised(_)) => error,
    }
}
