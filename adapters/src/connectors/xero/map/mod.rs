//! Xero's documents as the domain knows them. Pure and total: every record becomes a snapshot, nothing, or a problem
//! that names the field; nothing is guessed, and no unknown word is ever taken for paid or approved.

pub(super) mod contact;
pub(super) mod credit;
pub(super) mod invoice;
pub(super) mod organisation;
pub(super) mod payment;
mod phone;
mod settled;

use domain::port::Problem;

use crate::connectors::wire::CONTRACT_BROKEN;

/// Longest name, number, subject line and payer's text that the domain takes.
const MAX_NAME: usize = 200;
const MAX_NUMBER: usize = 100;
const MAX_TITLE: usize = 300;

/// What is wrong with a record: which field, and how.
pub(super) fn broken(id: &str, field: &str, how: &str) -> Problem {
    Problem {
        row: None,
        column: None,
        external_id: Some(id.to_owned()),
        code: CONTRACT_BROKEN.into(),
        message: format!("the field {field} {how}"),
    }
}
