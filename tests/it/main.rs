//! The product as a whole, without its doors: stories over moved time on both databases. `world` is the stage,
//! `invariants` what must hold at the end of every story, whatever happened in it.
#![allow(clippy::unwrap_used, clippy::inconsistent_digit_grouping, missing_docs, reason = "tests may panic; amounts are grouped as money")]

mod arrows;
mod clock;
mod connected;
mod invariants;
mod invariants_bite;
mod postbox;
mod process;
mod random;
mod real_input;
mod replay;
mod sheet;
mod stories;
mod walk;
mod world;
