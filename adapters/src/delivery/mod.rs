//! The ways to a debtor: [`EmailPostman`] over SMTP, [`TwilioPostman`] over a Twilio-shaped HTTP API, and the
//! [`Outbox`], a folder that stands in for every channel without settings and keeps what has to be printed and posted.
//!
//! Each hands one frozen letter over once and sorts the answer by what to do next. Whether a letter may go out, and
//! whether it is tried again, is decided in `domain::delivery`; nothing here repeats a hand-over that may have worked.

mod deadline;
mod email;
mod outbox;
pub mod post;
mod sms;

pub use email::{DEFAULT_FROM_NAME, EmailPostman, MailHerald, SmtpSettings, SmtpTls};
pub use outbox::{MAX_LISTED, Outbox, OutboxError, OutboxMessage};
pub use sms::{STATUS_PATH, TwilioCaller, TwilioInbound, TwilioPostman, TwilioSettings, TwilioStatus};

/// Settings with which a channel cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {message}")]
pub struct SettingsError {
    /// The setting that is wrong.
    pub setting: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl SettingsError {
    fn new(setting: &'static str, message: impl Into<String>) -> Self {
        Self { setting, message: message.into() }
    }
}

/// What a foreign server said, fit for a log line and a person: one line, bounded.
fn said(text: &str) -> String {
    let line: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(200).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(crate) mod fixture {
    use std::time::Duration;

    use domain::port::{Outgoing, Receipt, SendError};
    use entity::{Channel, DeliveryId, LetterId, TenantId};
    use uuid::Uuid;

    /// A letter by e-mail with everything in it.
    pub(crate) fn outgoing(number: u128) -> Outgoing {
        Outgoing {
            tenant: TenantId(Uuid::from_u128(7)),
            delivery: DeliveryId(Uuid::from_u128(number)),
            letter: LetterId(Uuid::from_u128(1000 + number)),
            channel: Channel::Email,
            recipient: "debtor@example.org".into(),
            postal: None,
            recipient_name: "Jörg Müller".into(),
            sender_name: "Acme Ltd".into(),
            reply_to: "accounts@acme.example".into(),
            message_id: format!("<{number}@letters.example>"),
            subject: "Reminder: invoice 4711".into(),
            text: "Dear Jörg,\nplease pay.\n.\n..two dots\n".into(),
            html: Some("<p>Dear Jörg</p>".into()),
            pdf: Some((format!("letter-{number}.pdf"), b"%PDF-1.7 body".to_vec())),
            language: "en".into(),
            unsubscribe_url: None,
            valid_for: Duration::from_secs(30),
        }
    }

    /// What to do about an outcome; of what is refused for good its code. What people read of it is one line.
    pub(crate) fn word(outcome: Result<Receipt, SendError>) -> String {
        match outcome {
            Ok(_) => "sent".into(),
            Err(SendError::Rejected { code, message }) => {
                assert!(!message.contains(['\r', '\n']), "{message}");
                code
            }
            Err(SendError::Transient { .. }) => "transient".into(),
            Err(SendError::Unauthorised { .. }) => "unauthorised".into(),
            Err(SendError::Unknown { .. }) => "unknown".into(),
        }
    }
}
