//! GO's records as snapshots: pure and total, no I/O. `entry` reads a ledger entry, `settle` says which credit settled
//! which invoice, `settled` whether that is all, `held` which money waits to be matched, `invoice` and `customer` make the
//! snapshots.

mod customer;
mod entry;
mod held;
mod invoice;
mod settle;
mod settled;
#[cfg(test)]
mod tests;

pub(super) use customer::{customer, forgotten};
pub(super) use entry::{Entry, Kind, piece_id};
pub(super) use held::{concerned, held, targets};
pub(super) use invoice::{Details, Told, tell};
pub(super) use settle::{Piece, settle};
pub(super) use settled::Around;
