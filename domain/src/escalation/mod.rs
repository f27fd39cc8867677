//! What time does to a case: [`decide`] says from facts what is due, through the [`gates`] that stand before each kind
//! of act; [`advance`] does it under the case's lock. The promise is the case's `next_action_at`; jobs only remind.

mod advance;
mod contacts;
mod decide;
mod due;
mod explain;
mod facts;
pub mod gates;
#[cfg(test)]
mod life_tests;
mod rules;
pub mod simulate;
mod together;

pub use advance::{Advanced, advance};
pub use contacts::{Caps, Contact, Means};
pub use decide::{Decision, Facts, Freshness, channels, decide, next};
pub use due::due_cases;
pub(crate) use due::{Dated, FirstDue, call_if_due, next_due, next_due_around};
pub(crate) use explain::contact_from;
pub use explain::{Check, Explanation, explain};
pub(crate) use facts::{Gathered, around, gather, gather_on, gather_to_leave};
pub use gates::FRESH_FACTS_TAKE;
pub use rules::Rules;
pub use together::goes_with;

use chrono::NaiveDate;
use entity::debtor;

/// Whether the debtor is not collected from on a day: exempt, or in an excluded group. Proposals ask the same of the
/// database (`case::not_collected_from`).
pub fn exempt_on(debtor: &debtor::Model, day: NaiveDate) -> bool {
    debtor.group_excluded || debtor.exempt && debtor.exempt_until.is_none_or(|until| day <= until)
}
