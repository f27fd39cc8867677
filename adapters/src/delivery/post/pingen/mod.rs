//! Letters printed and posted by Pingen. <https://api.pingen.com/documentation>
//!
//! As documented: tokens by client credentials from the identity host, a signed address that takes the PDF, a letter made
//! of it with `auto_send`, documents of JSON:API, `Idempotency-Key` of at most 64 characters, webhooks signed by
//! HMAC-SHA256 over the raw body. Pingen reads the recipient from the window on the first page; what of a letter cannot
//! be read or paid for turns out later and is told by a webhook.
//!
//! Not confirmed: how long an idempotency key is kept and whether it answers for a body that differs, as a repeated
//! hand-over's does, whose upload has another address. So a hand-over whose answer got lost is never repeated on trust in
//! the key: the newest letters are looked through for the file named by the delivery, and only when it is surely not
//! there is the hand-over safe to repeat. Registered letters need the addresses as data and are not offered.

mod herald;
mod look;
#[cfg(test)]
mod tests;
mod token;
mod wire;

use std::fmt;

use domain::port::{Outgoing, Postman, Receipt, Reconciled, SendError, vault::SecretString};
use entity::{DeliveryId, TenantId};
use serde::Serialize;
use serde_json::json;

pub use self::herald::PingenHerald;
use self::look::Seen;
use super::{
    ANSWER_TIMEOUT, Letter, Limits, MAX_ANSWER_BYTES, UPLOAD_TIMEOUT, below, endpoint, later, nothing_sent, paper::Area, rejected,
    throttled,
};
use crate::{
    delivery::{SettingsError, deadline::Deadline, said},
    http::{
        Answer, Call, Http, HttpError, Method, StatusCode, Url,
        header::{ACCEPT, HeaderName},
    },
};

/// Bytes of a PDF at most. <https://help.pingen.com/en/templates-and-postal-requirements/letter-standards>
pub const MAX_PDF_BYTES: usize = 8_000_000;

/// Where the recipient has to stand (same page): 85.5 mm by 25.5 mm, 22 mm from the left and 60 mm from the top.
const ADDRESS: Area = Area { left: 22.0, top: 60.0, right: 107.5, bottom: 85.5 };

/// What is left free for the postage (same page): 89.5 mm by 20 mm, 20 mm from the left and 40 mm from the top.
const POSTAGE: Area = Area { left: 20.0, top: 40.0, right: 109.5, bottom: 60.0 };

/// Text between the address area and this belongs to an address that is too long for it.
const WINDOW_ENDS: f64 = 92.0;

const JSON_API: &str = "application/vnd.api+json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How fast, by the name of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PingenProduct {
    /// The cheapest of the destination.
    #[default]
    Cheap,
    /// The fastest of the destination.
    Fast,
    /// For many letters, slow.
    Bulk,
    /// Fast and tracked where the destination has it.
    Premium,
}

/// The account and how it prints.
#[derive(Clone)]
pub struct PingenSettings {
    /// The API, without a slash at the end; [`PingenSettings::PRODUCTION`] or [`PingenSettings::STAGING`].
    pub api_url: String,
    /// Where tokens are made; the same.
    pub token_url: String,
    /// The organisation's id.
    pub organisation: String,
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// How fast.
    pub product: PingenProduct,
    /// Print on both sides.
    pub duplex: bool,
    /// Print in colour.
    pub colour: bool,
    /// What may be sent.
    pub limits: Limits,
}

impl PingenSettings {
    /// API and tokens where letters are truly posted.
    pub const PRODUCTION: (&'static str, &'static str) = ("https://api.pingen.com", "https://identity.pingen.com/auth/access-tokens");

    /// API and tokens where none is.
    pub const STAGING: (&'static str, &'static str) =
        ("https://api-staging.pingen.com", "https://identity-staging.pingen.com/auth/access-tokens");
}

impl fmt::Debug for PingenSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PingenSettings").field("api_url", &self.api_url).field("organisation", &self.organisation).finish_non_exhaustive()
    }
}

/// Hands letters to Pingen.
pub struct PingenPostman {
    settings: PingenSettings,
    letters: Url,
    uploads: Url,
    token_url: Url,
    http: Http,
    /// For addresses that Pingen names: public ones, or Pingen's own host.
    storage: Http,
    tokens: token::Tokens,
}

impl PingenPostman {
    /// Checks the settings; connects when the first letter is sent.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] naming the setting that cannot work.
    pub fn new(settings: PingenSettings) -> Result<Self, SettingsError> {
        let given = [("organisation", &settings.organisation), ("client_id", &settings.client_id)];
        if let Some((setting, _)) = given.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(SettingsError::new(setting, "is needed"));
        }
        let api = endpoint("api_url", &settings.api_url)?;
        let host = api.host_str().unwrap_or_default();
        let own = api.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let broken = |error: crate::http::SetupError| SettingsError::new("api_url", said(&error.to_string()));
        Ok(Self {
            letters: below(&api, &["organisations", &settings.organisation, "deliveries", "letters"]),
            uploads: below(&api, &["file-upload"]),
            token_url: endpoint("token_url", &settings.token_url)?,
            http: Http::trusted().map_err(broken)?,
            storage: Http::guarded(&[own]).map_err(broken)?,
            tokens: token::Tokens::default(),
            settings,
        })
    }

    fn call(&self, method: Method, url: Url) -> Call<'_> {
        self.http.call(method, url).header(ACCEPT, JSON_API).within(ANSWER_TIMEOUT).at_most(MAX_ANSWER_BYTES)
    }

    /// Sends a call with a token; when a kept one is refused, once more with a new one.
    async fn authorised<'c>(&'c self, call: impl Fn() -> Call<'c> + Send + Sync) -> Result<Result<Answer, HttpError>, SendError> {
        let first = call().bearer(&self.token().await?).send().await;
        if !first.as_ref().is_ok_and(|answer| answer.status == StatusCode::UNAUTHORIZED) {
            return Ok(first);
        }
        self.tokens.forget();
        Ok(call().bearer(&self.token().await?).send().await)
    }

    async fn token(&self) -> Result<SecretString, SendError> {
        self.tokens.lend(&self.http, &self.token_url, &self.settings).await
    }

    /// What the letter has to be for Pingen.
    fn check<'a>(&self, outgoing: &'a Outgoing) -> Result<Letter<'a>, SendError> {
        let letter = self.settings.limits.check(outgoing, pages_to, MAX_PDF_BYTES)?;
        if !letter.paper.is_a4() {
            return Err(rejected("PAGE_SIZE_REFUSED", "Pingen prints on A4 alone"));
        }
        if letter.paper.has_text_in(POSTAGE) {
            return Err(rejected("POSTAGE_AREA_NOT_FREE", "text stands where Pingen prints the postage"));
        }
        if !letter.paper.has_text_in(ADDRESS) || letter.paper.leaves(ADDRESS, WINDOW_ENDS) {
            return Err(rejected("ADDRESS_OUTSIDE_WINDOW", "the address does not stand in the envelope's window"));
        }
        Ok(letter)
    }

    /// Uploads the PDF; nothing is printed yet.
    async fn upload(&self, pdf: &[u8]) -> Result<wire::Upload, SendError> {
        let asked = self.authorised(|| self.call(Method::GET, self.uploads.clone())).await?;
        let answer = asked.map_err(|error| nothing_sent(&error))?;
        if !answer.status.is_success() {
            return Err(refused(&answer));
        }
        let upload: wire::Document<wire::Upload> = answer.json().map_err(|error| nothing_sent(&error))?;
        let upload = upload.data.attributes;
        let url = self.storage.address(&upload.url).map_err(|error| nothing_sent(&error))?;
        let put =
            self.storage.call(Method::PUT, url).bytes("application/pdf", pdf.to_vec()).within(UPLOAD_TIMEOUT).at_most(MAX_ANSWER_BYTES);
        let stored = put.send().await.map_err(|error| nothing_sent(&error))?;
        if stored.status.is_success() { Ok(upload) } else { Err(later(format!("the PDF could not be uploaded: {}", stored.status))) }
    }

    async fn create(&self, delivery: DeliveryId, upload: &wire::Upload) -> Result<Receipt, SendError> {
        let settings = &self.settings;
        let document = json!({ "data": { "type": "letters", "attributes": {
            "file_original_name": name_of(delivery),
            "file_url": upload.url,
            "file_url_signature": upload.url_signature,
            // Our letters have their window on the left, by DIN 5008.
            "address_position": "left",
            "auto_send": true,
            "delivery_product": settings.product,
            "print_mode": if settings.duplex { "duplex" } else { "simplex" },
            "print_spectrum": if settings.colour { "color" } else { "grayscale" },
        } } })
        .to_string()
        .into_bytes();
        let call = || {
            let call = self.call(Method::POST, self.letters.clone()).header(IDEMPOTENCY_KEY, &delivery.to_string());
            call.bytes(JSON_API, document.clone())
        };
        let answer = match self.authorised(call).await? {
            Ok(answer) => answer,
            Err(HttpError::Unavailable(_) | HttpError::Broken(_)) => return self.settle(delivery).await,
            Err(error) => return Err(nothing_sent(&error)),
        };
        let created = answer.status.is_success().then(|| answer.json::<wire::Document<wire::Letter>>());
        match (created, answer.status.as_u16()) {
            (Some(Ok(created)), _) => Ok(created.data.receipt()),
            // It was made and the answer cannot be read, or nobody knows.
            (Some(Err(_)), _) | (None, 408 | 409 | 500..) => self.settle(delivery).await,
            (None, 429) => Err(throttled(&answer)),
            (None, _) => Err(refused(&answer)),
        }
    }

    /// After an answer that got lost: sent, or safe to send again, or for a person to find out.
    async fn settle(&self, delivery: DeliveryId) -> Result<Receipt, SendError> {
        match self.look(delivery).await {
            Seen::Here(receipt) => Ok(receipt),
            Seen::NotThere => Err(later("Pingen did not answer and has no such letter".into())),
            Seen::CannotTell => Err(SendError::Unknown { message: "Pingen did not answer: the letter may have been accepted".into() }),
        }
    }
}

#[async_trait::async_trait]
impl Postman for PingenPostman {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let deadline = Deadline::start(outgoing.valid_for);
        let letter = self.check(outgoing)?;
        let upload = deadline.within(self.upload(letter.pdf)).await??;
        self.create(outgoing.delivery, &upload).await
    }

    async fn reconcile(&self, delivery: DeliveryId, _tenant: TenantId, _recipient: &str) -> Reconciled {
        match self.look(delivery).await {
            Seen::Here(receipt) => Reconciled::Sent(receipt),
            Seen::NotThere => Reconciled::SafeToRepeat,
            Seen::CannotTell => Reconciled::Unknown,
        }
    }
}

/// The file's name at Pingen, by which a letter is found again.
fn name_of(delivery: DeliveryId) -> String {
    format!("{delivery}.pdf")
}

/// Pages that go into one envelope to a country (the page of letter standards, read in 2026).
fn pages_to(country: &str) -> usize {
    match country {
        "NL" => 14,
        "IN" => 16,
        "DE" | "AT" | "BE" | "FR" => 320,
        "GB" => 500,
        _ => 120,
    }
}

/// A refusal, by what to do.
fn refused(answer: &Answer) -> SendError {
    let told: wire::Refusal = answer.json().unwrap_or_default();
    let error = told.errors.into_iter().next().unwrap_or_default();
    let text = error.detail.or(error.title).map(|text| format!(": {}", said(&text))).unwrap_or_default();
    let message = format!("Pingen answered {}{text}", answer.status.as_u16());
    match answer.status.as_u16() {
        // Keys, rights, money, an organisation that is not theirs: nobody's letters go out until a person acts.
        401..=404 => SendError::Unauthorised { message },
        429 => throttled(answer),
        408 | 500.. => later(message),
        _ => {
            let pointer = error.source.and_then(|source| source.pointer).unwrap_or_default();
            let code = match pointer.rsplit('/').next() {
                Some(field) if field.contains("address") || field.contains("country") => "ADDRESS_REFUSED",
                Some(field) if field.contains("file") => "PDF_REFUSED",
                _ => "REFUSED",
            };
            SendError::Rejected { code: code.to_owned(), message }
        }
    }
}
