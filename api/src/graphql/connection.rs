//! Lists as Relay connections: how many there are, what they sum up to, and what they cost.

use async_graphql::{
    Context, Object, OutputType, SimpleObject,
    connection::{Connection, ConnectionNameType, Edge, EmptyFields},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, EntityTrait, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement},
};

use super::{
    error::database_error,
    keyset::{DEFAULT_PAGE, MAX_PAGE, Page},
    money::Money,
};

/// Counting stops here.
pub const MAX_COUNT: u64 = 10_000;

/// How many items a list without pages is taken to have.
const LIST_GUESS: usize = 5;

/// The cost of a page: each row is paid for with everything that is asked of it.
pub fn page_cost(first: Option<i32>, last: Option<i32>, of_one: usize) -> usize {
    let asked = first.or(last).map_or(DEFAULT_PAGE, |count| usize::try_from(count).unwrap_or(0)).min(MAX_PAGE);
    1 + asked.saturating_mul(of_one)
}

/// The cost of a list without pages.
pub fn list_cost(of_one: usize) -> usize {
    1 + LIST_GUESS * of_one
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct Count {
    /// The number, at most 10,000.
    pub value: i32,
    /// Whether it is the number, or only a lower bound.
    pub exact: bool,
}

/// The field `totalCount`, counted when it is asked for.
pub struct Counted {
    db: DatabaseConnection,
    rows: SelectStatement,
}

impl Counted {
    /// Counts what `select` selects.
    pub fn new<E: EntityTrait>(db: &DatabaseConnection, select: Select<E>) -> Self {
        let rows = select.select_only().expr_as(Expr::val(1), "one").limit(MAX_COUNT + 1).into_query();
        Self { db: db.clone(), rows }
    }

    pub(super) async fn count(&self) -> async_graphql::Result<Count> {
        let rows = Alias::new("counted");
        let query =
            Query::select().expr_as(Func::count(Expr::col(Asterisk)), Alias::new("n")).from_subquery(self.rows.clone(), rows).take();
        let row = self.db.query_one(&query).await.map_err(database_error)?;
        let found: i64 = row.map_or(Ok(0), |row| row.try_get("", "n")).map_err(database_error)?;
        let most = i64::try_from(MAX_COUNT).unwrap_or(i64::MAX);
        Ok(Count { value: i32::try_from(Ord::min(found, most)).unwrap_or(i32::MAX), exact: found <= most })
    }
}

#[Object]
impl Counted {
    /// How many there are on all pages. Counted only when asked for.
    async fn total_count(&self) -> async_graphql::Result<Count> {
        self.count().await
    }
}

/// The fields `totalCount` and `totals`.
pub struct Summed {
    counted: Counted,
    sums: SelectStatement,
}

impl Summed {
    /// Counts what `select` selects and sums up a column by the column of its currency.
    pub fn new<E: EntityTrait>(db: &DatabaseConnection, select: Select<E>, currency: E::Column, amount: E::Column) -> Self {
        let sum = Expr::expr(Func::sum(Expr::col(amount))).cast_as(Alias::new("bigint"));
        let sums = select.clone().select_only().column_as(currency, "currency").expr_as(sum, "sum").group_by(currency);
        let sums = sea_orm::QueryOrder::order_by_asc(sums, currency).into_query();
        Self { counted: Counted::new(db, select), sums }
    }
}

#[Object]
impl Summed {
    /// How many there are on all pages. Counted only when asked for.
    async fn total_count(&self) -> async_graphql::Result<Count> {
        self.counted.count().await
    }

    /// What is outstanding on all pages together, by currency. Summed up only when asked for.
    async fn totals(&self) -> async_graphql::Result<Vec<Money>> {
        let rows = self.counted.db.query_all(&self.sums).await.map_err(database_error)?;
        rows.iter()
            .map(|row| {
                let currency: String = row.try_get("", "currency").map_err(database_error)?;
                let minor: i64 = row.try_get("", "sum").map_err(database_error)?;
                Ok(Money { minor, currency })
            })
            .collect()
    }
}

/// A page as a connection.
pub fn connect<M, N, F, Name>(page: Page<M>, fields: F) -> Connection<String, N, F, EmptyFields, Name>
where
    N: OutputType + From<M>,
    F: async_graphql::ObjectType,
    Name: ConnectionNameType,
{
    let mut connection = Connection::with_additional_fields(page.previous, page.next, fields);
    connection.edges = page.rows.into_iter().map(|(cursor, row)| Edge::new(cursor, N::from(row))).collect();
    connection
}

/// The pool that reads of this request use.
///
/// # Errors
///
/// When the schema was built without surroundings.
pub fn db<'c>(ctx: &Context<'c>) -> async_graphql::Result<&'c DatabaseConnection> {
    Ok(&super::access::env(ctx)?.db)
}
