//! What Xero's refusals mean. The same status has several causes; the body names them
//! (<https://developer.xero.com/documentation/api/http-response-codes>, and live answers quoted by client libraries).

use domain::{RefusalCode, port::SourceError};

use crate::http::{Answer, StatusCode};

/// Whether the keys are good but do not reach so far: a scope that was not consented to, or a user without the role.
pub(super) fn lacks_scope(answer: &Answer) -> bool {
    says(answer, "AuthorizationUnsuccessful") || says(answer, "insufficient_scope")
}

/// The error for an answer that is neither 200 nor one that every provider has alike.
pub(super) fn of(call: &str, answer: &Answer) -> SourceError {
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if lacks_scope(answer) => SourceError::Refused {
            code: RefusalCode::ProviderScopeMissing.as_str().into(),
            message: format!("{call}: Xero says that a right is missing: connect again and allow everything that is asked for"),
        },
        StatusCode::FORBIDDEN if says(answer, "AuthenticationUnsuccessful") => {
            SourceError::Unauthorised("the organisation was disconnected at Xero: connect it again".into())
        }
        StatusCode::FORBIDDEN => {
            SourceError::Refused { code: RefusalCode::ProviderRejected.as_str().into(), message: format!("{call}: Xero forbids it") }
        }
        status => SourceError::Broken(format!("{call}: Xero answers {}", status.as_u16())),
    }
}

/// Bodies may be JSON, plain text or HTML: the word is enough.
fn says(answer: &Answer, word: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(word)
}
