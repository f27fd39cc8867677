//! Tasks: steps that a person does, such as calling the debtor. A task is opened when its step is due ([`issue`]); the
//! case waits while it is open, and goes on when a person says what came of it or passes it over ([`decide`]). What
//! stops letters that have not left stops open tasks too ([`cancel`]). A call that was made is a contact, and when one may
//! be made is [`call`]'s. Which steps ask for a task is
//! [`crate::policy`]'s; when they are due is [`crate::escalation`]'s.

mod call;
mod cancel;
mod decide;
mod issue;

pub use call::call_from;
pub(crate) use cancel::cancel_open;
pub use decide::{complete, skip};
pub(crate) use issue::issue;

use entity::{CaseId, Scoped, WorkTaskStatus, work_task};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, Select};

use crate::{change::Change, error::Result};

/// The tasks of a case that wait for a person.
fn open_of(change: &Change<'_>, case: CaseId) -> Select<work_task::Entity> {
    work_task::Entity::of(change.tenant)
        .filter(work_task::Column::CaseId.eq(case))
        .filter(work_task::Column::Status.eq(WorkTaskStatus::Open))
}

async fn save(change: &Change<'_>, task: &mut work_task::Model) -> Result<()> {
    task.updated_at = change.now;
    task.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}
