//! The next way when all before failed: a letter whose every delivery was refused, given up or came back goes out by
//! the first channel of its fallback that the debtor can be reached by. The step itself is not run again: it ran when
//! the letter first left, or runs when this one does. When no way is left a person must act, and is told so.

use entity::{CaseStatus, Channel, DeliveryStatus, LetterKind, LetterStatus, Scoped, collection_case, debtor, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{Home, contact, hold::Of, plan, suppress};
use crate::{
    calendar::{self, Place},
    change::Change,
    error::{Error, Result},
    escalation::{self, Rules},
    event::{Happened, kind},
    letter::follow,
    policy,
};

/// Plans the next way of a letter behind its deliveries; false when there is none, or nothing is to leave any more.
pub(super) async fn take(change: &mut Change<'_>, of: &mut Of, row: &delivery::Model) -> Result<bool> {
    // Of several cases each must want it: it states the sum of all.
    if of.torn || of.each().any(|(case, letter)| !wanted(case, letter)) {
        return Ok(false);
    }
    let Of { case, letter, others, followers, .. } = of;
    let tenant = crate::tenant::find(&change.tx, change.tenant).await?;
    let debtor = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.eq(case.debtor_id)).one(&change.tx).await?;
    let debtor = debtor.ok_or_else(|| Error::Bug(format!("case {} without its debtor", case.id)))?;
    let home = Home::of(&tenant)?;
    let unusable = suppress::unusable(&change.tx, change.tenant, &debtor, &home).await?;
    for channel in candidates(change, case, letter).await? {
        let address = contact::contact(channel, &debtor, &home).filter(|address| unusable.of(channel, address).is_none());
        let Some(address) = address.filter(|_| others.iter().chain([row]).all(|tried| tried.channel != channel)) else { continue };
        let id = plan::add(change, letter, &debtor, channel, address, change.now).await?;
        let mut channels: Vec<Channel> = serde_json::from_value(letter.channels.clone())?;
        channels.push(channel);
        letter.channels = serde_json::to_value(channels)?;
        if letter.status != LetterStatus::Sent {
            letter.status = LetterStatus::Scheduled;
        }
        crate::letter::save_row(change, letter).await?;
        follow(change, letter, followers).await?;
        let happened = Happened::new(kind::DELIVERY_REROUTED).case(case).subject(id.0).with("letter", letter.id.0.to_string());
        change.record(happened.with("channel", serde_json::to_value(channel)?));
        return Ok(true);
    }
    Ok(false)
}

/// Whether the letter is still to reach somebody: its case is worked, or it thanks, or a person asked for it on a case
/// that is on hold.
pub(super) fn wanted(case: &collection_case::Model, letter: &letter::Model) -> bool {
    let open = matches!(letter.status, LetterStatus::Scheduled | LetterStatus::Sending | LetterStatus::Failed | LetterStatus::Sent);
    let worked = matches!(case.status, CaseStatus::Active | CaseStatus::AwaitingHandover);
    let beside = [(LetterKind::ThankYou, CaseStatus::Closed), (LetterKind::Statement, CaseStatus::OnHold)];
    open && (worked || beside.contains(&(letter.kind, case.status)))
}

/// Whether a delivery is neither under way nor arrived.
pub(super) fn is_dead(row: &delivery::Model) -> bool {
    matches!(row.status, DeliveryStatus::Failed | DeliveryStatus::Bounced | DeliveryStatus::Cancelled)
}

/// The channels of which one must carry the letter; empty when any may. A short message that told of a collection notice
/// is none when the notice itself came back.
pub(super) async fn enough(change: &Change<'_>, case: &collection_case::Model, letter: &letter::Model) -> Result<Vec<Channel>> {
    if letter.kind != LetterKind::CollectionNotice {
        return Ok(Vec::new());
    }
    let around = escalation::around(&change.tx, case).await?;
    let zone = calendar::zone(&around.tenant.time_zone)?;
    let place = Place::of_debtor(&around.debtor, &around.tenant.country, zone);
    Ok(Rules::of(&around.tenant, &place, calendar::local_date(zone, change.now)).notice_channels)
}

/// The ways that the letter was given, else those of its step.
async fn candidates(change: &Change<'_>, case: &collection_case::Model, letter: &letter::Model) -> Result<Vec<Channel>> {
    let mut given: Vec<Channel> = serde_json::from_value(letter.fallback.clone())?;
    if let (true, Ok(step)) = (given.is_empty(), usize::try_from(letter.step)) {
        let ladder = policy::ladder_of(&change.tx, change.tenant, case.policy_id, case.policy_revision).await?;
        given = ladder.steps.into_iter().nth(step).map(|step| step.fallback).unwrap_or_default();
    }
    // A message has no page to print.
    given.retain(|channel| !(letter.message_only && *channel == Channel::Post));
    Ok(given)
}

/// What a person can do about a letter that reaches nobody.
pub(super) fn advice(because: &str, kind: LetterKind) -> &'static str {
    match because {
        "DELIVERY_UNKNOWN" => "Ask the provider whether it arrived, then resolve the delivery.",
        "LETTER_BOUNCED" => "It came back and no other way is known: correct the debtor's contact before the next step.",
        _ if !kind.is_step() => "No channel took it: send the delivery again or let it be, no step waits for it.",
        _ => "No channel took it: correct the debtor's contact and issue the letter again, or send the delivery again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_issue_a_letter_again_that_is_no_step() {
        for kind in [LetterKind::ThankYou, LetterKind::PartPayment, LetterKind::Statement] {
            assert!(!advice("LETTER_FAILED", kind).contains("issue"), "{kind:?}");
        }
        assert!(advice("LETTER_FAILED", LetterKind::Reminder).contains("issue the letter again"));
    }
}
