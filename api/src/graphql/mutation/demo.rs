//! Moving the clock of a demo.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use domain::{Action, Refusal, RefusalCode};

use super::payload::{ClockPayload, answer};
use crate::{
    DemoControl,
    graphql::access::{env, viewer},
};

/// Furthest that one call moves the clock, in days.
const MAX_DAYS: i32 = 366;

/// Moving the clock of a demo.
#[derive(Default)]
pub struct DemoMutations;

#[Object]
impl DemoMutations {
    /// Demo only: moves the clock forward and runs what comes due on the way. For owners.
    async fn demo_advance_clock(&self, ctx: &Context<'_>, #[graphql(desc = "How many days, 1 to 366.")] days: i32) -> Result<ClockPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let advanced = async {
            viewer.require(Action::Configure)?;
            let demo = ctx.data_opt::<Arc<dyn DemoControl>>();
            let demo = demo.ok_or_else(|| Refusal::new(RefusalCode::Forbidden, "only the clock of a demo can be moved"))?;
            if !(1..=MAX_DAYS).contains(&days) {
                return Err(Refusal::new(RefusalCode::OutOfRange, format!("1 to {MAX_DAYS} days")).at("days").into());
            }
            demo.advance(days.into()).await
        };
        answer(advanced.await, |ran| ClockPayload {
            clock: Some(env.now()),
            ran_jobs: Some(i32::try_from(ran).unwrap_or(i32::MAX)),
            user_errors: Vec::new(),
        })
    }
}
