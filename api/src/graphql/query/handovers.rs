//! Questions about hand-overs and agencies.

use async_graphql::{Context, ID, Object, connection::Connection};
use entity::{AgencyId, Scoped, handover};
use sea_orm::{ColumnTrait, QueryFilter};

use super::distinct;
use crate::graphql::{
    access,
    agency::Agency,
    connection::{Counted, connect, db, list_cost, page_cost},
    handover::Handover,
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::HandoverStatus,
    loader::{self, AgenciesOf},
    seal::Seal,
};

const HANDOVERS: Ordering<handover::Model> = Ordering {
    column: handover::Column::CreatedAt,
    id: handover::Column::Id,
    nullable: false,
    descending: false,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

/// Questions about hand-overs and agencies.
#[derive(Default)]
pub struct Handovers;

/// Questions about hand-overs and agencies.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Handovers {
    /// Hand-overs, oldest first. `status: [OFFERED]` is what may still be stopped, `stalled: true` is what is stuck.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn handovers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Hand-overs from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Hand-overs from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Standing at one of these.")] status: Option<Vec<HandoverStatus>>,
        #[graphql(desc = "Only those that are stalled, or only those that are not.")] stalled: Option<bool>,
        #[graphql(desc = "To this agency.")] agency_id: Option<ID>,
    ) -> async_graphql::Result<Connection<String, Handover, Counted>> {
        let db = db(ctx)?;
        let mut select = handover::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(status) = status {
            select = select.filter(handover::Column::Status.is_in(distinct(status.into_iter().map(entity::HandoverStatus::from))));
        }
        if let Some(stalled) = stalled {
            let column = handover::Column::StalledAt;
            select = select.filter(if stalled { column.is_not_null() } else { column.is_null() });
        }
        if let Some(agency) = agency_id {
            select = select.filter(handover::Column::AgencyId.eq(id::queried::<AgencyId>(&agency, "agencyId")?));
        }
        let page = HANDOVERS.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "handovers")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }

    /// The agencies that the creditor works with, ended ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn agencies(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Agency>> {
        let rows = loader::one(ctx, AgenciesOf(access::viewer(ctx)?.tenant)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Agency).collect())
    }
}
