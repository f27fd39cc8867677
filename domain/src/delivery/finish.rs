//! Finishing a hand-over: the channel's answer becomes the row's state, the letter's, and the case's next step.

use chrono::TimeDelta;
use entity::{Channel, DeliveryId, DeliveryStatus, LetterStatus, Scoped, TenantId, collection_case, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::attempt;
use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::{Refusal, Result},
    event::{Happened, kind},
    letter::step_ran,
    port::{Receipt, Reconciled, SendError},
};

/// Attempts after which a delivery counts as failed: with the waits below, about a day.
pub const MAX_ATTEMPTS: i32 = 8;

/// Longest wait between attempts, whatever a provider asks for.
const MAX_WAIT: TimeDelta = TimeDelta::hours(6);

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

/// Finishes a hand-over.
///
/// # Errors
///
/// When the database refuses.
pub async fn finish(env: &Env, tenant: TenantId, id: DeliveryId, outcome: Outcome) -> Result<()> {
    let Some(seen) = super::find(&env.db, tenant, id).await? else { return Ok(()) };
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let mut case = case::lock(&change, seen.case_id).await?;
    let Some(mut row) = super::find(&change.tx, tenant, id).await? else { return Ok(()) };
    let expected = if matches!(outcome, Outcome::Undrawable(_)) { DeliveryStatus::Scheduled } else { DeliveryStatus::Sending };
    if row.status != expected {
        return Ok(());
    }
    let called = attempt::called(&outcome);
    let event = apply(&mut row, outcome, &change);
    row.sending_since = None;
    if let Some(called) = called {
        attempt::ended(&change, &row, called).await?;
    }
    super::save(&change, &mut row).await?;
    let happened = Happened::new(event).case(&case).subject(id.0).with("channel", serde_json::to_value(row.channel)?);
    change.record(happened.with("code", row.error_code.clone()).with("attempt", row.attempts));
    roll_up(&mut change, &mut case, &row).await?;
    change.commit().await
}

/// Writes the outcome into the row and names the event.
fn apply(row: &mut delivery::Model, outcome: Outcome, change: &Change<'_>) -> &'static str {
    let accepted = |row: &mut delivery::Model, receipt: Receipt| {
        row.provider_id = receipt.provider_id;
        row.receipt = receipt.proof;
        row.error_code = None;
        row.error_message = None;
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
            let asked = retry_after.and_then(|d| TimeDelta::from_std(d).ok());
            let wait = asked.unwrap_or_else(|| backoff(row.attempts)).clamp(TimeDelta::seconds(1), MAX_WAIT);
            note(row, "TRANSIENT", &message);
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
    if row.attempts >= MAX_ATTEMPTS {
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

/// One minute, doubled with each attempt.
fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1 << attempts.clamp(1, 10).saturating_sub(1))
}

/// What one delivery means for its letter and case.
pub(super) async fn roll_up(change: &mut Change<'_>, case: &mut collection_case::Model, row: &delivery::Model) -> Result<()> {
    let mut letter = crate::letter::lock_row(change, row.letter_id).await?;
    if !matches!(letter.status, LetterStatus::Scheduled | LetterStatus::Sending | LetterStatus::Failed) {
        return Ok(());
    }
    let all = delivery::Entity::of(change.tenant).filter(delivery::Column::LetterId.eq(letter.id)).all(&change.tx).await?;
    let any = |status| all.iter().any(|d| d.status == status);
    if any(DeliveryStatus::Sent) || any(DeliveryStatus::Delivered) {
        return sent(change, case, &mut letter, row).await;
    }
    if any(DeliveryStatus::Scheduled) || any(DeliveryStatus::Sending) || any(DeliveryStatus::ReadyToPost) {
        return Ok(());
    }
    if any(DeliveryStatus::Unknown) {
        return stuck(change, case, &letter, "DELIVERY_UNKNOWN").await;
    }
    letter.status = LetterStatus::Failed;
    crate::letter::save_row(change, &mut letter).await?;
    change.record(Happened::new(kind::LETTER_FAILED).case(case).subject(letter.id.0).with("code", row.error_code.clone()));
    stuck(change, case, &letter, "LETTER_FAILED").await
}

async fn sent(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &mut letter::Model, row: &delivery::Model) -> Result<()> {
    letter.status = LetterStatus::Sent;
    letter.sent_at = Some(change.now);
    crate::letter::save_row(change, letter).await?;
    let happened = Happened::new(kind::LETTER_SENT).case(case).subject(letter.id.0).with("step", letter.step);
    change.record(happened.with("kind", serde_json::to_value(letter.kind)?).with("channel", serde_json::to_value(row.channel)?));
    step_ran(change, case, letter).await?;
    case::save(change, case).await
}

/// The case cannot go on without a person; visibly so.
async fn stuck(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &letter::Model, because: &str) -> Result<()> {
    if letter.step == case.next_step {
        case.postponed_because = Some(because.to_owned());
        case::save(change, case).await?;
    }
    change.record(Happened::new(kind::CASE_STUCK).case(case).subject(letter.id.0).with("because", because));
    Ok(())
}
