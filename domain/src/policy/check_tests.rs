#![allow(clippy::unwrap_used, reason = "tests")]
use entity::{Channel::*, LetterKind, StepAction};

use super::*;
use crate::policy::{presets, three_weekly_letters};

/// A ladder whose second step was changed.
fn with(change: impl FnOnce(&mut Step)) -> Ladder {
    let mut ladder = three_weekly_letters();
    change(&mut ladder.steps[1]);
    ladder
}

fn price(currency: &str, minor: i64) -> Price {
    Price { currency: currency.into(), minor }
}

#[test]
fn the_presets_pass_their_own_check_without_a_second_look() {
    for preset in presets() {
        assert_eq!(preset.ladder.check(), Ok(()), "{}", preset.key);
        assert_eq!(preset.ladder.warnings(), [], "{}", preset.key);
    }
}

#[test]
fn a_bad_step_is_refused_by_its_place() {
    use RefusalCode::{Invalid, LimitExceeded, OutOfRange, Required, TooLong};
    type Change = fn(&mut Step);
    let table: [(Change, RefusalCode, &str); 20] = [
        (|s| s.name = " ".into(), Invalid, "name"),
        (|s| s.name = "x".repeat(101), Invalid, "name"),
        (|s| s.wait_days = 366, OutOfRange, "waitDays"),
        (|s| s.pay_within_days = 0, OutOfRange, "payWithinDays"),
        (|s| s.channels.clear(), Required, "channels"),
        (|s| s.fallback = vec![Email], Invalid, "channels"),
        (|s| s.channels = vec![Sms, Sms], Invalid, "channels"),
        (|s| s.kind = LetterKind::ThankYou, Invalid, "kind"),
        (|s| s.kind = LetterKind::PartPayment, Invalid, "kind"),
        (|s| s.kind = LetterKind::Statement, Invalid, "kind"),
        (|s| s.kind = LetterKind::PreDueReminder, Required, "beforeDueDays"),
        (|s| s.before_due_days = Some(3), Invalid, "beforeDueDays"),
        (|s| s.action = StepAction::SendMessage, Invalid, "channels"),
        (|s| s.action = StepAction::OfferHandover, Invalid, "action"),
        (|s| s.note = Some("x".repeat(501)), TooLong, "note"),
        (|s| s.note = Some("a\u{7}".into()), Invalid, "note"),
        (|s| s.fee = vec![price("NZD", -1)], OutOfRange, "fee"),
        (|s| s.fee = vec![price("NZD", 1), price("NZD", 2)], Invalid, "fee"),
        (|s| s.minimum = vec![price("XQQ", 1)], Invalid, "minimum"),
        (|s| s.minimum = vec![price("NZD", 1); 21], LimitExceeded, "minimum"),
    ];
    for (index, (change, code, field)) in table.into_iter().enumerate() {
        let refusal = with(change).check().unwrap_err();
        assert_eq!((refusal.code, refusal.field.join(".")), (code, format!("steps.1.{field}")), "row {index}");
    }
}

#[test]
fn tasks_need_no_channel_and_a_message_no_page() {
    let task = with(|s| (s.action, s.channels, s.fallback) = (StepAction::CallTask, vec![], vec![]));
    assert_eq!(task.check(), Ok(()));
    let message = with(|s| (s.action, s.channels, s.fallback) = (StepAction::SendMessage, vec![Sms], vec![Email]));
    assert_eq!(message.check(), Ok(()));
    let fee = with(|s| (s.action, s.fee) = (StepAction::CallTask, vec![price("NZD", 100)]));
    assert_eq!(fee.check().unwrap_err().field.join("."), "steps.1.fee");
}

#[test]
fn the_hand_over_is_offered_once_and_last() {
    let mut ladder = three_weekly_letters();
    ladder.steps[2].action = StepAction::OfferHandover;
    assert_eq!(ladder.check().unwrap_err().field, ["handoverAfterDays"], "it would be offered twice");
    ladder.handover_after_days = None;
    assert_eq!(ladder.check(), Ok(()));
}

#[test]
fn a_reminder_ahead_of_time_is_the_first_step_and_demands_nothing() {
    let ahead = |kind, days| {
        let mut ladder = three_weekly_letters();
        (ladder.steps[0].kind, ladder.steps[0].before_due_days) = (kind, Some(days));
        ladder.check().map_err(|refusal| (refusal.code, refusal.field.join(".")))
    };
    assert_eq!(ahead(LetterKind::PreDueReminder, 3), Ok(()));
    assert_eq!(ahead(LetterKind::PreDueReminder, 61), Err((RefusalCode::OutOfRange, "steps.0.beforeDueDays".into())));
    assert_eq!(ahead(LetterKind::LetterOfDemand, 3), Err((RefusalCode::Invalid, "steps.0.kind".into())));
}

#[test]
fn a_ladder_has_one_to_twenty_steps() {
    let mut ladder = three_weekly_letters();
    ladder.steps = vec![ladder.steps[0].clone(); 21];
    assert_eq!(ladder.check().unwrap_err().code, RefusalCode::LimitExceeded);
    ladder.steps.clear();
    assert_eq!(ladder.check().unwrap_err().code, RefusalCode::Required);
}

#[test]
fn what_is_allowed_and_odd_is_pointed_out() {
    let fields = |ladder: Ladder| ladder.warnings().into_iter().map(|w| w.field.join(".")).collect::<Vec<_>>();
    assert_eq!(fields(with(|s| s.wait_days = 6)), ["steps.1.waitDays"]);
    assert_eq!(fields(with(|s| s.kind = LetterKind::FinalDemand)), ["steps.2.kind"]);
    assert_eq!(fields(with(|s| (s.channels, s.fallback) = (vec![Sms], vec![]))), ["steps.1.channels"]);
}
