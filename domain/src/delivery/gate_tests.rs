#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::{
    calendar::{ContactHours, Openings, Place},
    escalation::{Caps, Contact, Freshness, Means, Rules},
    law,
    online_page::Question,
    policy::{Ladder, three_weekly_letters},
};
use chrono::TimeDelta;
use chrono_tz::Tz;

/// A Monday, 10:00 in Auckland.
fn monday() -> DateTime<Utc> {
    "2026-11-22T21:00:00Z".parse().unwrap()
}

fn day(of_november: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, of_november).unwrap()
}

fn openings() -> Openings {
    Openings::new(ContactHours::default(), Place::of(Some("NZ"), None, "NZ", Tz::Pacific__Auckland), true)
}

static NO_RULES: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(Rules::default);

fn demand<'a>(ladder: &'a Ladder, openings: &'a Openings) -> GateFacts<'a> {
    GateFacts {
        case: Facts {
            automatic_actions: true,
            status: CaseStatus::Active,
            next_step: 0,
            next_action_at: None,
            currency: "NZD",
            outstanding_minor: 100,
            letter_under_way: true,
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
            reachable: &[],
            missing: &[],
            notice_sent_at: None,
            limitation: None,
            page: Question::Settled,
            contacts: &[],
            letter: None,
            ladder,
            rules: &NO_RULES,
            openings,
            zone: Tz::Pacific__Auckland,
            today: day(23),
        },
        close_reason: None,
        delivery: DeliveryStatus::Scheduled,
        channel: Channel::Email,
        notice_to_come: false,
        notice_left: false,
        kind: LetterKind::LetterOfDemand,
        consent_expires_at: None,
        next_attempt_at: Some(monday()),
        letter: LetterStatus::Scheduled,
        stated_minor: 100,
        owed_minor: 100,
        dated_on: day(23),
        pay_by: day(30),
    }
}

#[test]
fn a_letter_that_still_tells_the_truth_leaves() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    assert_eq!(gate(&demand(&ladder, &openings), monday()), Verdict::Leave);
}

#[test]
fn a_letter_whose_facts_changed_is_cancelled() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let base = demand(&ladder, &openings);
    let with = |change: &dyn Fn(&mut GateFacts<'_>)| {
        let mut facts = base.clone();
        change(&mut facts);
        gate(&facts, monday())
    };
    assert_eq!(with(&|f| f.owed_minor = 0), Verdict::Cancel("CLAIM_CHANGED"));
    assert_eq!(with(&|f| f.owed_minor = 99), Verdict::Cancel("CLAIM_CHANGED"));
    assert_eq!(with(&|f| f.dated_on = day(17)), Verdict::Leave);
    assert_eq!(with(&|f| f.dated_on = day(16)), Verdict::Cancel("LETTER_OUTDATED"));
    assert_eq!(with(&|f| f.pay_by = day(24)), Verdict::Leave);
    assert_eq!(with(&|f| f.pay_by = day(23)), Verdict::Cancel("LETTER_OUTDATED"));
    assert_eq!(with(&|f| f.case.status = CaseStatus::Closed), Verdict::Cancel("CASE_NOT_ACTIVE"));
    assert_eq!(with(&|f| f.case.status = CaseStatus::OnHold), Verdict::Cancel("CASE_NOT_ACTIVE"));
    assert_eq!(with(&|f| f.case.exempt = true), Verdict::Cancel("DEBTOR_EXEMPT"));
    assert_eq!(with(&|f| f.case.disputed = true), Verdict::Cancel("INVOICE_DISPUTED"));
    assert_eq!(with(&|f| f.case.payment_pending = true), Verdict::Cancel("PAYMENT_PENDING"));
}

#[test]
fn nothing_leaves_twice_early_without_consent_or_with_the_switch_off() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let base = demand(&ladder, &openings);
    let with = |change: &dyn Fn(&mut GateFacts<'_>)| {
        let mut facts = base.clone();
        change(&mut facts);
        gate(&facts, monday())
    };
    for status in [
        DeliveryStatus::Sending,
        DeliveryStatus::Sent,
        DeliveryStatus::ReadyToPost,
        DeliveryStatus::Failed,
        DeliveryStatus::Cancelled,
        DeliveryStatus::Unknown,
    ] {
        assert_eq!(with(&|f| f.delivery = status), Verdict::Stay, "{status:?}");
    }
    for status in [LetterStatus::AwaitingConsent, LetterStatus::Cancelled, LetterStatus::Failed] {
        assert_eq!(with(&|f| f.letter = status), Verdict::Stay, "{status:?}");
    }
    assert_eq!(with(&|f| f.next_attempt_at = Some(monday() + TimeDelta::seconds(1))), Verdict::Stay);
    assert_eq!(with(&|f| f.next_attempt_at = None), Verdict::Stay);
    assert_eq!(with(&|f| f.case.automatic_actions = false), Verdict::Stay);
}

#[test]
fn outside_the_window_or_on_stale_facts_it_waits() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let mut facts = demand(&ladder, &openings);
    let night = "2026-11-23T10:00:00Z".parse().unwrap();
    let morning = "2026-11-23T20:00:00Z".parse().unwrap();
    assert_eq!(gate(&facts, night), Verdict::Later(morning, RefusalCode::OutsideContactHours));
    facts.case.freshness = Freshness { last_synced_at: None, limit: Some(TimeDelta::hours(24)), unseen: false, askable: false };
    assert_eq!(gate(&facts, monday()), Verdict::Later(morning, RefusalCode::FactsStale));
}

#[test]
fn thanks_leave_only_while_the_case_is_closed_as_paid() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let mut facts = demand(&ladder, &openings);
    facts.kind = LetterKind::ThankYou;
    facts.stated_minor = 0;
    assert_eq!(gate(&facts, monday()), Verdict::Cancel("CASE_REOPENED"));
    facts.case.status = CaseStatus::Closed;
    facts.close_reason = Some(CloseReason::WrittenOff);
    assert_eq!(gate(&facts, monday()), Verdict::Cancel("CASE_REOPENED"));
    facts.close_reason = Some(CloseReason::Paid);
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
}

/// A change of the case's facts.
type OfCase = fn(&mut Facts<'_>);

#[test]
fn an_acknowledgement_is_held_by_no_limit_of_contact_and_cancelled_by_what_makes_a_demand_untrue() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let caps = Caps { gap_days: 7, per_week: None, per_month: None };
    let rules = Rules { caps, notice_days: Some(14), ..Rules::default() };
    let yesterday =
        [Contact { means: Means::Letter(entity::LetterId(uuid::Uuid::nil())), at: monday() - TimeDelta::days(1), planned: false }];
    let mut facts = demand(&ladder, &openings);
    facts.case.rules = &rules;
    facts.case.contacts = &yesterday;
    facts.case.notice_sent_at = Some(monday() - TimeDelta::days(2));
    assert!(matches!(gate(&facts, monday()), Verdict::Later(..)), "a demand waits");
    facts.kind = LetterKind::PartPayment;
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
    let changes: [(OfCase, &str); 4] = [
        (|f| f.disputed = true, "INVOICE_DISPUTED"),
        (|f| f.exempt = true, "DEBTOR_EXEMPT"),
        (|f| f.payment_pending = true, "PAYMENT_PENDING"),
        (|f| f.status = CaseStatus::OnHold, "CASE_NOT_ACTIVE"),
    ];
    for (change, because) in changes {
        let mut facts = facts.clone();
        change(&mut facts.case);
        assert_eq!(gate(&facts, monday()), Verdict::Cancel(because));
    }
}

#[test]
fn a_statement_leaves_also_on_hold_and_from_a_dispute_but_never_with_another_sum_or_on_stale_facts() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let mut facts = demand(&ladder, &openings);
    facts.kind = LetterKind::Statement;
    facts.pay_by = facts.dated_on;
    facts.case.status = CaseStatus::OnHold;
    facts.case.disputed = true;
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
    let stale = Freshness { last_synced_at: None, limit: Some(TimeDelta::hours(24)), unseen: false, askable: false };
    let waits = GateFacts { case: Facts { freshness: stale, ..facts.case.clone() }, ..facts.clone() };
    assert!(matches!(gate(&waits, monday()), Verdict::Later(_, RefusalCode::FactsStale)));
    assert_eq!(gate(&GateFacts { owed_minor: 99, ..facts.clone() }, monday()), Verdict::Cancel("CLAIM_CHANGED"));
    facts.case.status = CaseStatus::HandedOver;
    assert_eq!(gate(&facts, monday()), Verdict::Cancel("CASE_NOT_ACTIVE"));
}

#[test]
fn the_short_message_beside_a_collection_notice_follows_the_notice_and_never_goes_alone() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let rules = Rules { notice_channels: vec![Channel::Email, Channel::Post], ..Rules::default() };
    let mut facts = demand(&ladder, &openings);
    facts.case.rules = &rules;
    facts.channel = Channel::Sms;
    assert_eq!(gate(&facts, monday()), Verdict::Leave, "another letter's short message is free");
    facts.kind = LetterKind::CollectionNotice;
    facts.notice_to_come = true;
    assert_eq!(gate(&facts, monday()), Verdict::Later(monday() + FRESH_FACTS_TAKE, RefusalCode::ChannelUnavailable));
    facts.notice_to_come = false;
    assert_eq!(gate(&facts, monday()), Verdict::Fail("NOTICE_NEEDS_ANOTHER_CHANNEL"));
    facts.letter = LetterStatus::Sent;
    assert_eq!(gate(&facts, monday()), Verdict::Fail("NOTICE_NEEDS_ANOTHER_CHANNEL"), "the notice left, and came back");
    facts.notice_left = true;
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
}

#[test]
fn a_letter_whose_yes_is_over_is_cancelled_unless_it_partly_left() {
    let (ladder, openings) = (three_weekly_letters(), openings());
    let mut facts = demand(&ladder, &openings);
    facts.consent_expires_at = Some(monday() + TimeDelta::seconds(1));
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
    facts.consent_expires_at = Some(monday());
    assert_eq!(gate(&facts, monday()), Verdict::Cancel("CONSENT_EXPIRED"));
    facts.letter = LetterStatus::Sent;
    assert_eq!(gate(&facts, monday()), Verdict::Leave);
}

#[test]
fn a_letter_written_the_evening_before_any_run_of_closed_days_still_leaves() {
    let first = NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
    let mut longest = TimeDelta::zero();
    for pack in law::packs() {
        for region in law::regions(&pack.country).map(|(code, _)| Some(code)).chain([None]) {
            let place = Place::of(Some(&pack.country), region, &pack.country, Tz::UTC);
            let openings = Openings::new(ContactHours::default(), place, true);
            let open: Vec<NaiveDate> = first.iter_days().take(4_370).filter(|day| openings.closed_because(*day).is_none()).collect();
            longest = open.windows(2).map(|days| days[1] - days[0]).fold(longest, Ord::max);
        }
    }
    assert_eq!(longest, MAX_LETTER_AGE);
}
