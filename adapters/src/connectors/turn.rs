//! One call to a provider, the same for all of them: a turn under its limits, keys lent within that turn – it may be
//! waited for longer than keys are good –, the call, and the turn given back with what the answer said. Keys that are
//! refused are renewed, once. Nothing sleeps here and nothing else is tried again: who pulls decides about that.

use domain::port::{
    Link, SourceError,
    access::Lent,
    throttle::{Limit, Told},
};

use crate::http::Answer;

/// What one call heard.
pub(super) enum Heard {
    /// An answer to what was asked.
    Answer(Answer),
    /// The keys were refused.
    BadKeys,
}

/// A call that can be made again with other keys.
#[async_trait::async_trait]
pub(super) trait Call: Sync {
    /// Makes it, and says what the answer told of the limits.
    async fn once(&self, lent: &Lent) -> (Told, Result<Heard, SourceError>);

    /// The error when renewed keys are refused too: what a person has to do.
    fn refused(&self) -> SourceError;
}

/// Makes a call in a turn of its own, and once more when its keys are refused.
///
/// # Errors
///
/// [`SourceError`]: no turn, no keys, keys that are refused twice, or what the call says.
pub(super) async fn make(link: &Link, limits: &[Limit], call: &dyn Call) -> Result<Answer, SourceError> {
    let lent = match turn(link, limits, call, None).await? {
        (_, Heard::Answer(answer)) => return Ok(answer),
        (lent, Heard::BadKeys) => lent,
    };
    let lent = link.access.refused(&lent).await?;
    match turn(link, limits, call, Some(lent)).await? {
        (_, Heard::Answer(answer)) => Ok(answer),
        (_, Heard::BadKeys) => Err(call.refused()),
    }
}

async fn turn(link: &Link, limits: &[Limit], call: &dyn Call, lent: Option<Lent>) -> Result<(Lent, Heard), SourceError> {
    let turn = link.throttle.enter(limits).await?;
    let keys = match lent {
        Some(lent) => Ok(lent),
        None => link.access.lend().await,
    };
    let (told, result) = match keys {
        Err(error) => (Told::default(), Err(error)),
        Ok(lent) => {
            let (told, heard) = call.once(&lent).await;
            (told, heard.map(|heard| (lent, heard)))
        }
    };
    link.throttle.leave(turn, told).await;
    result
}
