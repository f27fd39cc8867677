//! The GraphQL door into the product: who asks, the shape of the answer, what is pushed live. It decides nothing about
//! money or letters; that is `domain`'s. It never speaks to mail servers or accounting systems; that is `adapters`'.
//!
//! `src` puts it together: [`schema`] with the surroundings of the use cases, [`routes`] for each HTTP worker. Next:
//! [`graphql`] has one file per noun, [`auth`] lets people in.

pub mod auth;
pub mod graphql;
mod routes;
mod settings;
pub mod tail;

pub use graphql::schema::{AppSchema, schema, sdl};
pub use routes::routes;
pub use settings::{ApiSettings, DemoControl};
pub use transport::TrustedDocuments;
