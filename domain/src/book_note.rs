//! Notes in the creditor's books: that a case was handed over, that it was closed. Planned in the transaction of what
//! happened when the integration writes back, written one at a time: begin → commit → call → finish. A note has an id by
//! which the provider can tell that it is there already; one that cannot be written ends visibly, never silently.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{BookEvent, BookNoteId, InvoiceStatus, Scoped, TaskStatus, TenantId, book_note, collection_case, invoice};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::{Error, Result},
    event::{Happened, kind},
    handover::backoff,
    integration,
    port::{SourceError, Work, connect::BookNote},
    sync,
};

/// Attempts after which a note counts as failed.
pub const MAX_ATTEMPTS: i32 = 8;

/// When a note under way is looked at again if nobody finished it: longer than a call.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Longest reason that is kept, in characters.
const MAX_ERROR_CHARS: usize = 500;

/// Plans a note on each invoice that it is about, if the integration writes back and the creditor had approved the case.
pub(crate) async fn plan(change: &mut Change<'_>, case: &collection_case::Model, about: BookEvent) -> Result<()> {
    let books = integration::find(&change.tx, change.tenant, case.integration_id).await?;
    if !books.write_back || case.approved_at.is_none() {
        return Ok(());
    }
    let text = text(case, about, change.now);
    let select = invoice::Entity::of(change.tenant).filter(invoice::Column::CaseId.eq(case.id)).order_by_asc(invoice::Column::Id);
    for invoice in select.all(&change.tx).await? {
        let concerned = match about {
            BookEvent::HandedOver => invoice.status == InvoiceStatus::Open,
            BookEvent::Closed => invoice.status != InvoiceStatus::Voided,
        };
        if !concerned {
            continue;
        }
        let row = book_note::Model {
            tenant_id: change.tenant,
            id: change.env.new_id(),
            integration_id: books.id,
            case_id: case.id,
            invoice_id: invoice.id,
            about,
            text: text.clone(),
            status: TaskStatus::Waiting,
            attempts: 0,
            next_attempt_at: Some(change.now),
            error: None,
            created_at: change.now,
        };
        change.enqueue(Work::WriteNote { tenant: change.tenant, note: row.id });
        row.into_active_model().reset_all().insert(&change.tx).await?;
    }
    Ok(())
}

fn text(case: &collection_case::Model, about: BookEvent, now: DateTime<Utc>) -> String {
    let (reference, day) = (case::reference(case.number), now.date_naive());
    match (about, case.close_reason) {
        (BookEvent::HandedOver, _) => format!("Case {reference} was handed over to the collection agency on {day}."),
        (BookEvent::Closed, Some(reason)) => {
            let reason = serde_json::to_value(reason).ok().and_then(|word| word.as_str().map(|word| word.replace('_', " ")));
            format!("Case {reference} was closed on {day}: {}.", reason.unwrap_or_default())
        }
        (BookEvent::Closed, None) => format!("Case {reference} was closed on {day}."),
    }
}

/// Notes that are due, oldest promise first: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, BookNoteId)>> {
    let select = book_note::Entity::find().select_only().column(book_note::Column::TenantId).column(book_note::Column::Id);
    let select = select.filter(book_note::Column::Status.eq(TaskStatus::Waiting)).filter(book_note::Column::NextAttemptAt.lte(now));
    Ok(select.order_by_asc(book_note::Column::NextAttemptAt).limit(limit).into_tuple().all(db).await?)
}

/// Writes one note.
///
/// # Errors
///
/// When the database fails. The provider's refusal is an outcome on the row, not an error.
pub async fn write(env: &Env, tenant: TenantId, id: BookNoteId) -> Result<()> {
    let Some((row, note)) = begin(env, tenant, id).await? else { return Ok(()) };
    let books = integration::find(&env.db, tenant, row.integration_id).await?;
    let notes = integration::system(env, books.provider)?.notes.clone();
    let told = match (notes, sync::link(env, &books).await?) {
        (Some(notes), Ok(link)) => notes.write(&link, &note).await,
        (Some(_), Err(error)) => Err(error),
        (None, _) => Err(SourceError::Refused { code: "NO_NOTES".into(), message: "the accounting system takes no notes".into() }),
    };
    finish(env, &row, told).await
}

async fn begin(env: &Env, tenant: TenantId, id: BookNoteId) -> Result<Option<(book_note::Model, BookNote)>> {
    let change = Change::begin(env, tenant, Actor::System).await?;
    let Some(mut row) = find(&change.tx, tenant, id).await? else { return Ok(None) };
    if row.status != TaskStatus::Waiting || row.next_attempt_at.is_none_or(|at| at > change.now) {
        return Ok(None);
    }
    let invoice = invoice::Entity::of(tenant).filter(invoice::Column::Id.eq(row.invoice_id)).one(&change.tx).await?;
    let invoice = invoice.ok_or_else(|| Error::Bug(format!("note {id} without its invoice")))?;
    row.attempts += 1;
    row.next_attempt_at = Some(change.now + LEASE);
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    change.commit().await?;
    let note = BookNote { invoice_external_id: invoice.external_id, about: row.about, text: row.text.clone(), id: id.0 };
    Ok(Some((row, note)))
}

async fn finish(env: &Env, seen: &book_note::Model, told: Result<(), SourceError>) -> Result<()> {
    let mut change = Change::begin(env, seen.tenant_id, Actor::System).await?;
    let Some(mut row) = find(&change.tx, seen.tenant_id, seen.id).await? else { return Ok(()) };
    if row.status != TaskStatus::Waiting {
        return Ok(());
    }
    let (event, error) = match told {
        Ok(()) => {
            row.status = TaskStatus::Done;
            (Some(kind::BOOK_NOTE_WRITTEN), None)
        }
        Err(error @ (SourceError::Refused { .. } | SourceError::Broken(_))) => (Some(failed(&mut row)), Some(error)),
        Err(error) if row.attempts >= MAX_ATTEMPTS => (Some(failed(&mut row)), Some(error)),
        Err(error) => (None, Some(error)),
    };
    let asked = if let Some(SourceError::RateLimited(seconds)) = &error { Some(*seconds) } else { None };
    row.next_attempt_at = event.is_none().then(|| change.now + backoff(row.attempts, asked));
    row.error = error.map(|error| error.to_string().chars().take(MAX_ERROR_CHARS).collect());
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    if let Some(event) = event {
        let select = collection_case::Entity::of(seen.tenant_id).filter(collection_case::Column::Id.eq(row.case_id));
        let case = select.one(&change.tx).await?.ok_or_else(|| Error::Bug(format!("note {} without its case", row.id)))?;
        change.record(Happened::new(event).case(&case).integration(row.integration_id).subject(row.invoice_id.0));
    }
    change.commit().await
}

fn failed(row: &mut book_note::Model) -> &'static str {
    row.status = TaskStatus::Failed;
    kind::BOOK_NOTE_FAILED
}

async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: BookNoteId) -> Result<Option<book_note::Model>> {
    let select = book_note::Entity::of(tenant).filter(book_note::Column::Id.eq(id));
    Ok(select.lock_exclusive().one(db).await?)
}
