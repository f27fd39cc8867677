//! The outside world: what speaks to accounting systems ([`connectors`]) and what carries letters to debtors
//! ([`delivery`]). Everything here translates between a foreign shape and the traits of `domain::port`; no rule of the
//! product is decided here, no database is touched, and no clock or configuration is read.
//!
//! A new accounting system is a folder in `connectors` and a line in its registry; a new channel is a file in
//! `delivery`.

pub mod agencies;
pub mod connectors;
pub mod delivery;
pub mod http;
pub mod vault;
