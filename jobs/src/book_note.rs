//! Writing notes into the books.

use std::time::Duration;

use domain::book_note::write;
use entity::{BookNoteId, TenantId};
use queue::{Attempt, Fail, Handler, Job};
use serde::{Deserialize, Serialize};

use crate::{Context, outcome::fail};

/// Writes one note. The provider's refusal is an outcome on the row, not a retry of this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WriteNote {
    /// The tenant.
    pub tenant: TenantId,
    /// Which.
    pub note: BookNoteId,
}

impl Job for WriteNote {
    const QUEUE: &'static str = "write_note";
    const CONCURRENCY: usize = 2;
    const TIMEOUT: Duration = Duration::from_mins(3);
}

impl Handler<Context> for WriteNote {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        write(&context.env, self.tenant, self.note).await.map_err(fail)
    }
}
