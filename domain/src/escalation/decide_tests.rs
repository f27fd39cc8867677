#![allow(clippy::unwrap_used, reason = "tests")]
use super::super::gates;
use super::*;
use crate::{online_page::GRACE, policy::three_weekly_letters};
use proptest::prelude::*;

/// A Monday, 10:00 in Auckland.
fn monday() -> DateTime<Utc> {
    "2026-11-22T21:00:00Z".parse().unwrap()
}

fn openings() -> Openings {
    let place = calendar::Place::of(Some("NZ"), None, "NZ", Tz::Pacific__Auckland);
    Openings::new(calendar::ContactHours::default(), place, true)
}

struct World {
    ladder: Ladder,
    openings: Openings,
    rules: Rules,
}

impl World {
    fn new() -> Self {
        Self { ladder: three_weekly_letters(), openings: openings(), rules: Rules::default() }
    }

    /// A case whose first letter is due and which nothing holds back.
    fn due(&self) -> Facts<'_> {
        Facts {
            automatic_actions: true,
            status: CaseStatus::Active,
            next_step: 0,
            next_action_at: Some(monday()),
            currency: "NZD",
            outstanding_minor: 5_594,
            letter_under_way: false,
            letter_failed: false,
            task_open: false,
            exempt: false,
            disputed: false,
            not_due: false,
            ahead: false,
            first_due_on: None,
            payment_pending: false,
            bank_known: true,
            freshness: Freshness::default(),
            reachable: &[Channel::Email],
            missing: &[],
            notice_sent_at: None,
            limitation: None,
            page: Question::Settled,
            contacts: &[],
            letter: None,
            ladder: &self.ladder,
            rules: &self.rules,
            openings: &self.openings,
            zone: Tz::Pacific__Auckland,
            today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
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
fn a_case_behind_its_ladder_is_offered_again_or_rests() {
    let mut world = World::new();
    let behind = |world: &World| decide(&Facts { next_step: world.ladder.steps.len(), ..world.due() }, monday());
    assert_eq!(behind(&world), Decision::Exhaust, "days after the last letter");
    world.ladder.handover_after_days = None;
    assert_eq!(behind(&world), Decision::Rest);
    world.ladder.steps[2].action = StepAction::OfferHandover;
    assert_eq!(behind(&world), Decision::Exhaust, "the offer was its last step: a payment that closed the case went away");
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
fn a_letter_waits_for_its_invoices_page_last_of_all_and_never_beyond_the_hours_of_contact() {
    let world = World::new();
    let wait = |until| Decision::Wait { until, because: None };
    let (now, until) = (monday(), monday() + GRACE);
    let unasked = Facts { page: Question::Unasked, ..world.due() };
    assert_eq!((decide(&unasked, now), letter_due(&unasked, now)), (wait(until), Some(0)));
    let asked = Facts { page: Question::Asked(now), next_action_at: Some(until), ..world.due() };
    assert_eq!((decide(&asked, now), letter_due(&asked, now)), (wait(until), None), "it is not asked again");
    assert_eq!(decide(&asked, until), Decision::Issue { step: 0 });
    // What else holds it back is told first, and nothing is asked meanwhile.
    let disputed = Facts { disputed: true, ..unasked.clone() };
    assert!(matches!(decide(&disputed, now), Decision::Wait { because: Some(RefusalCode::InvoiceDisputed), .. }));
    assert_eq!(letter_due(&disputed, now), None);
    // Contact ends at five.
    let (late, later) = (now + TimeDelta::hours(7) - GRACE - TimeDelta::seconds(1), now + TimeDelta::hours(7) - GRACE);
    assert_eq!((decide(&unasked, late), decide(&unasked, later)), (wait(late + GRACE), Decision::Issue { step: 0 }));
    // Only letters name it.
    assert_eq!(decide(&Facts { page: Question::Unasked, next_step: 3, ..world.due() }, now), Decision::Exhaust);
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

#[test]
fn below_its_minimum_a_step_is_passed_over_and_only_when_it_is_due() {
    let mut world = World::new();
    let price = |currency: &str, minor| crate::policy::Price { currency: currency.into(), minor };
    world.ladder.steps[0].minimum = vec![price("NZD", 5_595), price("EUR", 1)];
    assert_eq!(decide(&world.due(), monday()), Decision::Pass { step: 0 });
    let early = monday() - TimeDelta::hours(1);
    assert_eq!(decide(&world.due(), early), Decision::Wait { until: monday(), because: None });
    world.ladder.steps[0].minimum = vec![price("NZD", 5_594), price("EUR", 9_999)];
    assert_eq!(decide(&world.due(), monday()), Decision::Issue { step: 0 });
}

#[test]
fn tasks_are_asked_for_and_the_hand_over_may_be_a_step() {
    let mut world = World::new();
    for action in [StepAction::CallTask, StepAction::ManualTask] {
        world.ladder.steps[0].action = action;
        let facts = world.due();
        assert_eq!(decide(&Facts { reachable: &[], bank_known: false, ..facts.clone() }, monday()), Decision::Ask { step: 0 });
        assert_eq!(decide(&Facts { task_open: true, ..facts.clone() }, monday()), Decision::Rest);
        let disputed = decide(&Facts { disputed: true, ..facts }, monday());
        assert!(matches!(disputed, Decision::Wait { because: Some(RefusalCode::InvoiceDisputed), .. }));
    }
    world.ladder.steps[0].action = StepAction::OfferHandover;
    assert_eq!(decide(&world.due(), monday()), Decision::Exhaust);
}

#[test]
fn nothing_follows_a_collection_notice_before_its_days_are_over_not_even_the_end_of_the_ladder() {
    let mut world = World::new();
    world.rules = Rules { notice_days: Some(14), notice_months: Some(6), ..Rules::default() };
    // Sent on Monday the 9th: the 23rd is the last of fourteen days, the 24th the first day after.
    let sent = Some(monday() - TimeDelta::days(14));
    let over: DateTime<Utc> = "2026-11-23T11:00:00Z".parse().unwrap();
    let waits = Decision::Wait { until: over, because: Some(RefusalCode::NoticePeriod) };
    for step in [1, 3] {
        let facts = Facts { notice_sent_at: sent, next_step: step, ..world.due() };
        assert_eq!(decide(&facts, monday()), waits, "step {step}");
        assert_eq!(decide(&facts, over - TimeDelta::seconds(1)), waits, "step {step}");
    }
    let facts = Facts { notice_sent_at: sent, next_step: 3, ..world.due() };
    assert_eq!(decide(&facts, over), Decision::Exhaust);
    let handed = |at| gates::first_closed(Door::HandOver, &facts, at).map(|closed| closed.code);
    assert_eq!(handed(monday()), Some(Some(RefusalCode::NoticePeriod)));
    assert_eq!(handed(over), None);
    // Six months after the 9th of November.
    assert_eq!(handed("2027-05-09T08:00:00Z".parse().unwrap()), None);
    assert_eq!(handed("2027-05-10T08:00:00Z".parse().unwrap()), Some(Some(RefusalCode::NoticeOutdated)));
}

#[test]
fn a_collection_notice_needs_a_channel_that_carries_it() {
    let mut world = World::new();
    world.rules.notice_channels = vec![Channel::Email, Channel::Post];
    let by_sms = |world: &World| decide(&Facts { reachable: &[Channel::Sms], ..world.due() }, monday());
    assert_eq!(by_sms(&world), Decision::Issue { step: 0 }, "a letter of demand may go by short message");
    world.ladder.steps[0].kind = entity::LetterKind::CollectionNotice;
    assert!(matches!(by_sms(&world), Decision::Wait { because: Some(RefusalCode::ChannelUnavailable), .. }));
    let both = Facts { reachable: &[Channel::Sms, Channel::Email], ..world.due() };
    assert_eq!(decide(&both, monday()), Decision::Issue { step: 0 });
}

#[test]
fn a_time_barred_claim_is_not_chased_and_its_last_day_still_is() {
    let world = World::new();
    let today = world.due().today;
    assert_eq!(decide(&Facts { limitation: Some(today), ..world.due() }, monday()), Decision::Issue { step: 0 });
    for step in [0, 3] {
        let facts = Facts { limitation: today.pred_opt(), next_step: step, ..world.due() };
        assert!(matches!(decide(&facts, monday()), Decision::Wait { because: Some(RefusalCode::TimeBarred), .. }), "step {step}");
    }
}

#[test]
fn what_the_law_wants_and_nobody_knows_holds_the_letter() {
    let world = World::new();
    let facts = Facts { missing: &["supervisory authority"], ..world.due() };
    assert!(matches!(decide(&facts, monday()), Decision::Wait { because: Some(RefusalCode::LegalDetailsMissing), .. }));
}

#[test]
fn a_debtor_is_not_contacted_more_often_than_allowed_over_all_its_cases() {
    let mut world = World::new();
    world.rules.caps = crate::escalation::Caps { gap_days: 2, per_week: None, per_month: None };
    let letter = entity::LetterId(uuid::Uuid::from_u128(7));
    let other = Contact { means: Means::Letter(letter), at: monday() - TimeDelta::days(1), planned: false };
    let contacts = [other];
    let facts = Facts { contacts: &contacts, ..world.due() };
    let until = "2026-11-23T20:00:00Z".parse().unwrap();
    assert_eq!(decide(&facts, monday()), Decision::Wait { until, because: Some(RefusalCode::ContactLimitReached) });
    assert_eq!(decide(&facts, until), Decision::Issue { step: 0 });
    // The other channels of the same letter on the same day are the same contact; a planned one holds back only what is
    // not issued yet.
    let today = [Contact { at: monday(), ..other }];
    let leaving = Facts { contacts: &today, letter: Some(letter), ..world.due() };
    assert_eq!(gates::first_closed(Door::Leave, &leaving, monday()), None);
    let planned = [Contact { at: monday(), planned: true, ..other }];
    let own = Some(entity::LetterId(uuid::Uuid::from_u128(8)));
    assert_eq!(gates::first_closed(Door::Leave, &Facts { contacts: &planned, letter: own, ..world.due() }, monday()), None);
    let issuing = Facts { contacts: &planned, ..world.due() };
    assert!(matches!(decide(&issuing, monday()), Decision::Wait { because: Some(RefusalCode::ContactLimitReached), .. }));
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
                prop_assert_eq!(world.openings.next_open(now), Some(now));
            }
            Decision::Wait { until, .. } => prop_assert!(until > now),
            Decision::Exhaust => prop_assert!(early <= 0 && step == 3),
            Decision::Ask { .. } | Decision::Pass { .. } => prop_assert!(false, "no step is a task or has a minimum"),
            Decision::Rest => prop_assert!(false, "an active case with a due instant never rests"),
        }
    }
}
