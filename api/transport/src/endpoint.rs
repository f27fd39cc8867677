//! What an application mounts: a schema, a gate and limits behind `/graphql` and `/graphql/stream`.
//!
//! The schema's type parameters end here: everything else works on a small object-safe engine, and is compiled once.

use std::{collections::HashSet, net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use actix_web::web;
use async_graphql::{Executor, ObjectType, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType, ValidationMode};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    fault::Fault,
    gate::Gate,
    guard::Guard,
    http,
    limits::Limits,
    persisted::{Documents, TrustedDocuments},
    scales::Scales,
    seats::Seats,
    sse,
};

/// Sets what this transport relies on: the executor's own rules are off, because documents arrive validated by stricter
/// ones; so are its recursion limit and its suggestions.
pub fn tuned<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Above anything that the guard lets through, so that there is one limit and one error code.
    const NEVER_REACHED: usize = 10_000;
    builder.validation_mode(ValidationMode::Fast).limit_recursive_depth(NEVER_REACHED).disable_suggestions()
}

/// Why an endpoint cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum NotServable {
    /// The schema's own SDL does not hold together.
    #[error("the GraphQL schema is not valid: {0}")]
    Schema(String),
    /// A trusted document is no document, breaks a limit or does not fit the schema; better told at start than to the app
    /// that sends it.
    #[error("the trusted document \"{id}\" cannot be served: {reason}")]
    Document {
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
}

pub(crate) trait Engine: Send + Sync + 'static {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> Engine for E {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        let execution = AssertUnwindSafe(Executor::execute(self, request)).catch_unwind();
        Box::pin(execution.map(|done| done.unwrap_or_else(|_| panicked())))
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        let results = AssertUnwindSafe(Executor::execute_stream(self, request, None)).catch_unwind();
        Box::pin(results.map(|result| result.unwrap_or_else(|_| panicked())))
    }
}

/// A panic in a resolver is its caller's fault answer, and nobody else's.
fn panicked() -> Response {
    Response::from_errors(vec![ServerError::new("a resolver panicked", None)])
}

/// A GraphQL endpoint, cheap to clone into each worker.
#[derive(Clone)]
pub struct Endpoint {
    shared: Arc<Shared>,
}

/// What every request needs.
pub(crate) struct Shared {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) gate: Box<dyn Gate>,
    pub(crate) guard: Guard,
    pub(crate) documents: Documents,
    pub(crate) scales: Option<Scales>,
    pub(crate) limits: Limits,
    pub(crate) origins: HashSet<String>,
    pub(crate) proxies: HashSet<IpAddr>,
    pub(crate) introspection: bool,
    pub(crate) shutdown: CancellationToken,
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) seats: Arc<Seats>,
}

impl Endpoint {
    /// Starts an endpoint for a schema that was built through [`tuned`].
    pub fn builder<Q, M, S>(schema: &Schema<Q, M, S>, gate: impl Gate) -> EndpointBuilder
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        EndpointBuilder {
            sdl: schema.sdl(),
            engine: Box::new(schema.clone()),
            gate: Box::new(gate),
            limits: Limits::default(),
            trusted: TrustedDocuments::default(),
            scales: None,
            origins: HashSet::new(),
            proxies: HashSet::new(),
            introspection: true,
            shutdown: CancellationToken::new(),
        }
    }

    /// For `App::configure`: mounts `/graphql` (POST, GET and the WebSocket upgrade) and `/graphql/stream` (SSE).
    pub fn routes(&self) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
        let shared = web::Data::from(Arc::clone(&self.shared));
        move |config| {
            let stream = web::resource("/graphql/stream").app_data(shared.clone()).route(web::route().to(sse::handle));
            let graphql = web::resource("/graphql").app_data(shared).route(web::route().to(http::handle));
            config.service(stream).service(graphql);
        }
    }
}

/// Settings of an [`Endpoint`].
pub struct EndpointBuilder {
    sdl: String,
    engine: Box<dyn Engine>,
    gate: Box<dyn Gate>,
    limits: Limits,
    trusted: TrustedDocuments,
    scales: Option<Scales>,
    origins: HashSet<String>,
    proxies: HashSet<IpAddr>,
    introspection: bool,
    shutdown: CancellationToken,
}

impl EndpointBuilder {
    /// Replaces the default [`Limits`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Web origins (`https://app.example`) whose pages may call besides our own.
    #[must_use]
    pub fn origins<I: IntoIterator<Item = T>, T: Into<String>>(mut self, origins: I) -> Self {
        self.origins = origins.into_iter().map(|origin| origin.into().to_ascii_lowercase()).collect();
        self
    }

    /// Addresses of proxies in front of us: from them, and from nobody else, `X-Forwarded-For` is believed.
    #[must_use]
    pub fn proxies<I: IntoIterator<Item = IpAddr>>(mut self, proxies: I) -> Self {
        self.proxies = proxies.into_iter().map(|proxy| proxy.to_canonical()).collect();
        self
    }

    /// Whether `__schema` and `__type` are answered; on unless said otherwise. An `Admission` may decide for its caller.
    #[must_use]
    pub fn introspection(mut self, allowed: bool) -> Self {
        self.introspection = allowed;
        self
    }

    /// Lets refusals of operations that cost too much say what they cost and what is allowed.
    #[must_use]
    pub fn scales(mut self, scales: Scales) -> Self {
        self.scales = Some(scales);
        self
    }

    /// Documents that may be asked for by name, or that are the only ones served.
    #[must_use]
    pub fn trusted(mut self, documents: TrustedDocuments) -> Self {
        self.trusted = documents;
        self
    }

    /// When this token is cancelled, sockets close with 1001 and event streams complete.
    #[must_use]
    pub fn shutdown(mut self, token: CancellationToken) -> Self {
        self.shutdown = token;
        self
    }

    /// Parses the schema once and makes the endpoint.
    ///
    /// # Errors
    /// [`NotServable`] when the schema's SDL breaks a rule of the specification, or a trusted document is not valid.
    pub fn build(self) -> Result<Endpoint, NotServable> {
        let schema = apollo_compiler::Schema::parse_and_validate(with_one_of(self.sdl), "schema.graphql")
            .map_err(|broken| NotServable::Schema(broken.errors.to_string()))?;
        let guard = Guard::new(schema, &self.limits);
        let documents = Documents::new(self.trusted, &self.limits);
        for (id, text) in documents.trusted() {
            guard.judge(text, &self.limits).map_err(|faults| unfit(id, &faults))?;
        }
        let shared = Shared {
            engine: self.engine,
            gate: self.gate,
            guard,
            documents,
            scales: self.scales,
            connections: Arc::new(Semaphore::new(self.limits.connections)),
            seats: Arc::new(Seats::new(self.limits.holder_connections)),
            limits: self.limits,
            origins: self.origins,
            proxies: self.proxies,
            introspection: self.introspection,
            shutdown: self.shutdown,
        };
        Ok(Endpoint { shared: Arc::new(shared) })
    }
}

fn unfit(id: &str, faults: &[Fault]) -> NotServable {
    let reasons: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    NotServable::Document { id: id.to_owned(), reason: reasons.join(" ") }
}

/// Declares `@oneOf` where it is used: it is built into GraphQL, but not yet into every reader of SDL.
fn with_one_of(sdl: String) -> String {
    if sdl.contains("@oneOf") && !sdl.contains("directive @oneOf") {
        return format!("{sdl}\ndirective @oneOf on INPUT_OBJECT\n");
    }
    sdl
}
