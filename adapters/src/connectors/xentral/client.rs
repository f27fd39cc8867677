//! One call to one instance, in a [`turn`]: how it is sent, and its answer sorted by what to do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    RefusalCode,
    port::{
        Link, SourceError,
        access::Lent,
        throttle::{Limit, LimitKind, Told},
        vault::{ExposeSecret as _, SecretString},
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    super::turn::{self, Call, Heard},
    query::Query,
};
use crate::http::{Answer, Http, Method, StatusCode, Url, header, retry_after};

/// Calls per minute, instance and address that calls (Xentral's page on rate limiting, "subject to change").
const CALLS_PER_MINUTE: u32 = 100;

/// Longest wait that `X-RateLimit-Reset` is believed, in seconds: the window is a minute, clocks differ.
const MAX_RESET_SECONDS: i64 = 600;

/// Media type of v3, and of single documents of v1.
pub(super) const JSON: &str = "application/json";

/// Media type without which v1 answers 406 to a list.
pub(super) const MINIMAL: &str = "application/vnd.xentral.minimal+json";

/// Keys as they are kept.
#[derive(Deserialize)]
struct Keys {
    token: String,
}

/// Keys as they are written.
#[derive(Serialize)]
struct WrittenKeys<'a> {
    token: &'a str,
}

/// The keys document of a token.
pub(super) fn keys_of(token: &SecretString) -> SecretString {
    let written = serde_json::to_string(&WrittenKeys { token: token.expose_secret() });
    SecretString::from(written.unwrap_or_default())
}

/// A call.
pub(super) struct Ask<'a> {
    pub method: Method,
    pub path: String,
    pub query: Query,
    pub accept: &'a str,
    /// Says `x-pagination: cursor`.
    pub by_cursor: bool,
    pub body: Option<serde_json::Value>,
}

impl<'a> Ask<'a> {
    /// A GET.
    pub(super) fn get(path: impl Into<String>, query: Query, accept: &'a str) -> Self {
        Self { method: Method::GET, path: path.into(), query, accept, by_cursor: false, body: None }
    }

    /// A PATCH with a JSON document.
    pub(super) fn patch(path: impl Into<String>, body: serde_json::Value) -> Self {
        Self { method: Method::PATCH, path: path.into(), query: Query::default(), accept: JSON, by_cursor: false, body: Some(body) }
    }

    /// What is called, for messages: without the query, which may name debtors.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Sends it with a token.
    pub(super) async fn send(&self, http: &Http, base: &Url, token: &SecretString) -> Result<Answer, crate::http::HttpError> {
        let mut url = base.clone();
        url.set_path(&self.path);
        let mut call = http.call(self.method.clone(), url).query(&self.query.pairs()).bearer(token).header(header::ACCEPT, self.accept);
        if self.by_cursor {
            call = call.header(header::HeaderName::from_static("x-pagination"), "cursor");
        }
        if let Some(body) = &self.body {
            call = call.json(body);
        }
        call.send().await
    }
}

/// Calls one instance for one integration.
pub(super) struct Client {
    http: Http,
    link: Link,
    base: Url,
    /// Calls made so far.
    calls: u32,
}

impl Client {
    /// # Errors
    ///
    /// [`SourceError::Refused`] when the link names no address.
    pub(super) fn new(http: Http, link: Link) -> Result<Self, SourceError> {
        let base = link.account.base_url.clone().unwrap_or_else(|| format!("https://{}", link.account.external_id));
        let base = http.address(&base)?;
        Ok(Self { http, link, base, calls: 0 })
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls
    }

    /// Calls, and answers with any status that is about what was asked: neither 401 nor 429 nor 5xx.
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    pub(super) async fn call(&mut self, ask: &Ask<'_>) -> Result<Answer, SourceError> {
        self.calls += 1;
        turn::make(&self.link, &[self.limit()], &Calling { client: self, ask }).await
    }

    /// Calls for a document that must be there.
    ///
    /// # Errors
    ///
    /// [`SourceError`]; a missing right is [`SourceError::Unauthorised`], because a person must give it.
    pub(super) async fn read<T: DeserializeOwned>(&mut self, ask: &Ask<'_>, scope: &str) -> Result<T, SourceError> {
        let answer = self.call(ask).await?;
        match answer.status {
            StatusCode::OK => answer.json().map_err(|error| SourceError::Broken(format!("{}: {error}", ask.name()))),
            _ => Err(unwanted(ask, &answer, scope)),
        }
    }

    fn limit(&self) -> Limit {
        let kind = LimitKind::Calls { most: CALLS_PER_MINUTE, per: Duration::from_mins(1) };
        Limit { key: format!("xentral:{}", self.link.account.external_id), kind }
    }
}

/// One call, made again with other keys when these are refused.
struct Calling<'c> {
    client: &'c Client,
    ask: &'c Ask<'c>,
}

#[async_trait::async_trait]
impl Call for Calling<'_> {
    async fn once(&self, lent: &Lent) -> (Told, Result<Heard, SourceError>) {
        let Client { http, link, base, .. } = self.client;
        let token = match token_of(&lent.keys) {
            Ok(token) => token,
            Err(error) => return (Told::default(), Err(error)),
        };
        let answer = match self.ask.send(http, base, &token).await {
            Ok(answer) => answer,
            Err(error) => return (Told::default(), Err(error.into())),
        };
        if let Some(seconds) = asked_to_wait(&answer, link.now) {
            let closed = Some((self.client.limit().key, Duration::from_secs(seconds)));
            return (Told { closed }, Err(SourceError::RateLimited(seconds)));
        }
        let heard = match answer.sorted(link.now) {
            Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => Ok(Heard::BadKeys),
            Ok(answer) => Ok(Heard::Answer(answer)),
            Err(error) => Err(error.into()),
        };
        (Told::default(), heard)
    }

    fn refused(&self) -> SourceError {
        SourceError::Unauthorised("Xentral refuses the access token: make a new one there and paste it".into())
    }
}

/// The error for a status that is no answer to what was asked.
pub(super) fn unwanted(ask: &Ask<'_>, answer: &Answer, scope: &str) -> SourceError {
    match answer.status {
        StatusCode::FORBIDDEN => {
            SourceError::Unauthorised(format!("the access token lacks the right {scope}: give it in Xentral, or paste a token that has it"))
        }
        StatusCode::NOT_FOUND => SourceError::Refused {
            code: RefusalCode::NotFound.as_str().into(),
            message: format!("{}: Xentral does not know it", ask.name()),
        },
        // Write-protected documents answer so, for instance.
        status if ask.method == Method::PATCH && status.is_client_error() => SourceError::Refused {
            code: RefusalCode::ProviderRejected.as_str().into(),
            message: format!("{}: Xentral does not let it be changed ({})", ask.name(), status.as_u16()),
        },
        _ => SourceError::Broken(format!("{}: {}", ask.name(), answer.unexpected())),
    }
}

fn token_of(keys: &SecretString) -> Result<SecretString, SourceError> {
    let keys: Result<Keys, _> = serde_json::from_str(keys.expose_secret());
    keys.map(|keys| SecretString::from(keys.token))
        .map_err(|_| SourceError::Unauthorised("the stored access token cannot be read: paste it again".into()))
}

/// Seconds to wait after a 429: `Retry-After`, else until `X-RateLimit-Reset` (Unix seconds).
fn asked_to_wait(answer: &Answer, now: DateTime<Utc>) -> Option<u64> {
    if answer.status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let reset =
        answer.headers.get("x-ratelimit-reset").and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse::<i64>().ok());
    match reset {
        Some(reset) if !answer.headers.contains_key(header::RETRY_AFTER) => {
            u64::try_from(reset.saturating_sub(now.timestamp()).clamp(1, MAX_RESET_SECONDS)).ok()
        }
        _ => Some(retry_after(&answer.headers, now)),
    }
}
