//! Xero's sign-in: the page on which a person consents, tokens, and the organisations that an app is connected to. The
//! rules of tokens are in `grants` and know nothing of HTTP.

mod authorize;
mod endpoints;
mod grants;
pub mod scope;
mod token;

use actix_web::web::ServiceConfig;

pub use grants::{Asked, Connection, Grants, InvalidGrant, NoBearer};
pub use token::{TokenSet, sign};

/// Adds the paths.
pub fn routes(config: &mut ServiceConfig) {
    config.service(authorize::authorize).service(authorize::consent);
    config.service(endpoints::token).service(endpoints::revocation).service(endpoints::connections).service(endpoints::disconnect);
}
