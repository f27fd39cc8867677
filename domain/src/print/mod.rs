//! Print batches: letters that wait for a stamp, chosen together ([`create`]), drawn as one file ([`document`]) with a
//! list of what stands where ([`manifest()`]), posted together ([`mark_posted`]) or given up ([`cancel`]).
//!
//! The row comes first and the file second, so that a process that dies in between leaves a batch that is drawn when it is
//! next asked for. A letter is in one open batch at most; the database sees to it.

mod create;
mod draw;
mod end;
mod manifest;

pub use create::{Choice, create};
pub use draw::{MAX_BYTES, PrintFile, document};
pub use end::{Posted, cancel, mark_posted};
pub use manifest::{Entry, manifest};

use entity::{Channel, DeliveryStatus, LetterId, PrintBatchId, Scoped, TenantId, delivery, print_batch, print_batch_letter};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{
    change::Change,
    error::{Refusal, RefusalCode, Result},
};

/// Most letters of one batch: what a person puts into envelopes in a day.
pub const MAX_LETTERS: usize = 500;

/// Reads a batch.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: PrintBatchId) -> Result<print_batch::Model> {
    let found = print_batch::Entity::of(tenant).filter(print_batch::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Refusal::not_found("print batch").at("id").into())
}

/// The letters of a batch with their places, in order.
///
/// # Errors
///
/// When the database refuses.
pub async fn letters(db: &impl ConnectionTrait, tenant: TenantId, id: PrintBatchId) -> Result<Vec<print_batch_letter::Model>> {
    let select = print_batch_letter::Entity::of(tenant).filter(print_batch_letter::Column::BatchId.eq(id));
    Ok(select.order_by_asc(print_batch_letter::Column::Position).all(db).await?)
}

/// The letters that a person is to post, by their paper deliveries: those of a letter that was stopped wait no longer.
fn waiting(tenant: TenantId) -> Select<delivery::Entity> {
    delivery::Entity::of(tenant)
        .select_only()
        .column(delivery::Column::LetterId)
        .filter(delivery::Column::Channel.eq(Channel::Post))
        .filter(delivery::Column::Status.eq(DeliveryStatus::ReadyToPost))
}

/// Which of these letters a person is to post now.
async fn ready(db: &impl ConnectionTrait, tenant: TenantId, ids: &[LetterId]) -> Result<Vec<LetterId>> {
    Ok(waiting(tenant).filter(delivery::Column::LetterId.is_in(ids.iter().copied())).into_tuple().all(db).await?)
}

/// Locks and reads a batch that is open.
async fn lock_open(change: &Change<'_>, id: PrintBatchId) -> Result<print_batch::Model> {
    let select = print_batch::Entity::of(change.tenant).filter(print_batch::Column::Id.eq(id));
    let found = select.lock_exclusive().one(&change.tx).await?.ok_or_else(|| Refusal::not_found("print batch").at("id"))?;
    still_open(&found)?;
    Ok(found)
}

fn still_open(batch: &print_batch::Model) -> Result<(), Refusal> {
    if batch.status == entity::PrintBatchStatus::Open {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::IllegalTransition, "the batch was posted or given up").at("id"))
}
