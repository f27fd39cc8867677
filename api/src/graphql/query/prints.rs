//! Questions about print batches.

use async_graphql::{Context, ID, Object, connection::Connection};
use entity::{PrintBatchId, Scoped, print_batch};
use sea_orm::{ColumnTrait, QueryFilter};

use super::distinct;
use crate::graphql::{
    access,
    connection::{Counted, connect, db, page_cost},
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::PrintBatchStatus,
    loader::{self, Row},
    print_batch::PrintBatch,
    seal::Seal,
};

const BATCHES: Ordering<print_batch::Model> = Ordering {
    column: print_batch::Column::CreatedAt,
    id: print_batch::Column::Id,
    nullable: false,
    descending: true,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

/// Questions about print batches.
#[derive(Default)]
pub struct Prints;

/// Questions about print batches.
#[Object]
impl Prints {
    /// A print batch by its id; null when there is none.
    async fn print_batch(&self, ctx: &Context<'_>, #[graphql(desc = "Which batch.")] id: ID) -> async_graphql::Result<Option<PrintBatch>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<PrintBatchId>(&id, "id")?)).await?.map(PrintBatch))
    }

    /// Print batches, newest first. `status: [OPEN]` is what is to be printed and posted.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn print_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Batches from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Batches from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Standing at one of these.")] status: Option<Vec<PrintBatchStatus>>,
    ) -> async_graphql::Result<Connection<String, PrintBatch, Counted>> {
        let db = db(ctx)?;
        let mut select = print_batch::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(status) = status {
            select = select.filter(print_batch::Column::Status.is_in(distinct(status.into_iter().map(entity::PrintBatchStatus::from))));
        }
        let page = BATCHES.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "printBatches")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }
}
