//! SMS over an HTTP API shaped like Twilio's (`POST /2010-04-01/Accounts/{sid}/Messages.json`). The API has no
//! idempotency key: an answer that was lost leaves the message unknown, except where the provider's list shows that the
//! number never got one from us.

mod answer;
mod herald;
mod signature;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::port::{Outgoing, Postman, Receipt, Reconciled, SendError};
use entity::{DeliveryId, TenantId};
use reqwest::{Client, Response, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};

pub use self::herald::{STATUS_PATH, TwilioCaller, TwilioInbound, TwilioStatus};

use self::answer::Answer;
use super::{SettingsError, deadline::Deadline, said};

/// Longest wait for a whole answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Longest message that the provider takes.
const MAX_BODY_CHARS: usize = 1600;

/// The account and where its API is.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// `https://api.twilio.com` or a server of the same shape; plain HTTP to this machine only.
    pub base_url: String,
    /// The account's id, `AC…`.
    pub account_sid: String,
    /// Its secret.
    pub auth_token: SecretString,
    /// The number that messages come from, or a messaging service `MG…`.
    pub from: String,
    /// How the world reaches this server: where the provider tells what became of a message. None: it is not asked to.
    pub public_url: Option<String>,
}

/// Carries short messages.
pub struct TwilioPostman {
    client: Client,
    messages: Url,
    settings: TwilioSettings,
}

impl TwilioPostman {
    /// Checks the settings; connects when the first message is sent.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] naming the setting that cannot work.
    pub fn new(settings: TwilioSettings) -> Result<Self, SettingsError> {
        Self::with_timeout(settings, TIMEOUT)
    }

    fn with_timeout(settings: TwilioSettings, timeout: Duration) -> Result<Self, SettingsError> {
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_plain(&settings.account_sid) {
            return Err(SettingsError::new("account_sid", "letters and digits only, like AC0123…"));
        }
        if settings.from.trim().is_empty() {
            return Err(SettingsError::new("from", "a number or a messaging service is needed"));
        }
        let messages = messages_url(&settings)?;
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .build()
            .map_err(|error| SettingsError::new("base_url", said(&error.to_string())))?;
        Ok(Self { client, messages, settings })
    }

    fn form(&self, outgoing: &Outgoing) -> Vec<(&'static str, String)> {
        let sender = if self.settings.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let callback = self.settings.public_url.as_ref().map(|url| ("StatusCallback", herald::callback(url, outgoing.delivery)));
        [("To", outgoing.recipient.clone()), (sender, self.settings.from.clone()), ("Body", outgoing.text.clone())]
            .into_iter()
            .chain(callback)
            .collect()
    }

    /// Whether the provider's list shows that this number never got a message from this account.
    async fn never_wrote_to(&self, number: &str) -> Option<bool> {
        let mut url = self.messages.clone();
        url.query_pairs_mut().append_pair("To", number).append_pair("PageSize", "1");
        let token = self.settings.auth_token.expose_secret();
        let response = self.client.get(url).basic_auth(&self.settings.account_sid, Some(token)).send().await.ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        let body = bounded(response).await.ok()?;
        answer::is_empty_list(&body)
    }
}

fn messages_url(settings: &TwilioSettings) -> Result<Url, SettingsError> {
    let base = settings.base_url.trim_end_matches('/');
    let url = Url::parse(&format!("{base}/2010-04-01/Accounts/{}/Messages.json", settings.account_sid));
    let url = url.map_err(|error| SettingsError::new("base_url", error.to_string()))?;
    let host = url.host_str().unwrap_or_default();
    let is_here =
        host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
        return Err(SettingsError::new("base_url", "messages hold personal data: https, or http to this machine only"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::new("base_url", "the account belongs into its own settings, not into the address"));
    }
    Ok(url)
}

#[async_trait::async_trait]
impl Postman for TwilioPostman {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let deadline = Deadline::start(outgoing.valid_for);
        check(outgoing)?;
        deadline.check()?;
        let token = self.settings.auth_token.expose_secret();
        let request = self.client.post(self.messages.clone()).basic_auth(&self.settings.account_sid, Some(token));
        let response = request.form(&self.form(outgoing)).send().await.map_err(|error| not_answered(&error))?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        // The status alone already says whether it was accepted; the body adds the id or the reason.
        let body = bounded(response).await.unwrap_or_default();
        answer::sort(status, retry_after, &Answer::parse(&body))
    }

    async fn reconcile(&self, delivery: DeliveryId, _tenant: TenantId, recipient: &str) -> Reconciled {
        match self.never_wrote_to(recipient).await {
            Some(true) => Reconciled::SafeToRepeat,
            Some(false) => Reconciled::Unknown,
            None => {
                tracing::warn!(%delivery, "the SMS provider could not be asked what became of a message");
                Reconciled::Unknown
            }
        }
    }
}

/// Refuses what the provider would, before it costs anything.
fn check(outgoing: &Outgoing) -> Result<(), SendError> {
    let digits = outgoing.recipient.strip_prefix('+').unwrap_or_default();
    let is_number = (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(rejected("NUMBER_INVALID", "the phone number is not an international one like +64211234567"));
    }
    if outgoing.text.trim().is_empty() || outgoing.text.chars().count() > MAX_BODY_CHARS {
        return Err(rejected("MESSAGE_TOO_LONG", "a short message has between 1 and 1600 characters"));
    }
    Ok(())
}

/// Without a connection nothing was sent; anything later may have arrived.
fn not_answered(error: &reqwest::Error) -> SendError {
    if error.is_connect() {
        return SendError::Transient { message: "the SMS provider cannot be reached".into(), retry_after: None };
    }
    if error.is_builder() {
        return rejected("MESSAGE_INVALID", "the message cannot be written as a request");
    }
    let what = if error.is_timeout() { "did not answer in time" } else { "closed the connection without an answer" };
    SendError::Unknown { message: format!("the SMS provider {what}: the message may have been accepted") }
}

fn rejected(code: &str, message: &str) -> SendError {
    SendError::Rejected { code: code.to_owned(), message: message.to_owned() }
}

/// The answer's body, refused beyond its limit.
async fn bounded(mut response: Response) -> Result<Vec<u8>, SendError> {
    let lost = || SendError::Unknown { message: "the SMS provider's answer broke off".into() };
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| lost())? {
        if body.len() + piece.len() > MAX_ANSWER_BYTES {
            return Err(lost());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
