//! Who asks, and with what surroundings: the two things that every resolver takes from its context.

use async_graphql::Context;
use domain::{Env, Viewer};
use entity::SessionId;

use super::error::unauthenticated;

/// The sign-in that the caller's token belongs to; absent for tokens without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentSession(pub SessionId);

/// Where a request came from, as far as attempts are counted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub Option<std::net::IpAddr>);

/// The signed-in viewer.
///
/// # Errors
///
/// `UNAUTHENTICATED` when nobody is signed in.
pub fn viewer(ctx: &Context<'_>) -> async_graphql::Result<Viewer> {
    ctx.data_opt::<Viewer>().copied().ok_or_else(unauthenticated)
}

/// The surroundings of the use cases.
///
/// # Errors
///
/// When the schema was built without them, which only [`crate::sdl`] does.
pub fn env<'c>(ctx: &Context<'c>) -> async_graphql::Result<&'c Env> {
    ctx.data::<Env>()
}
