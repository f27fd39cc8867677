//! When a call that a person is asked to make may be made: what happened since it was asked for counts too.

use chrono::{DateTime, Utc};
use entity::{Scoped, WorkTaskKind, WorkTaskStatus, collection_case, work_task};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::{
    error::Result,
    escalation::{contact_from, gather_on},
};

/// From when the hours and the limits of contact allow an open call; none for any other task, and when that is not to be
/// foreseen. Reads only.
///
/// # Errors
///
/// When the database refuses.
pub async fn call_from(db: &impl ConnectionTrait, task: &work_task::Model, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    if (task.kind, task.status) != (WorkTaskKind::Call, WorkTaskStatus::Open) {
        return Ok(None);
    }
    let select = collection_case::Entity::of(task.tenant_id).filter(collection_case::Column::Id.eq(task.case_id));
    let Some(case) = select.one(db).await? else { return Ok(None) };
    Ok(contact_from(&gather_on(db, &case, now).await?, &case, now))
}
