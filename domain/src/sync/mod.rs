//! Taking over what the accounting system says: [`run`] pulls pages with no transaction open, [`take_page`] writes one
//! page in one transaction, [`propose`] opens cases for what is eligible. Runs resume at the page where they broke.
//! [`start_due`] starts them by the clock and by what a provider told ([`take_hints`]); a source that does not answer
//! parks its run.

mod debtors;
mod finish;
mod fresh;
mod hint;
mod invoices;
mod link;
mod look;
mod missing;
mod page;
mod payments;
mod propose;
mod run;
mod skipped;
mod start;
mod trouble;

pub(crate) use fresh::want as want_fresh;
pub use hint::take as take_hints;
pub use link::link;
pub use look::{Candidate, Candidates, LookFrom, look};
pub use page::{MAX_ISSUES, Taken, take_page};
pub use propose::propose;
pub use run::{Ran, run, unfinished};
pub(crate) use start::blank as blank_run;
pub use start::{due, request, request_only, start_due};
pub(crate) use trouble::cancel_runs;
