//! What persons say of their tasks.

use async_graphql::{Context, ID, Object, Result};
use domain::task;
use entity::work_task;

use super::payload::{TaskPayload, answer};
use crate::graphql::{
    access::{env, viewer},
    id,
};

fn payload(row: work_task::Model) -> TaskPayload {
    TaskPayload { task: Some(row.into()), user_errors: Vec::new() }
}

/// What persons say of their tasks.
#[derive(Default)]
pub struct TaskMutations;

#[Object]
impl TaskMutations {
    /// Says what came of a task: its step ran, and the next one's wait counts from now. For owners and accountants.
    async fn task_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task; it must be open.")] id: ID,
        #[graphql(desc = "What came of it, at most 500 characters.")] outcome: String,
    ) -> Result<TaskPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let completed = async { task::complete(env, &viewer, id::named(&id, "id")?, &outcome).await };
        answer(completed.await, payload)
    }

    /// Passes a task over: the ladder goes on as if it had been done. For owners and accountants.
    async fn task_skip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task; it must be open.")] id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
    ) -> Result<TaskPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let skipped = async { task::skip(env, &viewer, id::named(&id, "id")?, &reason).await };
        answer(skipped.await, payload)
    }
}
