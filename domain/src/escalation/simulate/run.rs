//! The moved clock, pure: the earliest promise is kept first, and what it did is noted on the facts.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
};

use chrono::{DateTime, Utc};
use entity::{DebtorId, LetterId, LetterKind, StepAction, WorkTaskId, collection_case};
use uuid::Uuid;

use super::{Act, Simulation};
use crate::{
    RefusalCode, calendar,
    error::Result,
    escalation::{Contact, Decision, Facts, Freshness, Gathered, Means, channels, decide, together},
    online_page::Question,
    policy::Step,
};

/// Most looks at one case: one a day and a few for each step.
const MAX_LOOKS: u32 = 500;

/// Everything that a dry run needs.
pub(super) struct Portfolio {
    pub(super) cases: Vec<Simulated>,
    pub(super) contacts: HashMap<DebtorId, Vec<Contact>>,
}

/// One case under way.
pub(super) struct Simulated {
    pub(super) case: collection_case::Model,
    pub(super) gathered: Gathered,
    pub(super) debtor: DebtorId,
    pub(super) postponed: Option<RefusalCode>,
    pub(super) looks: u32,
}

/// Runs.
pub(super) fn run(mut portfolio: Portfolio, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Simulation> {
    let mut acts = Vec::new();
    let mut promised: Vec<_> = portfolio.cases.iter().map(|simulated| simulated.case.next_action_at.map(|at| at.max(now))).collect();
    let first = |(index, at): (usize, &Option<DateTime<Utc>>)| Some(Reverse(((*at)?, index)));
    let mut due: BinaryHeap<_> = promised.iter().enumerate().filter_map(first).collect();
    let mut siblings: HashMap<DebtorId, Vec<usize>> = HashMap::new();
    for (index, simulated) in portfolio.cases.iter().enumerate() {
        siblings.entry(simulated.case.debtor_id).or_default().push(index);
    }
    while let Some(Reverse((at, index))) = due.pop() {
        if at > until {
            break;
        }
        // It went with another case's letter meanwhile.
        if promised.get(index) != Some(&Some(at)) {
            continue;
        }
        let with = joined(&portfolio, &siblings, index, at);
        let mut again = vec![(index, look(&mut portfolio, index, at, &mut acts)?)];
        for (other, step) in with {
            again.push((other, join(&mut portfolio, other, step, at, &mut acts)?));
        }
        for (index, at) in again {
            if let Some(place) = promised.get_mut(index) {
                *place = at;
            }
            due.extend(at.map(|at| Reverse((at, index))));
        }
    }
    let mut held: BTreeMap<&str, (RefusalCode, usize)> = BTreeMap::new();
    for code in portfolio.cases.iter().filter_map(|simulated| simulated.postponed) {
        held.entry(code.as_str()).or_insert((code, 0)).1 += 1;
    }
    let revisions: BTreeSet<&str> = portfolio.cases.iter().map(|simulated| simulated.gathered.rules.revision.as_str()).collect();
    Ok(Simulation {
        acts,
        cases: portfolio.cases.len(),
        held: held.into_values().collect(),
        rule_revisions: revisions.into_iter().filter(|revision| !revision.is_empty()).map(str::to_owned).collect(),
    })
}

/// The debtor's other cases that one letter would speak for too, with their steps: the same that the real one asks.
fn joined(portfolio: &Portfolio, siblings: &HashMap<DebtorId, Vec<usize>>, index: usize, at: DateTime<Utc>) -> Vec<(usize, usize)> {
    let due = |index: usize| {
        let simulated = portfolio.cases.get(index)?;
        let contacts = portfolio.contacts.get(&simulated.debtor).map_or(&[][..], Vec::as_slice);
        let facts = Facts { freshness: Freshness::default(), contacts, ..simulated.gathered.facts(&simulated.case, at) };
        match decide(&together::today(&facts, at), at) {
            Decision::Issue { step } => Some((simulated, step, together::kind(&simulated.gathered, step)?)),
            _ => None,
        }
    };
    let Some(own) = portfolio.cases.get(index).filter(|own| own.gathered.tenant.group_letters) else { return Vec::new() };
    let Some(others) = siblings.get(&own.case.debtor_id).filter(|all| all.len() > 1) else { return Vec::new() };
    let Some((own, _, wanted)) = due(index) else { return Vec::new() };
    let same = |other: &usize| {
        let (simulated, step, kind) = due(*other)?;
        (kind == wanted && simulated.case.currency == own.case.currency).then_some((*other, step))
    };
    others.iter().filter(|other| **other != index).filter_map(same).collect()
}

/// A case goes with another one's letter.
fn join(portfolio: &mut Portfolio, index: usize, step: usize, at: DateTime<Utc>, acts: &mut Vec<Act>) -> Result<Option<DateTime<Utc>>> {
    let Some(simulated) = portfolio.cases.get_mut(index) else { return Ok(None) };
    acts.push(simulated.act(at, Some(step)));
    simulated.gathered.note_sent(step, at);
    simulated.ran(at).map(Some)
}

/// Looks at a case once, and says when to look again.
fn look(portfolio: &mut Portfolio, index: usize, at: DateTime<Utc>, acts: &mut Vec<Act>) -> Result<Option<DateTime<Utc>>> {
    let Portfolio { cases, contacts } = portfolio;
    let Some(simulated) = cases.get_mut(index) else { return Ok(None) };
    simulated.looks += 1;
    if simulated.looks > MAX_LOOKS {
        return Ok(None);
    }
    let contacts = contacts.entry(simulated.debtor).or_default();
    let decision = {
        let facts = simulated.gathered.facts(&simulated.case, at);
        decide(&Facts { freshness: Freshness::default(), page: Question::Settled, contacts, ..facts }, at)
    };
    match decision {
        Decision::Rest => Ok(None),
        Decision::Wait { until, because } => {
            simulated.postponed = because.or(simulated.postponed);
            Ok((until > at).then_some(until))
        }
        Decision::Issue { step } => {
            acts.push(simulated.act(at, Some(step)));
            contacts.push(Contact { means: Means::Letter(LetterId(nth(acts))), at, planned: false });
            simulated.gathered.note_sent(step, at);
            simulated.ran(at).map(Some)
        }
        Decision::Ask { step } => {
            acts.push(simulated.act(at, Some(step)));
            if simulated.gathered.ladder.steps.get(step).is_some_and(Step::is_call) {
                contacts.push(Contact { means: Means::Call(WorkTaskId(nth(acts))), at, planned: false });
            }
            simulated.ran(at).map(Some)
        }
        Decision::Pass { .. } => simulated.ran(at).map(Some),
        Decision::Exhaust => {
            let step = usize::try_from(simulated.case.next_step).ok().filter(|step| *step < simulated.gathered.ladder.steps.len());
            acts.push(simulated.act(at, step));
            Ok(None)
        }
    }
}

/// An id of its own for each act.
fn nth(acts: &[Act]) -> Uuid {
    Uuid::from_u128(acts.len() as u128)
}

impl Simulated {
    fn act(&mut self, at: DateTime<Utc>, step: Option<usize>) -> Act {
        let plan = step.and_then(|step| self.gathered.ladder.steps.get(step));
        let speaks = plan.filter(|plan| plan.speaks());
        Act {
            at,
            on: calendar::local_date(self.gathered.tenant_zone, at),
            case: self.case.id,
            number: self.case.number,
            step,
            action: plan.map_or(StepAction::OfferHandover, |plan| plan.action),
            kind: speaks.map(|plan| plan.kind),
            channels: speaks.map(|plan| channels(plan, &self.gathered.reachable)).unwrap_or_default(),
            asks_consent: speaks.is_some_and(|plan| self.gathered.ladder.asks_consent(plan, self.gathered.tenant.consent_mode)),
            outstanding_minor: self.case.outstanding_minor,
            currency: self.case.currency.clone(),
            postponed_because: self.postponed.take(),
        }
    }

    /// The step ran: the same that the real one does to its case.
    fn ran(&mut self, at: DateTime<Utc>) -> Result<DateTime<Utc>> {
        self.postponed = None;
        self.case.next_step += 1;
        self.case.last_step_at = Some(at);
        let next = usize::try_from(self.case.next_step).unwrap_or(usize::MAX);
        let due = self.gathered.times().step_due(next, at);
        self.case.next_action_at = Some(due);
        self.gathered.look_for_missing(&self.case, at)?;
        Ok(due)
    }
}

impl Gathered {
    /// Notes that a step's letter left, for the steps after it.
    fn note_sent(&mut self, step: usize, at: DateTime<Utc>) {
        let Some(kind) = self.ladder.steps.get(step).map(|plan| plan.kind) else { return };
        self.letters.spoke |= kind.speaks_of_arrears();
        if kind == LetterKind::CollectionNotice {
            self.letters.notice_sent_at = Some(at);
        }
    }
}
