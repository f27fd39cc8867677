//! Why a call brought no answer, sorted by what to do.

use domain::{
    RefusalCode,
    port::{SourceError, access::RenewError, connect::ConnectError},
};

/// Why there is no answer that can be used. Messages are for people and hold neither credentials nor query strings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// This address may not be called.
    #[error("{0}")]
    Blocked(String),
    /// The request cannot be written: a credential or header has characters that none has.
    #[error("{0}")]
    Unsendable(String),
    /// No answer, not in time, or one that says that the server is at fault. Later may help.
    #[error("{0}")]
    Unavailable(String),
    /// Asked to wait this many seconds.
    #[error("the provider asks to wait {0} seconds")]
    RateLimited(u64),
    /// The server points elsewhere; it is not followed.
    #[error("{0}")]
    Redirected(String),
    /// The answer is not what the provider's contract says.
    #[error("{0}")]
    Broken(String),
}

/// Settings with which no client can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// An allowed host that is none.
    #[error("{0:?} is neither a host nor host:port")]
    BadHost(String),
    /// TLS cannot be set up on this machine.
    #[error("no HTTP client: {0}")]
    Client(String),
}

impl From<HttpError> for SourceError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unavailable(message) => Self::Unavailable(message),
            HttpError::RateLimited(seconds) => Self::RateLimited(seconds),
            HttpError::Redirected(message) | HttpError::Broken(message) => Self::Broken(message),
            HttpError::Blocked(message) | HttpError::Unsendable(message) => {
                Self::Refused { code: RefusalCode::Invalid.as_str().into(), message }
            }
        }
    }
}

/// An answer that is not what it should be says nothing about the keys: it counts as no answer.
impl From<HttpError> for ConnectError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Blocked(message) | HttpError::Redirected(message) => Self::BadAddress(message),
            HttpError::Unsendable(message) => Self::Refused(message),
            HttpError::Unavailable(_) | HttpError::RateLimited(_) | HttpError::Broken(_) => Self::Unavailable(error.to_string()),
        }
    }
}

/// Only keys that cannot even be sent are refused for good.
impl From<HttpError> for RenewError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unsendable(message) => Self::Refused(message),
            HttpError::Blocked(_)
            | HttpError::Unavailable(_)
            | HttpError::RateLimited(_)
            | HttpError::Redirected(_)
            | HttpError::Broken(_) => Self::Unavailable(error.to_string()),
        }
    }
}
