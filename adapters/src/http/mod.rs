//! Calls to accounting systems over HTTP, bounded in every direction: no redirects, one deadline for the whole call, a
//! body of limited length, no compression, no proxy of the environment.
//!
//! [`Http::guarded`] is for addresses that users give: it speaks HTTPS with public addresses only, checked after the
//! name was resolved, on the very address that is connected to. [`Http::trusted`] is for addresses that the operator
//! configured. An [`Answer`] of any status comes back to the connector; [`Answer::sorted`] and [`Answer::json`] sort out
//! what every connector treats alike. What a status means for one provider, and when to try again, is decided there.
//! Credentials are in no error and in nothing that prints.

mod address;
mod answer;
mod call;
mod client;
mod error;
mod gate;
mod resolver;
mod snippet;
#[cfg(test)]
mod tests;

pub use answer::{Answer, MAX_RETRY_AFTER_SECONDS, USUAL_RETRY_AFTER_SECONDS, retry_after};
pub use call::Call;
pub use client::{Http, MAX_BODY_BYTES, TIMEOUT};
pub use error::{HttpError, SetupError};
pub use reqwest::{Method, StatusCode, Url, header};
