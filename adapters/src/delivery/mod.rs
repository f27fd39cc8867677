//! The ways to a debtor.
