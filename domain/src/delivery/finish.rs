//! Finishing a hand-over: the channel's answer becomes the row's state, the letter's, and the case's next step.

use chrono::TimeDelta;
use entity::{Channel, DeliveryStatus, LetterStatus, collection_case, delivery, letter};

use super::{
    attempt, fallback,
    hold::{Held, Of, hold},
    retry,
    suppress::{self, Lesson},
};
use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::{Refusal, Result},
    event::{Happened, kind},
    letter::{cancel_with_deliveries, follow, let_go_alone, step_ran},
    port::{Receipt, Reconciled, SendError},
};

/// Wait while our credentials are refused: a person has to act.
const UNAUTHORISED_WAIT: TimeDelta = TimeDelta::hours(1);

/// How a hand-over ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel answered.
    Answered(Result<Receipt, SendError>),
    /// The channel was asked afterwards what became of it.
    Reconciled(Reconciled),
    /// It never came to a hand-over: the letter cannot be drawn.
    Undrawable(Refusal),
}

/// Finishes the hand-over of a delivery, seen as it began. The answer to one that was taken for dead meanwhile, and was
/// repeated or decided on, is not the answer to what came after it: only that the channel took the letter counts, however
/// late, so that it does not leave once more.
///
/// # Errors
///
/// When the database refuses.
pub async fn finish(env: &Env, seen: &delivery::Model, outcome: Outcome) -> Result<()> {
    let Some(Held { mut change, mut row, mut of }) = hold(env, Actor::System, seen).await? else { return Ok(()) };
    let untouched = matches!(outcome, Outcome::Undrawable(_));
    let expected = if untouched { DeliveryStatus::Scheduled } else { DeliveryStatus::Sending };
    let own = row.status == expected && (untouched || row.sending_since == seen.sending_since);
    if !own && !taken_late(&row, &outcome) {
        return Ok(());
    }
    let called = attempt::called(&outcome);
    let rejected = matches!(outcome, Outcome::Answered(Err(SendError::Rejected { .. })));
    let event = apply(&mut row, outcome, &change);
    row.sending_since = None;
    if let Some(called) = called {
        attempt::ended(&change, &row, called).await?;
    }
    super::save(&change, &mut row).await?;
    let happened = Happened::new(event).case(&of.case).subject(row.id.0).with("channel", serde_json::to_value(row.channel)?);
    change.record(happened.with("code", row.error_code.clone()).with("attempt", row.attempts));
    if rejected {
        learn(&mut change, &row).await?;
    }
    roll_up(&mut change, &mut of, &row).await?;
    change.commit().await
}

/// Whether the channel took a letter whose hand-over was given up, or repeated, before it answered.
const fn taken_late(row: &delivery::Model, outcome: &Outcome) -> bool {
    use DeliveryStatus::{Failed, Scheduled, Sending, Unknown};
    matches!(outcome, Outcome::Answered(Ok(_))) && matches!(row.status, Scheduled | Sending | Unknown | Failed)
}

/// Remembers an address that the provider says is of no use.
async fn learn(change: &mut Change<'_>, row: &delivery::Model) -> Result<()> {
    let reason = row.error_code.as_deref().and_then(|code| suppress::blames_address(row.channel, code));
    let Some(reason) = reason else { return Ok(()) };
    let lesson = Lesson {
        channel: row.channel,
        address: &row.recipient,
        reason,
        detail: row.error_message.as_deref(),
        debtor: row.debtor_id,
        delivery: Some(row.id),
    };
    suppress::suppress(change, &lesson).await
}

/// Writes the outcome into the row and names the event.
fn apply(row: &mut delivery::Model, outcome: Outcome, change: &Change<'_>) -> &'static str {
    let accepted = |row: &mut delivery::Model, receipt: Receipt| {
        row.provider_id = receipt.provider_id;
        row.receipt = receipt.proof;
        row.error_code = None;
        row.error_message = None;
        row.next_attempt_at = None;
        if row.channel == Channel::Post && !receipt.posts_itself {
            row.status = DeliveryStatus::ReadyToPost;
        } else {
            row.status = DeliveryStatus::Sent;
            row.sent_at = Some(change.now);
        }
        kind::DELIVERY_SENT
    };
    match outcome {
        Outcome::Answered(Ok(receipt)) | Outcome::Reconciled(Reconciled::Sent(receipt)) => accepted(row, receipt),
        Outcome::Answered(Err(SendError::Transient { message, retry_after })) => {
            note(row, "TRANSIENT", &message);
            let wait = retry::wait(row.attempts, retry_after, change.env.entropy.as_ref());
            again(row, change.now + wait)
        }
        Outcome::Answered(Err(SendError::Unauthorised { message })) => {
            note(row, "UNAUTHORISED", &message);
            row.attempts -= 1;
            again(row, change.now + UNAUTHORISED_WAIT)
        }
        Outcome::Answered(Err(SendError::Rejected { code, message })) => {
            note(row, &code, &message);
            fail(row)
        }
        Outcome::Undrawable(refusal) => {
            note(row, refusal.code.as_str(), &refusal.message);
            fail(row)
        }
        Outcome::Answered(Err(SendError::Unknown { message })) => {
            note(row, "UNKNOWN", &message);
            unknown(row)
        }
        Outcome::Reconciled(Reconciled::Unknown) => {
            note(row, "UNKNOWN", "the hand-over was cut off and the provider cannot tell whether it took place");
            unknown(row)
        }
        Outcome::Reconciled(Reconciled::SafeToRepeat) => again(row, change.now),
    }
}

fn note(row: &mut delivery::Model, code: &str, message: &str) {
    row.error_code = Some(code.chars().take(64).collect());
    row.error_message = Some(message.chars().filter(|c| !c.is_control()).take(500).collect());
}

fn again(row: &mut delivery::Model, at: chrono::DateTime<chrono::Utc>) -> &'static str {
    if row.attempts >= retry::MAX_ATTEMPTS {
        return fail(row);
    }
    row.status = DeliveryStatus::Scheduled;
    row.next_attempt_at = Some(at);
    kind::DELIVERY_DEFERRED
}

fn fail(row: &mut delivery::Model) -> &'static str {
    row.status = DeliveryStatus::Failed;
    row.next_attempt_at = None;
    kind::DELIVERY_FAILED
}

fn unknown(row: &mut delivery::Model) -> &'static str {
    row.status = DeliveryStatus::Unknown;
    row.next_attempt_at = None;
    kind::DELIVERY_UNKNOWN
}

/// What one delivery means for its letter and case.
pub(super) async fn roll_up(change: &mut Change<'_>, of: &mut Of, row: &delivery::Model) -> Result<()> {
    match of.letter.status {
        LetterStatus::Scheduled | LetterStatus::Sending | LetterStatus::Failed => unsent(change, of, row).await,
        LetterStatus::Sent => came_back(change, of, row).await,
        LetterStatus::AwaitingConsent | LetterStatus::Cancelled => Ok(()),
    }
}

async fn unsent(change: &mut Change<'_>, of: &mut Of, row: &delivery::Model) -> Result<()> {
    let all: Vec<DeliveryStatus> = of.others.iter().chain([row]).map(|d| d.status).collect();
    let any = |status| all.contains(&status);
    if any(DeliveryStatus::Sent) || any(DeliveryStatus::Delivered) {
        return sent(change, of, row).await;
    }
    if any(DeliveryStatus::Scheduled) || any(DeliveryStatus::Sending) || any(DeliveryStatus::ReadyToPost) {
        return Ok(());
    }
    if any(DeliveryStatus::Unknown) {
        return all_stuck(change, of, "DELIVERY_UNKNOWN").await;
    }
    if fallback::take(change, of, row).await? {
        return Ok(());
    }
    let failed_before = of.letter.status == LetterStatus::Failed;
    of.letter.status = LetterStatus::Failed;
    of.letter.consent_expires_at = None;
    crate::letter::save_row(change, &mut of.letter).await?;
    follow(change, &of.letter, &mut of.followers).await?;
    if failed_before {
        return Ok(());
    }
    // What it said of several cases is not true any more: those that still want their letter go on without the others.
    let apart = of.torn || of.each().any(|(case, letter)| !fallback::wanted(case, letter));
    for (case, letter) in of.each() {
        change.record(Happened::new(kind::LETTER_FAILED).case(case).subject(letter.id.0).with("code", row.error_code.clone()));
        if !fallback::wanted(case, letter) {
            // The case ended or stands still: nobody need act.
            cancel_with_deliveries(change, case, letter, "CASE_NOT_ACTIVE").await?;
        } else if apart {
            let_go_alone(change, letter).await?;
        } else if case.next_action_at.is_none() {
            stuck(change, case, letter, "LETTER_FAILED").await?;
        }
    }
    Ok(())
}

async fn all_stuck(change: &mut Change<'_>, of: &mut Of, because: &str) -> Result<()> {
    for (case, letter) in of.each() {
        stuck(change, case, letter, because).await?;
    }
    Ok(())
}

/// A letter that had left and reached nobody after all: its step ran and is not run again.
async fn came_back(change: &mut Change<'_>, of: &mut Of, row: &delivery::Model) -> Result<()> {
    let enough = fallback::enough(change, &of.case, &of.letter).await?;
    let arrives = |way: &delivery::Model| !fallback::is_dead(way) && (enough.is_empty() || enough.contains(&way.channel));
    if of.others.iter().chain([row]).any(arrives) || fallback::take(change, of, row).await? {
        return Ok(());
    }
    for (case, letter) in of.each().filter(|(case, letter)| fallback::wanted(case, letter)) {
        stuck(change, case, letter, "LETTER_BOUNCED").await?;
    }
    Ok(())
}

async fn sent(change: &mut Change<'_>, of: &mut Of, row: &delivery::Model) -> Result<()> {
    of.letter.status = LetterStatus::Sent;
    of.letter.sent_at = Some(change.now);
    of.letter.consent_expires_at = of.letter.consent_expires_at.filter(|_| of.followers.is_empty());
    crate::letter::save_row(change, &mut of.letter).await?;
    follow(change, &of.letter, &mut of.followers).await?;
    for (case, letter) in of.each() {
        let happened = Happened::new(kind::LETTER_SENT).case(case).subject(letter.id.0).with("step", letter.step);
        change.record(happened.with("kind", serde_json::to_value(letter.kind)?).with("channel", serde_json::to_value(row.channel)?));
        step_ran(change, case, letter).await?;
        case::save(change, case).await?;
    }
    Ok(())
}

/// The case cannot go on without a person; visibly so.
async fn stuck(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &letter::Model, because: &str) -> Result<()> {
    if letter.step == case.next_step {
        case.postponed_because = Some(because.to_owned());
        case::save(change, case).await?;
    }
    let happened = Happened::new(kind::CASE_STUCK).case(case).subject(letter.id.0).with("because", because);
    change.record(happened.with("advice", fallback::advice(because, letter.kind)));
    Ok(())
}
