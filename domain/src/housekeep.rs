//! Forgetting what has served its purpose. Nothing here is evidence: letters, events and payments stay.

use chrono::TimeDelta;
use entity::{UploadStatus, authorization, idempotency, session, sign_in_link, sync_hint, upload, upload_chunk};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{env::Env, error::Result};

/// How long the first answer to an idempotent mutation is replayed.
pub const KEEP_IDEMPOTENCY: TimeDelta = TimeDelta::hours(24);

/// How long an uploaded file waits to be imported.
pub const KEEP_FILES: TimeDelta = TimeDelta::days(7);

/// How long an ended sign-in is kept, to notice the reuse of its tokens.
pub const KEEP_SESSIONS: TimeDelta = TimeDelta::days(30);

/// How long a provider's hint is kept after its run began, or when nobody followed it: to notice it told twice.
pub const KEEP_HINTS: TimeDelta = TimeDelta::days(30);

/// Sweeps and returns how many rows went.
///
/// # Errors
///
/// When the database fails; what was swept before stays swept.
#[expect(clippy::disallowed_methods, reason = "old rows of all tenants, by age alone")]
pub async fn sweep(env: &Env) -> Result<u64> {
    let (db, machine, now) = (&env.db, env.clock.machine(), env.now());
    let mut gone = 0;
    let old_key = idempotency::Column::CreatedAt.lt(machine - KEEP_IDEMPOTENCY);
    gone += idempotency::Entity::delete_many().filter(old_key).exec(db).await?.rows_affected;
    let ended = session::Column::ExpiresAt.lt(machine - KEEP_SESSIONS);
    gone += session::Entity::delete_many().filter(ended).exec(db).await?.rows_affected;
    let useless = sign_in_link::Column::ExpiresAt.lt(machine - KEEP_SESSIONS);
    gone += sign_in_link::Entity::delete_many().filter(useless).exec(db).await?.rows_affected;
    // Keys that wait there for a choice go with it.
    let given_up = authorization::Column::ExpiresAt.lt(machine);
    gone += authorization::Entity::delete_many().filter(given_up).exec(db).await?.rows_affected;
    gone += sync_hint::Entity::delete_many().filter(sync_hint::Column::ToldAt.lt(now - KEEP_HINTS)).exec(db).await?.rows_affected;
    let abandoned =
        upload::Entity::find().select_only().column(upload::Column::Id).filter(upload::Column::CreatedAt.lt(now - KEEP_FILES)).filter(
            Condition::any().add(upload::Column::Status.eq(UploadStatus::Stored)).add(upload::Column::Status.eq(UploadStatus::Pending)),
        );
    let pieces = upload_chunk::Entity::delete_many().filter(upload_chunk::Column::UploadId.in_subquery(abandoned.into_query()));
    gone += pieces.exec(db).await?.rows_affected;
    Ok(gone)
}
