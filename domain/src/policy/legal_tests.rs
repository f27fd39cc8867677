#![allow(clippy::unwrap_used, reason = "tests")]
use entity::{
    Channel::{Email, Post, Sms},
    LetterKind, StepAction,
};

use super::*;
use crate::policy::{notice_first, presets, three_weekly_letters};

fn under(country: &'static str, today: &str) -> Under<'static> {
    Under { countries: vec![country], debtor_kind: None, today: today.parse().unwrap() }
}

/// What a changed Norwegian ladder is refused for.
fn refused(change: impl FnOnce(&mut Ladder)) -> Option<(RefusalCode, String)> {
    let mut ladder = notice_first();
    change(&mut ladder);
    assert_eq!(ladder.check(), Ok(()), "sound in itself");
    check(&ladder, &under("NO", "2026-11-22")).err().map(|refusal| {
        assert!(refusal.message.contains("NO-20") && refusal.message.contains("https://"), "names the rule: {}", refusal.message);
        (refusal.code, refusal.field.join("."))
    })
}

#[test]
fn each_countrys_preset_keeps_its_rules() {
    for preset in presets() {
        for country in &preset.countries {
            let held = check(&preset.ladder, &Under { countries: vec![country], ..under("NO", "2026-11-22") });
            assert_eq!(held, Ok(vec![]), "{} in {country}", preset.key);
        }
    }
}

#[test]
fn the_norwegian_notice_is_a_letter_with_its_days_and_never_an_sms_alone() {
    use RefusalCode::{ChannelUnavailable, NoticePeriod};
    let place = |text: &str| text.to_owned();
    assert_eq!(refused(|_| ()), None);
    assert_eq!(refused(|l| l.steps[0].channels = vec![Email, Sms]), None, "an SMS may tell of it");
    assert_eq!(refused(|l| l.steps[0].channels = vec![Sms]), Some((ChannelUnavailable, place("steps.0.channels"))));
    assert_eq!(refused(|l| l.steps[0].fallback = vec![Sms, Post]), Some((ChannelUnavailable, place("steps.0.fallback"))));
    let message = |l: &mut Ladder| (l.steps[0].action, l.steps[0].fallback) = (StepAction::SendMessage, vec![]);
    assert_eq!(refused(message), Some((ChannelUnavailable, place("steps.0.action"))));
    assert_eq!(refused(|l| l.steps[0].pay_within_days = 13), Some((NoticePeriod, place("steps.0.payWithinDays"))));
    assert_eq!(refused(|l| l.handover_after_days = Some(14)), Some((NoticePeriod, place("handoverAfterDays"))));
    let followed = |wait| {
        move |l: &mut Ladder| {
            let next = Step { kind: LetterKind::FinalDemand, wait_days: wait, ..l.steps[0].clone() };
            l.steps.push(next);
        }
    };
    assert_eq!(refused(followed(13)), Some((NoticePeriod, place("steps.1.waitDays"))));
    assert_eq!(refused(followed(14)), None);
}

#[test]
fn a_ladder_that_hands_over_without_the_notice_is_pointed_out() {
    let warnings = check(&three_weekly_letters(), &under("NO", "2026-11-22")).unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.contains("Inkassovarsel"), "{warnings:?}");
}

/// A Norwegian ladder of three reminders with fees.
fn with_fees(minor: &[i64], days: u32) -> Ladder {
    let mut ladder = three_weekly_letters();
    ladder.handover_after_days = None;
    for (step, minor) in ladder.steps.iter_mut().zip(minor) {
        step.kind = LetterKind::Reminder;
        step.pay_within_days = days;
        step.fee = vec![Price { currency: "NOK".into(), minor: *minor }];
    }
    ladder
}

#[test]
fn a_fee_stays_within_the_countrys_limit_or_is_refused_with_it() {
    let fee = |minor: &[i64], days, today| {
        check(&with_fees(minor, days), &under("NO", today)).map_err(|r| (r.code, r.field.join("."), r.message))
    };
    assert_eq!(fee(&[3_500, 3_500], 14, "2025-12-31"), Ok(vec![]));
    let (code, field, message) = fee(&[3_501], 14, "2025-12-31").unwrap_err();
    assert_eq!((code, field.as_str()), (RefusalCode::FeeNotAllowed, "steps.0.fee"));
    assert!(message.contains("35.00 NOK") && message.contains("altinn.no"), "{message}");
    assert_eq!(fee(&[3_500, 3_500, 3_500], 14, "2025-12-31").unwrap_err().1, "steps.2.fee", "two letters at most");
    assert_eq!(fee(&[3_500], 13, "2025-12-31").unwrap_err().1, "steps.0.payWithinDays");
    let (code, _, message) = fee(&[1], 14, "2026-11-22").unwrap_err();
    assert_eq!(code, RefusalCode::FeeNotAllowed, "no figure of 2026 is confirmed");
    assert!(message.contains("2026-11-22"), "{message}");
}

#[test]
fn a_fee_in_another_currency_is_refused_and_one_without_a_rule_is_pointed_out() {
    let mut ladder = with_fees(&[100], 14);
    ladder.steps[0].fee[0].currency = "EUR".into();
    assert_eq!(check(&ladder, &under("NO", "2025-12-31")).unwrap_err().code, RefusalCode::FeeNotAllowed);
    let warnings = check(&ladder, &under("DE", "2025-12-31")).unwrap();
    assert_eq!(warnings.iter().map(|w| w.field.join(".")).collect::<Vec<_>>(), ["steps.0.fee"]);
}

#[test]
fn a_country_without_rules_is_said_to_have_none() {
    let warnings = check(&three_weekly_letters(), &under("US", "2026-11-22")).unwrap();
    assert_eq!(warnings.iter().map(|w| w.field.join(".")).collect::<Vec<_>>(), ["country"]);
}

#[test]
fn a_letter_that_announces_collection_needs_a_hand_over_where_a_false_threat_is_forbidden() {
    let said = |handover: Option<u32>, country| {
        let mut ladder = three_weekly_letters();
        ladder.steps[2].kind = LetterKind::CollectionNotice;
        (ladder.steps[2].pay_within_days, ladder.handover_after_days) = (14, handover);
        check(&ladder, &under(country, "2026-11-22")).map(drop).map_err(|refusal| (refusal.code, refusal.field.join(".")))
    };
    assert_eq!(said(Some(15), "NZ"), Ok(()));
    assert_eq!(said(None, "NZ"), Err((RefusalCode::Invalid, "steps.2.kind".to_owned())));
    assert_eq!(said(None, "AU"), Ok(()), "no such rule is on file there");
    let mut offered = three_weekly_letters();
    (offered.steps[1].kind, offered.steps[2].action, offered.handover_after_days) =
        (LetterKind::CollectionNotice, StepAction::OfferHandover, None);
    assert_eq!(check(&offered, &under("NZ", "2026-11-22")).map(drop), Ok(()), "offered by the last step");
}
