//! Stand-ins of those who print and post letters: [`pingen`] and [`lob`]. Both look into the PDF that they are handed,
//! keep idempotency keys, and post signed webhooks when a letter is moved to another state.

mod control;
pub mod lob;
mod paper;
pub mod pingen;
