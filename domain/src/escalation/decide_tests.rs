#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::policy::three_weekly_letters;
use proptest::prelude::*;

/// A Monday, 10:00 in Auckland.
fn monday() -> DateTime<Utc> {
    "2026-11-22T21:00:00Z".parse().unwrap()
}

struct World {
    ladder: Ladder,
    hours: ContactHours,
}

impl World {
    fn new() -> Self {
        Self { ladder: three_weekly_letters(), hours: ContactHours::default() }
    }

    /// A case whose first letter is due and which nothing holds back.
    fn due(&self) -> Facts<'_> {
        Facts {
            automatic_actions: true,
            status: CaseStatus::Active,
            next_step: 0,
            next_action_at: Some(monday()),
            outstanding_minor: 5_594,
            letter_under_way: false,
            exempt: false,
            disputed: false,
            not_due: false,
            payment_pending: false,
            bank_known: true,
            freshness: Freshness::default(),
            reachable: &[Channel::Email],
            ladder: &self.ladder,
            hours: &self.hours,
            zone: Tz::Pacific__Auckland,
        }
    }
}

#[test]
fn a_due_step_inside_the_window_is_issued() {
    let world = World::new();
    assert_eq!(decide(&world.due(), monday()), Decision::Issue { step: 0 });
    assert_eq!(decide(&Facts { next_step: 2, ..world.due() }, monday()), Decision::Issue { step: 2 });
}

#[test]
fn a_due_step_on_saturday_waits_for_monday() {
    let world = World::new();
    let saturday = "2026-11-20T21:00:00Z".parse().unwrap();
    let facts = Facts { next_action_at: Some(saturday), ..world.due() };
    let until = "2026-11-22T20:00:00Z".parse().unwrap();
    assert_eq!(decide(&facts, saturday), Decision::Wait { until, because: Some(RefusalCode::OutsideContactHours) });
}

#[test]
fn nothing_is_due_before_its_instant_with_the_switch_off_or_with_a_letter_under_way() {
    let world = World::new();
    let later = monday() + TimeDelta::hours(1);
    assert_eq!(decide(&Facts { next_action_at: Some(later), ..world.due() }, monday()), Decision::Wait { until: later, because: None });
    for resting in [
        Facts { automatic_actions: false, ..world.due() },
        Facts { letter_under_way: true, ..world.due() },
        Facts { outstanding_minor: 0, ..world.due() },
        Facts { next_action_at: None, ..world.due() },
        Facts { status: CaseStatus::OnHold, ..world.due() },
        Facts { status: CaseStatus::Proposed, ..world.due() },
        Facts { status: CaseStatus::Closed, ..world.due() },
    ] {
        assert_eq!(decide(&resting, monday()), Decision::Rest, "{resting:?}");
    }
}

#[test]
fn each_obstacle_holds_the_letter_until_the_next_opening_and_says_why() {
    let world = World::new();
    let stale = Freshness {
        last_synced_at: Some(monday() - TimeDelta::hours(25)),
        limit: Some(TimeDelta::hours(24)),
        unseen: false,
        askable: false,
    };
    let until = "2026-11-23T20:00:00Z".parse().unwrap();
    for (facts, because) in [
        (Facts { exempt: true, ..world.due() }, RefusalCode::DebtorExempt),
        (Facts { disputed: true, ..world.due() }, RefusalCode::InvoiceDisputed),
        (Facts { payment_pending: true, ..world.due() }, RefusalCode::PaymentPending),
        (Facts { bank_known: false, ..world.due() }, RefusalCode::BankDetailsMissing),
        (Facts { freshness: stale, ..world.due() }, RefusalCode::FactsStale),
        (Facts { reachable: &[], ..world.due() }, RefusalCode::DebtorIncomplete),
    ] {
        assert_eq!(decide(&facts, monday()), Decision::Wait { until, because: Some(because) });
    }
}

#[test]
fn facts_at_the_limit_are_fresh_and_a_system_never_synced_is_stale() {
    let limit = Some(TimeDelta::hours(24));
    let fresh = Freshness { last_synced_at: Some(monday() - TimeDelta::hours(24)), limit, unseen: false, askable: false };
    assert!(!fresh.stale(monday()));
    assert!(Freshness { last_synced_at: None, limit, unseen: false, askable: false }.stale(monday()));
    let unseen = Freshness { last_synced_at: Some(monday()), limit: None, unseen: true, askable: true };
    assert!(unseen.stale(monday()), "what a full pull did not tell of is asked for first");
    assert!(!Freshness { last_synced_at: None, limit: None, unseen: false, askable: false }.stale(monday()));
}

#[test]
fn after_the_last_step_the_ladder_is_exhausted_once_its_wait_is_over() {
    let mut world = World::new();
    assert_eq!(decide(&Facts { next_step: 3, ..world.due() }, monday()), Decision::Exhaust);
    world.ladder.handover_after_days = None;
    assert_eq!(decide(&Facts { next_step: 3, ..world.due() }, monday()), Decision::Rest);
}

proptest! {
    /// Whatever the hour: a letter is only issued inside a window, never before its instant, and a wait always lies
    /// ahead – otherwise the dispatcher would spin.
    #[test]
    fn letters_only_leave_inside_the_window_and_waits_lie_ahead(minutes in 0i64..1_000_000, early in -5_000i64..5_000, step in 0usize..4) {
        let world = World::new();
        let now = monday() + TimeDelta::minutes(minutes);
        let facts = Facts { next_step: step, next_action_at: Some(now + TimeDelta::minutes(early)), ..world.due() };
        match decide(&facts, now) {
            Decision::Issue { .. } => {
                prop_assert!(early <= 0);
                prop_assert_eq!(world.hours.next_open(facts.zone, now), Some(now));
            }
            Decision::Wait { until, .. } => prop_assert!(until > now),
            Decision::Exhaust => prop_assert!(early <= 0 && step == 3),
            Decision::Rest => prop_assert!(false, "an active case with a due instant never rests"),
        }
    }
}
