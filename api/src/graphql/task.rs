//! Tasks: what a step of a policy asks a person to do.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::task::call_from;
use entity::work_task;

use super::{
    access,
    case::Case,
    error::query_error,
    id,
    kind::{TaskKind, TaskStatus},
    loader::{self, Row},
    scalars::Date,
    viewer::{User, member},
};

/// What asking for the time of a call costs: what is known of its case is read, about ten statements.
const CALL_COST: usize = 150;

/// Something that a step of a policy asks a person to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task(pub work_task::Model);

impl From<work_task::Model> for Task {
    fn from(row: work_task::Model) -> Self {
        Self(row)
    }
}

/// Something that a step of a policy asks a person to do. While it is open, its case waits.
#[Object]
impl Task {
    /// Its id, `tsk_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Whose step asks for it.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Case> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.case_id)).await?;
        row.map(Case).ok_or_else(|| "a task without a case".into())
    }

    /// Its step in the ladder, from 1.
    async fn step(&self) -> i32 {
        self.0.step + 1
    }

    /// What is asked.
    async fn kind(&self) -> TaskKind {
        self.0.kind.into()
    }

    /// The step's name.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What the step asks the person to do.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The day by which it is to be done, on the tenant's calendar.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// From when the hours and the limits of contact allow the call: a call counts as a contact like a letter, and what was
    /// sent since it was asked for counts too. Null for a task that is no call or is not open, and when it is not to be
    /// foreseen.
    #[graphql(complexity = CALL_COST)]
    async fn call_from(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DateTime<Utc>>> {
        let env = access::env(ctx)?;
        call_from(&env.db, &self.0, env.now()).await.map_err(query_error)
    }

    /// Where it stands.
    async fn status(&self) -> TaskStatus {
        self.0.status.into()
    }

    /// What came of it, or why it was passed over, in the person's words.
    async fn outcome(&self) -> Option<&str> {
        self.0.outcome.as_deref()
    }

    /// Who did it or passed it over.
    async fn done_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.done_by).await
    }

    /// When.
    async fn done_at(&self) -> Option<DateTime<Utc>> {
        self.0.done_at
    }

    /// Why nobody need do it any more: `CASE_CLOSED`, `ON_HOLD`, `CASE_MOVED`, `CLAIM_CHANGED` and the like.
    async fn cancelled_because(&self) -> Option<&str> {
        self.0.cancelled_because.as_deref()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
