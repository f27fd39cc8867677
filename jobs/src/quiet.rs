//! Waiting until everything that is due was done: for the demo's moved clock, where a person presses "+1 day" and
//! wants to see the day's letters.

use std::time::Duration;

use domain::Env;
use queue::Wake;

use crate::{AskOnlinePage, Deliver, Escalate, HandOver, ProposeCases, RecoverDelivery, SyncIntegration, TellAgency, WriteNote, dispatch};
use queue::Job;

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Longest wait: a demo's day takes seconds at most.
const PATIENCE: Duration = Duration::from_mins(2);

/// Dispatches and waits for the workers until nothing is due any more. Returns how many jobs were enqueued.
///
/// # Errors
///
/// When the database fails.
pub async fn run_to_quiet(env: &Env, wake: &Wake) -> domain::Result<u64> {
    let mut total = 0;
    let looks = PATIENCE.as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        let enqueued = dispatch(env, wake).await?;
        total += enqueued;
        if enqueued == 0 && idle(env).await? {
            return Ok(total);
        }
        tokio::time::sleep(LOOK).await;
    }
    tracing::warn!("the queue is still busy; the rest follows in the background");
    Ok(total)
}

/// Whether no job of the product waits or runs. A job that waits for its next attempt does not count.
async fn idle(env: &Env) -> domain::Result<bool> {
    let letters = [SyncIntegration::QUEUE, ProposeCases::QUEUE, Escalate::QUEUE, Deliver::QUEUE, RecoverDelivery::QUEUE];
    let outward = [HandOver::QUEUE, TellAgency::QUEUE, WriteNote::QUEUE, AskOnlinePage::QUEUE];
    let counts = queue::counts(&env.db).await?;
    Ok(counts
        .iter()
        .filter(|c| letters.contains(&c.queue.as_str()) || outward.contains(&c.queue.as_str()))
        .all(|c| c.waiting == 0 && c.running == 0))
}
