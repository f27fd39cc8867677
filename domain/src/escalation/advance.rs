//! Doing what is due, under the case's lock. Running it twice changes nothing: the second run finds the letter issued
//! or the promise moved.

use chrono::Days;
use entity::{CaseId, CaseStatus, TenantId, collection_case};

use super::{Decision, decide, gather};
use crate::{
    RefusalCode,
    actor::Actor,
    calendar,
    case::{self, Command},
    change::Change,
    env::Env,
    error::{Error, Refusal, Result},
    event::{Happened, kind},
    handover, letter, sync, tenant,
};

/// What advancing a case did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// Nothing was due, or the case is gone.
    Nothing,
    /// It was looked at and waits.
    Waits,
    /// A letter was issued.
    Issued,
    /// The ladder is exhausted.
    Exhausted,
}

/// Looks at a case and does what is due.
///
/// # Errors
///
/// When the database refuses.
pub async fn advance(env: &Env, tenant: TenantId, id: CaseId) -> Result<Advanced> {
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let mut case = match case::lock(&change, id).await {
        Ok(case) => case,
        Err(Error::Refused(Refusal { code: RefusalCode::NotFound, .. })) => return Ok(Advanced::Nothing),
        Err(error) => return Err(error),
    };
    let resumed = end_hold(&mut change, &mut case).await?;
    let gathered = gather(&change, &case).await?;
    let decision = decide(&gathered.facts(&case, change.now), change.now);
    let mut stale = false;
    let advanced = match decision {
        Decision::Rest if resumed => Advanced::Waits,
        Decision::Rest if gathered.tenant.automatic_actions && case.next_action_at.is_some_and(|at| at <= change.now) => {
            // Nothing that time alone moves: a letter is under way, or the ladder ended. What ends that sets a new promise.
            case.next_action_at = None;
            Advanced::Nothing
        }
        Decision::Rest => return Ok(Advanced::Nothing),
        Decision::Wait { until, because } => {
            if !resumed && case.next_action_at == Some(until) {
                return Ok(Advanced::Nothing);
            }
            stale = because == Some(RefusalCode::FactsStale);
            wait(&mut change, &mut case, until, because);
            Advanced::Waits
        }
        Decision::Issue { step } => {
            letter::issue_step(&mut change, &mut case, &gathered, step).await?;
            Advanced::Issued
        }
        Decision::Exhaust => {
            case::move_to(&mut case, Command::Exhaust)?;
            case.next_action_at = None;
            case.postponed_because = None;
            change.record(Happened::new(kind::CASE_EXHAUSTED).case(&case));
            handover::offer(&mut change, &case).await?;
            Advanced::Exhausted
        }
    };
    case::save(&change, &mut case).await?;
    change.commit().await?;
    if stale {
        sync::want_fresh(env, tenant, case.integration_id).await?;
    }
    Ok(advanced)
}

/// Resumes a case whose hold is over.
async fn end_hold(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<bool> {
    if case.status != CaseStatus::OnHold {
        return Ok(false);
    }
    let zone = calendar::zone(&tenant::find(&change.tx, change.tenant).await?.time_zone)?;
    let over = case.hold_until.is_none_or(|until| change.now >= calendar::day_start(zone, until + Days::new(1)));
    if over {
        case::resume_in(change, case).await?;
    }
    Ok(over)
}

/// Moves the promise; told once per reason, not every day.
fn wait(change: &mut Change<'_>, case: &mut collection_case::Model, until: chrono::DateTime<chrono::Utc>, because: Option<RefusalCode>) {
    let reason = because.map(|code| code.as_str().to_owned());
    if reason.is_some() && reason != case.postponed_because {
        let happened = Happened::new(kind::CASE_POSTPONED).case(case).with("because", reason.clone());
        change.record(happened.with("until", until.to_rfc3339()));
    }
    case.postponed_because = reason;
    case.next_action_at = Some(until);
}
