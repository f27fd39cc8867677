//! Sums of debtors.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{CaseStatus, DebtorId, InvoiceStatus, Scoped, TenantId, collection_case, invoice};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Func},
};

use super::{Failed, Loads, pieces};

/// What a debtor owes, altogether.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// What is open on its invoices, by currency, in minor units.
    pub outstanding: Vec<(String, i64)>,
    /// Cases that are neither declined nor closed.
    pub open_cases: i64,
}

/// The figures of a debtor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FiguresOf(pub TenantId, pub DebtorId);

impl Loader<FiguresOf> for Loads {
    type Value = Figures;
    type Error = Failed;

    async fn load(&self, keys: &[FiguresOf]) -> Result<HashMap<FiguresOf, Figures>, Failed> {
        let mut found: HashMap<FiguresOf, Figures> = keys.iter().map(|key| (*key, Figures::default())).collect();
        for (tenant, debtors) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            for (debtor, currency, sum) in self.outstanding(tenant, &debtors).await? {
                if let Some(figures) = found.get_mut(&FiguresOf(tenant, debtor)) {
                    figures.outstanding.push((currency, sum));
                }
            }
            for (debtor, count) in self.open_cases(tenant, debtors).await? {
                if let Some(figures) = found.get_mut(&FiguresOf(tenant, debtor)) {
                    figures.open_cases = count;
                }
            }
        }
        Ok(found)
    }
}

impl Loads {
    async fn outstanding(&self, tenant: TenantId, debtors: &[DebtorId]) -> Result<Vec<(DebtorId, String, i64)>, Failed> {
        let sum = Expr::expr(Func::sum(Expr::col(invoice::Column::OutstandingMinor))).cast_as(Alias::new("bigint"));
        Ok(invoice::Entity::of(tenant)
            .select_only()
            .column(invoice::Column::DebtorId)
            .column(invoice::Column::Currency)
            .expr_as(sum, "sum")
            .filter(invoice::Column::DebtorId.is_in(debtors.iter().copied()))
            .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
            .group_by(invoice::Column::DebtorId)
            .group_by(invoice::Column::Currency)
            .order_by_asc(invoice::Column::Currency)
            .into_tuple()
            .all(&self.db)
            .await?)
    }

    async fn open_cases(&self, tenant: TenantId, debtors: Vec<DebtorId>) -> Result<Vec<(DebtorId, i64)>, Failed> {
        Ok(collection_case::Entity::of(tenant)
            .select_only()
            .column(collection_case::Column::DebtorId)
            .column_as(collection_case::Column::Id.count(), "count")
            .filter(collection_case::Column::DebtorId.is_in(debtors))
            .filter(collection_case::Column::Status.is_not_in([CaseStatus::Declined, CaseStatus::Closed]))
            .group_by(collection_case::Column::DebtorId)
            .into_tuple()
            .all(&self.db)
            .await?)
    }
}
