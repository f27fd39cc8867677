//! The stand-in Lob: letters printed and posted in the United States. `control` is what tests tell it, `paths` its API,
//! `form` what it takes.
//!
//! As described: the key as user name, forms with the PDF in them, the fields of addresses and their limits, sheets of US
//! Letter, metadata that letters are listed by, errors with a code, headers of the rate limit, webhooks signed over the
//! time and the body. Not confirmed, and the strictest choice made: a key that comes again with another body is a
//! conflict.

mod control;
mod form;
mod letter;
mod paths;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

pub use control::LobControl;
pub use letter::Letter;

/// The secret key of the sandbox's account.
pub const API_KEY: &str = "test_sandbox_lob_key";

/// Adds Lob's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<LobControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(super::control::routes::<Letter>).configure(control::routes).configure(paths::routes);
}
