//! Each letter over each channel: every hand-over to a provider, and what the provider told later. Those of a letter of
//! another case that speaks for one of this case are among them: without them nothing shows that it left.

use entity::{DeliveryId, LetterId, Scoped, attempt, delivery, letter, receipt};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::Snapshot;
use crate::error::Result;

pub(super) async fn all(snapshot: &Snapshot<'_, impl ConnectionTrait>) -> Result<Value> {
    // Read first: asked as one question, all that ever left to a tenant's debtors would be looked through.
    let own = letter::Entity::of(snapshot.tenant).filter(letter::Column::CaseId.eq(snapshot.case)).select_only();
    let own: Vec<(LetterId, Option<LetterId>)> =
        own.column(letter::Column::Id).column(letter::Column::LeadId).into_tuple().all(snapshot.db).await?;
    let bearers = own.into_iter().map(|(id, lead)| lead.unwrap_or(id));
    let select = delivery::Entity::of(snapshot.tenant).filter(delivery::Column::LetterId.is_in(bearers));
    let rows = snapshot.rows(select.order_by_asc(delivery::Column::CreatedAt).order_by_asc(delivery::Column::Id), "deliveries").await?;
    let ids = || rows.iter().map(|row| row.id);
    let select = attempt::Entity::of(snapshot.tenant).filter(attempt::Column::DeliveryId.is_in(ids()));
    let attempts = snapshot.rows(select.order_by_asc(attempt::Column::Number), "attempts").await?;
    let select = receipt::Entity::of(snapshot.tenant).filter(receipt::Column::DeliveryId.is_in(ids()));
    let receipts = snapshot.rows(select.order_by_asc(receipt::Column::CreatedAt).order_by_asc(receipt::Column::Id), "receipts").await?;
    Ok(rows.iter().map(|row| delivery_of(row, &attempts, &receipts)).collect())
}

fn delivery_of(row: &delivery::Model, attempts: &[attempt::Model], receipts: &[receipt::Model]) -> Value {
    let own = |id: DeliveryId| id == row.id;
    json!({
        "id": row.id,
        "letter": row.letter_id,
        "channel": row.channel,
        "recipient": row.recipient,
        "status": row.status,
        "messageId": row.message_id,
        "providerId": row.provider_id,
        "providerStatus": row.provider_status,
        "errorCode": row.error_code,
        "errorMessage": row.error_message,
        "plannedAt": row.created_at,
        "sentAt": row.sent_at,
        "deliveredAt": row.delivered_at,
        "receipt": row.receipt,
        "attempts": attempts.iter().filter(|row| own(row.delivery_id)).map(attempt_of).collect::<Vec<_>>(),
        "news": receipts.iter().filter(|row| own(row.delivery_id)).map(news_of).collect::<Vec<_>>(),
    })
}

fn attempt_of(row: &attempt::Model) -> Value {
    json!({
        "number": row.number,
        "startedAt": row.started_at,
        "finishedAt": row.finished_at,
        "outcome": row.outcome,
        "code": row.code,
        "message": row.message,
        "providerId": row.provider_id,
    })
}

fn news_of(row: &receipt::Model) -> Value {
    json!({
        "kind": row.kind,
        "word": row.word,
        "code": row.code,
        "message": row.message,
        "happenedAt": row.happened_at,
        "heardAt": row.created_at,
        "raw": row.raw,
    })
}
