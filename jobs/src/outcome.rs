//! From a use case's answer to a job's: one mapper for all jobs.

use queue::Fail;

/// A refusal will not change by trying again; a fault may.
pub(crate) fn fail(error: domain::Error) -> Fail {
    match error {
        domain::Error::Refused(refusal) => Fail::give_up(refusal),
        domain::Error::Stored(_) | domain::Error::Bug(_) => {
            tracing::error!(%error, "a job met what must not be possible");
            Fail::give_up(error)
        }
        domain::Error::Database(_) => Fail::retry(error),
    }
}
