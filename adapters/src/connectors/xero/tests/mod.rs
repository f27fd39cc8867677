//! The connector as a whole, against a small Xero over real HTTP; `map` on the examples of Xero's description (MIT).

mod auth;
mod books;
mod calls;
mod map;
mod pull;
mod settled;
mod stand_in;
mod world;
