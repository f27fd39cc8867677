//! Payments and credit notes: what they leave open ([`balance`]), recording one by hand ([`record`]), and taking one
//! back ([`reverse`]). Payments of the accounting system come in through [`crate::sync`].

mod balance;
mod record;
mod reverse;

pub(crate) use balance::counts;
pub use balance::{Balance, Counted, balance};
pub(crate) use record::Against;
pub use record::{NewPayment, record, record_in};
pub use reverse::reverse;
