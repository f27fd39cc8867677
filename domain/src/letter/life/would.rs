//! What a letter would state if it were issued now; nothing is kept.

use chrono::{DateTime, Utc};
use entity::{LetterId, LetterKind, collection_case};
use uuid::Uuid;

use super::{
    super::{LetterFacts, Missing, demanded, required_missing},
    frozen::{Beside, Occasion, freeze},
    issue::charged,
};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::Result,
    escalation::{Gathered, gather},
    policy::Step,
};

/// Days for paying where the case's next step does not tell.
const USUAL_DAYS: u32 = 14;

/// The figures of a letter of this kind to the case's debtor, with what it would charge. The charges are made and
/// forgotten again with the change: so they are the very ones that issuing makes.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn would_state(env: &Env, case: &collection_case::Model, kind: LetterKind) -> Result<LetterFacts> {
    let mut change = Change::begin(env, case.tenant_id, Actor::System).await?;
    let gathered = gather(&change, case).await?;
    let next = usize::try_from(case.next_step).unwrap_or(0);
    let step = gathered.ladder.steps.get(next);
    let pay_within_days = step.map_or(USUAL_DAYS, |step| step.pay_within_days);
    let occasion = Occasion::of_step(&gathered, next, kind, pay_within_days, change.now);
    let beside = charged(&mut change, case, &gathered, &occasion, case.next_step).await?;
    freeze(case, &gathered, &occasion, &beside)
}

/// What the law asks of the letter of a step and the letter could not state: it must not be issued.
///
/// # Errors
///
/// When a stored document has another shape.
pub(crate) fn lacking(
    case: &collection_case::Model,
    gathered: &Gathered,
    index: usize,
    step: &Step,
    now: DateTime<Utc>,
) -> Result<Vec<Missing>> {
    let occasion = Occasion::of_step(gathered, index, step.kind, step.pay_within_days, now);
    if demanded(&gathered.tenant, &gathered.debtor, step.kind, occasion.first, occasion.dated_on)?.is_none() {
        return Ok(Vec::new());
    }
    let beside = Beside { letter: LetterId(Uuid::nil()), known: gathered.charges.clone() };
    Ok(required_missing(&freeze(case, gathered, &occasion, &beside)?))
}
