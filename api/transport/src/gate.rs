//! Who is asking: the one trait an application implements, and what it answers with.
//!
//! The transport never looks into credentials; it only turns a [`Denied`] into the right status or close code, and ends
//! sockets and streams whose [`Admission`] has run out.

use std::{fmt, future::Future, net::IpAddr, sync::Arc, time::Duration};

use async_graphql::Data;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

/// Decides who a request is from.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Admits a caller. Called once for each HTTP request, event stream and WebSocket (at its `connection_init`).
    ///
    /// Anonymous callers may be admitted: a login mutation needs that.
    ///
    /// # Errors
    /// [`Denied`] becomes 401, 429 or 503 over HTTP and close code 4403 or 1013 on a WebSocket.
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Denied>;

    /// The trace id of a request; `offered` is its `X-Request-Id` header, to be trusted or not.
    fn trace_id(&self, offered: Option<&str>) -> TraceId;
}

/// What a caller shows.
#[derive(Clone, Debug)]
pub struct Credentials<'a> {
    /// How the request arrived.
    pub channel: Channel,
    /// The `Authorization` header. On a WebSocket the string `Authorization` or `authorization` of the `connection_init`
    /// payload, else the header of the handshake.
    pub authorization: Option<&'a str>,
    /// The whole payload of `connection_init`.
    pub payload: Option<&'a Map<String, Value>>,
    /// The address of whoever asks: the peer's, or what a trusted proxy says it is.
    pub peer: Option<IpAddr>,
    /// The trace id given to this request.
    pub trace_id: &'a TraceId,
}

/// How a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// One question, one answer.
    Http,
    /// Server-Sent Events.
    Stream,
    /// A WebSocket.
    Socket,
}

/// An identifier that ties an answer to its log lines; found by resolvers in `ctx.data::<TraceId>()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(pub Arc<str>);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a caller is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The credentials are missing, wrong or worn out. The message is shown to the caller.
    #[error("{0}")]
    Unauthenticated(String),
    /// Too many attempts; worth another try after this long.
    #[error("too many attempts")]
    Throttled(Duration),
    /// The question could not be decided now.
    #[error("credentials cannot be checked at the moment")]
    Unavailable,
}

type Equip = dyn Fn(&mut Data) + Send + Sync;
type Recheck = dyn Fn() -> BoxFuture<'static, bool> + Send + Sync;

/// A caller let in: what resolvers may know of it, and for how long.
#[derive(Clone)]
pub struct Admission {
    equip: Arc<Equip>,
    pub(crate) expires_after: Option<Duration>,
    pub(crate) recheck: Option<Arc<Recheck>>,
    pub(crate) introspection: Option<bool>,
    pub(crate) holder: Option<Arc<str>>,
}

impl Admission {
    /// Admits; `equip` is called for each operation and puts the viewer, loaders and the like into its data.
    pub fn new(equip: impl Fn(&mut Data) + Send + Sync + 'static) -> Self {
        Self { equip: Arc::new(equip), expires_after: None, recheck: None, introspection: None, holder: None }
    }

    /// The admission ends after this long: sockets close with 4403, event streams end.
    #[must_use]
    pub fn expires_after(mut self, remaining: Duration) -> Self {
        self.expires_after = Some(remaining);
        self
    }

    /// Asks `still_valid` every [`Limits::recheck_every`](crate::Limits) while a socket or event stream is open; `false` ends it.
    #[must_use]
    pub fn recheck<F, Fut>(mut self, still_valid: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.recheck = Some(Arc::new(move || Box::pin(still_valid())));
        self
    }

    /// Overrides the endpoint's introspection setting for this caller.
    #[must_use]
    pub fn introspection(mut self, allowed: bool) -> Self {
        self.introspection = Some(allowed);
        self
    }

    /// Whose sockets and event streams these are: one holder may have [`Limits::holder_connections`](crate::Limits) open at
    /// once. A socket over that closes with 1013, a stream is answered 429. Without a holder they are not counted.
    #[must_use]
    pub fn held_by(mut self, holder: impl Into<Arc<str>>) -> Self {
        self.holder = Some(holder.into());
        self
    }

    pub(crate) fn equip(&self, data: &mut Data) {
        (self.equip)(data);
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("expires_after", &self.expires_after)
            .field("rechecked", &self.recheck.is_some())
            .field("introspection", &self.introspection)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}
