//! What makes paying easy and exact: the reference that the debtor quotes, in the form that the creditor's bank reads
//! by machine ([`rf`], [`kid`], [`quoted`]), and the code that a banking app scans ([`epc`]).
//!
//! Pure: numbers and texts in, numbers and texts out. Drawing the code is the crate `letters`' business, and
//! [`named`] reads back what [`quoted`] wrote.

mod digits;
pub mod epc;
pub mod kid;
mod print;
mod quote;
pub mod rf;

pub use epc::{Epc, EpcError};
pub use print::is_web_address;
pub(super) use print::{code, online_label};
pub use quote::{KID_DIGITS, Named, ReferenceStyle, named, quoted};
