//! From Xentral's documents to records of the product: pure and total. [`invoice`] reads what v3 tells and says what
//! must still be asked, [`balance`] what explains the outstanding amount, [`debtor`] who owes.
//!
//! Decisions that are ours:
//! - *Disputed* is what must not be collected by us though it is open: `dunningSettings.blocked`; a direct debit under
//!   way (`debited`); a dunning level `debtCollection` or `lossOfReceivables`, because then somebody else collects or
//!   gave up already. The level that a hand-over of ours has set is told apart by its comment ([`super::mark`]).
//! - *Voided* is what is cancelled. A document that is valid but credited as a whole is said to be cancelled too; when
//!   its credit notes are there, they end it, not a cancellation.
//! - Paid means that nothing is outstanding, whatever money there is to explain it: it may have been said by hand.
//! - A customer is private when addressed as Mr or Mrs, a business when a company, and unknown otherwise.

mod balance;
mod debtor;
mod invoice;
#[cfg(test)]
mod tests;

use domain::port::Problem;

use super::row::is_number;
use crate::connectors::wire::{self, CONTRACT_BROKEN};

pub(super) use balance::{Explained, explained};
pub(super) use debtor::of_customer;
pub(super) use invoice::{Claim, Told, read};

/// Longest text that is taken over: as long as their longest field for a line of an address.
const MAX_TEXT_CHARS: usize = 255;

/// A field's text, cleaned; none when nothing is left.
fn text(given: Option<&str>) -> Option<String> {
    wire::text(given, MAX_TEXT_CHARS)
}

/// Ids go into addresses of later calls and into ids of ours.
fn check_id(field: &str, id: &str) -> Result<(), Fault> {
    if is_number(id) { Ok(()) } else { Err(Fault::broken(field, "is no number")) }
}

/// Why one record is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    /// A field that is missing, unknown or impossible.
    pub(super) fn broken(field: &str, why: &str) -> Self {
        Self { code: CONTRACT_BROKEN, message: format!("{field}: {why}") }
    }

    /// As a problem of the record with this id.
    pub(super) fn of(self, external_id: Option<&str>) -> Problem {
        Problem { row: None, column: None, external_id: external_id.map(str::to_owned), code: self.code.into(), message: self.message }
    }
}
