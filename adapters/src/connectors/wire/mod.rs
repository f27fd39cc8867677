//! What documents of accounting systems have in common: amounts, dates and instants in the spellings that they use, and
//! lists in which one broken record must not hide the good ones.
//!
//! An amount never passes through a floating point number and a date never through a time zone. What cannot be read
//! exactly is a [`Problem`], which names the field and holds nothing of the record's contents; nothing is rounded or
//! guessed. The documents themselves are each connector's `wire.rs`. All of these types read `serde_json` text directly:
//! they do not work below `#[serde(flatten)]` or in untagged enums, which keep numbers as floats.

mod day;
mod instant;
mod iso;
mod number;
mod records;
#[cfg(test)]
mod tests;
mod text;

use domain::port::Problem;

pub use day::Day;
pub use instant::Instant;
pub use number::Number;
pub use records::{Records, each, records};
pub use text::text;

/// The code of a [`Problem`] with a record that is not of the documented shape.
pub const CONTRACT_BROKEN: &str = "CONTRACT_BROKEN";

/// Why a value cannot be taken over. The words follow the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Neither a JSON number nor the text of one.
    #[error("is not a number")]
    NotANumber,
    /// Finer than the currency's smallest unit.
    #[error("has more decimals than its currency")]
    TooFine,
    /// Beyond [`domain::money::MAX_AMOUNT_MINOR`].
    #[error("is larger than this system keeps")]
    TooLarge,
    /// Not a code of ISO 4217.
    #[error("is in an unknown currency")]
    UnknownCurrency,
    /// No date, or one that no calendar has.
    #[error("is not a date")]
    NotADay,
    /// No instant.
    #[error("is not an instant")]
    NotAnInstant,
    /// It must be there.
    #[error("is missing")]
    Missing,
}

impl WireError {
    /// The problem with a record whose field this is about.
    pub fn at(self, field: &str, external_id: Option<&str>) -> Problem {
        problem(external_id.map(str::to_owned), format!("the field {field} {self}"))
    }
}

fn problem(external_id: Option<String>, message: String) -> Problem {
    Problem { row: None, column: None, external_id, code: CONTRACT_BROKEN.into(), message }
}
