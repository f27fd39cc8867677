//! What the API is told at start.

use std::{fmt, net::IpAddr, sync::Arc};

use transport::{Limits, TrustedDocuments};
use url::{Origin, Url};

/// The clock of a demo, moved by whoever runs it.
#[async_trait::async_trait]
pub trait DemoControl: Send + Sync + 'static {
    /// Moves the product's clock forward and runs what comes due on the way. Returns how many jobs ran.
    ///
    /// # Errors
    ///
    /// A refusal when the clock cannot be moved so far.
    async fn advance(&self, days: i64) -> domain::Result<u64>;
}

/// The web origins that a browser may be sent back to after a person's consent at a provider: the pages that may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnOrigins(pub(crate) Vec<String>);

impl ReturnOrigins {
    /// The allowed origins, and our own.
    pub(crate) fn of(settings: &ApiSettings) -> Self {
        let own = Url::parse(&settings.public_url).map(|url| url.origin()).ok().filter(Origin::is_tuple);
        let own = own.map(|origin| origin.ascii_serialization());
        Self(settings.allowed_origins.iter().cloned().chain(own).collect())
    }
}

/// Settings of the API.
#[derive(Clone)]
pub struct ApiSettings {
    /// Every signature and seal is made from it; all processes of an installation share it.
    pub signing_key: [u8; 32],
    /// Under which address clients reach us; links to files begin with it.
    pub public_url: String,
    /// Web origins (`https://app.example`) whose pages may call besides our own.
    pub allowed_origins: Vec<String>,
    /// Proxies in front of us, whose word on the caller's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
    /// Documents that may be asked for by name, or that are the only ones served.
    pub trusted: TrustedDocuments,
    /// Limits of documents, bodies, sockets and streams.
    pub limits: Limits,
    /// Present in a demo only.
    pub demo: Option<Arc<dyn DemoControl>>,
}

impl ApiSettings {
    /// The defaults: no foreign origins, introspection on, no trusted documents, no demo.
    pub fn new(signing_key: [u8; 32], public_url: impl Into<String>) -> Self {
        Self {
            signing_key,
            public_url: public_url.into(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            introspection: true,
            trusted: TrustedDocuments::default(),
            limits: Limits::default(),
            demo: None,
        }
    }
}

impl fmt::Debug for ApiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiSettings")
            .field("public_url", &self.public_url)
            .field("allowed_origins", &self.allowed_origins)
            .field("introspection", &self.introspection)
            .field("demo", &self.demo.is_some())
            .finish_non_exhaustive()
    }
}
