//! The client: what holds for every call.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{Client, Method, Url, dns::Resolve, redirect::Policy};

use super::{
    call::Call,
    error::{HttpError, SetupError},
    gate::{Gate, Pass},
    resolver::{PublicOnly, System},
    snippet::snippet,
};

/// Longest wait for a whole call, connection and body included, unless the call says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a body that are read, unless the call says otherwise. A page of a hundred invoices has one or two MiB.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// Who we are, for the provider's logs.
const USER_AGENT: &str = concat!("Dunwell/", env!("CARGO_PKG_VERSION"));

/// One client for all calls. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Http {
    gate: Arc<Gate>,
    anywhere: Client,
    public_only: Client,
}

impl Http {
    /// For addresses that users give: public hosts over HTTPS, and whatever the operator allowed as `host` (all ports)
    /// or `host:port`, with or without TLS, wherever it is.
    ///
    /// # Errors
    ///
    /// [`SetupError`] for an entry that is no host, or a machine without TLS roots.
    pub fn guarded(allowed_hosts: &[String]) -> Result<Self, SetupError> {
        Self::guarded_over(allowed_hosts, Arc::new(System))
    }

    /// [`Http::guarded`] over another resolver.
    pub(super) fn guarded_over(allowed_hosts: &[String], names: Arc<dyn Resolve>) -> Result<Self, SetupError> {
        let allowed = allowed_hosts.iter().map(|entry| entry.parse()).collect::<Result<_, _>>()?;
        Self::new(Gate::Guarded(allowed), names)
    }

    /// For addresses from the operator's configuration: any host, with or without TLS.
    ///
    /// # Errors
    ///
    /// [`SetupError`] for a machine without TLS roots.
    pub fn trusted() -> Result<Self, SetupError> {
        Self::new(Gate::Open, Arc::new(System))
    }

    fn new(gate: Gate, names: Arc<dyn Resolve>) -> Result<Self, SetupError> {
        Ok(Self { gate: Arc::new(gate), anywhere: client(Arc::clone(&names))?, public_only: client(Arc::new(PublicOnly(names)))? })
    }

    /// Reads an address as a person gave it and checks whether it may be called. No network is used: what its name
    /// leads to is checked at each connection.
    ///
    /// # Errors
    ///
    /// [`HttpError::Blocked`], in words for that person.
    pub fn address(&self, text: &str) -> Result<Url, HttpError> {
        let url = Url::parse(text.trim()).map_err(|_| HttpError::Blocked("this is not an address like https://example.com".into()))?;
        self.gate.check(&url).map(|_| url)
    }

    /// Begins a GET.
    pub fn get(&self, url: Url) -> Call<'_> {
        self.call(Method::GET, url)
    }

    /// Begins a POST.
    pub fn post(&self, url: Url) -> Call<'_> {
        self.call(Method::POST, url)
    }

    /// Begins a call. The address is checked when it is sent.
    pub fn call(&self, method: Method, url: Url) -> Call<'_> {
        Call::new(self, method, url)
    }

    /// The client that may call this address.
    pub(super) fn client_for(&self, url: &Url) -> Result<&Client, HttpError> {
        Ok(match self.gate.check(url)? {
            Pass::Anywhere => &self.anywhere,
            Pass::PublicOnly => &self.public_only,
        })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Http").field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// A proxy of the environment would resolve names by itself, behind the guard's back.
fn client(names: Arc<dyn Resolve>) -> Result<Client, SetupError> {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(names)
        .build()
        .map_err(|error| SetupError::Client(snippet(error.to_string().as_bytes())))
}
