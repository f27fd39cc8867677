//! Beginning a hand-over: under the case's lock everything is checked again, the row is marked as sending, and only
//! after the commit may the channel be asked.

use chrono::{DateTime, Utc};
use entity::{CaseStatus, DeliveryStatus, LetterId, LetterKind, LetterStatus, SuppressionReason, collection_case, delivery, letter};

use super::{
    GateFacts, Home, Verdict, attempt, gate,
    gate::LETTER_OUTDATED,
    hold::{Held, Of, hold},
    outgoing, suppress,
};
use crate::{
    RefusalCode,
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::Result,
    escalation::{self, Facts, Gathered, gather_to_leave},
    event::{Happened, kind},
    letter::{Follower, LetterFacts, Page, cancel_with_deliveries, follow, own_sum, write_anew},
    port::Outgoing,
    sync,
};

/// What beginning did.
#[derive(Debug)]
pub enum Begun {
    /// Nothing leaves now.
    Nothing,
    /// The row says sending: ask the channel, then finish.
    Go(Box<HandOver>),
}

/// A hand-over that began.
#[derive(Debug)]
pub struct HandOver {
    /// The row as this hand-over marked it: what it is finished with, so that nobody finishes another one by it.
    pub row: delivery::Model,
    /// What leaves.
    pub outgoing: Outgoing,
}

/// Begins the hand-over of a delivery that was seen, with the page that its letter had then.
///
/// # Errors
///
/// When the database refuses.
pub async fn begin(env: &Env, seen: &delivery::Model, page: Page) -> Result<Begun> {
    let (tenant, id) = (seen.tenant_id, seen.id);
    let Some(Held { mut change, mut row, mut of }) = hold(env, Actor::System, seen).await? else { return Ok(Begun::Nothing) };
    let gathered = gather_to_leave(&change, &of.case).await?;
    let verdict = verdict(&change, &gathered, &of, &row).await?;
    if matches!(verdict, Verdict::Leave | Verdict::Later(..))
        && let Some(reason) = suppressed(&change, &gathered, &row).await?
    {
        let message = format!("the address must not be used any more: {}", suppress::why_suppressed(reason));
        return give_up(change, of, row, "ADDRESS_SUPPRESSED", Some(message)).await;
    }
    match verdict {
        Verdict::Stay => return Ok(Begun::Nothing),
        Verdict::Later(until, because) => {
            row.next_attempt_at = Some(until);
            row.error_code = Some(because.as_str().into());
            super::save(&change, &mut row).await?;
            // Drawn once, whenever it leaves.
            if page.is_new() && page.keep(&change, &mut of.letter).await? {
                crate::letter::save_row(&change, &mut of.letter).await?;
            }
            change.record(Happened::new(kind::DELIVERY_DEFERRED).case(&of.case).subject(id.0).with("because", because.as_str()));
            change.commit().await?;
            if because == RefusalCode::FactsStale {
                for integration in of.integrations() {
                    sync::want_fresh(env, tenant, integration).await?;
                }
            }
            return Ok(Begun::Nothing);
        }
        Verdict::Cancel(because) => {
            cancel(&mut change, &mut of.case, &mut of.letter, because).await?;
            for Follower { case, letter } in &mut of.followers {
                cancel(&mut change, case, letter, because).await?;
            }
            change.commit().await?;
            return Ok(Begun::Nothing);
        }
        Verdict::Fail(because) => return give_up(change, of, row, because, None).await,
        Verdict::Leave => {}
    }
    // A drawing made before the letter was dated anew must not leave.
    if !page.keep(&change, &mut of.letter).await? {
        return Ok(Begun::Nothing);
    }
    row.status = DeliveryStatus::Sending;
    row.attempts += 1;
    row.next_attempt_at = None;
    row.sending_since = Some(crate::clock::to_micros(env.clock.machine()));
    super::save(&change, &mut row).await?;
    attempt::started(&change, &row).await?;
    if of.letter.status == LetterStatus::Scheduled {
        of.letter.status = LetterStatus::Sending;
        of.letter.consent_expires_at = None;
        crate::letter::save_row(&change, &mut of.letter).await?;
        follow(&change, &of.letter, &mut of.followers).await?;
    } else if page.is_new() {
        crate::letter::save_row(&change, &mut of.letter).await?;
    }
    let outgoing = outgoing::build(&of.letter, &row, &gathered, page.document)?;
    change.record(Happened::new(kind::DELIVERY_STARTED).case(&of.case).subject(id.0).with("attempt", row.attempts));
    change.commit().await?;
    Ok(Begun::Go(Box::new(HandOver { row, outgoing })))
}

/// What the gate says of the letter: every case that it speaks for must pass it.
async fn verdict(change: &Change<'_>, gathered: &Gathered, of: &Of, row: &delivery::Model) -> Result<Verdict> {
    let others = &of.others;
    let stated: LetterFacts = serde_json::from_value(of.letter.facts.clone())?;
    let owed = gathered.claim(&of.case).stated(of.letter.id, &stated)?;
    let mut verdict = gate(&facts(gathered, &of.case, (&of.letter, of.letter.id), (&stated, owed), (row, others), change.now)?, change.now);
    // What is not tried at all now is not asked about.
    if verdict == Verdict::Stay {
        return Ok(verdict);
    }
    if of.torn {
        return Ok(Verdict::Cancel("GROUP_CHANGED"));
    }
    for Follower { case, letter } in &of.followers {
        let gathered = gather_to_leave(change, case).await?;
        let stated: LetterFacts = serde_json::from_value(letter.facts.clone())?;
        let owed = gathered.claim(case).stated(letter.id, &stated)?;
        let own = gate(&facts(&gathered, case, (letter, of.letter.id), (&stated, owed), (row, others), change.now)?, change.now);
        verdict = verdict.stricter(own);
    }
    Ok(verdict)
}

/// Why the address that the delivery was planned to must not be used any more; none when it may.
async fn suppressed(change: &Change<'_>, gathered: &Gathered, row: &delivery::Model) -> Result<Option<SuppressionReason>> {
    let address = suppress::spelled(row.channel, &row.recipient);
    let of = |unusable: &suppress::Unusable| unusable.of(row.channel, &row.recipient).map(|found| found.reason);
    // What was read of the debtor tells, unless it has another address by now.
    if suppress::addresses(&gathered.debtor, &Home::of(&gathered.tenant)?).contains(&address) {
        return Ok(of(&gathered.unusable));
    }
    Ok(of(&suppress::in_force(&change.tx, change.tenant, &[address]).await?))
}

/// It does not leave by this channel.
async fn give_up(
    mut change: Change<'_>,
    mut of: Of,
    mut row: delivery::Model,
    because: &'static str,
    message: Option<String>,
) -> Result<Begun> {
    row.status = DeliveryStatus::Failed;
    row.next_attempt_at = None;
    row.error_code = Some(because.into());
    row.error_message = message;
    super::save(&change, &mut row).await?;
    let happened =
        Happened::new(kind::DELIVERY_FAILED).case(&of.case).subject(row.id.0).with("channel", serde_json::to_value(row.channel)?);
    change.record(happened.with("code", because).with("attempt", row.attempts));
    super::finish::roll_up(&mut change, &mut of, &row).await?;
    change.commit().await?;
    Ok(Begun::Nothing)
}

fn facts<'a>(
    gathered: &'a Gathered,
    case: &'a collection_case::Model,
    (letter, bearer): (&letter::Model, LetterId),
    (stated, owed): (&LetterFacts, i64),
    (row, others): (&delivery::Model, &[delivery::Model]),
    now: DateTime<Utc>,
) -> Result<GateFacts<'a>> {
    let open = |status| matches!(status, DeliveryStatus::Scheduled | DeliveryStatus::Sending | DeliveryStatus::ReadyToPost);
    let left = |status| matches!(status, DeliveryStatus::Sent | DeliveryStatus::Delivered);
    let of_case = gathered.facts(case, now);
    // The next way of a notice is the notice itself: its days hold back what follows it.
    let notice_sent_at = of_case.notice_sent_at.filter(|_| letter.kind != LetterKind::CollectionNotice);
    Ok(GateFacts {
        case: Facts { letter: Some(bearer), ahead: letter.kind == LetterKind::PreDueReminder, notice_sent_at, ..of_case },
        close_reason: case.close_reason,
        delivery: row.status,
        channel: row.channel,
        next_attempt_at: row.next_attempt_at,
        notice_to_come: others.iter().any(|other| open(other.status) && gathered.rules.notice_by(&[other.channel])),
        notice_left: others.iter().any(|other| left(other.status) && gathered.rules.notice_by(&[other.channel])),
        letter: letter.status,
        kind: letter.kind,
        stated_minor: own_sum(letter)?,
        owed_minor: owed,
        consent_expires_at: letter.consent_expires_at,
        dated_on: stated.dated_on,
        pay_by: stated.pay_by,
    })
}

/// Cancels a letter that no longer tells the truth; its step is looked at again at once, with the facts of now.
async fn cancel(
    change: &mut Change<'_>,
    case: &mut collection_case::Model,
    letter: &mut letter::Model,
    because: &'static str,
) -> Result<()> {
    let whole = cancel_with_deliveries(change, case, letter, because).await?;
    if whole && because == LETTER_OUTDATED {
        write_anew(change, case, letter).await?;
    }
    if whole && case.status == CaseStatus::Active && letter.step == case.next_step && case.next_action_at.is_none() {
        case.next_action_at = Some(change.now);
        escalation::call_if_due(change, case);
        case::save(change, case).await?;
    }
    Ok(())
}
