//! Beginning a hand-over: under the case's lock everything is checked again, the row is marked as sending, and only
//! after the commit may the channel be asked.

use chrono::{DateTime, Utc};
use entity::{
    CaseStatus, DeliveryId, DeliveryStatus, LetterId, LetterKind, LetterStatus, Scoped, TenantId, collection_case, delivery, letter,
};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    GateFacts, Verdict, attempt, gate,
    hold::{Held, Of, hold},
    outgoing,
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
    letter::{Document, Follower, LetterFacts, cancel_with_deliveries, follow, own_sum},
    port::Outgoing,
    sync,
};

/// What beginning did.
#[derive(Debug)]
pub enum Begun {
    /// Nothing leaves now.
    Nothing,
    /// The row says sending: ask the channel, then finish.
    Go(Box<Outgoing>),
}

/// Begins a hand-over.
///
/// # Errors
///
/// When the database refuses.
pub async fn begin(env: &Env, tenant: TenantId, id: DeliveryId, document: Document) -> Result<Begun> {
    let Some(Held { mut change, mut row, mut of }) = hold(env, tenant, Actor::System, id).await? else { return Ok(Begun::Nothing) };
    let gathered = gather_to_leave(&change, &of.case).await?;
    match verdict(&change, &gathered, &of, &row).await? {
        Verdict::Stay => return Ok(Begun::Nothing),
        Verdict::Later(until, because) => {
            row.next_attempt_at = Some(until);
            row.error_code = Some(because.as_str().into());
            super::save(&change, &mut row).await?;
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
        Verdict::Fail(because) => {
            row.status = DeliveryStatus::Failed;
            row.next_attempt_at = None;
            row.error_code = Some(because.into());
            super::save(&change, &mut row).await?;
            change.record(Happened::new(kind::DELIVERY_FAILED).case(&of.case).subject(id.0).with("code", because));
            super::finish::roll_up(&mut change, &mut of, &row).await?;
            change.commit().await?;
            return Ok(Begun::Nothing);
        }
        Verdict::Leave => {}
    }
    // A drawing made before the letter was dated anew must not leave.
    if of.letter.pdf_sha256.as_deref() != Some(&document.sha256) {
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
    }
    let outgoing = outgoing::build(&of.letter, &row, &gathered, document)?;
    change.record(Happened::new(kind::DELIVERY_STARTED).case(&of.case).subject(id.0).with("attempt", row.attempts));
    change.commit().await?;
    Ok(Begun::Go(Box::new(outgoing)))
}

/// What the gate says of the letter: every case that it speaks for must pass it.
async fn verdict(change: &Change<'_>, gathered: &Gathered, of: &Of, row: &delivery::Model) -> Result<Verdict> {
    let others = others(change, row).await?;
    let stated: LetterFacts = serde_json::from_value(of.letter.facts.clone())?;
    let owed = gathered.claim(&of.case).stated(of.letter.id, &stated)?;
    let mut verdict =
        gate(&facts(gathered, &of.case, (&of.letter, of.letter.id), (&stated, owed), (row, &others), change.now)?, change.now);
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
        let own = gate(&facts(&gathered, case, (letter, of.letter.id), (&stated, owed), (row, &others), change.now)?, change.now);
        verdict = verdict.stricter(own);
    }
    Ok(verdict)
}

/// The letter's deliveries by other channels.
async fn others(change: &Change<'_>, row: &delivery::Model) -> Result<Vec<delivery::Model>> {
    let select = delivery::Entity::of(change.tenant).filter(delivery::Column::LetterId.eq(row.letter_id));
    Ok(select.filter(delivery::Column::Id.ne(row.id)).all(&change.tx).await?)
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
    Ok(GateFacts {
        case: Facts { letter: Some(bearer), ahead: letter.kind == LetterKind::PreDueReminder, ..gathered.facts(case, now) },
        close_reason: case.close_reason,
        delivery: row.status,
        channel: row.channel,
        next_attempt_at: row.next_attempt_at,
        notice_to_come: others.iter().any(|other| open(other.status) && gathered.rules.notice_by(&[other.channel])),
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
    if whole && case.status == CaseStatus::Active && letter.step == case.next_step && case.next_action_at.is_none() {
        case.next_action_at = Some(change.now);
        escalation::call_if_due(change, case);
        case::save(change, case).await?;
    }
    Ok(())
}
