//! Questions about debtors.

use async_graphql::{Context, ID, Object, connection::Connection};
use entity::{DebtorId, Scoped, debtor};
use sea_orm::{ColumnTrait, Condition, QueryFilter};

use super::search::Needle;
use crate::graphql::{
    access,
    connection::{Counted, connect, db, page_cost},
    debtor::Debtor,
    id,
    invoice::today,
    keyset::{Key, Ordering, Paging, Place},
    loader::{self, Row},
    seal::Seal,
};

const BY_NAME: Ordering<debtor::Model> = Ordering {
    column: debtor::Column::Name,
    id: debtor::Column::Id,
    nullable: false,
    descending: false,
    place: |row| Place(Key::Text(row.name.clone()), row.id.0),
};

/// Questions about debtors.
#[derive(Default)]
pub struct Debtors;

/// Questions about debtors.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Debtors {
    /// A debtor; null when there is none.
    async fn debtor(&self, ctx: &Context<'_>, #[graphql(desc = "The debtor's id.")] id: ID) -> async_graphql::Result<Option<Debtor>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<DebtorId>(&id, "id")?)).await?.map(Debtor))
    }

    /// Debtors by name.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn debtors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Debtors from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Debtors from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "A piece of the name, of the e-mail address or of the id in the accounting system.")] search: Option<String>,
        #[graphql(desc = "Only those who are exempt today, or only those who are not.")] exempt: Option<bool>,
    ) -> async_graphql::Result<Connection<String, Debtor, Counted>> {
        use debtor::Column;
        let tenant = access::viewer(ctx)?.tenant;
        let db = db(ctx)?;
        let mut select = debtor::Entity::of(tenant);
        if let Some(needle) = Needle::of(search.as_deref(), db.get_database_backend())? {
            let texts = [Column::Name, Column::Email, Column::ExternalId];
            select = select.filter(texts.into_iter().fold(Condition::any(), |any, column| any.add(needle.within(column))));
        }
        if let Some(exempt) = exempt {
            let in_time = Condition::any().add(Column::ExemptUntil.is_null()).add(Column::ExemptUntil.gte(today(ctx, tenant).await?));
            let today = Condition::all().add(Column::Exempt.eq(true)).add(in_time);
            select = select.filter(if exempt { today } else { today.not() });
        }
        let page = BY_NAME.page(db, select.clone(), &Paging { first, after, last, before }, &Seal::of(ctx, "debtors")?).await?;
        Ok(connect(page, Counted::new(db, select)))
    }
}
