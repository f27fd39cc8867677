//! Onboarding in a browser: GO is asked for a page, a person logs in there and picks clients, GO sends the browser back
//! to our address with a token, and the token is traded for one client key per client.
//!
//! GO knows no `state` and no PKCE. Of the address that it sends the browser back to it checks host and path only and
//! leaves the query alone, so our state travels there; the token is single use and traded over our own keys.

use domain::port::{
    access::Fresh,
    connect::{ConnectError, Consent, ConsentAsk, Granted},
    vault::{ExposeSecret, SecretString, hint},
};

use super::{
    super::{
        Setup,
        wire::{Finalize, Finalized, Initiate, Initiated, OnboardedClient},
    },
    join::{Joined, Told, join},
    keys::Keys,
};
use crate::http::{Answer, Call, StatusCode, Url};

/// Most clients of one consent: each costs two calls, and an accountant with more picks them in portions.
const MAX_CLIENTS: usize = 50;

/// Most bytes of an onboarding answer.
const MAX_BYTES: usize = 1024 * 1024;

/// Onboards. Stateless.
pub(in crate::connectors::poweroffice) struct Onboarding(pub Setup);

#[async_trait::async_trait]
impl Consent for Onboarding {
    async fn page(&self, ask: &ConsentAsk) -> Result<String, ConnectError> {
        let settings = &self.0.settings;
        let mut back = Url::parse(&settings.redirect_url).map_err(|_| ConnectError::BadAddress("redirect_url is no address".into()))?;
        back.query_pairs_mut().append_pair("state", &ask.state);
        let body = Initiate { application_key: settings.application_key.expose_secret(), redirect_uri: back.as_str() };
        let answer = self.send(self.0.http.post(self.0.api(&["Onboarding", "Initiate"])?).json(&body)).await?;
        if answer.status != StatusCode::OK {
            let why = "PowerOffice GO refuses to start the onboarding: is our application known there, and our address whitelisted?";
            return Err(ConnectError::Refused(why.into()));
        }
        let told: Initiated = answer.json()?;
        let page = told.temporary_url.and_then(|text| Url::parse(&text).ok()).filter(|url| matches!(url.scheme(), "https" | "http"));
        page.map(Into::into).ok_or_else(|| ConnectError::Unavailable("PowerOffice GO gave no page for the onboarding".into()))
    }

    async fn trade(&self, code: &SecretString, _verifier: &SecretString) -> Result<Granted, ConnectError> {
        let body = Finalize { onboarding_token: code.expose_secret() };
        let answer = self.send(self.0.http.post(self.0.api(&["Onboarding", "Finalize"])?).json(&body)).await?;
        if answer.status != StatusCode::OK {
            return Err(ConnectError::Refused("PowerOffice GO does not take the onboarding token any more: start again".into()));
        }
        let clients = answer.json::<Finalized>()?.onboarded_clients_information.unwrap_or_default();
        if clients.is_empty() || clients.len() > MAX_CLIENTS {
            return Err(ConnectError::Refused(format!("pick at least one and at most {MAX_CLIENTS} clients in PowerOffice GO")));
        }
        self.grant(clients).await
    }
}

impl Onboarding {
    async fn send(&self, call: Call<'_>) -> Result<Answer, ConnectError> {
        let answer = self.0.subscribed(call).at_most(MAX_BYTES).send().await?.sorted(chrono::DateTime::UNIX_EPOCH)?;
        match answer.status {
            StatusCode::OK | StatusCode::BAD_REQUEST => Ok(answer),
            _ => Err(answer.unexpected().into()),
        }
    }

    /// Opens each client. One without the rights does not spoil the others; when none has them, the first says why.
    async fn grant(&self, clients: Vec<OnboardedClient>) -> Result<Granted, ConnectError> {
        let mut opened: Vec<Joined> = Vec::new();
        let mut lacking = None;
        let mut hints = Vec::new();
        for client in clients {
            let told = Told { name: client.name, organisation: client.organization_number };
            let end = hint(client.key.expose_secret());
            let joined = join(&self.0, client.key, told).await?;
            if let Some(missing) = &joined.missing {
                lacking = lacking.or(Some(format!("{}: {missing}", joined.account.name)));
            } else {
                hints.push(end);
                opened.push(joined);
            }
        }
        let Some(good_for) = opened.iter().map(|joined| joined.good_for).min() else {
            return Err(ConnectError::Missing(lacking.unwrap_or_default()));
        };
        let scopes = opened.first().map(|joined| joined.scopes.clone()).unwrap_or_default();
        let (mut keys, mut accounts) = (Keys::default(), Vec::new());
        for joined in opened {
            keys.clients.insert(joined.account.external_id.clone(), joined.keys);
            accounts.push(joined.account);
        }
        let hint = if hints.len() == 1 { hints.remove(0) } else { None };
        Ok(Granted { fresh: Fresh { keys: keys.write(), good_for: Some(good_for), scopes }, accounts, hint })
    }
}
