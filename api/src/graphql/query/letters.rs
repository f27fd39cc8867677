//! Questions about letters and deliveries: the consent queue, and what needs a person.

use async_graphql::{Context, ID, Object, connection::Connection};
use entity::{CaseId, Scoped, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::distinct;
use crate::graphql::{
    access,
    connection::{Counted, connect, db, page_cost},
    delivery::Delivery,
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::{DeliveryStatus, LetterStatus},
    letter::Letter,
    seal::Seal,
};

const LETTERS: Ordering<letter::Model> = Ordering {
    column: letter::Column::CreatedAt,
    id: letter::Column::Id,
    nullable: false,
    descending: false,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

const DELIVERIES: Ordering<delivery::Model> = Ordering {
    column: delivery::Column::CreatedAt,
    id: delivery::Column::Id,
    nullable: false,
    descending: false,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

/// Questions about letters and deliveries.
#[derive(Default)]
pub struct Letters;

/// Questions about letters and deliveries.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Letters {
    /// Letters, oldest first. `status: [AWAITING_CONSENT]` is the consent queue.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Letters from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Letters from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Standing at one of these.")] status: Option<Vec<LetterStatus>>,
        #[graphql(desc = "Of this case.")] case_id: Option<ID>,
    ) -> async_graphql::Result<Connection<String, Letter, Counted>> {
        let db = db(ctx)?;
        let mut select = letter::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(status) = status {
            select = select.filter(letter::Column::Status.is_in(distinct(status.into_iter().map(entity::LetterStatus::from))));
        }
        if let Some(case) = case_id {
            select = select.filter(letter::Column::CaseId.eq(id::queried::<CaseId>(&case, "caseId")?));
        }
        let page = LETTERS.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "letters")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }

    /// Deliveries, oldest first. Those that are `UNKNOWN` or `FAILED` need a person, `READY_TO_POST` ones a stamp.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Deliveries from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Deliveries from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Standing at one of these.")] status: Option<Vec<DeliveryStatus>>,
        #[graphql(desc = "Of this case.")] case_id: Option<ID>,
    ) -> async_graphql::Result<Connection<String, Delivery, Counted>> {
        let db = db(ctx)?;
        let mut select = delivery::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(status) = status {
            select = select.filter(delivery::Column::Status.is_in(distinct(status.into_iter().map(entity::DeliveryStatus::from))));
        }
        if let Some(case) = case_id {
            select = select.filter(delivery::Column::CaseId.eq(id::queried::<CaseId>(&case, "caseId")?));
        }
        let page = DELIVERIES.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "deliveries")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }
}
