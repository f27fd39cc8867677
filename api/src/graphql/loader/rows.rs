//! Rows by their id.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::policy::Ladder;
use entity::{
    AgencyId, CaseId, CredentialId, DebtorId, DeliveryId, HandoverId, IntegrationId, InvoiceId, LetterId, PaymentId, PolicyId,
    PrintBatchId, Role, Scoped, SyncRunId, TemplateId, TenantId, UploadId, UserId, WorkTaskId, agency, app_user, collection_case,
    credential, debtor, delivery, escalation_policy, event, handover, integration, invoice, letter, letter_template, membership, payment,
    policy_revision, print_batch, sync_run, tenant, upload, work_task,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, sea_query::ExprTrait};

use super::{Failed, Loads, pieces};

/// One row by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row<Id>(pub TenantId, pub Id);

macro_rules! rows {
    ($($id:ident => $table:ident),+ $(,)?) => {$(
        impl Loader<Row<$id>> for Loads {
            type Value = $table::Model;
            type Error = Failed;

            async fn load(&self, keys: &[Row<$id>]) -> Result<HashMap<Row<$id>, $table::Model>, Failed> {
                let mut found = HashMap::with_capacity(keys.len());
                for (tenant, ids) in pieces(keys.iter().map(|key| (key.0, key.1))) {
                    let rows = $table::Entity::of(tenant).filter($table::Column::Id.is_in(ids)).all(&self.db).await?;
                    found.extend(rows.into_iter().map(|row| (Row(tenant, row.id), row)));
                }
                Ok(found)
            }
        }
    )+};
}

rows! {
    DebtorId => debtor,
    CaseId => collection_case,
    InvoiceId => invoice,
    PaymentId => payment,
    LetterId => letter,
    DeliveryId => delivery,
    IntegrationId => integration,
    PolicyId => escalation_policy,
    SyncRunId => sync_run,
    UploadId => upload,
    AgencyId => agency,
    HandoverId => handover,
    PrintBatchId => print_batch,
    WorkTaskId => work_task,
    TemplateId => letter_template,
}

/// One event by its place in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventOf(pub TenantId, pub i64);

impl Loader<EventOf> for Loads {
    type Value = event::Model;
    type Error = Failed;

    async fn load(&self, keys: &[EventOf]) -> Result<HashMap<EventOf, event::Model>, Failed> {
        let mut found = HashMap::with_capacity(keys.len());
        for (tenant, sequences) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            let rows = event::Entity::of(tenant).filter(event::Column::Sequence.is_in(sequences)).all(&self.db).await?;
            found.extend(rows.into_iter().map(|row| (EventOf(tenant, row.sequence), row)));
        }
        Ok(found)
    }
}

/// A tenant by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantRow(pub TenantId);

impl Loader<TenantRow> for Loads {
    type Value = tenant::Model;
    type Error = Failed;

    #[allow(clippy::disallowed_methods, reason = "the tenants' own rows, by their ids")]
    async fn load(&self, keys: &[TenantRow]) -> Result<HashMap<TenantRow, tenant::Model>, Failed> {
        let ids = keys.iter().map(|key| key.0);
        let rows = tenant::Entity::find().filter(tenant::Column::Id.is_in(ids)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (TenantRow(row.id), row)).collect())
    }
}

/// A person who belongs to a tenant, with the role there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member(pub TenantId, pub UserId);

impl Loader<Member> for Loads {
    type Value = (app_user::Model, Role);
    type Error = Failed;

    #[allow(clippy::disallowed_methods, reason = "persons are found through the tenant's memberships")]
    async fn load(&self, keys: &[Member]) -> Result<HashMap<Member, Self::Value>, Failed> {
        let mut found = HashMap::with_capacity(keys.len());
        for (tenant, ids) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            let members = membership::Entity::of(tenant).filter(membership::Column::UserId.is_in(ids)).all(&self.db).await?;
            let users = members.iter().map(|member| member.user_id);
            let users = app_user::Entity::find().filter(app_user::Column::Id.is_in(users)).all(&self.db).await?;
            let roles: HashMap<UserId, Role> = members.iter().map(|member| (member.user_id, member.role)).collect();
            found.extend(users.into_iter().filter_map(|user| Some((Member(tenant, user.id), (user.clone(), *roles.get(&user.id)?)))));
        }
        Ok(found)
    }
}

/// What people may know of the keys to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKeys {
    /// The last characters of what a person knows them by.
    pub hint: Option<String>,
    /// What they allow, as the provider spells it.
    pub scopes: Vec<String>,
}

/// What people may know of one set of keys; the keys themselves are not even read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeysOf(pub TenantId, pub CredentialId);

impl Loader<KeysOf> for Loads {
    type Value = KnownKeys;
    type Error = Failed;

    async fn load(&self, keys: &[KeysOf]) -> Result<HashMap<KeysOf, KnownKeys>, Failed> {
        let mut found = HashMap::with_capacity(keys.len());
        for (tenant, ids) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            let select = credential::Entity::of(tenant).filter(credential::Column::Id.is_in(ids)).select_only();
            let select = select.columns([credential::Column::Id, credential::Column::Hint, credential::Column::Scopes]);
            let rows: Vec<(CredentialId, Option<String>, serde_json::Value)> = select.into_tuple().all(&self.db).await?;
            for (id, hint, scopes) in rows {
                found.insert(KeysOf(tenant, id), KnownKeys { hint, scopes: serde_json::from_value(scopes)? });
            }
        }
        Ok(found)
    }
}

/// One revision of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LadderOf(pub TenantId, pub PolicyId, pub i32);

impl Loader<LadderOf> for Loads {
    type Value = Ladder;
    type Error = Failed;

    async fn load(&self, keys: &[LadderOf]) -> Result<HashMap<LadderOf, Ladder>, Failed> {
        let mut found = HashMap::with_capacity(keys.len());
        for (tenant, wanted) in pieces(keys.iter().map(|key| (key.0, (key.1, key.2)))) {
            let any = wanted.into_iter().fold(Condition::any(), |any, (policy, revision)| {
                let this = policy_revision::Column::PolicyId.eq(policy).and(policy_revision::Column::Revision.eq(revision));
                any.add(this)
            });
            for row in policy_revision::Entity::of(tenant).filter(any).all(&self.db).await? {
                found.insert(LadderOf(tenant, row.policy_id, row.revision), serde_json::from_value(row.ladder)?);
            }
        }
        Ok(found)
    }
}
