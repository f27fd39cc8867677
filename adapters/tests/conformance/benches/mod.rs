//! The providers.

pub mod poweroffice;
pub mod xentral;
pub mod xero;
