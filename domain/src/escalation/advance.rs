//! Doing what is due, under the case's lock. Running it twice changes nothing: the second run finds the letter issued
//! or the promise moved.

use chrono::Days;
use entity::{CaseId, CaseStatus, TenantId, collection_case};

use super::{Decision, Gathered, call_if_due, decide, decide::letter_due, gather, next_due, together};
use crate::{
    RefusalCode,
    actor::Actor,
    calendar,
    case::{self, Command},
    change::Change,
    env::Env,
    error::{Error, Refusal, Result},
    event::{Happened, kind},
    handover, letter, online_page, sync, task, tenant,
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
    /// A person was asked to do a step.
    Asked,
    /// A step was passed over.
    Passed,
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
    let case = match case::lock(&change, id).await {
        Ok(case) => case,
        Err(Error::Refused(Refusal { code: RefusalCode::NotFound, .. })) => return Ok(Advanced::Nothing),
        Err(error) => return Err(error),
    };
    let looked = look(&mut change, case).await?;
    if looked.letter.is_some() && !looked.gathered.failed_before(&looked.case) {
        let partners = together::partners(&change.tx, &looked.case, &looked.gathered, change.now).await?;
        if !partners.is_empty() {
            // Begun anew, with the locks in their order.
            change.tx.rollback().await?;
            return Box::pin(together::advance(env, tenant, id, partners)).await;
        }
    }
    Box::pin(act(change, looked)).await
}

/// A locked case, and what is decided of it.
pub(super) struct Looked {
    pub(super) case: collection_case::Model,
    pub(super) gathered: Gathered,
    pub(super) decision: Decision,
    /// The step whose letter is due, but for its invoice's page: see [`letter_due`].
    pub(super) letter: Option<usize>,
    /// It changed already.
    pub(super) touched: bool,
}

/// Ends what is over, and decides.
pub(super) async fn look(change: &mut Change<'_>, mut case: collection_case::Model) -> Result<Looked> {
    let resumed = end_hold(change, &mut case).await?;
    let mut gathered = gather(change, &case).await?;
    let withdrawn = letter::withdraw_expired(change, &mut case, &mut gathered).await?;
    let facts = gathered.facts(&case, change.now);
    let decision = decide(&facts, change.now);
    let letter = letter_due(&facts, change.now);
    Ok(Looked { case, gathered, decision, letter, touched: resumed || withdrawn })
}

/// Does what was decided, and commits.
pub(super) async fn act(mut change: Change<'_>, looked: Looked) -> Result<Advanced> {
    let Looked { mut case, gathered, decision, letter, touched } = looked;
    if letter.is_some() && matches!(decision, Decision::Wait { .. }) {
        online_page::plan(&mut change, &gathered.invoices).await?;
    }
    let Some((advanced, stale)) = decided(&mut change, &mut case, &gathered, decision, touched).await? else {
        return Ok(Advanced::Nothing);
    };
    let (env, tenant) = (change.env, change.tenant);
    case::save(&change, &mut case).await?;
    change.commit().await?;
    if stale {
        sync::want_fresh(env, tenant, case.integration_id).await?;
    }
    Ok(advanced)
}

/// Does what was decided, and says so, with whether fresh facts are wanted; none when nothing changed.
async fn decided(
    change: &mut Change<'_>,
    case: &mut collection_case::Model,
    gathered: &Gathered,
    decision: Decision,
    touched: bool,
) -> Result<Option<(Advanced, bool)>> {
    let advanced = match decision {
        Decision::Rest if touched => Advanced::Waits,
        Decision::Rest if gathered.tenant.automatic_actions && case.next_action_at.is_some_and(|at| at <= change.now) => {
            // Nothing that time alone moves: a letter is under way, or the ladder ended. What ends that sets a new promise.
            case.next_action_at = None;
            Advanced::Nothing
        }
        Decision::Rest => return Ok(None),
        Decision::Wait { until, .. } if !touched && case.next_action_at == Some(until) => return Ok(None),
        Decision::Wait { until, because } => {
            wait(change, case, until, because);
            return Ok(Some((Advanced::Waits, because == Some(RefusalCode::FactsStale))));
        }
        Decision::Issue { step } => {
            letter::issue_step(change, case, gathered, step).await?;
            Advanced::Issued
        }
        Decision::Ask { step } => {
            task::issue(change, case, gathered, step).await?;
            Advanced::Asked
        }
        Decision::Pass { step } => {
            let because = if gathered.facts(case, change.now).too_late_for_ahead() { "DUE_DATE_PASSED" } else { "BELOW_MINIMUM" };
            pass(change, case, step, because).await?;
            Advanced::Passed
        }
        Decision::Exhaust => {
            exhaust(change, case, gathered).await?;
            Advanced::Exhausted
        }
    };
    Ok(Some((advanced, false)))
}

/// A step is passed over; the next one counts from now, as if it had run: nothing comes early because of it.
async fn pass(change: &mut Change<'_>, case: &mut collection_case::Model, step: usize, because: &str) -> Result<()> {
    change.record(Happened::new(kind::STEP_PASSED).case(case).with("step", step).with("because", because));
    case.next_step += 1;
    case.last_step_at = Some(change.now);
    case.postponed_because = None;
    case.next_action_at = Some(next_due(change, case).await?);
    call_if_due(change, case);
    Ok(())
}

async fn exhaust(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &Gathered) -> Result<()> {
    case::move_to(case, Command::Exhaust)?;
    // A step that offers the hand-over is the last one: it ran.
    case.next_step = i32::try_from(gathered.ladder.steps.len()).unwrap_or(i32::MAX);
    case.next_action_at = None;
    case.postponed_because = None;
    change.record(Happened::new(kind::CASE_EXHAUSTED).case(case));
    handover::offer(change, case).await
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
