//! The outside world as the product needs it: traits that `adapters`, `letters` and `jobs` implement and `src` hands
//! in. Each is small; an accounting system or channel implements what it has. No trait here is called while a
//! transaction is open, except [`Messenger::enqueue`], which only writes rows.

pub mod access;
pub mod agency;
mod channel;
pub mod connect;
mod messenger;
pub mod receipt;
mod renderer;
mod source;
mod system;
pub mod throttle;
pub mod vault;
pub mod webhook;

use std::{collections::BTreeMap, sync::Arc};

use entity::{Channel, DeliveryId, Provider};

pub use channel::{Outgoing, Postal, PostalParts, Postman, Receipt, Reconciled, SendError, Unsubscribe};
pub use connect::Account;
pub use messenger::{Messenger, Work};
pub use renderer::{Bound, Pdf, Placed, RenderError, Renderer};
pub use source::{
    Blob, Connector, DebtorSnapshot, InvoiceSnapshot, InvoiceState, Link, Page, PaymentSnapshot, Preview, PreviewColumn, PreviewRow,
    Problem, Pull, Record, Scope, Source, SourceError, Wanted,
};
pub use system::{Profile, System};

/// Everything outside that was set up at start.
#[derive(Clone)]
pub struct Outside {
    /// By accounting system.
    pub systems: BTreeMap<Provider, System>,
    /// By channel. A channel without settings is served by the outbox, never by nothing.
    pub postmen: BTreeMap<Channel, Arc<dyn Postman>>,
    /// What providers tell later, by the path below `/webhooks/` that they call: `twilio/status`, `mail`.
    pub heralds: BTreeMap<&'static str, Arc<dyn receipt::Herald>>,
    /// Makes the addresses by which debtors end e-mails; none when the world cannot reach this server.
    pub unsubscribe: Option<Arc<dyn Unsubscribe>>,
    /// Draws letters.
    pub renderer: Arc<dyn Renderer>,
    /// Hands cases to agencies.
    pub agencies: agency::Agencies,
    /// Seals secrets.
    pub vault: Arc<dyn vault::Vault>,
}

/// Where mails seem to come from that no mail server takes: a name that never leads anywhere (RFC 2606 § 2).
const NO_MAIL_DOMAIN: &str = "dunwell.invalid";

impl Outside {
    /// The Message-ID of a delivery's e-mail, in angle brackets: unique by its id, in the domain that mails come from.
    pub(crate) fn message_id(&self, delivery: DeliveryId) -> String {
        let domain = self.postmen.get(&Channel::Email).and_then(|postman| postman.mail_domain());
        format!("<{}@{}>", delivery.0.simple(), domain.unwrap_or(NO_MAIL_DOMAIN))
    }
}
