//! PowerOffice GO, API version 2: the customer ledger is the truth of what is open, outgoing invoices add title and
//! delivery, customers say who owes.
//!
//! `wire` mirrors GO's documents, `map` turns them into snapshots, `source` pages through the ledger, `client` makes one
//! call under GO's limit, `auth` joins clients of GO. GO has no webhooks: it is polled by what changed. It has no call
//! that tells an integration off, and no place for a note on an invoice (comments exist on drafts and on customers
//! only, and a debtor's card is not the place for our letters), so `farewell`, `webhook` and `notes` are none.
//!
//! GO keeps one currency per client, and as of now that is always NOK; books, zone and country are Norwegian by its
//! own documentation, so nobody asks for them.

mod auth;
mod client;
mod map;
mod position;
mod source;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::port::{
    Connector, Profile, Pull, Source, SourceError, System,
    vault::{ExposeSecret, SecretString},
};
use sha2::{Digest, Sha256};

use crate::http::{Call, Http, HttpError, Url, header::HeaderName};

/// What holds for everybody who uses PowerOffice GO. Fourteen days past due are what GO's own hand-over to collection
/// waits for; there are no webhooks, so the poll is short: two calls when nothing happened.
pub const PROFILE: Profile =
    Profile { name: "PowerOffice GO", minimum_days: 14, minimum_days_floor: 14, poll_minutes: Some(15), freshness_hours: Some(6) };

/// Currency of every client's books: the only one that GO supports.
const CURRENCY: &str = "NOK";
/// Zone of a client: GO is sold in Norway only and tells none.
const ZONE: &str = "Europe/Oslo";
/// Country of a client, and GO's documented default in addresses.
const COUNTRY: &str = "NO";

/// The header of the subscription key, on each and every call.
const SUBSCRIPTION: HeaderName = HeaderName::from_static("ocp-apim-subscription-key");

/// How we are known to PowerOffice GO, and where it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Our application, as PowerOffice registered it for one environment.
    pub application_key: SecretString,
    /// Our subscription to the API in the same environment; its limit is shared by all clients.
    pub subscription_key: SecretString,
    /// Where tokens are given out.
    pub token_url: String,
    /// The API, version 2, without a slash at the end.
    pub api_url: String,
    /// Our address that browsers come back to, as PowerOffice whitelisted it.
    pub redirect_url: String,
}

impl Settings {
    /// Settings for the production environment.
    pub fn new(application_key: SecretString, subscription_key: SecretString, redirect_url: impl Into<String>) -> Self {
        Self {
            application_key,
            subscription_key,
            token_url: "https://goapi.poweroffice.net/OAuth/Token".into(),
            api_url: "https://goapi.poweroffice.net/v2".into(),
            redirect_url: redirect_url.into(),
        }
    }
}

/// PowerOffice GO with all that it can do.
pub fn system(settings: Settings, http: Http) -> System {
    let setup = Setup { settings: Arc::new(settings), http };
    System {
        consent: Some(Arc::new(auth::Onboarding(setup.clone()))),
        pasted: Some(Arc::new(auth::Pasting(setup.clone()))),
        renewal: Some(Arc::new(auth::Renewing(setup.clone()))),
        ..System::new(PROFILE, Arc::new(PowerOffice(setup)))
    }
}

/// Pulls from PowerOffice GO. Stateless.
struct PowerOffice(Setup);

#[async_trait::async_trait]
impl Connector for PowerOffice {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(source::open(self.0.clone(), pull)?))
    }
}

/// The settings and the way out, shared by all capabilities.
#[derive(Clone)]
struct Setup {
    settings: Arc<Settings>,
    http: Http,
}

impl Setup {
    fn token_url(&self) -> Result<Url, HttpError> {
        Url::parse(&self.settings.token_url).map_err(|_| HttpError::Blocked("PowerOffice GO's token_url is no address".into()))
    }

    /// An address of the API; ids are encoded.
    fn api(&self, segments: &[&str]) -> Result<Url, HttpError> {
        let bad = || HttpError::Blocked("PowerOffice GO's api_url is no address".into());
        let mut url = Url::parse(&self.settings.api_url).map_err(|_| bad())?;
        url.path_segments_mut().map_err(|()| bad())?.pop_if_empty().extend(segments);
        Ok(url)
    }

    fn subscribed<'a>(&self, call: Call<'a>) -> Call<'a> {
        call.secret_header(SUBSCRIPTION, &self.settings.subscription_key)
    }

    /// Whom the limit counts for: all clients of one subscription key, of which only a digest is told.
    fn limit_key(&self) -> String {
        format!("poweroffice:{}", hash(self.settings.subscription_key.expose_secret()))
    }
}

/// The first 16 hex digits of a SHA-256: tells secrets apart without telling them.
fn hash(secret: &str) -> String {
    let digest = Sha256::digest(secret);
    let head = digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("{head:016x}")
}
