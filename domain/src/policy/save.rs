//! Making and revising policies. A revision is never changed: open cases keep theirs.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{DebtorKind, PolicyId, Scoped, TenantId, escalation_policy, policy_revision, tenant};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Ladder, Preset, Warning,
    check::{MAX_NAME_CHARS, name_of},
    legal::{self, Under},
    preset,
};
use crate::{
    actor::{Action, Viewer},
    calendar,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::country,
};

/// Most policies of one tenant, archived ones included.
pub const MAX_POLICIES: u64 = 200;

/// A policy as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Shown to people.
    pub name: String,
    /// The country of the debtors that it is made for (ISO 3166-1 alpha-2); none for any.
    pub country: Option<String>,
    /// The debtors that it is made for; none for any.
    pub debtor_kind: Option<DebtorKind>,
    /// The key of the preset that it was made from.
    pub preset: Option<String>,
    /// Its steps.
    pub ladder: Ladder,
    /// Refuse when its newest revision is another one.
    pub expected_revision: Option<i32>,
}

impl Draft {
    /// A policy for any debtor.
    pub fn new(name: &str, ladder: &Ladder) -> Self {
        let (name, ladder) = (name.to_owned(), ladder.clone());
        Self { name, country: None, debtor_kind: None, preset: None, ladder, expected_revision: None }
    }

    /// A preset as a policy for any debtor, under another name when one is given.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` when there is no such preset.
    pub fn of_preset(key: &str, name: Option<&str>) -> Result<Self, Refusal> {
        let found = preset(key).ok_or_else(|| Refusal::not_found("preset").at("key"))?;
        Ok(Self { preset: Some(found.key.clone()), ..Self::new(name.unwrap_or(&found.name), &found.ladder) })
    }
}

/// A policy that was made or revised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Which.
    pub id: PolicyId,
    /// Its newest revision.
    pub revision: i32,
    /// What deserves a second look.
    pub warnings: Vec<Warning>,
}

/// Makes a policy, or adds a revision to one. The same steps again add none.
///
/// # Errors
///
/// A refusal: a bad name or step, a fee or a notice that the country's rules do not allow, an unknown or archived policy,
/// a stale revision, a tenant's policy that would no longer fit every debtor.
pub async fn save(env: &Env, viewer: &Viewer, id: Option<PolicyId>, draft: &Draft) -> Result<Saved> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let tenant = crate::tenant::find(&change.tx, viewer.tenant).await?;
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
    let (draft, warnings) = checked(draft, &tenant, today)?;
    let (id, revision) = match id {
        Some(id) => revise(&change, &tenant, id, &draft).await?,
        None => (add(&change, &draft).await?, 1),
    };
    change.record(Happened::new(kind::POLICY_CHANGED).subject(id.0).with("revision", revision));
    change.commit().await?;
    Ok(Saved { id, revision, warnings })
}

/// Makes the first policy of a new tenant inside the change that makes the tenant.
///
/// # Errors
///
/// When the database refuses.
pub async fn seed(change: &Change<'_>, preset: &Preset) -> Result<PolicyId> {
    add(change, &Draft::of_preset(&preset.key, None)?).await
}

/// The ladder that a case began with.
pub(crate) async fn ladder_of(db: &impl ConnectionTrait, tenant: TenantId, policy: PolicyId, revision: i32) -> Result<Ladder> {
    let row = policy_revision::Entity::of(tenant)
        .filter(policy_revision::Column::PolicyId.eq(policy))
        .filter(policy_revision::Column::Revision.eq(revision))
        .one(db)
        .await?
        .ok_or_else(|| Error::Bug(format!("policy {policy} has no revision {revision}")))?;
    ladder_in(row)
}

/// The ladder of a revision that was read already.
///
/// # Errors
///
/// When it has another shape.
pub(crate) fn ladder_in(row: policy_revision::Model) -> Result<Ladder> {
    Ok(serde_json::from_value(row.ladder)?)
}

/// The policies on offer that begin before the due date, and how many days before it.
pub(crate) async fn begin_before_due(db: &impl ConnectionTrait, tenant: TenantId) -> Result<HashMap<PolicyId, u32>> {
    let newest = escalation_policy::Entity::of(tenant)
        .select_only()
        .column(escalation_policy::Column::Id)
        .filter(escalation_policy::Column::Archived.eq(false))
        .filter(
            Expr::col((escalation_policy::Entity, escalation_policy::Column::Id))
                .equals((policy_revision::Entity, policy_revision::Column::PolicyId)),
        )
        .filter(
            Expr::col((escalation_policy::Entity, escalation_policy::Column::Revision))
                .equals((policy_revision::Entity, policy_revision::Column::Revision)),
        );
    let rows = policy_revision::Entity::of(tenant).filter(Expr::exists(newest.into_query())).all(db).await?;
    let mut found = HashMap::new();
    for row in rows {
        let ladder: Ladder = serde_json::from_value(row.ladder)?;
        found.extend(ladder.before_due().map(|days| (row.policy_id, days)));
    }
    Ok(found)
}

/// Locks a policy that is still offered.
///
/// # Errors
///
/// `NOT_FOUND` at `field`, the same for an unknown id, a neighbour's and an archived policy.
pub(super) async fn lock_offered(change: &Change<'_>, id: PolicyId, field: &str) -> Result<escalation_policy::Model> {
    let select = escalation_policy::Entity::of(change.tenant).filter(escalation_policy::Column::Id.eq(id));
    let select = select.filter(escalation_policy::Column::Archived.eq(false));
    select.lock_exclusive().one(&change.tx).await?.ok_or_else(|| Refusal::not_found("policy").at(field).into())
}

/// The draft with clean names, once it passed every check.
fn checked(draft: &Draft, tenant: &tenant::Model, today: NaiveDate) -> Result<(Draft, Vec<Warning>), Refusal> {
    let mut draft = draft.clone();
    let message = || format!("a policy has a name of at most {MAX_NAME_CHARS} characters");
    draft.name = name_of(&draft.name).ok_or_else(|| Refusal::new(RefusalCode::Invalid, message()).at("name"))?;
    draft.country.as_deref().map_or(Ok(()), |code| country::check_code(code, "country"))?;
    if draft.preset.as_deref().is_some_and(|key| preset(key).is_none()) {
        return Err(Refusal::not_found("preset").at("preset"));
    }
    draft.ladder.check()?;
    for step in &mut draft.ladder.steps {
        step.name = name_of(&step.name).unwrap_or_default();
        step.note = step.note.take().map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        // A price of nothing says nothing.
        step.fee.retain(|price| price.minor > 0);
        step.minimum.retain(|price| price.minor > 0);
        if !step.speaks() {
            (step.channels, step.fallback) = (Vec::new(), Vec::new());
        }
    }
    let mut countries = vec![tenant.country.as_str()];
    countries.extend(draft.country.as_deref().filter(|code| *code != tenant.country));
    let mut warnings = draft.ladder.warnings();
    warnings.extend(legal::check(&draft.ladder, &Under { countries, debtor_kind: draft.debtor_kind, today })?);
    Ok((draft, warnings))
}

async fn add(change: &Change<'_>, draft: &Draft) -> Result<PolicyId> {
    if escalation_policy::Entity::of(change.tenant).count(&change.tx).await? >= MAX_POLICIES {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_POLICIES} policies")).into());
    }
    let id = change.env.new_id();
    let row = escalation_policy::Model {
        tenant_id: change.tenant,
        id,
        name: draft.name.clone(),
        revision: 1,
        country: draft.country.clone(),
        debtor_kind: draft.debtor_kind,
        preset: draft.preset.clone(),
        archived: false,
        created_at: change.now,
        updated_at: change.now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    add_revision(&change.tx, change.tenant, id, 1, &draft.ladder, change.now).await?;
    Ok(id)
}

async fn revise(change: &Change<'_>, tenant: &tenant::Model, id: PolicyId, draft: &Draft) -> Result<(PolicyId, i32)> {
    let mut row = lock_offered(change, id, "id").await?;
    if draft.expected_revision.is_some_and(|expected| expected != row.revision) {
        let message = format!("the policy was revised meanwhile: it is at revision {}", row.revision);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedRevision").into());
    }
    if tenant.default_policy_id == Some(id) {
        super::assign::for_everybody(draft.country.as_deref(), draft.debtor_kind)?;
    }
    if ladder_of(&change.tx, change.tenant, id, row.revision).await? != draft.ladder {
        row.revision += 1;
        add_revision(&change.tx, change.tenant, id, row.revision, &draft.ladder, change.now).await?;
    }
    let revision = row.revision;
    row.name.clone_from(&draft.name);
    row.country.clone_from(&draft.country);
    row.debtor_kind = draft.debtor_kind;
    row.preset = draft.preset.clone().or(row.preset);
    row.updated_at = change.now;
    row.into_active_model().reset_all().update(&change.tx).await?;
    Ok((id, revision))
}

async fn add_revision(
    tx: &DatabaseTransaction,
    tenant: TenantId,
    policy: PolicyId,
    revision: i32,
    ladder: &Ladder,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = policy_revision::ActiveModel {
        tenant_id: Set(tenant),
        policy_id: Set(policy),
        revision: Set(revision),
        ladder: Set(serde_json::to_value(ladder)?),
        created_at: Set(now),
    };
    policy_revision::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
