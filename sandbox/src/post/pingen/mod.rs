//! The stand-in Pingen: letters printed and posted in Europe. `control` is what tests tell it, `paths` its API.
//!
//! As documented and captured by others: tokens by client credentials, a signed address for the PDF that is good once,
//! letters as JSON:API documents with `auto_send`, lists sorted and paged, `Idempotency-Key`, signed webhooks whose event
//! carries the letter along. Not confirmed, and the strictest choice made: a key that comes again with another body is a
//! conflict; a letter is looked at when it is made and is `submitted` or, when its PDF is not A4, `invalid` at once.

mod control;
mod letter;
mod paths;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

pub use control::PingenControl;
pub use letter::Letter;

/// The application of the sandbox.
pub const CLIENT_ID: &str = "sandbox-pingen-client";

/// Its secret.
pub const CLIENT_SECRET: &str = "sandbox-pingen-secret";

/// The organisation whose letters it posts.
pub const ORGANISATION: &str = "6f0f4d1c-3c5e-4c1e-8a40-5a1f3c1b7d20";

/// Adds Pingen's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<PingenControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(super::control::routes::<Letter>).configure(control::routes).configure(paths::routes);
}
