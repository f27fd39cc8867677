//! Cases: the state machine ([`state`]), the row under its lock ([`row`]), and one file per use case. What payments
//! and changed invoices do to a case is [`settle`]; what time does is [`crate::escalation`].

mod approve;
mod blockers;
mod decline;
mod hold;
mod limitation;
mod propose;
mod quoted;
mod row;
mod select;
mod settle;
mod state;
mod write_off;

pub use approve::{Approved, approve, approve_in};
pub use blockers::{Blocker, ProposalFacts, blockers};
pub use decline::decline;
pub(crate) use decline::decline_in;
pub(crate) use hold::resume_in;
pub use hold::{hold, resume};
pub use limitation::warn_of_limitation;
pub use propose::{Batch, Place, propose_batch};
pub(crate) use propose::{not_collected_from, not_reminded_ahead, old_enough, overdue_on};
pub use quoted::{MAX_QUOTED, Quoted, by_reference, by_text};
pub(crate) use row::{lock, lock_many, move_to, save};
pub use row::{number_of, reference};
pub use select::{MAX_NAMED, Matching, Selection};
pub(crate) use settle::{settle, settle_charges};
pub use state::{Before, Command, State, transition};
pub(crate) use write_off::{check_note, withdraw_in};
pub use write_off::{withdraw, write_off, write_off_in};
