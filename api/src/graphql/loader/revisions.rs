//! The revisions of policies, with how many open cases follow each.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use domain::policy::Ladder;
use entity::{CaseStatus, PolicyId, Scoped, TenantId, collection_case, policy_revision};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Failed, Loads, pieces};

/// One revision of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Counts from 1.
    pub number: i32,
    /// Its steps.
    pub ladder: Ladder,
    /// Cases that follow it and are neither declined nor closed.
    pub open_cases: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The revisions of a policy, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevisionsOf(pub TenantId, pub PolicyId);

impl Loader<RevisionsOf> for Loads {
    type Value = Vec<Revision>;
    type Error = Failed;

    async fn load(&self, keys: &[RevisionsOf]) -> Result<HashMap<RevisionsOf, Self::Value>, Failed> {
        let mut found: HashMap<RevisionsOf, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for (tenant, policies) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            let open = self.followers(tenant, &policies).await?;
            let select = policy_revision::Entity::of(tenant).filter(policy_revision::Column::PolicyId.is_in(policies));
            for row in select.order_by_asc(policy_revision::Column::Revision).all(&self.db).await? {
                let revision = Revision {
                    number: row.revision,
                    ladder: serde_json::from_value(row.ladder)?,
                    open_cases: open.get(&(row.policy_id, row.revision)).copied().unwrap_or(0),
                    created_at: row.created_at,
                };
                if let Some(list) = found.get_mut(&RevisionsOf(tenant, row.policy_id)) {
                    list.push(revision);
                }
            }
        }
        Ok(found)
    }
}

impl Loads {
    async fn followers(&self, tenant: TenantId, policies: &[PolicyId]) -> Result<HashMap<(PolicyId, i32), i64>, Failed> {
        let rows: Vec<(PolicyId, i32, i64)> = collection_case::Entity::of(tenant)
            .select_only()
            .column(collection_case::Column::PolicyId)
            .column(collection_case::Column::PolicyRevision)
            .column_as(collection_case::Column::Id.count(), "count")
            .filter(collection_case::Column::PolicyId.is_in(policies.iter().copied()))
            .filter(collection_case::Column::Status.is_not_in([CaseStatus::Declined, CaseStatus::Closed]))
            .group_by(collection_case::Column::PolicyId)
            .group_by(collection_case::Column::PolicyRevision)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(policy, revision, count)| ((policy, revision), count)).collect())
    }
}
