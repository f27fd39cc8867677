//! The provider's answers, sorted by what to do. The numbers are the provider's error codes
//! (<https://www.twilio.com/docs/api/errors>).

use std::time::Duration;

use domain::port::{Receipt, SendError};
use reqwest::StatusCode;
use serde::Deserialize;

use super::super::said;

/// Waits that the provider asks for are kept between these.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The documents that the provider sends, as far as they matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    /// The message's id.
    pub sid: Option<String>,
    /// What went wrong, of a request that was refused.
    pub code: Option<u32>,
    /// What went wrong, of a message that was taken and failed at once.
    pub error_code: Option<u32>,
    /// For people.
    pub message: Option<String>,
    /// Where it stands.
    pub status: Option<String>,
    /// Parts that the provider counts.
    pub num_segments: Option<String>,
}

#[derive(Deserialize)]
struct List {
    messages: Vec<serde::de::IgnoredAny>,
}

impl Answer {
    /// Nothing known when it is no such document.
    pub(super) fn parse(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }
}

impl Answer {
    fn receipt(&self) -> Receipt {
        let status = self.status.as_deref().map(said);
        let segments = self.num_segments.as_deref().map(said);
        let proof = serde_json::json!({ "sid": self.sid.as_deref().map(said), "status": status, "segments": segments });
        Receipt { provider_id: self.sid.clone(), proof: self.sid.is_some().then_some(proof), ..Receipt::default() }
    }
}

/// Whether a list of messages is empty; none when it is no such list.
pub(super) fn is_empty_list(body: &[u8]) -> Option<bool> {
    let list: List = serde_json::from_slice(body).ok()?;
    Some(list.messages.is_empty())
}

/// What an answer to sending means.
pub(super) fn sort(status: StatusCode, retry_after: Option<u64>, answer: &Answer) -> Result<Receipt, SendError> {
    let message = describe(status, answer);
    if status.is_success() {
        return match answer.error_code.map(by_code) {
            None | Some(Verdict::Unheard) => Ok(answer.receipt()),
            Some(verdict) => Err(verdict.into_error(message, None)),
        };
    }
    let wait = retry_after.map(|seconds| Duration::from_secs(seconds).clamp(SHORTEST_WAIT, LONGEST_WAIT));
    let verdict = match answer.code.map_or(Verdict::Unheard, by_code) {
        Verdict::Unheard => by_status(status),
        known => known,
    };
    Err(verdict.into_error(message, wait))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Rejected(&'static str),
    Unauthorised,
    Transient,
    Unknown,
    /// A code that says nothing to us.
    Unheard,
}

impl Verdict {
    fn into_error(self, message: String, retry_after: Option<Duration>) -> SendError {
        match self {
            Self::Rejected(code) => SendError::Rejected { code: code.to_owned(), message },
            Self::Unauthorised => SendError::Unauthorised { message },
            Self::Transient => SendError::Transient { message, retry_after },
            Self::Unknown | Self::Unheard => SendError::Unknown { message },
        }
    }
}

/// Why a message was refused for good, by the provider's error code.
pub(super) const fn refusal(code: u32) -> Option<&'static str> {
    match by_code(code) {
        Verdict::Rejected(code) => Some(code),
        _ => None,
    }
}

const fn by_code(code: u32) -> Verdict {
    match code {
        // The number does not exist, or is no mobile.
        21211 | 21214 | 21217 | 21401 | 21614 | 30005 | 30006 => Verdict::Rejected("NUMBER_INVALID"),
        // Switched off, or out of reach for days: the number itself may be right.
        30003 => Verdict::Rejected("UNREACHABLE"),
        21610 => Verdict::Rejected("OPTED_OUT"),
        21408 | 21612 => Verdict::Rejected("REGION_NOT_ALLOWED"),
        21602 | 21605 | 21617 => Verdict::Rejected("MESSAGE_TOO_LONG"),
        30004 | 30007 => Verdict::Rejected("POLICY_REFUSED"),
        // Account, token, or sender number: no message goes out until a person acts.
        20003 | 20005 | 20403 | 20404 | 21212 | 21603 | 21606 | 21659 => Verdict::Unauthorised,
        // Too fast, or the queue is full.
        14107 | 20429 | 21611 | 30001 => Verdict::Transient,
        _ => Verdict::Unheard,
    }
}

fn by_status(status: StatusCode) -> Verdict {
    match status.as_u16() {
        401 | 403 | 404 => Verdict::Unauthorised,
        // Redirects are not followed: the message was not taken there.
        300..400 | 408 | 429 | 503 => Verdict::Transient,
        400..500 => Verdict::Rejected("REFUSED"),
        _ => Verdict::Unknown,
    }
}

fn describe(status: StatusCode, answer: &Answer) -> String {
    let code = answer.code.or(answer.error_code).map(|code| format!(" ({code})")).unwrap_or_default();
    let text = answer.message.as_deref().map(|text| format!(": {}", said(text))).unwrap_or_default();
    format!("the SMS provider answered {}{code}{text}", status.as_u16())
}
