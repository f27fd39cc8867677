//! Who may ask: keys, tokens and privileges. A client that added the integration is named by its client key; with the
//! application key and the subscription key it gets a token that lives for some minutes and is not refreshed.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::input::Refused;

/// The application key of the sandbox's integration.
pub const APPLICATION_KEY: &str = "8c0f7a34-5b1e-4d29-9a63-21f4c7de0b58";

/// The subscription key that goes with every call.
pub const SUBSCRIPTION_KEY: &str = "sandbox-subscription-key";

/// The client key of the sample client; others get theirs when they are added.
pub const CLIENT_KEY: &str = "d2b96c1f-7e40-4f8a-b5c3-90a1e6573d2e";

/// Seconds that a token lives unless told: 20 minutes, as the documentation of v2 says; its example says 600.
pub const TOKEN_SECONDS: i64 = 1_200;

/// A privilege of the integration at a client, by the resource it is for. The real names are not documented.
pub const PRIVILEGES: [&str; 4] = ["ContactPerson", "Customer", "CustomerLedger", "OutgoingInvoice"];

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No token, an unknown one or one that has expired.
    Token,
    /// The client or its subscription does not allow it.
    Privilege,
}

struct Token {
    client: usize,
    expires_at: DateTime<Utc>,
}

struct Pending {
    redirect_uri: String,
    organization_no: Option<String>,
    expires_at: DateTime<Utc>,
}

struct Granted {
    clients: Vec<usize>,
    email: String,
    expires_at: DateTime<Utc>,
}

/// A client of PowerOffice as the keeper of keys knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its key; none while the integration is not added.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// Its organisation number.
    pub organization_no: String,
    /// Privileges that its subscriptions do not cover.
    pub missing: Vec<String>,
}

/// Minutes that a temporary address of the onboarding and the token it leads to are good for.
const ONBOARDING_MINUTES: i64 = 15;

/// The keeper of keys and tokens.
pub struct Access {
    clients: Vec<Client>,
    tokens: HashMap<String, Token>,
    pending: HashMap<String, Pending>,
    granted: HashMap<String, Granted>,
    redirects: Vec<String>,
    /// Seconds that new tokens live.
    pub token_seconds: i64,
}

impl Access {
    /// A keeper that knows no client.
    pub fn new() -> Self {
        Self {
            clients: Vec::new(),
            tokens: HashMap::new(),
            pending: HashMap::new(),
            granted: HashMap::new(),
            redirects: Vec::new(),
            token_seconds: TOKEN_SECONDS,
        }
    }

    /// All clients.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// A client, to be changed.
    pub fn client_mut(&mut self, at: usize) -> Option<&mut Client> {
        self.clients.get_mut(at)
    }

    /// Adds a client and tells its position.
    pub fn add(&mut self, client: Client) -> usize {
        self.clients.push(client);
        self.clients.len() - 1
    }

    /// Allows the onboarding to lead back to an address. Until one is allowed, this machine's are.
    pub fn allow_redirect(&mut self, uri: &str) {
        self.redirects.push(uri.to_owned());
    }

    /// Gives a client its token, or none when the keys belong to nobody.
    pub fn issue(&mut self, application_key: &str, client_key: &str, token: String, now: DateTime<Utc>) -> Option<String> {
        let known = |client: &Client| client.key.as_deref() == Some(client_key);
        let client = self.clients.iter().position(known).filter(|_| application_key == APPLICATION_KEY)?;
        self.tokens.retain(|_, token| token.expires_at > now);
        self.tokens.insert(token.clone(), Token { client, expires_at: now + TimeDelta::seconds(self.token_seconds) });
        Some(token)
    }

    /// Which client a token is for, if it still counts and the client has the privilege.
    pub fn check(&self, token: &str, privilege: Option<&str>, now: DateTime<Utc>) -> Result<usize, Denied> {
        let token = self.tokens.get(token).filter(|token| token.expires_at > now).ok_or(Denied::Token)?;
        let client = self.clients.get(token.client).filter(|client| client.key.is_some()).ok_or(Denied::Token)?;
        let missing = privilege.is_some_and(|privilege| client.missing.iter().any(|missing| missing == privilege));
        if missing { Err(Denied::Privilege) } else { Ok(token.client) }
    }

    /// Ends all tokens; new ones can be had.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
    }

    /// Begins an onboarding under a temporary token; tells until when it is good.
    pub fn initiate(
        &mut self,
        temporary: String,
        redirect_uri: String,
        organization_no: Option<String>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let local = self.redirects.is_empty() && is_local(&redirect_uri);
        if !local && !self.redirects.contains(&redirect_uri) {
            return None;
        }
        let expires_at = now + TimeDelta::minutes(ONBOARDING_MINUTES);
        self.pending.insert(temporary, Pending { redirect_uri, organization_no, expires_at });
        Some(expires_at)
    }

    /// The clients that an onboarding is about, with their positions; none when there is no such onboarding any more.
    pub fn offered(&self, temporary: &str, now: DateTime<Utc>) -> Option<Vec<(usize, Client)>> {
        let pending = self.pending.get(temporary).filter(|pending| pending.expires_at > now)?;
        let meant = |client: &Client| pending.organization_no.as_deref().is_none_or(|no| no == client.organization_no);
        Some(self.clients.iter().cloned().enumerate().filter(|(_, client)| meant(client)).collect())
    }

    /// Ends the person's part of an onboarding: where they are led back to.
    pub fn decide(&mut self, temporary: &str, clients: Vec<usize>, email: String, token: String, now: DateTime<Utc>) -> Option<String> {
        let offered = self.offered(temporary, now)?;
        let clients: Vec<usize> = clients.into_iter().filter(|at| offered.iter().any(|(offered, _)| offered == at)).collect();
        let pending = self.pending.remove(temporary)?;
        let answer = if clients.is_empty() { ("error", "access_denied") } else { ("token", token.as_str()) };
        let back = reqwest::Url::parse_with_params(&pending.redirect_uri, [answer]).ok()?;
        let expires_at = now + TimeDelta::minutes(ONBOARDING_MINUTES);
        if !clients.is_empty() {
            self.granted.insert(token, Granted { clients, email, expires_at });
        }
        Some(back.into())
    }

    /// Ends an onboarding: the keys of the clients and the person's address. Good once.
    pub fn finalize(&mut self, token: &str, new_key: impl Fn() -> String, now: DateTime<Utc>) -> Option<(Vec<Client>, String)> {
        let granted = self.granted.remove(token).filter(|granted| granted.expires_at > now)?;
        for at in &granted.clients {
            self.clients[*at].key.get_or_insert_with(&new_key);
        }
        Some((granted.clients.iter().map(|at| self.clients[*at].clone()).collect(), granted.email))
    }

    /// Removes the integration from a client: its key and tokens end.
    ///
    /// # Errors
    /// When there is no such client or it has no key.
    pub fn remove_integration(&mut self, at: usize) -> Result<(), Refused> {
        let key = self.clients.get_mut(at).and_then(|client| client.key.take());
        key.map(drop).ok_or_else(|| Refused::Unknown { what: "client with a key", id: at.to_string() })
    }
}

fn is_local(uri: &str) -> bool {
    let host = reqwest::Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()))
}
