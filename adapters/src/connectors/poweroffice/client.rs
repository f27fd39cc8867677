//! One call at a time, in a [`turn`]: how it is sent, and its answer sorted by what to do.

use std::time::Duration;

use domain::port::{
    Link, SourceError,
    access::Lent,
    throttle::{Limit, LimitKind, Told},
    vault::SecretString,
};
use serde_json::value::RawValue;

use super::{
    super::turn::{self, Call, Heard},
    Setup,
    auth::Keys,
};
use crate::http::{Answer, HttpError, StatusCode, header, retry_after};

/// Calls per second over all clients of one subscription key, by GO's documentation.
const CALLS_PER_SECOND: u32 = 10;

/// Wait after a 429 that does not say how long, by GO's documentation at least a second.
const SECONDS_AFTER_429: u64 = 1;

/// Records of the largest page that GO gives. No match has as many entries.
const LARGEST_PAGE: &str = "20000";

/// One client of GO, for the length of a pull.
pub(super) struct Client {
    pub setup: Setup,
    pub link: Link,
}

impl Client {
    /// Reads a list: its records, not looked into yet. 204 is an empty one. 404 is not: an address that leads nowhere must
    /// not look like books without debts.
    pub async fn list(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Vec<Box<RawValue>>, SourceError> {
        let answer = self.get(segments, query).await?;
        records(segments, &answer)
    }

    /// Reads what is matched under an id; nothing when the match was undone meanwhile.
    pub async fn matched(&self, id: i64) -> Result<Vec<Box<RawValue>>, SourceError> {
        let (segments, id) = (["Customerledger", "EntriesByMatchId"], id.to_string());
        let answer = self.get(&segments, &[("matchId", &id), ("PageSize", LARGEST_PAGE)]).await?;
        if answer.status == StatusCode::NOT_FOUND { Ok(Vec::new()) } else { records(&segments, &answer) }
    }

    /// Reads one document; none when GO does not have it.
    pub async fn one(&self, segments: &[&str]) -> Result<Option<Box<RawValue>>, SourceError> {
        let answer = self.get(segments, &[]).await?;
        match answer.status {
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK => answer.json().map(Some).map_err(|error| named(segments, error)),
            _ => Err(named(segments, answer.unexpected())),
        }
    }

    async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, SourceError> {
        let kind = LimitKind::Calls { most: CALLS_PER_SECOND, per: Duration::from_secs(1) };
        let limit = Limit { key: self.setup.limit_key(), kind };
        turn::make(&self.link, &[limit], &Calling { client: self, segments, query }).await
    }

    async fn send(&self, access: &SecretString, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, SourceError> {
        let call = self.setup.http.get(self.setup.api(segments)?).query(query).header(header::ACCEPT, "application/json");
        let answer = self.setup.subscribed(call).bearer(access).send().await.map_err(|error| named(segments, error))?;
        let tells_wait = answer.headers.contains_key(header::RETRY_AFTER);
        let wait = if tells_wait { retry_after(&answer.headers, self.link.now) } else { SECONDS_AFTER_429 };
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => Err(SourceError::RateLimited(wait)),
            // The gateway in front of GO says so when a quota of calls is used up; a missing right has no wait.
            StatusCode::FORBIDDEN if tells_wait => Err(SourceError::RateLimited(wait)),
            StatusCode::FORBIDDEN => Err(forbidden(segments)),
            _ => answer.sorted(self.link.now).map_err(|error| named(segments, error)),
        }
    }

    fn access(&self, lent: &Lent) -> Result<SecretString, SourceError> {
        let mut keys =
            Keys::read(&lent.keys).ok_or_else(|| SourceError::Unauthorised("the stored keys cannot be read: connect again".into()))?;
        keys.clients.remove(&self.link.account.external_id).and_then(|client| client.access).ok_or_else(removed)
    }
}

/// One call, made again with other keys when these are refused.
struct Calling<'c> {
    client: &'c Client,
    segments: &'c [&'c str],
    query: &'c [(&'c str, &'c str)],
}

#[async_trait::async_trait]
impl Call for Calling<'_> {
    async fn once(&self, lent: &Lent) -> (Told, Result<Heard, SourceError>) {
        let answered = match self.client.access(lent) {
            Ok(access) => self.client.send(&access, self.segments, self.query).await,
            Err(error) => Err(error),
        };
        let closed = match &answered {
            Err(SourceError::RateLimited(seconds)) => Some((self.client.setup.limit_key(), Duration::from_secs(*seconds))),
            _ => None,
        };
        let heard = answered.map(|answer| match answer.status {
            StatusCode::UNAUTHORIZED => Heard::BadKeys,
            _ => Heard::Answer(answer),
        });
        (Told { closed }, heard)
    }

    fn refused(&self) -> SourceError {
        removed()
    }
}

/// The records of a list's answer.
fn records(segments: &[&str], answer: &Answer) -> Result<Vec<Box<RawValue>>, SourceError> {
    match answer.status {
        StatusCode::NO_CONTENT => Ok(Vec::new()),
        StatusCode::OK => answer.json().map_err(|error| named(segments, error)),
        _ => Err(named(segments, answer.unexpected())),
    }
}

fn removed() -> SourceError {
    let why = "PowerOffice GO refuses the keys of this client: switch the extension on again in GO under Settings, Extensions, then connect again";
    SourceError::Unauthorised(why.into())
}

fn forbidden(segments: &[&str]) -> SourceError {
    let name = segments.first().copied().unwrap_or_default();
    SourceError::Unauthorised(format!(
        "PowerOffice GO does not let us read {name}: grant the extension this privilege in GO under Settings, Extensions, or order the module"
    ))
}

/// Puts the call's name before an error; ids are not part of it.
fn named(segments: &[&str], error: HttpError) -> SourceError {
    let name = segments.iter().take(2).filter(|segment| segment.bytes().all(|byte| byte.is_ascii_alphabetic())).copied();
    let name = name.collect::<Vec<_>>().join("/");
    match SourceError::from(error) {
        SourceError::Broken(why) => SourceError::Broken(format!("PowerOffice GO, {name}: {why}")),
        SourceError::Unavailable(why) => SourceError::Unavailable(format!("PowerOffice GO, {name}: {why}")),
        other => other,
    }
}
