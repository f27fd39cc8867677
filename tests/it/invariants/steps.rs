//! Each step of a ladder once in each course, in order, never before its wait is over, with the yes that was wanted:
//! read from the timeline alone, so that a case that was moved is followed through every ladder that it had.

use chrono::NaiveDate;
use domain::{
    calendar,
    event::kind,
    policy::{Ladder, Step},
};
use entity::{ConsentMode, LetterId, PolicyId, StepAction, collection_case as cases, event};

use super::Books;
use crate::world::Creditor;

/// What an event says of a step.
enum Says {
    /// It begins: its letter is issued, its task opened.
    Begins(i64),
    /// It ran.
    Ran(i64),
    /// The hand-over is offered.
    Offered,
}

/// A case as its timeline leads it along.
struct Walk<'a> {
    books: &'a Books,
    case: &'a cases::Model,
    ladder: &'a Ladder,
    next: usize,
    /// The day on which the last step ran; before any, the day of the approval.
    since: Option<NaiveDate>,
    /// Whether the tenant wants to be asked, as it said last.
    mode: Option<ConsentMode>,
}

/// No step is skipped, doubled or early, counted in the creditor's days; each letter asks for the yes that it needs.
pub(super) fn run_in_order_and_not_early(books: &Books, tenant: &Creditor) {
    for case in &books.cases {
        let moves = || books.events.iter().filter(|e| e.case_id == Some(case.id) && e.kind == kind::CASE_MOVED);
        let began = moves().next().map_or((case.policy_id, case.policy_revision), |first| follows(first, "fromPolicyId", "fromRevision"));
        let ladder = &books.ladders[&began];
        let mut walk = Walk { books, case, ladder, next: 0, since: None, mode: None };
        for event in &books.events {
            if event.kind == kind::TENANT_CHANGED {
                let mode = event.data.get("consentMode").map(|mode| serde_json::from_value(mode.clone()).unwrap());
                walk.mode = mode.or(walk.mode);
            } else if event.case_id == Some(case.id) {
                walk.hears(event, calendar::local_date(tenant.zone, event.at));
            }
        }
        assert_eq!(i32::try_from(walk.next).unwrap(), case.next_step, "steps ran out of order: {case:?}");
    }
}

/// The revision of a policy that an event names.
fn follows(event: &event::Model, policy: &str, revision: &str) -> (PolicyId, i32) {
    let id = event.data[policy].as_str().unwrap().parse().unwrap();
    (PolicyId(id), i32::try_from(event.data[revision].as_i64().unwrap()).unwrap())
}

impl Walk<'_> {
    fn hears(&mut self, event: &event::Model, day: NaiveDate) {
        if event.kind == kind::CASE_APPROVED {
            self.since = Some(day);
        }
        if event.kind == kind::CASE_MOVED {
            self.ladder = &self.books.ladders[&follows(event, "policyId", "revision")];
            assert_eq!(event.data["fromStep"].as_u64(), u64::try_from(self.next).ok(), "moved from another step: {event:?}");
            self.next = usize::try_from(event.data["toStep"].as_u64().unwrap()).unwrap();
            return;
        }
        let (step, ran) = match self.says(event) {
            None => return,
            Some(Says::Begins(step)) => (step, false),
            Some(Says::Ran(step)) => (step, true),
            Some(Says::Offered) => return self.offered(event, day),
        };
        let index = usize::try_from(step).unwrap();
        assert_eq!(index, self.next, "steps ran out of order: {event:?} of {:?}", self.case);
        let plan = &self.ladder.steps[index];
        if event.kind == kind::LETTER_ISSUED {
            self.asks_for_the_yes(plan, event);
        }
        // A reminder ahead keeps its distance to the due date instead.
        if !(index == 0 && self.ladder.before_due().is_some()) {
            self.waited(i64::from(plan.wait_days), event, day);
        }
        if ran {
            self.next += 1;
            self.since = Some(day);
        }
    }

    fn offered(&mut self, event: &event::Model, day: NaiveDate) {
        assert!(self.ladder.ends_with_handover(), "offered, and the ladder ends without a hand-over: {event:?} of {:?}", self.case);
        let steps = &self.ladder.steps;
        let wait = match steps.get(self.next) {
            // What asks the agency is the last step: it ran.
            Some(step) => {
                assert_eq!((step.action, self.next + 1), (StepAction::OfferHandover, steps.len()), "a step was skipped: {event:?}");
                step.wait_days
            }
            None => self.ladder.handover_after_days.unwrap_or(0),
        };
        self.waited(i64::from(wait), event, day);
        if self.next < steps.len() {
            self.since = Some(day);
        }
        self.next = steps.len();
    }

    fn waited(&self, wait: i64, event: &event::Model, day: NaiveDate) {
        let days = (day - self.since.expect("approved before")).num_days();
        assert!(days >= wait, "step {} ran {days} days after the one before: {event:?}\n{}", self.next, self.books.tale(self.case.id));
    }

    fn asks_for_the_yes(&self, plan: &Step, event: &event::Model) {
        let Some(tenant) = self.mode else { return };
        let wanted = plan.consent.or(self.ladder.consent).unwrap_or(tenant) == ConsentMode::EachLetter;
        assert_eq!(event.data["consentRequired"].as_bool(), Some(wanted), "I3: nobody was asked, or for nothing: {event:?}");
    }

    fn says(&self, event: &event::Model) -> Option<Says> {
        let letter = || self.books.letters.iter().find(|l| Some(l.id) == event.subject_id.map(LetterId)).filter(|l| l.kind.is_step());
        let step = || event.data["step"].as_i64();
        match event.kind.as_str() {
            kind::LETTER_ISSUED => letter().map(|l| Says::Begins(l.step.into())),
            kind::LETTER_SENT => letter().map(|l| Says::Ran(l.step.into())),
            // The creditor said no: it is passed over.
            kind::LETTER_CONSENTED if event.data["granted"] == false => letter().map(|l| Says::Ran(l.step.into())),
            kind::TASK_OPENED => step().map(Says::Begins),
            kind::TASK_DONE | kind::TASK_SKIPPED | kind::STEP_PASSED => step().map(Says::Ran),
            kind::CASE_EXHAUSTED => Some(Says::Offered),
            _ => None,
        }
    }
}
