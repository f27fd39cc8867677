//! The life of a letter's row: issued with frozen figures, consented to or refused, drawn, cancelled while it has not
//! left, marked as posted. What a letter says is [`super`]'s; handing it over is [`crate::delivery`]'s.

mod beside;
mod cancel;
mod consent;
mod document;
mod frozen;
mod group;
mod issue;
mod lines;
mod posted;
mod preview;
mod ran;
mod reissue;
mod would;

pub use beside::{THANK_YOU_STEP, send_statement_in};
pub(crate) use beside::{acknowledge, issue_thank_you, write_anew};
pub(crate) use cancel::{cancel_unsent, cancel_with_deliveries};
use consent::consent_until;
pub(crate) use consent::withdraw_expired;
pub use consent::{Consent, decide as decide_consent, decide_in as decide_consents_in, decide_seen_in};
pub(super) use document::draw;
pub use document::{Document, Page, document, page};
pub(crate) use frozen::{only_open, recipient_of};
pub(crate) use group::{Follower, cases_of, follow, followers, let_go_alone, lock_cases, lock_open, members, own_sum};
pub(crate) use issue::{Due, issue_group, issue_step};
pub use posted::mark_posted;
pub use preview::{Preview, preview};
pub(crate) use ran::step_ran;
pub use reissue::reissue;
pub(crate) use would::lacking;
pub(super) use would::would_state;

use entity::{LetterId, Scoped, letter};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};

use crate::{
    change::Change,
    error::{Refusal, Result},
};

/// Reads a letter of the tenant.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub(super) async fn find_row(db: &impl ConnectionTrait, tenant: entity::TenantId, id: LetterId) -> Result<letter::Model> {
    let found = letter::Entity::of(tenant).filter(letter::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Refusal::not_found("letter").at("id").into())
}

/// Locks and reads a letter whose case is locked. Who draws its page locks it alone, without the case.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub(super) async fn lock_row(change: &Change<'_>, id: LetterId) -> Result<letter::Model> {
    let found = letter::Entity::of(change.tenant).filter(letter::Column::Id.eq(id)).lock_exclusive().one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("letter").at("id").into())
}

/// Saves a locked letter.
pub(crate) async fn save_row(change: &Change<'_>, letter: &mut letter::Model) -> Result<()> {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    letter.updated_at = change.now;
    // Its figures are long: they are not asked back.
    let row = letter.clone().into_active_model().reset_all();
    letter::Entity::update_of(change.tenant).set(row).filter(letter::Column::Id.eq(letter.id)).exec(&change.tx).await?;
    Ok(())
}
