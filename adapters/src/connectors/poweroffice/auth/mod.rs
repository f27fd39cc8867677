//! Joining PowerOffice GO: by consent in a browser (`consent`), or by a client key that a person pastes (`pasted`).
//! Either way the lasting secret is the client key, one per client of GO; access tokens are asked for with it (`token`)
//! and last minutes. There are no refresh tokens, so renewing is asking again (`renewal`), and there is nothing to tell
//! GO when somebody leaves: the client removes the extension there.
//!
//! One consent may open several clients. Their keys live in one document (`keys`), each under its account's id.

mod consent;
mod join;
mod keys;
mod pasted;
mod privilege;
mod renewal;
mod token;

pub(super) use consent::Onboarding;
pub(super) use keys::Keys;
pub(super) use pasted::Pasting;
pub(super) use renewal::Renewing;
