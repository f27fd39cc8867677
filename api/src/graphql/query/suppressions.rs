//! Questions about addresses that must not be used.

use async_graphql::{Context, Object, connection::Connection};
use entity::{Scoped, suppression};
use sea_orm::{ColumnTrait, QueryFilter};

use super::distinct;
use crate::graphql::{
    access,
    connection::{Counted, connect, db, page_cost},
    keyset::{Key, Ordering, Paging, Place},
    kind::{Channel, SuppressionReason},
    seal::Seal,
    suppression::Suppression,
};

const SUPPRESSIONS: Ordering<suppression::Model> = Ordering {
    column: suppression::Column::CreatedAt,
    id: suppression::Column::Id,
    nullable: false,
    descending: true,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

/// Questions about addresses that must not be used.
#[derive(Default)]
pub struct Suppressions;

/// Questions about addresses that must not be used.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Suppressions {
    /// Addresses of all debtors that must not be used, newest first. A new address of a debtor (`debtorUpdateContact`, or
    /// from the books) is used at once; `suppressionLift` lets the old one be used again.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn suppressions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Addresses from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Addresses from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Of one of these ways.")] channel: Option<Vec<Channel>>,
        #[graphql(desc = "For one of these reasons.")] reason: Option<Vec<SuppressionReason>>,
        #[graphql(desc = "Also those that were lifted.", default = false)] lifted: bool,
    ) -> async_graphql::Result<Connection<String, Suppression, Counted>> {
        use suppression::Column;
        let db = db(ctx)?;
        let mut select = suppression::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(channel) = channel {
            select = select.filter(Column::Channel.is_in(distinct(channel.into_iter().map(entity::Channel::from))));
        }
        if let Some(reason) = reason {
            select = select.filter(Column::Reason.is_in(distinct(reason.into_iter().map(entity::SuppressionReason::from))));
        }
        if !lifted {
            select = select.filter(Column::LiftedAt.is_null());
        }
        let page = SUPPRESSIONS.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "suppressions")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }
}
