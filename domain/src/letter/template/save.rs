//! Making and revising a tenant's own text. A revision is never changed: issued letters keep theirs.

use chrono::NaiveDate;
use entity::{LetterKind, Scoped, TemplateId, letter_template, letter_template_revision, tenant};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, SqlErr};

use super::{
    OwnText, check,
    choose::wording,
    preview,
    unsaid::{For, unsaid},
};
use crate::{
    actor::{Action, Viewer},
    calendar,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::Language,
};

/// Most templates of one tenant, archived ones included.
pub const MAX_TEMPLATES: u64 = 500;

/// A text as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// The letters that it is for.
    pub kind: LetterKind,
    /// Their language.
    pub language: Language,
    /// The country of the debtors that it is for (ISO 3166-1 alpha-2); none for any.
    pub country: Option<String>,
    /// The text.
    pub text: OwnText,
    /// Refuse when the newest revision is another one.
    pub expected_revision: Option<i32>,
}

/// Makes a template, or adds a revision to one; the same text again adds none. Letters that are issued from now on get
/// it, issued ones keep theirs.
///
/// # Errors
///
/// A refusal: a text that breaks a rule or holds words that a law forbids in these letters, at its field; an unknown or archived template; a stale revision; a second
/// template for the same letters.
pub async fn save(env: &Env, viewer: &Viewer, id: Option<TemplateId>, new: &NewTemplate) -> Result<TemplateId> {
    viewer.require(Action::Configure)?;
    let new = check::checked(new)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let tenant = crate::tenant::find(&change.tx, viewer.tenant).await?;
    lawful(&tenant, &new, calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now))?;
    preview::composes(&tenant, &new)?;
    let (id, revision) = match id {
        Some(id) => revise(&change, viewer, id, &new).await?,
        None => (add(&change, viewer, &new).await?, 1),
    };
    change.record(Happened::new(kind::TEMPLATE_CHANGED).subject(id.0).with("revision", revision).with("kind", new.kind.as_str()));
    change.commit().await?;
    Ok(id)
}

/// Refuses a text with words that a law forbids in these letters.
fn lawful(tenant: &tenant::Model, new: &NewTemplate, day: NaiveDate) -> Result<(), Refusal> {
    let letters = For { kind: new.kind, language: new.language, creditor: &tenant.country, debtors: new.country.as_deref(), day };
    unsaid(&new.text, letters).into_iter().next().map_or(Ok(()), |first| Err(first.into()))
}

async fn add(change: &Change<'_>, viewer: &Viewer, new: &NewTemplate) -> Result<TemplateId> {
    if letter_template::Entity::of(change.tenant).count(&change.tx).await? >= MAX_TEMPLATES {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_TEMPLATES} templates")).into());
    }
    let id = change.env.new_id();
    let row = letter_template::Model {
        tenant_id: change.tenant,
        id,
        kind: new.kind,
        language: new.language.as_str().to_owned(),
        country: new.country.clone(),
        revision: 1,
        archived: false,
        created_at: change.now,
        updated_at: change.now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await.map_err(|fault| match fault.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = "there is a text of yours for these letters already: revise that one, or archive it first";
            Error::from(Refusal::new(RefusalCode::AlreadyExists, message))
        }
        _ => fault.into(),
    })?;
    insert(change, viewer, id, 1, &new.text).await?;
    Ok(id)
}

async fn revise(change: &Change<'_>, viewer: &Viewer, id: TemplateId, new: &NewTemplate) -> Result<(TemplateId, i32)> {
    let mut row = lock(change, id).await?;
    if new.expected_revision.is_some_and(|expected| expected != row.revision) {
        let message = format!("the text changed meanwhile: it is at revision {}", row.revision);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedRevision").into());
    }
    if (row.kind, row.language.as_str(), &row.country) != (new.kind, new.language.as_str(), &new.country) {
        let message = "a text stays with its kind, language and country: make another one";
        return Err(Refusal::new(RefusalCode::Invalid, message).at("id").into());
    }
    if wording(&change.tx, &row).await?.text == new.text {
        return Ok((id, row.revision));
    }
    row.revision += 1;
    row.updated_at = change.now;
    insert(change, viewer, id, row.revision, &new.text).await?;
    let revision = row.revision;
    row.into_active_model().reset_all().update(&change.tx).await?;
    Ok((id, revision))
}

/// Locks a template that is in use.
pub(super) async fn lock(change: &Change<'_>, id: TemplateId) -> Result<letter_template::Model> {
    let select = letter_template::Entity::of(change.tenant).filter(letter_template::Column::Id.eq(id));
    let select = select.filter(letter_template::Column::Archived.eq(false));
    select.lock_exclusive().one(&change.tx).await?.ok_or_else(|| Refusal::not_found("template").at("id").into())
}

async fn insert(change: &Change<'_>, viewer: &Viewer, id: TemplateId, revision: i32, text: &OwnText) -> Result<()> {
    let row = letter_template_revision::Model {
        tenant_id: change.tenant,
        template_id: id,
        revision,
        text: serde_json::to_value(text)?,
        created_by: Some(viewer.user),
        created_at: change.now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    Ok(())
}
