//! What an agency tells without being asked: the hand-over that it names is asked about now instead of hours later.
//! How agencies sign is not documented, so nothing that is told is believed: a stranger who guesses a reference only
//! makes us look earlier.

use entity::{AgencyKind, HandoverStatus, Scoped, handover};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use crate::{actor::Actor, change::Change, env::Env, error::Result, port::agency::AgencyHint};

/// Most hand-overs that one hint wakes: a batch holds one claim.
const MAX_WOKEN: u64 = 100;

/// What became of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was taken; whether it named a hand-over of ours is told to nobody.
    Taken,
    /// It is not of the documented shape.
    Unreadable,
    /// No agency of this kind is built in.
    Unknown,
}

/// Takes what an agency tells. `event` is the type as its header says.
///
/// # Errors
///
/// When the database refuses.
pub async fn told(env: &Env, kind: AgencyKind, event: Option<&str>, body: &[u8]) -> Result<Told> {
    let Some(connector) = env.outside.agencies.connectors.get(&kind) else { return Ok(Told::Unknown) };
    let named = match connector.read(event, body) {
        None => return Ok(Told::Unreadable),
        Some(AgencyHint::Other) => return Ok(Told::Taken),
        Some(AgencyHint::Batch(reference)) => handover::Column::BatchReference.eq(reference),
        Some(AgencyHint::Case(reference)) => handover::Column::ExternalReference.eq(reference),
    };
    let now = env.now();
    #[expect(clippy::disallowed_methods, reason = "an agency names its own reference, not a tenant")]
    let found = handover::Entity::find()
        .filter(named)
        .filter(handover::Column::Status.is_in([HandoverStatus::Sent, HandoverStatus::Accepted]))
        .filter(handover::Column::NextActionAt.gt(now))
        .limit(MAX_WOKEN)
        .all(&env.db)
        .await?;
    for row in found {
        let change = Change::begin(env, row.tenant_id, Actor::Provider).await?;
        handover::Entity::update_of(row.tenant_id)
            .col_expr(handover::Column::NextActionAt, Expr::value(now))
            .filter(handover::Column::Id.eq(row.id))
            .filter(handover::Column::NextActionAt.gt(now))
            .exec(&change.tx)
            .await?;
        change.commit().await?;
    }
    Ok(Told::Taken)
}
