//! Something that a step of a policy asks a person to do. While it is open, its case waits.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, TenantId, UserId, WorkTaskId};
use crate::kind::{WorkTaskKind, WorkTaskStatus};

/// Something that a step of a policy asks a person to do. While it is open, its case waits.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_task")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkTaskId,
    /// Whose step asks for it.
    pub case_id: CaseId,
    /// Index in the ladder. One task that is not cancelled per case, course and step.
    pub step: i32,
    /// The course of the case that it belongs to.
    pub course: i32,
    /// What is asked.
    pub kind: WorkTaskKind,
    /// The step's name.
    pub title: String,
    /// What the step asks the person to do.
    pub note: Option<String>,
    /// The day by which it is to be done, in the tenant's zone.
    pub due_on: Date,
    /// Where it stands.
    pub status: WorkTaskStatus,
    /// What came of it, or why it was passed over, in the person's words.
    pub outcome: Option<String>,
    /// Who did it or passed it over.
    pub done_by: Option<UserId>,
    /// When.
    pub done_at: Option<DateTimeUtc>,
    /// Why nobody need do it any more.
    pub cancelled_because: Option<String>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
