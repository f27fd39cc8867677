//! Going back to the product's own text.

use entity::TemplateId;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::save::lock;
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
};

/// Letters that are issued from now on no longer get this text; issued ones keep it.
///
/// # Errors
///
/// `NOT_FOUND`, also for one that is archived already.
pub async fn archive(env: &Env, viewer: &Viewer, id: TemplateId) -> Result<()> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock(&change, id).await?;
    row.archived = true;
    row.updated_at = change.now;
    let revision = row.revision;
    row.into_active_model().reset_all().update(&change.tx).await?;
    change.record(Happened::new(kind::TEMPLATE_CHANGED).subject(id.0).with("revision", revision).with("archived", true));
    change.commit().await
}
