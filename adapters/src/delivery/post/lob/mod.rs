//! Letters printed and posted by Lob, in the United States. <https://docs.lob.com/#tag/Letters>
//!
//! As described in Lob's `OpenAPI` document: the key as user name, letters posted to `/letters` as a form with the PDF in
//! it, `Idempotency-Key`, `metadata` that letters are found again by, errors with a code, `ratelimit-reset`. Which of
//! Lob's environments is meant is in the key: `test_…` prints nothing.
//!
//! Lob prints on US Letter paper and puts the address on a sheet of its own in front (`insert_blank_page`), so that the
//! place of our window does not matter; a letter on A4 is scaled to the smaller sheet. The sender has to be in the United
//! States: it is the operator's address from the configuration, where letters come back to.

mod address;
mod form;
mod herald;
#[cfg(test)]
mod tests;
mod wire;

use std::{fmt, time::Duration};

use domain::port::{Outgoing, Postman, Receipt, Reconciled, SendError, vault::SecretString};
use entity::{DeliveryId, TenantId};

pub use self::herald::{LobHerald, REPLAY_WINDOW};
use super::{
    ANSWER_TIMEOUT, Letter, Limits, MAX_ANSWER_BYTES, UPLOAD_TIMEOUT, below, endpoint, later, nothing_sent, paper, rejected, throttled,
    told_time,
};
use crate::{
    delivery::{SettingsError, deadline::Deadline, said},
    http::{Answer, Call, Http, HttpError, Method, StatusCode, Url, header::HeaderName},
};

/// Bytes of a PDF at most. Lob documents it for files that it fetches; it is kept for those that it is handed, too.
pub const MAX_PDF_BYTES: usize = 5_000_000;

/// The version of the API that this is written for.
const VERSION: &str = "2024-01-01";

/// The name under which our id is kept at Lob.
const METADATA: &str = "delivery";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LOB_VERSION: HeaderName = HeaderName::from_static("lob-version");
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Longest wait that a rate limit is believed.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How fast, by the name of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LobMail {
    /// First class.
    #[default]
    FirstClass,
    /// Cheaper and slower; within the United States alone.
    Standard,
}

/// Where letters come back to: an address in the United States.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LobSender {
    /// Person or company, 40 characters at most.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Floor, suite.
    pub line2: Option<String>,
    /// Town.
    pub city: String,
    /// Two letters.
    pub state: String,
    /// Five digits, or nine with a dash.
    pub zip: String,
}

/// The account and how it prints.
#[derive(Clone)]
pub struct LobSettings {
    /// The API, without a slash at the end; [`LobSettings::API`].
    pub api_url: String,
    /// The secret key.
    pub api_key: SecretString,
    /// Where letters come back to.
    pub sender: LobSender,
    /// How fast.
    pub mail: LobMail,
    /// Print on both sides.
    pub duplex: bool,
    /// Print in colour.
    pub colour: bool,
    /// What may be sent.
    pub limits: Limits,
}

impl LobSettings {
    /// Where Lob is.
    pub const API: &'static str = "https://api.lob.com/v1";
}

impl fmt::Debug for LobSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LobSettings").field("api_url", &self.api_url).field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// Hands letters to Lob.
pub struct LobPostman {
    settings: LobSettings,
    letters: Url,
    http: Http,
}

impl LobPostman {
    /// Checks the settings; connects when the first letter is sent.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] naming the setting that cannot work.
    pub fn new(settings: LobSettings) -> Result<Self, SettingsError> {
        if !address::is_sender(&settings.sender) {
            return Err(SettingsError::new(
                "sender",
                "name, line1, city, a state of two letters and a ZIP code in the United States are needed",
            ));
        }
        let letters = below(&endpoint("api_url", &settings.api_url)?, &["letters"]);
        let http = Http::trusted().map_err(|error| SettingsError::new("api_url", said(&error.to_string())))?;
        Ok(Self { settings, letters, http })
    }

    fn call(&self, method: Method) -> Call<'_> {
        let call = self.http.call(method, self.letters.clone()).basic_user(&self.settings.api_key);
        call.header(LOB_VERSION, VERSION).within(ANSWER_TIMEOUT).at_most(MAX_ANSWER_BYTES)
    }

    /// What the letter has to be for Lob, and its form.
    fn form(&self, outgoing: &Outgoing) -> Result<form::Form, SendError> {
        let settings = &self.settings;
        let pages = |country: &str| pages_to(country, settings.duplex);
        let Letter { pdf, postal, .. } = settings.limits.check(outgoing, pages, MAX_PDF_BYTES)?;
        if settings.mail == LobMail::Standard && postal.country != "US" {
            return Err(rejected("COUNTRY_NOT_SERVED", "standard mail does not leave the United States"));
        }
        let to = address::recipient(postal)?;
        let pdf = paper::on_us_letter(pdf).map_err(|why| rejected("PDF_UNREADABLE", why))?;
        let mut form = form::Form::new(outgoing.delivery);
        for (name, value) in to {
            form.text(&format!("to[{name}]"), &value);
        }
        for (name, value) in address::sender(&settings.sender) {
            form.text(&format!("from[{name}]"), &value);
        }
        let mail = match settings.mail {
            LobMail::FirstClass => "usps_first_class",
            LobMail::Standard => "usps_standard",
        };
        form.text("color", if settings.colour { "true" } else { "false" });
        form.text("double_sided", if settings.duplex { "true" } else { "false" });
        form.text("address_placement", "insert_blank_page");
        form.text("mail_type", mail);
        form.text("use_type", "operational");
        form.text(&format!("metadata[{METADATA}]"), &outgoing.delivery.to_string());
        // The described names of files have no dash.
        form.file("file", &format!("{}.pdf", outgoing.delivery.0.simple()), "application/pdf", &pdf);
        Ok(form)
    }

    async fn create(&self, delivery: DeliveryId, form: form::Form) -> Result<Receipt, SendError> {
        let (media_type, body) = form.finish();
        let call = self.call(Method::POST).header(IDEMPOTENCY_KEY, &delivery.to_string()).bytes(&media_type, body);
        let answer = match call.within(UPLOAD_TIMEOUT).send().await {
            Ok(answer) => answer,
            Err(HttpError::Unavailable(_) | HttpError::Broken(_)) => return self.settle(delivery).await,
            Err(error) => return Err(nothing_sent(&error)),
        };
        match (answer.status.is_success().then(|| answer.json::<wire::Letter>()), answer.status.as_u16()) {
            (Some(Ok(letter)), _) => Ok(letter.receipt()),
            (Some(Err(_)), _) | (None, 408 | 409 | 500..) => self.settle(delivery).await,
            (None, _) => Err(refused(&answer)),
        }
    }

    /// After an answer that got lost: sent, or safe to send again, or for a person to find out.
    async fn settle(&self, delivery: DeliveryId) -> Result<Receipt, SendError> {
        match self.look(delivery).await {
            Some(Some(letter)) => Ok(letter.receipt()),
            Some(None) => Err(later("Lob did not answer and has no such letter".into())),
            None => Err(SendError::Unknown { message: "Lob did not answer: the letter may have been accepted".into() }),
        }
    }

    /// The letter of a delivery, if there is one; none when Lob cannot tell.
    async fn look(&self, delivery: DeliveryId) -> Option<Option<wire::Letter>> {
        let id = delivery.to_string();
        let field = format!("metadata[{METADATA}]");
        let answer = self.call(Method::GET).query(&[(field.as_str(), id.as_str()), ("limit", "10")]).send().await.ok()?;
        if answer.status != StatusCode::OK {
            return None;
        }
        let listed: wire::Listed = answer.json().ok()?;
        let others = !listed.data.is_empty();
        let ours = listed.data.into_iter().find(|letter| letter.metadata.get(METADATA).is_some_and(|told| told == &id));
        // A filter that lists other letters was not understood: then nothing says that ours is missing.
        if ours.is_none() && others { None } else { Some(ours) }
    }
}

#[async_trait::async_trait]
impl Postman for LobPostman {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let deadline = Deadline::start(outgoing.valid_for);
        let form = self.form(outgoing)?;
        deadline.check()?;
        self.create(outgoing.delivery, form).await
    }

    async fn reconcile(&self, delivery: DeliveryId, _tenant: TenantId, _recipient: &str) -> Reconciled {
        match self.look(delivery).await {
            Some(Some(letter)) => Reconciled::Sent(letter.receipt()),
            Some(None) => Reconciled::SafeToRepeat,
            None => Reconciled::Unknown,
        }
    }
}

/// Pages that Lob takes, less the sheet that it puts in front.
fn pages_to(country: &str, duplex: bool) -> usize {
    let sheets = if country == "US" { 60 } else { 6 };
    (sheets - 1) * if duplex { 2 } else { 1 }
}

/// A refusal, by what to do. The codes are those of Lob's description.
fn refused(answer: &Answer) -> SendError {
    let told = answer.json::<wire::Refusal>().map(|told| told.error).unwrap_or_default();
    let text = told.message.map(|text| format!(": {}", said(&text))).unwrap_or_default();
    let message = format!("Lob answered {}{text}", answer.status.as_u16());
    let code = match (answer.status.as_u16(), told.code.as_deref().unwrap_or_default()) {
        // Keys, rights, an account that is not set up: nobody's letters go out until a person acts.
        (401..=404, _) | (_, "unauthorized" | "invalid_api_key" | "payment_method_unverified") => {
            return SendError::Unauthorised { message };
        }
        (429, _) => return slower(answer),
        (408 | 500.., _) => return later(message),
        (_, "address_length_exceeds_limit" | "failed_deliverability_strictness" | "special_characters_restricted") => "ADDRESS_REFUSED",
        (_, "foreign_return_address") => return SendError::Unauthorised { message },
        (_, "file_pages_exceed_max") => "TOO_MANY_PAGES",
        (413, _) | (_, "file_size_exceeds_limit") => "PDF_TOO_LARGE",
        (_, "invalid_file_dimensions" | "inconsistent_page_dimensions") => "PAGE_SIZE_REFUSED",
        (_, "invalid_file" | "unembedded_fonts" | "pdf_encrypted" | "file_pages_below_min") => "PDF_REFUSED",
        (_, "invalid_country_covid" | "invalid_international_feature") => "COUNTRY_NOT_SERVED",
        // Said of any field: the message names it.
        _ if text.contains("address_") || text.contains("to.") => "ADDRESS_REFUSED",
        _ => "REFUSED",
    };
    SendError::Rejected { code: code.to_owned(), message }
}

/// The wait of a 429: by `Retry-After`, else until the limit's window ends.
fn slower(answer: &Answer) -> SendError {
    let reset = answer.headers.get(RATE_LIMIT_RESET).and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
    let left = reset.zip(told_time(answer)).and_then(|(reset, now)| u64::try_from(reset - now.timestamp()).ok());
    match left.filter(|_| !answer.headers.contains_key(crate::http::header::RETRY_AFTER)) {
        Some(seconds) => {
            let wait = Duration::from_secs(seconds.max(1)).min(LONGEST_WAIT);
            SendError::Transient { message: "Lob asks to wait".into(), retry_after: Some(wait) }
        }
        None => throttled(answer),
    }
}
