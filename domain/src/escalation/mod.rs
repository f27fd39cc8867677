//! What time does to a case: [`decide`] says from facts what is due, [`advance`] does it under the case's lock. The
//! promise is the case's `next_action_at`; jobs only remind.

mod advance;
mod decide;
mod due;
mod facts;

pub use advance::{Advanced, advance};
pub use decide::{Decision, FRESH_FACTS_TAKE, Facts, Freshness, decide};
pub use due::due_cases;
pub(crate) use due::{FirstDue, call_if_due, next_due};
pub(crate) use facts::{Gathered, gather};

use chrono::NaiveDate;
use entity::debtor;

/// Whether the debtor is exempt from collection on a day.
pub fn exempt_on(debtor: &debtor::Model, day: NaiveDate) -> bool {
    debtor.exempt && debtor.exempt_until.is_none_or(|until| day <= until)
}
