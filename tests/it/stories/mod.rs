//! Stories, one file per noun. Each lives through something that happens to creditors, on both databases, and ends with
//! the invariants.

mod acknowledge;
pub mod ahead;
mod charges;
mod claims;
mod consent;
mod cost;
mod deliveries;
mod ends;
mod escalation;
mod evidence;
mod gates;
mod grouped;
mod grouped_ways;
mod holds;
mod intake;
mod limitation;
mod payments;
mod policies;
mod post;
mod prints;
mod proposals;
mod races;
mod returns;
mod selection;
mod statements;
mod switch;
pub mod tasks;
mod tenancy;
mod texts;
