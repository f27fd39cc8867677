//! GraphQL transport: HTTP, WebSocket (`graphql-transport-ws`) and Server-Sent Events (distinct connections mode).
//!
//! Lives here: everything between a socket and `async_graphql`'s executor – content negotiation, body and message limits,
//! the document guard, validation, variable coercion, admission of the caller, close codes, keep-alive, graceful stop.
//! Must not live here: anything about the product (tenants, roles, tables); this crate imports nothing of ours.
//! Where next: [`Endpoint`] is what an application mounts, [`Gate`] what it implements, [`Limits`] what it may tune;
//! `run` is the pipeline that all three channels share, `guard` decides about a document.
//!
//! # Use
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
//! use transport::{Admission, Credentials, Denied, Endpoint, Gate, TraceId};
//!
//! struct Query;
//!
//! #[Object]
//! impl Query {
//!     async fn answer(&self) -> i32 {
//!         42
//!     }
//! }
//!
//! struct Anyone;
//!
//! #[async_trait::async_trait]
//! impl Gate for Anyone {
//!     async fn admit(&self, _: Credentials<'_>) -> Result<Admission, Denied> {
//!         Ok(Admission::new(|_data| {}))
//!     }
//!     fn trace_id(&self, offered: Option<&str>) -> TraceId {
//!         TraceId(offered.unwrap_or("none").into())
//!     }
//! }
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let schema = transport::tuned(Schema::build(Query, EmptyMutation, EmptySubscription)).finish();
//! let stop = tokio_util::sync::CancellationToken::new();
//! let endpoint = Endpoint::builder(&schema, Anyone).origins(["https://app.example"]).shutdown(stop.clone()).build()?;
//! HttpServer::new(move || App::new().configure(endpoint.routes()))
//!     .on_connect(transport::on_connect) // a reader that never reads loses its socket
//!     .bind("127.0.0.1:8080")?
//!     .run()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//! A schema must be built through [`tuned`]: documents arrive validated, and the executor's own, laxer rules are off.
//! Resolvers find a [`TraceId`] and whatever the [`Admission`] inserts in `ctx.data`. An error with an `extensions.code`
//! passes to the client as it is; one without is a fault: logged, and answered as `INTERNAL` with the trace id.

mod complete;
mod connection;
mod endpoint;
mod fault;
mod gate;
mod guard;
mod http;
mod json;
mod lease;
mod limits;
mod params;
mod persisted;
mod run;
mod scales;
mod seats;
mod sse;
mod weighed;
mod ws;

pub use connection::on_connect;
pub use endpoint::{Endpoint, EndpointBuilder, NotServable, tuned};
pub use fault::Code;
pub use gate::{Admission, Channel, Credentials, Denied, Gate, TraceId};
pub use limits::Limits;
pub use persisted::{InvalidId, TrustedDocuments};
pub use scales::Scales;
