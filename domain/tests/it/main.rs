//! Keys, turns and the life of an integration over a real database, with a provider that answers as it is told to.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests: they wait, and look at rows of all tenants")]

mod agency;
mod connect;
mod disconnect;
mod handover;
mod keys;
mod missing;
mod news;
mod provider;
mod sealing;
mod settings;
mod throttle;
mod vault;
mod world;
