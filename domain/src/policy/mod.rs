//! Escalation policies as data: a [`Ladder`] of steps with revisions. A case keeps the revision that it began with until
//! a person moves it ([`move_cases`]).
//!
//! What a ladder must be like is `check` (whatever the country) and `legal` (by the country's rule pack). The presets
//! are what the market sells; a new tenant starts with its country's ([`preset_of`]). Which policy a new case gets is
//! `choose`: the debtor's, else the integration's, else the tenant's. When a step is due is [`crate::escalation`]'s.

mod archive;
mod assign;
mod check;
mod choose;
mod ladder;
mod legal;
mod moving;
mod preset;
mod save;

pub use archive::archive;
pub(crate) use assign::check_default;
pub use assign::{Scope, assign};
pub use check::{MAX_BEFORE_DUE_DAYS, MAX_NAME_CHARS, MAX_PRICES, MAX_STEP_NOTE_CHARS, MAX_STEPS, MAX_WAIT_DAYS, Warning};
pub(crate) use choose::Choice;
pub use ladder::{Follows, Ladder, Price, Step};
pub use moving::{MAX_MOVED, Position, move_cases};
pub use preset::{Preset, direct_agency, notice_first, preset, preset_of, presets, reminder_to_handover, three_weekly_letters};
pub use save::{Draft, MAX_POLICIES, Saved, save, seed};
pub(crate) use save::{begin_before_due, ladder_in, ladder_of};
