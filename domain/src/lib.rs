//! The product: what a case may do, when a letter is due, what it says, what a payment changes. It decides and writes
//! rows; it never speaks HTTP, GraphQL or queues, reads no files, no environment and no ambient clock. The outside
//! world comes in through the traits of [`port`].
//!
//! A use case is a function of one file: it takes the [`Env`], who asks, and plain arguments; it commits state, event
//! and due instant together or not at all ([`change::Change`]). Pure decisions (`decide`, `transition`, `eligible`)
//! take facts and `now` and are tested as tables.

pub mod actor;
pub mod agency;
pub mod agency_task;
pub mod book_note;
pub mod calendar;
pub mod case;
pub mod change;
pub mod claim;
pub mod clock;
pub mod country;
pub mod credential;
pub mod debtor;
pub mod delivery;
pub mod digest;
pub mod env;
pub mod error;
pub mod escalation;
pub mod event;
pub mod evidence;

pub mod handover;
pub mod housekeep;
pub mod idempotency;
pub mod identity;
pub mod import;
pub mod integration;
pub mod law;
pub mod letter;
pub mod money;
pub mod online_page;
pub mod payment;
pub mod policy;
pub mod port;
pub mod print;
pub mod statistics;
pub mod sync;
pub mod task;
pub mod tenant;
pub mod throttle;

pub use actor::{Action, Actor, Viewer};
pub use change::Change;
pub use clock::{Clock, Entropy};
pub use env::Env;
pub use error::{Error, Refusal, RefusalCode, Result};
