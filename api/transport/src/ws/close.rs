//! Every way a socket ends, with its code. Reasons stay far below the 123 bytes that a close frame holds.

use std::io::ErrorKind;

use actix_ws::{CloseCode, CloseReason, ProtocolError};

use crate::gate::Denied;

/// Why the server closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The peer closed; its own reason goes back.
    Answer(Option<CloseReason>),
    /// The process stops; the client should connect again.
    GoingAway,
    /// The bytes are no WebSocket frames.
    BrokenFrame,
    /// A text message is not UTF-8.
    BrokenText,
    /// A message is larger than the limit.
    TooBig,
    /// Not now; the client may try again later.
    TryAgainLater,
    /// The caller has as many connections open as one may have; the client may try again when one of them has ended.
    Crowded,
    /// A message that the protocol does not know; what is wrong with it.
    Invalid(&'static str),
    /// `subscribe` before `connection_ack`.
    Unauthorized,
    /// The gate said no, or no longer stands by its yes.
    Forbidden,
    /// No subprotocol in common.
    UnknownProtocol,
    /// No `connection_init` in time.
    InitTimeout,
    /// An operation id that is still in use.
    Duplicate,
    /// A second `connection_init`.
    InitAgain,
}

impl Close {
    /// The code and reason of the close frame.
    pub(super) fn reason(self) -> Option<CloseReason> {
        let (code, text) = match self {
            Self::Answer(reason) => return reason.map(|reason| CloseReason { description: None, ..reason }),
            Self::GoingAway => (CloseCode::Away, "Going away"),
            Self::BrokenFrame => (CloseCode::Protocol, "Broken frame"),
            Self::BrokenText => (CloseCode::Invalid, "Text is not UTF-8"),
            Self::TooBig => (CloseCode::Size, "Message too big"),
            Self::TryAgainLater => (CloseCode::Again, "Try again later"),
            Self::Crowded => (CloseCode::Again, "Too many connections of this caller"),
            Self::Invalid(what) => (CloseCode::Other(4400), what),
            Self::Unauthorized => (CloseCode::Other(4401), "Unauthorized"),
            Self::Forbidden => (CloseCode::Other(4403), "Forbidden"),
            Self::UnknownProtocol => (CloseCode::Other(4406), "Subprotocol not acceptable"),
            Self::InitTimeout => (CloseCode::Other(4408), "Connection initialisation timeout"),
            Self::Duplicate => (CloseCode::Other(4409), "Subscriber already exists"),
            Self::InitAgain => (CloseCode::Other(4429), "Too many initialisation requests"),
        };
        Some(CloseReason { code, description: Some(text.to_owned()) })
    }
}

impl From<Denied> for Close {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated(_) => Self::Forbidden,
            Denied::Throttled(_) | Denied::Unavailable => Self::TryAgainLater,
        }
    }
}

impl From<ProtocolError> for Close {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow => Self::TooBig,
            ProtocolError::Io(error) if error.kind() == ErrorKind::InvalidData => Self::BrokenText,
            // The only other one of this kind is a message that outgrew the limit in fragments.
            ProtocolError::Io(error) if error.kind() == ErrorKind::Other => Self::TooBig,
            _ => Self::BrokenFrame,
        }
    }
}
