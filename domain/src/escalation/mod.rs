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

/// Whether the debtor is not collected from on a day: exempt, or in an excluded group. Proposals ask the same of the
/// database (`case::not_collected_from`).
pub fn exempt_on(debtor: &debtor::Model, day: NaiveDate) -> bool {
    debtor.group_excluded || debtor.exempt && debtor.exempt_until.is_none_or(|until| day <= until)
}
