//! Ends that the creditor chooses: the claim is given up, or the case is taken back.

use entity::{BookEvent, CaseId, CloseReason, InvoiceStatus, Scoped, collection_case, invoice};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};

use super::{Command, hold::MAX_NOTE_CHARS, lock, move_to, row::check_version, save};
use crate::{
    actor::{Action, Viewer},
    book_note,
    change::Change,
    claim::{self, Books},
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    handover, letter,
};

/// Gives up what is outstanding and closes the case. Nothing is sent to the debtor.
///
/// # Errors
///
/// A refusal: unknown case, stale version, wrong state, no reason given.
pub async fn write_off(env: &Env, viewer: &Viewer, id: CaseId, reason: &str, expected: Option<i64>) -> Result<collection_case::Model> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let case = write_off_in(&mut change, viewer, id, reason, expected).await?;
    change.commit().await?;
    Ok(case)
}

/// The same inside a change that the caller commits.
///
/// # Errors
///
/// See [`write_off`].
pub async fn write_off_in(
    change: &mut Change<'_>,
    viewer: &Viewer,
    id: CaseId,
    reason: &str,
    expected: Option<i64>,
) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let note = required_note(reason, "reason")?;
    let mut case = lock(change, id).await?;
    check_version(&case, expected)?;
    let given_up = case.outstanding_minor;
    if let Some(books) = Books::read(&change.tx, &case).await? {
        claim::give_up_all(change, &mut case, &books, "WRITTEN_OFF").await?;
    }
    end(change, &mut case, CloseReason::WrittenOff).await?;
    invoice::Entity::update_of(viewer.tenant)
        .col_expr(invoice::Column::Status, Expr::value(InvoiceStatus::WrittenOff))
        .col_expr(invoice::Column::OutstandingMinor, Expr::value(0_i64))
        .col_expr(invoice::Column::UpdatedAt, Expr::value(change.now))
        .filter(invoice::Column::CaseId.eq(id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .exec(&change.tx)
        .await?;
    case.outstanding_minor = 0;
    finish(change, &mut case, note, given_up).await?;
    Ok(case)
}

/// Takes the case back: no more letters; the invoices stay open in the accounting system.
///
/// # Errors
///
/// A refusal: unknown case, stale version, wrong state, no reason given, a reason that is not the creditor's to give.
pub async fn withdraw(
    env: &Env,
    viewer: &Viewer,
    id: CaseId,
    reason: CloseReason,
    note: &str,
    expected: Option<i64>,
) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let note = required_note(note, "note")?;
    if matches!(reason, CloseReason::Paid | CloseReason::Credited | CloseReason::WrittenOff) {
        let message = "payments, credit notes and write-offs close a case by themselves";
        return Err(Refusal::new(RefusalCode::Invalid, message).at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut case = lock(&change, id).await?;
    check_version(&case, expected)?;
    end(&mut change, &mut case, reason).await?;
    finish(&mut change, &mut case, note, 0).await?;
    change.commit().await?;
    Ok(case)
}

/// Takes a locked case back inside a change: its integration was disconnected.
pub(crate) async fn withdraw_in(change: &mut Change<'_>, mut case: collection_case::Model, note: &str) -> Result<()> {
    end(change, &mut case, CloseReason::Withdrawn).await?;
    finish(change, &mut case, note.to_owned(), 0).await
}

async fn end(change: &mut Change<'_>, case: &mut collection_case::Model, reason: CloseReason) -> Result<()> {
    move_to(case, Command::Close(reason))?;
    letter::cancel_unsent(change, case, "CASE_CLOSED").await?;
    case.next_action_at = None;
    case.postponed_because = None;
    case.closed_at = Some(change.now);
    Ok(())
}

async fn finish(change: &mut Change<'_>, case: &mut collection_case::Model, note: String, given_up: i64) -> Result<()> {
    save(change, case).await?;
    handover::hook::closed(change, case).await?;
    book_note::plan(change, case, BookEvent::Closed).await?;
    let happened = Happened::new(kind::CASE_CLOSED).case(case).with("note", note).with("writtenOffMinor", given_up);
    change.record(happened.with("reason", serde_json::to_value(case.close_reason)?));
    Ok(())
}

pub(crate) fn check_note(note: &str) -> Result<String> {
    let note = note.trim();
    if note.chars().count() > MAX_NOTE_CHARS {
        return Err(Refusal::new(RefusalCode::TooLong, format!("a note has at most {MAX_NOTE_CHARS} characters")).at("reason").into());
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::new(RefusalCode::Invalid, "a note has no control characters").at("reason").into());
    }
    Ok(note.to_owned())
}

/// The note of the argument that is named so.
fn required_note(note: &str, argument: &str) -> Result<String> {
    let note = check_note(note).map_err(|error| match error {
        Error::Refused(refusal) => Error::Refused(refusal.at(argument)),
        fault => fault,
    })?;
    if note.is_empty() { Err(Refusal::new(RefusalCode::Required, "say why").at(argument).into()) } else { Ok(note) }
}
