//! What changed facts do to a case: payments, credit notes, edited and voided invoices. Called under the case's lock
//! by everything that changes an invoice; it recomputes, compares with what the row said, and acts on the difference.

use chrono::TimeDelta;
use entity::{BookEvent, CaseStatus, CloseReason, InvoiceStatus, Scoped, collection_case, invoice};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{Command, move_to, save};
use crate::{
    book_note,
    change::Change,
    claim::{self, Books, Rest},
    error::Result,
    escalation,
    event::{Happened, kind},
    handover, letter, tenant,
};

/// What settling did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The figures are as they were, or only the row's figures changed.
    AsBefore,
    /// Less is outstanding; the next step moved.
    PartPaid,
    /// Nothing is outstanding: closed.
    Closed,
    /// A payment went away: open again.
    Reopened,
}

/// The sums of a case's invoices, and what settled them if nothing is open.
struct Sums {
    principal: i64,
    open: i64,
    reason: CloseReason,
}

/// Brings a locked case in line with its invoices and saves it.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn settle(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<Settled> {
    let sums = sums(change, case).await?;
    let before = case.outstanding_minor;
    case.principal_minor = sums.principal;
    case.outstanding_minor = sums.open;
    let settled = match case.status {
        CaseStatus::Declined => Settled::AsBefore,
        CaseStatus::Closed if sums.open == 0 => Settled::AsBefore,
        CaseStatus::Closed => reopen(change, case).await?,
        CaseStatus::Proposed | CaseStatus::Active | CaseStatus::OnHold | CaseStatus::AwaitingHandover | CaseStatus::HandedOver => {
            let books = claim::reckon(change, case).await?;
            if sums.open == 0 {
                end_or_keep(change, case, books, sums.reason, before).await?
            } else if sums.open == before {
                Settled::AsBefore
            } else {
                restate(change, case, before).await?
            }
        }
    };
    save(change, case).await?;
    Ok(settled)
}

/// Brings a locked case in line with what is owed beside its invoices, after some of it was paid, given up or is owed
/// again, and saves it.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn settle_charges(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<Settled> {
    let before = case.charges_minor;
    let books = claim::reckon(change, case).await?;
    let settled = match case.status {
        CaseStatus::Proposed | CaseStatus::Declined => Settled::AsBefore,
        CaseStatus::Closed => end_again(change, case, books).await?,
        CaseStatus::Active | CaseStatus::OnHold | CaseStatus::AwaitingHandover | CaseStatus::HandedOver => {
            if case.outstanding_minor == 0 {
                // Nothing of the invoices changed: what is left of them is as it was.
                end_or_keep(change, case, books, CloseReason::Paid, 0).await?
            } else {
                Settled::AsBefore
            }
        }
    };
    if settled == Settled::AsBefore && case.status != CaseStatus::Closed && case.charges_minor != before {
        restate_charges(change, case, before).await?;
    }
    save(change, case).await?;
    Ok(settled)
}

/// Money for charges went away from a case that is over: it opens again for them, or they are given up.
async fn end_again(change: &mut Change<'_>, case: &mut collection_case::Model, books: Option<Books>) -> Result<Settled> {
    let paid = case.close_reason == Some(CloseReason::Paid);
    let Some(books) = books.filter(|_| paid && case.charges_minor > 0) else {
        case.charges_minor = 0;
        return Ok(Settled::AsBefore);
    };
    match claim::rest(change, case, &books, CloseReason::Paid, false).await? {
        Rest::Keep => reopen(change, case).await,
        Rest::GiveUp(because) => {
            claim::give_up_all(change, case, &books, because).await?;
            Ok(Settled::AsBefore)
        }
    }
}

/// The invoices are settled. What is open beside them keeps the case open, or is given up: never both.
async fn end_or_keep(
    change: &mut Change<'_>,
    case: &mut collection_case::Model,
    books: Option<Books>,
    reason: CloseReason,
    before: i64,
) -> Result<Settled> {
    if let Some(books) = books.filter(|_| case.charges_minor > 0) {
        match claim::rest(change, case, &books, reason, before == 0).await? {
            Rest::Keep if before == 0 => return Ok(Settled::AsBefore),
            Rest::Keep => return restate(change, case, before).await,
            Rest::GiveUp(because) => claim::give_up_all(change, case, &books, because).await?,
        }
    }
    close(change, case, reason).await
}

/// What is owed beside the invoices changed: letters that state the old sum are cancelled, and their step is due again.
async fn restate_charges(change: &mut Change<'_>, case: &mut collection_case::Model, before: i64) -> Result<()> {
    let happened = Happened::new(kind::CLAIM_CHANGED).case(case).with("outstandingMinor", case.outstanding_minor);
    change.record(happened.with("chargesMinor", case.charges_minor).with("chargesBeforeMinor", before));
    let cancelled = letter::cancel_unsent(change, case, "CLAIM_CHANGED").await?;
    if case.status == CaseStatus::Active && cancelled > 0 {
        case.next_action_at = Some(change.now);
        escalation::call_if_due(change, case);
    }
    Box::pin(letter::acknowledge(change, case)).await
}

async fn sums(change: &Change<'_>, case: &collection_case::Model) -> Result<Sums> {
    let select = invoice::Entity::of(change.tenant).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = select.order_by_asc(invoice::Column::Id).all(&change.tx).await?;
    Ok(Sums {
        principal: invoices.iter().filter(|i| i.status != InvoiceStatus::Voided).map(|i| i.total_minor).sum(),
        open: invoices.iter().map(|i| i.outstanding_minor).sum(),
        reason: claim::settled_by(&invoices),
    })
}

/// Closes, cancels what has not left, and thanks once, when the creditor had approved the case and money came.
async fn close(change: &mut Change<'_>, case: &mut collection_case::Model, reason: CloseReason) -> Result<Settled> {
    let approved = case.approved_at.is_some();
    move_to(case, Command::Close(reason))?;
    letter::cancel_unsent(change, case, "CASE_CLOSED").await?;
    case.next_action_at = None;
    case.postponed_because = None;
    case.closed_at = Some(change.now);
    change.record(Happened::new(kind::CASE_CLOSED).case(case).with("reason", serde_json::to_value(reason)?));
    handover::hook::closed(change, case).await?;
    book_note::plan(change, case, BookEvent::Closed).await?;
    if approved && reason == CloseReason::Paid {
        Box::pin(letter::issue_thank_you(change, case)).await?;
    }
    Ok(Settled::Closed)
}

/// Opens again what a payment had closed: the ladder goes on where it stood, not before its time.
async fn reopen(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<Settled> {
    let by_facts = matches!(case.close_reason, Some(CloseReason::Paid | CloseReason::Credited));
    if !by_facts {
        return Ok(Settled::AsBefore);
    }
    move_to(case, Command::Reopen)?;
    claim::revive(change, case).await?;
    claim::reckon(change, case).await?;
    handover::hook::reopened(change, case).await?;
    letter::cancel_unsent(change, case, "CASE_REOPENED").await?;
    case.closed_at = None;
    if case.approved_at.is_none() {
        // It was paid while it was a proposal: it is one again.
        super::State::Proposed.write(case);
    } else {
        case.next_action_at = Some(escalation::next_due(change, case).await?);
    }
    change.record(Happened::new(kind::CASE_REOPENED).case(case).with("outstandingMinor", case.outstanding_minor));
    escalation::call_if_due(change, case);
    Ok(Settled::Reopened)
}

/// Another sum is outstanding: letters that state the old one are cancelled. After a part payment the next step moves
/// by the tenant's delay; after an increase it stays due.
async fn restate(change: &mut Change<'_>, case: &mut collection_case::Model, before: i64) -> Result<Settled> {
    change
        .record(Happened::new(kind::CLAIM_CHANGED).case(case).with("outstandingMinor", case.outstanding_minor).with("beforeMinor", before));
    let less = case.outstanding_minor < before;
    let settled = if less { Settled::PartPaid } else { Settled::AsBefore };
    if case.status != CaseStatus::Active {
        handover::hook::claim_changed(change, case, before).await?;
        letter::cancel_unsent(change, case, "CLAIM_CHANGED").await?;
        return Ok(settled);
    }
    let waited_for = case.next_action_at;
    let cancelled = letter::cancel_unsent(change, case, "CLAIM_CHANGED").await?;
    let due = waited_for.filter(|_| cancelled == 0).unwrap_or(change.now);
    if less {
        let days = tenant::find(&change.tx, change.tenant).await?.part_payment_delay_days;
        case.next_action_at = Some(due.max(change.now) + TimeDelta::days(i64::from(days)));
        case.postponed_because = Some("PART_PAYMENT".into());
        let until = case.next_action_at.map(|at| at.to_rfc3339());
        change.record(Happened::new(kind::CASE_POSTPONED).case(case).with("because", "PART_PAYMENT").with("until", until));
    } else {
        case.next_action_at = Some(due);
        escalation::call_if_due(change, case);
    }
    Box::pin(letter::acknowledge(change, case)).await?;
    Ok(settled)
}
