//! The stand-in Xero as a client over HTTP meets it. Every test starts its own on a free port, with a clock that only
//! the test moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod books;
mod faults;
mod limits;
mod lists;
mod page;
mod schema;
mod sign_in;
mod stand;
mod webhooks;
