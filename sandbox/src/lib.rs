//! Stand-ins of the providers that Dunwell talks to: stateful, strict and spoken to over real HTTP. The demo, the tests
//! and `dunwell sandbox --provider …` use them. They are written from the providers' own documents and import nothing
//! of the product, so that they do not repeat its misreadings.
//!
//! [`serve`] starts one; what it returns, [`Running`], hands out the typed control of the provider (`running.xero()`),
//! the [`fault`]s all stand-ins share and the log of [`calls`]. The same is offered over HTTP below `/_control/` and, for
//! people, as a page at `/`. A new provider gets a folder with a control, `routes` and a page, and a line in `server.rs`.

pub mod calls;
mod chance;
mod control;
mod decimal;
pub mod fault;
mod frame;
mod gate;
mod input;
pub mod limiter;
mod listing;
pub mod options;
mod page;
mod pdf;
mod server;
mod webhooks;

pub mod amili;
pub mod post;
pub mod poweroffice;
pub mod xentral;
pub mod xero;

pub use input::Refused;
pub use options::{Clock, Options, Provider};
pub use server::{Error, Running, serve};
pub use webhooks::Delivery;
