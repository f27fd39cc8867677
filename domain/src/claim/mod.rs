//! What a case owes: the invoices as the books keep them, and beside them what this product adds: interest, fixed sums
//! and fees, where the tenant switched them on ([`ChargeSettings`]) and the country's law allows them ([`crate::law`]).
//!
//! The accounting system is the truth about invoices and payments; `collection_case.outstanding_minor` is what it says is
//! open. What is owed beside is ours: `charges_minor`. [`state()`] computes both for a day, purely; everything else here
//! reads what it needs, or writes what was charged, given up or received.

mod charge;
mod known;
mod lines;
mod notes;
mod receive;
mod reckon;
mod settings;
mod state;
mod terms;
mod waive;

pub(crate) use charge::{Occasion, fee_of, letter_left, propose};
pub use known::{Facts, Known, in_use};
pub use lines::{Calculation, Charged, Gap, Input, Line, LineKind, Open, Owed, Paid, Received, State, Waiver};
pub use notes::{Note, NoteCode, notes};
pub use receive::{receive_in, reverse_received};
pub(crate) use reckon::{Books, Rest, reckon, rest, settled_by};
pub use settings::{ChargeChanges, ChargeSettings, Interest, MAX_CONTRACT_PPM, Residual, percent, read_percent};
pub use state::state;
pub use waive::{Waived, waive};
pub(crate) use waive::{give_up_all, revive};
