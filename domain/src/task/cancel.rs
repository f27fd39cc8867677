//! Nobody need do it any more.

use entity::{WorkTaskStatus, collection_case};
use sea_orm::{QueryOrder, QuerySelect};

use crate::{
    change::Change,
    error::Result,
    event::{Happened, kind},
};

/// Cancels the open tasks of a locked case and returns how many there were. Their step may be asked anew.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn cancel_open(change: &mut Change<'_>, case: &collection_case::Model, because: &str) -> Result<u32> {
    let select = super::open_of(change, case.id).order_by_asc(entity::work_task::Column::Id);
    let mut cancelled = 0;
    for mut task in select.lock_exclusive().all(&change.tx).await? {
        task.status = WorkTaskStatus::Cancelled;
        task.cancelled_because = Some(because.to_owned());
        super::save(change, &mut task).await?;
        let happened = Happened::new(kind::TASK_CANCELLED).case(case).subject(task.id.0);
        change.record(happened.with("because", because).with("step", task.step));
        cancelled += 1;
    }
    Ok(cancelled)
}
