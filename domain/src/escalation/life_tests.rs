//! Any life of a case, as a model around the real decision, the real last gate and the real due instants: payments,
//! pauses, disputes, downtime, clocks that jump, ladders that change. No step is skipped, doubled or early, and nothing
//! leaves after the payment was known.
#![allow(clippy::unwrap_used, reason = "tests")]
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{CaseStatus, Channel, DeliveryStatus, LetterId, LetterKind, LetterStatus};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Caps, Contact, Decision, Facts, Freshness, Means, Rules, decide, due::Times};
use crate::{
    calendar::{self, ContactHours, Openings, Place},
    delivery::{GateFacts, Verdict, gate},
    online_page::Question,
    policy::{Ladder, three_weekly_letters},
};

const ZONE: Tz = Tz::Pacific__Auckland;
const CLAIM: i64 = 1_000;

#[derive(Debug, Clone)]
enum Deed {
    /// Time passes and the workers look, every so many minutes.
    Work {
        hours: i64,
        every: i64,
    },
    /// Time passes and nobody looks.
    Down {
        hours: i64,
    },
    /// The clock is set back.
    Back {
        hours: i64,
    },
    Pay {
        part: i64,
    },
    Pending(bool),
    Hold,
    Resume,
    Dispute(bool),
    Switch(bool),
    /// The case is moved to a ladder with other waits.
    Waits([u32; 3]),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => (1i64..200, 20i64..600).prop_map(|(hours, every)| Deed::Work { hours, every }),
        2 => (1i64..900).prop_map(|hours| Deed::Down { hours }),
        1 => (1i64..400).prop_map(|hours| Deed::Back { hours }),
        1 => (1i64..400).prop_map(|part| Deed::Pay { part }),
        1 => any::<bool>().prop_map(Deed::Pending),
        1 => Just(Deed::Hold),
        2 => Just(Deed::Resume),
        1 => any::<bool>().prop_map(Deed::Dispute),
        1 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(Deed::Switch),
        1 => [0u32..20, 0..20, 0..20].prop_map(Deed::Waits),
    ];
    prop::collection::vec(deed, 5..60)
}

/// An issued letter that has not left.
#[derive(Debug, Clone, Copy)]
struct Issued {
    step: usize,
    stated: i64,
    dated_on: NaiveDate,
    attempt_at: DateTime<Utc>,
}

/// A letter that left.
#[derive(Debug, Clone, Copy)]
struct Left {
    step: usize,
    at: DateTime<Utc>,
}

struct Life {
    now: DateTime<Utc>,
    ladder: Ladder,
    openings: Openings,
    rules: Rules,
    status: CaseStatus,
    next_step: usize,
    next_action_at: Option<DateTime<Utc>>,
    last_step_at: DateTime<Utc>,
    owed: i64,
    pending: bool,
    disputed: bool,
    on: bool,
    issued: Option<Issued>,
    contacts: Vec<Contact>,
    left: Vec<Left>,
    /// The latest instant before which the next step must not leave.
    not_before: DateTime<Utc>,
}

impl Life {
    fn new(gap_days: u32) -> Self {
        let now = "2026-07-05T18:00:00Z".parse().unwrap();
        let ladder = three_weekly_letters();
        let openings = Openings::new(ContactHours::default(), Place::of(Some("NZ"), None, "NZ", ZONE), true);
        let due = Times { ladder: &ladder, openings: &openings, zone: ZONE, days: None }.step_due(0, now);
        Self {
            now,
            openings,
            ladder,
            rules: Rules { caps: Caps { gap_days, per_week: Some(3), per_month: Some(10) }, ..Rules::default() },
            status: CaseStatus::Active,
            next_step: 0,
            next_action_at: Some(due),
            last_step_at: now,
            owed: CLAIM,
            pending: false,
            disputed: false,
            on: true,
            issued: None,
            contacts: Vec::new(),
            left: Vec::new(),
            not_before: due,
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            automatic_actions: self.on,
            status: self.status,
            next_step: self.next_step,
            next_action_at: self.next_action_at,
            currency: "NZD",
            outstanding_minor: self.owed,
            letter_under_way: self.issued.is_some(),
            letter_failed: false,
            task_open: false,
            exempt: false,
            disputed: self.disputed,
            not_due: false,
            ahead: false,
            first_due_on: None,
            payment_pending: self.pending,
            bank_known: true,
            freshness: Freshness::default(),
            reachable: &[Channel::Email],
            missing: &[],
            notice_sent_at: None,
            limitation: None,
            page: Question::Settled,
            contacts: &self.contacts,
            letter: None,
            ladder: &self.ladder,
            rules: &self.rules,
            openings: &self.openings,
            zone: ZONE,
            today: calendar::local_date(ZONE, self.now),
        }
    }

    /// What the step's own wait demands, whatever else happened.
    fn earliest(&self) -> DateTime<Utc> {
        Times { ladder: &self.ladder, openings: &self.openings, zone: ZONE, days: None }.step_due(self.next_step, self.last_step_at)
    }

    fn look(&mut self) {
        match decide(&self.facts(), self.now) {
            Decision::Rest => {}
            Decision::Wait { until, .. } => {
                assert!(until > self.now, "a wait lies ahead");
                self.next_action_at = Some(until);
            }
            Decision::Issue { step } => {
                assert!(self.issued.is_none() && step == self.next_step);
                let dated_on = calendar::local_date(ZONE, self.now);
                self.issued = Some(Issued { step, stated: self.owed, dated_on, attempt_at: self.now });
                self.next_action_at = None;
            }
            Decision::Exhaust => {
                self.status = CaseStatus::AwaitingHandover;
                self.next_action_at = None;
            }
            Decision::Ask { .. } | Decision::Pass { .. } => unreachable!("no step is a task or has a minimum"),
        }
    }

    fn deliver(&mut self) {
        let Some(issued) = self.issued else { return };
        let id = LetterId(Uuid::from_u128(issued.step as u128 + 1));
        let facts = GateFacts {
            case: Facts { letter: Some(id), ..self.facts() },
            close_reason: None,
            delivery: DeliveryStatus::Scheduled,
            channel: Channel::Email,
            next_attempt_at: Some(issued.attempt_at),
            notice_to_come: false,
            notice_left: false,
            letter: LetterStatus::Scheduled,
            kind: LetterKind::LetterOfDemand,
            stated_minor: issued.stated,
            owed_minor: self.owed,
            consent_expires_at: None,
            dated_on: issued.dated_on,
            pay_by: issued.dated_on + Days::new(7),
        };
        match gate(&facts, self.now) {
            Verdict::Stay => {}
            Verdict::Later(at, _) => self.issued = Some(Issued { attempt_at: at, ..issued }),
            Verdict::Cancel(_) => {
                self.issued = None;
                self.next_action_at = Some(self.now);
            }
            Verdict::Fail(because) => panic!("a letter of demand never fails by {because}"),
            Verdict::Leave => self.leave(issued, id),
        }
    }

    fn leave(&mut self, issued: Issued, id: LetterId) {
        assert!(self.openings.is_open(self.now), "left outside the hours at {}", self.now);
        assert!(self.on && !self.disputed && !self.pending, "left although something was known that forbids it");
        assert!(self.owed > 0 && issued.stated == self.owed, "left with another sum than is owed");
        assert!(self.now >= self.not_before, "step {} left early: {} before {}", issued.step, self.now, self.not_before);
        assert_eq!(issued.step, self.left.len(), "steps leave in order, each once");
        self.left.push(Left { step: issued.step, at: self.now });
        self.contacts.push(Contact { means: Means::Letter(id), at: self.now, planned: false });
        self.issued = None;
        self.next_step += 1;
        self.last_step_at = self.now;
        self.next_action_at = Some(self.earliest());
        self.not_before = self.earliest();
    }

    fn stop_letter(&mut self) -> bool {
        self.issued.take().is_some()
    }

    fn deed(&mut self, deed: &Deed) {
        match deed {
            Deed::Work { hours, every } => {
                let until = self.now + TimeDelta::hours(*hours);
                while self.now < until {
                    self.look();
                    self.deliver();
                    self.now += TimeDelta::minutes(*every);
                }
            }
            Deed::Down { hours } => self.now += TimeDelta::hours(*hours),
            Deed::Back { hours } => self.now -= TimeDelta::hours(*hours),
            Deed::Pay { part } => self.pay(*part),
            Deed::Pending(known) => self.pending = *known,
            Deed::Hold if self.status == CaseStatus::Active => {
                self.stop_letter();
                (self.status, self.next_action_at) = (CaseStatus::OnHold, None);
            }
            Deed::Resume if self.status == CaseStatus::OnHold => {
                (self.status, self.next_action_at) = (CaseStatus::Active, Some(self.earliest().max(self.now)));
            }
            Deed::Hold | Deed::Resume => {}
            Deed::Dispute(disputed) => self.disputed = *disputed,
            Deed::Switch(on) => self.on = *on,
            Deed::Waits(waits) => self.rewait(*waits),
        }
    }

    fn pay(&mut self, part: i64) {
        if self.status != CaseStatus::Active {
            return;
        }
        self.owed = (self.owed - part).max(0);
        let stopped = self.stop_letter();
        if self.owed == 0 {
            (self.status, self.next_action_at) = (CaseStatus::Closed, None);
            return;
        }
        let due = self.next_action_at.filter(|_| !stopped).unwrap_or(self.now);
        self.next_action_at = Some(due.max(self.now) + TimeDelta::days(7));
    }

    fn rewait(&mut self, waits: [u32; 3]) {
        if self.status != CaseStatus::Active {
            return;
        }
        self.stop_letter();
        for (step, wait) in self.ladder.steps.iter_mut().zip(waits) {
            step.wait_days = wait;
        }
        self.not_before = self.earliest();
        self.next_action_at = Some(self.earliest().max(self.now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn no_life_makes_a_step_skipped_doubled_early_or_sent_after_the_payment_was_known(deeds in deeds(), gap_days in 0u32..4) {
        let mut life = Life::new(gap_days);
        for deed in &deeds {
            life.deed(deed);
        }
        for (n, pair) in life.left.windows(2).enumerate() {
            prop_assert_eq!((pair[0].step, pair[1].step), (n, n + 1));
            let days = (calendar::local_date(ZONE, pair[1].at) - calendar::local_date(ZONE, pair[0].at)).num_days();
            prop_assert!(days >= i64::from(gap_days), "contacted after {days} days");
        }
        // Whatever happened, nothing is lost: once all is well again, the ladder goes on to its end.
        if matches!(life.status, CaseStatus::Active | CaseStatus::OnHold) {
            for deed in [Deed::Resume, Deed::Switch(true), Deed::Dispute(false), Deed::Pending(false), Deed::Work { hours: 24 * 150, every: 120 }] {
                life.deed(&deed);
            }
            prop_assert_eq!(life.left.len(), 3);
            prop_assert_eq!(life.status, CaseStatus::AwaitingHandover);
        }
    }
}
