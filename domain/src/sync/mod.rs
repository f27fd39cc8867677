//! Taking over what the accounting system says: [`run`] pulls pages with no transaction open, [`take_page`] writes one
//! page in one transaction, [`propose`] opens cases for what is eligible. Runs resume at the page where they broke.

mod debtors;
mod invoices;
mod page;
mod payments;
mod propose;
mod run;

pub use page::{MAX_ISSUES, Taken, take_page};
pub use propose::propose;
pub use run::{Ran, run, unfinished};
