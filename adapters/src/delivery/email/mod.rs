//! E-mail over SMTP. The dialogue is led step by step ([`dialogue`]), because only that tells what a lost connection
//! means: before the mail's content begins, nothing was accepted and the letter may be tried again; after it, it may
//! have been, and only a person can tell.

mod bounce;
mod dialogue;
mod mail;
mod reply;
#[cfg(test)]
mod sink;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::port::{Outgoing, Postman, Receipt, Reconciled, SendError};
use entity::{DeliveryId, TenantId};
use lettre::{
    Address,
    transport::smtp::client::{Certificate, TlsParameters},
};
use secrecy::SecretString;

pub use self::bounce::MailHerald;

use self::dialogue::Server;
use super::{SettingsError, deadline::Deadline};

/// Who a mail comes from where nothing else is set: the creditor writes, Dunwell carries.
pub const DEFAULT_FROM_NAME: &str = "{creditor} via Dunwell";

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain greeting, then TLS; a server that does not offer it gets no mail. Usually port 587.
    StartTls,
    /// TLS from the first byte. Usually port 465.
    Implicit,
    /// No protection: only to this machine itself, unless `anywhere` says that the way is safe by other means.
    None {
        /// Also to other machines.
        anywhere: bool,
    },
}

/// The server and how to speak with it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Name or address of the server; the name in its certificate.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Protection of the way.
    pub tls: SmtpTls,
    /// A certificate authority besides the public ones, as PEM.
    pub authority: Option<Vec<u8>>,
    /// User name; none to send without signing in.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// The address that mails come from.
    pub from_address: String,
    /// Where mails come back to: each gets an address of its own, `bounces+ID@…` of `bounces@…`. None: to `from_address`.
    pub bounce_address: Option<String>,
    /// The name beside it; `{creditor}` stands for the creditor's.
    pub from_name: String,
    /// Most connections at a time.
    pub pool_size: usize,
    /// Longest wait for any single answer.
    pub timeout: Duration,
}

/// Carries letters by e-mail.
pub struct EmailPostman {
    server: Server,
    from: Address,
    from_name: String,
}

impl EmailPostman {
    /// Checks the settings; connects when the first letter is sent.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] naming the setting that cannot work.
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        let from = settings
            .from_address
            .parse()
            .map_err(|error| SettingsError::new("from_address", format!("not an e-mail address ({error})")))?;
        if settings.pool_size == 0 || settings.timeout.is_zero() {
            return Err(SettingsError::new("pool_size", "at least one connection and some time are needed"));
        }
        if settings.username.is_some() != settings.password.is_some() {
            return Err(SettingsError::new("password", "user name and password belong together"));
        }
        if let Some(bounce) = &settings.bounce_address {
            let parsed: Result<Address, _> = bounce.parse();
            parsed.map_err(|error| SettingsError::new("bounce_address", format!("not an e-mail address ({error})")))?;
        }
        let tls = protection(&settings)?;
        Ok(Self { from, from_name: settings.from_name.clone(), server: Server::new(settings, tls) })
    }
}

fn protection(settings: &SmtpSettings) -> Result<Option<TlsParameters>, SettingsError> {
    if let SmtpTls::None { anywhere } = settings.tls {
        let is_here = settings.host == "localhost" || settings.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if !is_here && !anywhere {
            return Err(SettingsError::new("tls", "mails hold personal data: without TLS only this machine itself is allowed"));
        }
        return Ok(None);
    }
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.authority {
        if !String::from_utf8_lossy(pem).contains("BEGIN CERTIFICATE") {
            return Err(SettingsError::new("authority", "no certificate in it (PEM)"));
        }
        let authority = Certificate::from_pem(pem).map_err(|error| SettingsError::new("authority", error.to_string()))?;
        parameters = parameters.add_root_certificate(authority);
    }
    parameters.build().map(Some).map_err(|error| SettingsError::new("host", error.to_string()))
}

#[async_trait::async_trait]
impl Postman for EmailPostman {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let deadline = Deadline::start(outgoing.valid_for);
        let mail = mail::write(outgoing, &self.from, &self.from_name)?;
        Box::pin(self.server.deliver(&mail, deadline)).await
    }

    fn mail_domain(&self) -> Option<&str> {
        Some(self.from.domain())
    }

    /// SMTP has no question for this: what became of a mail whose answer was lost only its reader knows.
    async fn reconcile(&self, _delivery: DeliveryId, _tenant: TenantId, _recipient: &str) -> Reconciled {
        Reconciled::Unknown
    }
}
