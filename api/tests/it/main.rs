//! The API as its clients meet it: documents against the schema on both databases, and HTTP where headers, files and
//! sockets matter. `world` is the stage.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests may panic")]

mod agencies;
mod auth;
mod by_name;
mod catalogue;
mod channels;
mod charges;
mod connecting;
mod connections;
mod escalation;
mod files;
mod idempotency;
mod law;
mod limits;
mod mutations;
mod outside;
mod outside_calls;
mod policies;
mod pulls;
mod queries;
mod references;
mod rights;
mod routes;
mod server;
mod statements;
mod subscriptions;
mod templates;
mod tenancy;
mod world;
