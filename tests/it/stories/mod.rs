//! Stories, one file per noun. Each lives through something that happens to creditors, on both databases, and ends with
//! the invariants.

mod claims;
mod consent;
mod deliveries;
mod ends;
mod gates;
mod holds;
mod intake;
mod payments;
mod races;
mod selection;
mod switch;
mod tenancy;
