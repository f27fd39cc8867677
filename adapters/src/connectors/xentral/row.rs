//! One record out of an answer, and what an id can be. What is wrong with it is told by its field and never by its contents.

use domain::port::Problem;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::connectors::wire::{CONTRACT_BROKEN, each};

/// Reads one record.
///
/// # Errors
///
/// [`Problem`], with the record's id where it has one.
pub(super) fn record<T: DeserializeOwned>(row: &RawValue) -> Result<T, Problem> {
    let mut read = each([row], &["id"]);
    let message = "the record cannot be read";
    let unread = || Problem { row: None, column: None, external_id: None, code: CONTRACT_BROKEN.into(), message: message.into() };
    read.good.pop().ok_or_else(|| read.problems.pop().unwrap_or_else(unread))
}

/// Whether this can be an id there: ids are numbers, and they go into addresses of calls.
pub(super) fn is_number(id: &str) -> bool {
    !id.is_empty() && id.len() <= 18 && id.bytes().all(|byte| byte.is_ascii_digit())
}
