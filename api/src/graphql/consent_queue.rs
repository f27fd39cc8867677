//! Letters that wait for a yes.

use async_graphql::{ID, InputObject, Object, OutputType, connection::ConnectionNameType};
use entity::{collection_case, letter};
use sea_orm::{
    DatabaseConnection, EntityTrait, FromQueryResult, JoinType, QueryOrder, QuerySelect, Select,
    sea_query::{Alias, Expr, ExprTrait, Func},
};

use super::{connection::Counted, error::database_error, kind::LetterKind, money::Money};

/// Which letters that wait for a yes. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct ConsentQueueWhere {
    /// To this debtor.
    pub debtor_id: Option<ID>,
    /// Of cases of this integration.
    pub integration_id: Option<ID>,
    /// Of these kinds.
    pub kind: Option<Vec<LetterKind>>,
}

/// The queue is a list of letters with fields of its own, so it is a type of its own.
pub struct QueueName;

impl ConnectionNameType for QueueName {
    fn type_name<T: OutputType>() -> String {
        "ConsentQueueConnection".into()
    }
}

/// The fields `totalCount` and `totals`.
pub struct Waiting {
    counted: Counted,
    db: DatabaseConnection,
    select: Select<letter::Entity>,
}

impl Waiting {
    /// Of the letters that `select` selects.
    pub fn new(db: &DatabaseConnection, select: Select<letter::Entity>) -> Self {
        Self { counted: Counted::new(db, select.clone()), db: db.clone(), select }
    }
}

#[derive(FromQueryResult)]
struct Sum {
    currency: String,
    minor: i64,
}

#[Object]
impl Waiting {
    /// How many there are on all pages. Counted only when asked for.
    async fn total_count(&self) -> async_graphql::Result<super::connection::Count> {
        self.counted.count().await
    }

    /// What the letters on all pages demand together, by currency; zero for thank-you letters. Summed up only when asked
    /// for.
    async fn totals(&self) -> async_graphql::Result<Vec<Money>> {
        let on = letter::Entity::belongs_to(collection_case::Entity)
            .from((letter::Column::TenantId, letter::Column::CaseId))
            .to((collection_case::Column::TenantId, collection_case::Column::Id))
            .into();
        let sum = Expr::expr(Func::sum(Expr::col((letter::Entity, letter::Column::OutstandingMinor)))).cast_as(Alias::new("bigint"));
        let rows = self
            .select
            .clone()
            .select_only()
            .join(JoinType::InnerJoin, on)
            .column_as(collection_case::Column::Currency, "currency")
            .expr_as(sum, "minor")
            .group_by(collection_case::Column::Currency)
            .order_by_asc(collection_case::Column::Currency)
            .into_model::<Sum>()
            .all(&self.db)
            .await
            .map_err(database_error)?;
        Ok(rows.into_iter().map(|row| Money { minor: row.minor, currency: row.currency }).collect())
    }
}
