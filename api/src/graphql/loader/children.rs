//! Rows by the id of what they belong to.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{
    CaseId, DeliveryId, InvoiceId, LetterId, Scoped, SyncRunId, TenantId, agency, attempt, charge, charge_payment, delivery,
    escalation_policy, handover, integration, invoice, letter, membership, payment, receipt, sync_issue, work_task,
};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, WindowStatement},
};

use super::{Failed, Loads, pieces};

/// Problems of a run that are shown.
const MAX_ISSUES: i64 = 100;

macro_rules! children {
    ($($(#[$doc:meta])* $key:ident of $parent:ident => $table:ident by $column:ident as $field:ident, sorted by $($order:ident),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub TenantId, pub $parent);

        impl Loader<$key> for Loads {
            type Value = Vec<$table::Model>;
            type Error = Failed;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Failed> {
                let mut found: HashMap<$key, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
                for (tenant, ids) in pieces(keys.iter().map(|key| (key.0, key.1))) {
                    let select = $table::Entity::of(tenant).filter($table::Column::$column.is_in(ids));
                    let rows = select$(.order_by_asc($table::Column::$order))+.all(&self.db).await?;
                    for row in rows {
                        let parent = Option::<$parent>::from(row.$field);
                        if let Some(list) = parent.and_then(|parent| found.get_mut(&$key(tenant, parent))) {
                            list.push(row);
                        }
                    }
                }
                Ok(found)
            }
        }
    )+};
}

children! {
    /// The invoices that a case works, oldest due first.
    InvoicesOf of CaseId => invoice by CaseId as case_id, sorted by DueOn, Id;
    /// The letters of a case, in the order of issue.
    LettersOf of CaseId => letter by CaseId as case_id, sorted by Id;
    /// The hand-overs of a case, in the order in which they were offered.
    HandoversOf of CaseId => handover by CaseId as case_id, sorted by Id;
    /// What a case's policy asked persons to do, in the order in which it was asked.
    TasksOf of CaseId => work_task by CaseId as case_id, sorted by Id;
    /// The deliveries of a letter.
    DeliveriesOf of LetterId => delivery by LetterId as letter_id, sorted by Id;
    /// The hand-overs of a delivery, oldest first.
    AttemptsOf of DeliveryId => attempt by DeliveryId as delivery_id, sorted by Number;
    /// What was told about a delivery, as it was heard.
    ReceiptsOf of DeliveryId => receipt by DeliveryId as delivery_id, sorted by Id;
    /// Fees, fixed sums and interest that was given up, of a case.
    ChargesOf of CaseId => charge by CaseId as case_id, sorted by Id;
    /// Money received for them, reversed ones included.
    ChargePaymentsOf of CaseId => charge_payment by CaseId as case_id, sorted by ReceivedOn, Id;
    /// What reduces an invoice, oldest first.
    PaymentsOf of InvoiceId => payment by InvoiceId as invoice_id, sorted by ReceivedOn, Id;
}

macro_rules! belongings {
    ($($(#[$doc:meta])* $key:ident => $table:ident sorted by $($order:ident),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub TenantId);

        impl Loader<$key> for Loads {
            type Value = Vec<$table::Model>;
            type Error = Failed;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Failed> {
                let mut found = HashMap::with_capacity(keys.len());
                for key in keys {
                    found.insert(*key, $table::Entity::of(key.0)$(.order_by_asc($table::Column::$order))+.all(&self.db).await?);
                }
                Ok(found)
            }
        }
    )+};
}

belongings! {
    /// The integrations of a tenant.
    IntegrationsOf => integration sorted by Id;
    /// The agencies of a tenant.
    AgenciesOf => agency sorted by Id;
    /// The policies of a tenant.
    PoliciesOf => escalation_policy sorted by Name, Id;
    /// Who belongs to a tenant.
    MembersOf => membership sorted by UserId;
}

/// The first problems of a run, by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IssuesOf(pub TenantId, pub SyncRunId);

impl Loader<IssuesOf> for Loads {
    type Value = Vec<sync_issue::Model>;
    type Error = Failed;

    async fn load(&self, keys: &[IssuesOf]) -> Result<HashMap<IssuesOf, Self::Value>, Failed> {
        let mut found: HashMap<IssuesOf, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for (tenant, runs) in pieces(keys.iter().map(|key| (key.0, key.1))) {
            let mut window = WindowStatement::partition_by(sync_issue::Column::RunId);
            window.order_by(sync_issue::Column::RowNumber, sea_orm::Order::Asc);
            window.order_by(sync_issue::Column::Id, sea_orm::Order::Asc);
            let ranked = sync_issue::Entity::of(tenant)
                .filter(sync_issue::Column::RunId.is_in(runs))
                .select_only()
                .column(sync_issue::Column::Id)
                .into_query()
                .expr_window_as(Func::cust("ROW_NUMBER"), window, "rank")
                .take();
            let first = Query::select()
                .column("id")
                .from_subquery(ranked, Alias::new("ranked"))
                .and_where(Expr::col("rank").lte(MAX_ISSUES))
                .take();
            let select = sync_issue::Entity::of(tenant).filter(sync_issue::Column::Id.in_subquery(first));
            let rows = select.order_by_asc(sync_issue::Column::RowNumber).order_by_asc(sync_issue::Column::Id).all(&self.db).await?;
            for row in rows {
                if let Some(list) = found.get_mut(&IssuesOf(tenant, row.run_id)) {
                    list.push(row);
                }
            }
        }
        Ok(found)
    }
}
