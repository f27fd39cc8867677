//! An answer, read to its end, and what every connector does with one.

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{error::HttpError, snippet::snippet};

/// Wait after a 429 that does not say how long.
pub const USUAL_RETRY_AFTER_SECONDS: u64 = 5;

/// Longest wait that a 429 is believed: a day. Daily limits ask for most of one.
pub const MAX_RETRY_AFTER_SECONDS: u64 = 24 * 60 * 60;

/// An answer of any status. Its printed form has neither headers nor body.
#[derive(Clone)]
pub struct Answer {
    /// Host and port that answered.
    pub host: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer")
            .field("host", &self.host)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The media type, without parameters, in small letters; empty when none is told.
    pub fn content_type(&self) -> String {
        let told = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Takes out what means the same at every provider: 429 asks to wait, 408 and 5xx are a server that cannot answer
    /// now. Every other status comes back.
    ///
    /// # Errors
    ///
    /// [`HttpError::RateLimited`], [`HttpError::Unavailable`].
    pub fn sorted(self, now: DateTime<Utc>) -> Result<Self, HttpError> {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => Err(HttpError::RateLimited(retry_after(&self.headers, now))),
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Err(HttpError::Unavailable(self.described())),
            _ => Ok(self),
        }
    }

    /// The error for a status that the provider's contract does not have here.
    pub fn unexpected(&self) -> HttpError {
        HttpError::Broken(self.described())
    }

    /// Reads the body as JSON, whatever the status.
    ///
    /// # Errors
    ///
    /// [`HttpError::Broken`] for another content type, an empty body, a cut one or one of another shape. It says where
    /// the document is wrong, never what stands there.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(self.broken("is empty"));
        }
        let kind = self.content_type();
        if !is_json(&kind) {
            let kind = if kind.is_empty() { "nothing".into() } else { snippet(kind.as_bytes()) };
            return Err(self.broken(&format!("is {kind} instead of JSON{}", self.look())));
        }
        serde_json::from_slice(&self.body).map_err(|error| self.broken(&misfit(&error)))
    }

    fn broken(&self, how: &str) -> HttpError {
        HttpError::Broken(format!("the answer of {} ({}) {how}", self.host, self.status.as_u16()))
    }

    fn described(&self) -> String {
        format!("{} answers {}{}", self.host, self.status.as_u16(), self.look())
    }

    /// What a page for people says. Documents for programs are not shown: they hold keys and names of debtors.
    fn look(&self) -> String {
        let body = self.body.trim_ascii_start();
        let is_page = matches!(self.content_type().as_str(), "text/html" | "text/plain") && !matches!(body.first(), Some(b'{' | b'['));
        let said = if is_page { snippet(body) } else { String::new() };
        if said.is_empty() { said } else { format!(": {said}") }
    }
}

fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind == "text/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Where a document does not fit. The reader's own words would quote it; only the name of a missing field is ours.
fn misfit(error: &serde_json::Error) -> String {
    let place = format!("line {} column {}", error.line(), error.column());
    let text = error.to_string();
    match error.classify() {
        Category::Eof => format!("ends in the middle, at {place}"),
        Category::Syntax | Category::Io => format!("is not JSON at {place}"),
        Category::Data => match text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(field) => format!("lacks the field {field} at {place}"),
            None => format!("is not of the documented shape at {place}"),
        },
    }
}

/// Seconds to wait by `Retry-After`, a number of seconds or an HTTP date (RFC 9110, 10.2.3): at least 1, at most
/// [`MAX_RETRY_AFTER_SECONDS`], and [`USUAL_RETRY_AFTER_SECONDS`] when it is missing or cannot be read.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> u64 {
    let told = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    let seconds = if !told.is_empty() && told.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits beyond the type's range are a very long wait.
        Some(told.parse().unwrap_or(u64::MAX))
    } else {
        DateTime::parse_from_rfc2822(told).ok().map(|at| u64::try_from((at.to_utc() - now).num_seconds()).unwrap_or(0))
    };
    seconds.unwrap_or(USUAL_RETRY_AFTER_SECONDS).clamp(1, MAX_RETRY_AFTER_SECONDS)
}
