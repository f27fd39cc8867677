//! Coming in: access tokens ([`token`]), whether what they claim still holds ([`standing`]), the transport's gate
//! ([`gate`]), limits on guessing ([`limiter`]), signing in ([`sign_in`]) and signed links for files ([`link`]).
//! Passwords, refresh tokens and sign-in links are `domain::identity`'s.

pub mod gate;
mod keys;
pub mod limiter;
pub mod link;
pub mod sign_in;
pub mod standing;
pub mod token;

pub use keys::Keys;
pub use token::issue;
