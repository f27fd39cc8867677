//! Why a case stands where it stands: every gate before what comes next, with the facts that it used, and the instant
//! at which the very same decision says yes.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CaseId, CaseStatus, Scoped, TenantId, collection_case};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::Value;

use super::{
    Decision, Facts, Freshness, Gathered, decide,
    decide::{letter_due, next},
    gates::{Door, GateName, before, first_closed},
    gather_on,
    together::{goes_with, partners},
};
use crate::{
    RefusalCode,
    env::Env,
    error::{Refusal, Result},
    online_page::Question,
};

/// How far ahead the next possible instant is looked for.
pub const HORIZON: TimeDelta = TimeDelta::days(370);

/// Most looks ahead: one a day, and some for waits within a day.
const MAX_LOOKS: usize = 500;

/// Why a case stands where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The instant that it is about.
    pub at: DateTime<Utc>,
    /// What comes next once every gate is open; [`Decision::Rest`] when nothing does.
    pub next: Decision,
    /// What is decided now.
    pub decision: Decision,
    /// Why it waits or rests: the code of the first closed gate; of a case that is early and stuck besides, that of the first one
    /// that is closed when it is no longer early. None when it is only early.
    pub because: Option<RefusalCode>,
    /// Every gate before what comes next, in order.
    pub checks: Vec<Check>,
    /// When what comes next is possible, if nothing changes but the time, and the books are read when they should be;
    /// none when time alone does not open every gate.
    pub possible_at: Option<DateTime<Utc>>,
    /// Whether a person must say yes before the letter leaves.
    pub consent_needed: bool,
    /// The rule packs that were used.
    pub rule_revision: String,
    /// The revision of the case's policy.
    pub policy_revision: i32,
}

/// One gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which.
    pub gate: GateName,
    /// Whether it is open.
    pub passed: bool,
    /// Why it is closed, when that is more than the case's own standing or the calendar.
    pub code: Option<RefusalCode>,
    /// When it opens by time alone, or is looked at again.
    pub look_again_at: Option<DateTime<Utc>>,
    /// What it looked at, an object of ids, days, numbers and words.
    pub facts: Value,
}

/// Explains a case of the tenant. Reads only.
///
/// # Errors
///
/// `NOT_FOUND` for an unknown case.
pub async fn explain(env: &Env, tenant: TenantId, id: CaseId) -> Result<Explanation> {
    let (db, now) = (&env.db, env.now());
    let found = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.eq(id)).one(db).await?;
    let case = found.ok_or_else(|| Refusal::not_found("case").at("id"))?;
    let mut gathered = gather_on(db, &case, now).await?;
    // Without its page: the instant at which it is decided whether the letter speaks for several cases, and names none.
    let at = possible_at(&gathered, &case, now);
    gathered.note_pages(&env.outside);
    if let (Question::Unasked, Some(at)) = (gathered.facts(&case, now).page, at)
        && !partners(db, &case, &gathered, at).await?.is_empty()
        && !goes_with(db, tenant, id, at).await?.is_empty()
    {
        gathered.names_no_page();
    }
    Ok(of(&gathered, &case, now))
}

/// The same from what was read.
fn of(gathered: &Gathered, case: &collection_case::Model, now: DateTime<Utc>) -> Explanation {
    let facts = gathered.facts(case, now);
    let next = next(&facts);
    let door = if case.status == CaseStatus::AwaitingHandover { Door::HandOver } else { next.door(facts.ladder).unwrap_or(Door::Pass) };
    let step = facts.ladder.steps.get(facts.next_step).filter(|_| matches!(next, Decision::Issue { .. }));
    let (decision, possible_at) = (decide(&facts, now), possible_at(gathered, case, now));
    Explanation {
        at: now,
        next,
        decision,
        because: because(decision).or_else(|| match decision {
            // Early, and stuck besides: what time does not open is decided when it is no longer early.
            Decision::Wait { until, .. } if possible_at.is_none() => {
                let (facts, early) = (expected(gathered, case, until), until);
                because(decide(&facts, early)).or_else(|| closed_by(door, &facts, early))
            }
            Decision::Rest => closed_by(door, &facts, now),
            _ => None,
        }),
        checks: before(door).map(|gate| check(gate, &facts, now)).collect(),
        possible_at,
        consent_needed: step.is_some_and(|step| facts.ladder.asks_consent(step, gathered.tenant.consent_mode)),
        rule_revision: gathered.rules.revision.clone(),
        policy_revision: case.policy_revision,
    }
}

fn because(decision: Decision) -> Option<RefusalCode> {
    if let Decision::Wait { because, .. } = decision { because } else { None }
}

/// The code of the first closed gate.
fn closed_by(door: Door, facts: &Facts<'_>, at: DateTime<Utc>) -> Option<RefusalCode> {
    first_closed(door, facts, at).and_then(|closed| closed.code)
}

/// The facts at a later instant: the books are read when they should be.
fn expected<'a>(gathered: &'a Gathered, case: &'a collection_case::Model, at: DateTime<Utc>) -> Facts<'a> {
    let mut facts = gathered.facts(case, at);
    if facts.freshness.askable {
        facts.freshness = Freshness::default();
    }
    facts
}

fn check(gate: &super::gates::Gate, facts: &Facts<'_>, now: DateTime<Utc>) -> Check {
    let closed = gate.closed(facts, now);
    Check {
        gate: gate.name,
        passed: closed.is_none(),
        code: closed.and_then(|closed| closed.code),
        look_again_at: closed.and_then(|closed| closed.look_again(facts, now)),
        facts: gate.used(facts, now),
    }
}

/// From when the hours and the limits of contact allow one more contact with the debtor of a case; none when that is
/// not to be foreseen.
pub(crate) fn contact_from(gathered: &Gathered, case: &collection_case::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let about_contact = |gate: &&super::gates::Gate| matches!(gate.name, GateName::ContactLimit | GateName::ContactHours);
    first_open(now, |at| {
        let facts = gathered.facts(case, at);
        match before(Door::Call).filter(about_contact).find_map(|gate| gate.closed(&facts, at)) {
            None => ControlFlow::Break(()),
            Some(closed) => ControlFlow::Continue(closed.look_again(&facts, at)),
        }
    })
}

/// The instant at which the decision is no longer to wait: the decision itself is asked, again and again, at each
/// instant that it names.
fn possible_at(gathered: &Gathered, case: &collection_case::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut asked = None;
    first_open(now, |at| {
        let mut facts = if at > now { expected(gathered, case, at) } else { gathered.facts(case, at) };
        if let (Question::Unasked, Some(at)) = (facts.page, asked) {
            facts.page = Question::Asked(at);
        }
        match decide(&facts, at) {
            Decision::Wait { until, .. } => {
                asked = asked.or_else(|| letter_due(&facts, at).map(|_| at));
                ControlFlow::Continue(Some(until))
            }
            Decision::Rest => ControlFlow::Continue(None),
            Decision::Issue { .. } | Decision::Ask { .. } | Decision::Pass { .. } | Decision::Exhaust => ControlFlow::Break(()),
        }
    })
}

/// The first instant at which a look finds what it looks for: each says when to look again, if ever.
fn first_open(now: DateTime<Utc>, mut look: impl FnMut(DateTime<Utc>) -> ControlFlow<(), Option<DateTime<Utc>>>) -> Option<DateTime<Utc>> {
    let mut at = now;
    for _ in 0..MAX_LOOKS {
        match look(at) {
            ControlFlow::Break(()) => return Some(at),
            ControlFlow::Continue(again) => at = again.filter(|next| *next > at && *next - now <= HORIZON)?,
        }
    }
    None
}
