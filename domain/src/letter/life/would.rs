//! What a letter would state if it were issued now; nothing is kept.

use chrono::{DateTime, Utc};
use entity::{LetterId, LetterKind, collection_case};
use uuid::Uuid;

use super::{
    super::{LetterFacts, Missing, NextStep, demanded, required_missing},
    frozen::{Beside, Occasion, freeze},
};
use crate::{
    actor::Actor,
    calendar,
    change::Change,
    claim,
    env::Env,
    error::Result,
    escalation::{Gathered, gather},
    policy::{Follows, Step},
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
    let occasion = occasion(&gathered, next, kind, step.map_or(USUAL_DAYS, |step| step.pay_within_days), change.now);
    let letter = change.env.new_id();
    let known = if kind.speaks_of_arrears() {
        let fee = step.map_or(&[][..], |step| step.fee.as_slice());
        let (dated_on, gives_days) = (occasion.dated_on, occasion.pay_within_days);
        let charging = claim::Occasion { letter, step: case.next_step, fee, dated_on, gives_days };
        claim::propose(&mut change, &gathered.claim(case), &charging).await?
    } else {
        gathered.charges.clone()
    };
    freeze(case, &gathered, &occasion, &Beside { letter, known })
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
    let occasion = occasion(gathered, index, step.kind, step.pay_within_days, now);
    if demanded(&gathered.tenant, &gathered.debtor, step.kind, occasion.first, occasion.dated_on)?.is_none() {
        return Ok(Vec::new());
    }
    let beside = Beside { letter: LetterId(Uuid::nil()), known: gathered.charges.clone() };
    Ok(required_missing(&freeze(case, gathered, &occasion, &beside)?))
}

fn occasion(gathered: &Gathered, index: usize, kind: LetterKind, pay_within_days: u32, now: DateTime<Utc>) -> Occasion {
    let next_step = match gathered.ladder.after(index) {
        Follows::Step => NextStep::Letter,
        Follows::Handover => NextStep::Handover,
        Follows::Nothing => NextStep::Nothing,
    };
    let last = gathered.ladder.steps.len().saturating_sub(1);
    Occasion {
        kind,
        step_number: u32::try_from(index.min(last) + 1).unwrap_or(u32::MAX),
        next_step,
        dated_on: calendar::local_date(gathered.tenant_zone, now),
        pay_within_days,
        first: gathered.none_left(),
    }
}
