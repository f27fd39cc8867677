//! A delivery with everything that it moves, under its locks: the case of its letter, and those that the letter speaks
//! for too. Which ones is written in the letter, so an ordinary letter costs nothing more.

use std::collections::BTreeSet;

use entity::{DeliveryId, IntegrationId, LetterStatus, Scoped, TenantId, collection_case, delivery, letter};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, SelectTwo, sea_query::LockType,
};

use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::Result,
    letter::{Follower, followers, lock_cases, members},
};

/// What is locked.
pub(super) struct Held<'e> {
    pub(super) change: Change<'e>,
    pub(super) row: delivery::Model,
    pub(super) of: Of,
}

/// Whom a delivery is for.
pub(super) struct Of {
    /// The letter.
    pub(super) letter: letter::Model,
    /// Its case.
    pub(super) case: collection_case::Model,
    /// The letter's deliveries by other channels.
    pub(super) others: Vec<delivery::Model>,
    /// The other cases that it speaks for, with their own letters.
    pub(super) followers: Vec<Follower>,
    /// Cases that it spoke for and that left it: it is not true any more.
    pub(super) torn: bool,
}

impl Of {
    /// Every case with its own letter.
    pub(super) fn each(&mut self) -> impl Iterator<Item = (&mut collection_case::Model, &mut letter::Model)> {
        let followers = self.followers.iter_mut().map(|follower| (&mut follower.case, &mut follower.letter));
        std::iter::once((&mut self.case, &mut self.letter)).chain(followers)
    }

    /// The books that its cases come from.
    pub(super) fn integrations(&self) -> BTreeSet<IntegrationId> {
        std::iter::once(self.case.integration_id).chain(self.followers.iter().map(|follower| follower.case.integration_id)).collect()
    }
}

/// Reads a delivery with its letter, without a lock.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn find_with_letter(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    id: DeliveryId,
) -> Result<Option<(delivery::Model, letter::Model)>> {
    let found = with_letter(tenant).filter(delivery::Column::Id.eq(id)).one(db).await?;
    Ok(found.and_then(|(row, letter)| Some((row, letter?))))
}

/// Locks a delivery that was seen, with all that it moves; none when it is gone.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn hold<'e>(env: &'e Env, actor: Actor, seen: &delivery::Model) -> Result<Option<Held<'e>>> {
    let tenant = seen.tenant_id;
    let change = Change::begin(env, tenant, actor).await?;
    let case = case::lock(&change, seen.case_id).await?;
    let Some((row, others, letter)) = lock_letter(&change, seen).await? else { return Ok(None) };
    let mut cases: Vec<_> = members(&letter)?.into_iter().map(|member| member.case_id).collect();
    if cases.is_empty() {
        return Ok(Some(Held { change, row, of: Of { letter, case, others, followers: Vec::new(), torn: false } }));
    }
    // Begun anew, with the locks in their order.
    change.tx.rollback().await?;
    let change = Change::begin(env, tenant, actor).await?;
    cases.sort_unstable();
    let (case, beside) = lock_cases(&change, &cases, seen.case_id).await?;
    let Some((row, others, letter)) = lock_letter(&change, seen).await? else { return Ok(None) };
    let followers = followers(&change, letter.id, beside).await?;
    let over = |letter: &letter::Model| letter.status != LetterStatus::Sent && letter.consent_expires_at.is_some_and(|at| at <= change.now);
    let torn = followers.len() + 1 < cases.len() || over(&letter) || followers.iter().any(|follower| over(&follower.letter));
    Ok(Some(Held { change, row, of: Of { letter, case, others, followers, torn } }))
}

/// Locks the letter of a delivery whose case is locked, and reads all its deliveries: whoever changes one holds the
/// case. Who draws the letter's page locks it alone.
async fn lock_letter(
    change: &Change<'_>,
    seen: &delivery::Model,
) -> Result<Option<(delivery::Model, Vec<delivery::Model>, letter::Model)>> {
    let mut select = with_letter(change.tenant).filter(delivery::Column::LetterId.eq(seen.letter_id));
    QueryTrait::query(&mut select).lock_with_tables(LockType::Update, [letter::Entity]);
    // In the order of the index over a letter's deliveries: by their ids a tenant's might all be walked through.
    let mut rows = select.order_by_asc(delivery::Column::Channel).all(&change.tx).await?;
    let Some(at) = rows.iter().position(|(row, _)| row.id == seen.id) else { return Ok(None) };
    let (row, letter) = rows.remove(at);
    Ok(letter.map(|letter| (row, rows.into_iter().map(|(other, _)| other).collect(), letter)))
}

/// Deliveries, each with its letter.
fn with_letter(tenant: TenantId) -> SelectTwo<delivery::Entity, letter::Entity> {
    let letters = delivery::Entity::belongs_to(letter::Entity).from(delivery::Column::LetterId).to(letter::Column::Id);
    delivery::Entity::of(tenant)
        .join(JoinType::InnerJoin, letters.into())
        .filter(letter::Column::TenantId.eq(tenant))
        .select_also(letter::Entity)
}
