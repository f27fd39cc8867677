//! A delivery with everything that it moves, under its locks: the case of its letter, and those that the letter speaks
//! for too. Which ones is written in the letter, so an ordinary letter costs nothing more.

use std::collections::BTreeSet;

use entity::{DeliveryId, IntegrationId, LetterStatus, TenantId, collection_case, delivery, letter};

use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::Result,
    letter::{Follower, followers, lock_cases, lock_row, members},
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

/// Locks them; none when the delivery is gone.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn hold(env: &Env, tenant: TenantId, actor: Actor, id: DeliveryId) -> Result<Option<Held<'_>>> {
    let Some(seen) = super::find(&env.db, tenant, id).await? else { return Ok(None) };
    let change = Change::begin(env, tenant, actor).await?;
    let case = case::lock(&change, seen.case_id).await?;
    let Some(row) = super::find(&change.tx, tenant, id).await? else { return Ok(None) };
    let letter = lock_row(&change, row.letter_id).await?;
    let mut cases: Vec<_> = members(&letter)?.into_iter().map(|member| member.case_id).collect();
    if cases.is_empty() {
        return Ok(Some(Held { change, row, of: Of { letter, case, followers: Vec::new(), torn: false } }));
    }
    // Begun anew, with the locks in their order.
    change.tx.rollback().await?;
    let change = Change::begin(env, tenant, actor).await?;
    cases.sort_unstable();
    let (case, others) = lock_cases(&change, &cases, seen.case_id).await?;
    let Some(row) = super::find(&change.tx, tenant, id).await? else { return Ok(None) };
    let letter = lock_row(&change, row.letter_id).await?;
    let followers = followers(&change, letter.id, others).await?;
    let over = |letter: &letter::Model| letter.status != LetterStatus::Sent && letter.consent_expires_at.is_some_and(|at| at <= change.now);
    let torn = followers.len() + 1 < cases.len() || over(&letter) || followers.iter().any(|follower| over(&follower.letter));
    Ok(Some(Held { change, row, of: Of { letter, case, followers, torn } }))
}
