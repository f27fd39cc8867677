//! Questions about invoices.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use chrono::NaiveDate;
use entity::{
    CaseId, CaseStatus, DebtorId, IntegrationId, InvoiceId, InvoiceStatus as Stored, Scoped, TenantId, collection_case, debtor, invoice,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait, Select};

use super::{DateRange, MoneyRange, SortDirection, cases::between, distinct, search::Needle};
use crate::graphql::{
    access,
    connection::{Summed, connect, db, page_cost},
    id,
    invoice::{Invoice, InvoiceStatus, today},
    keyset::{Key, Ordering, Paging, Place},
    loader::{self, Row},
    seal::Seal,
};

/// Which invoices. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct InvoiceWhere {
    /// Standing at one of these.
    pub status: Option<Vec<InvoiceStatus>>,
    /// Of this debtor.
    pub debtor_id: Option<ID>,
    /// In this case.
    pub case_id: Option<ID>,
    /// Of this integration.
    pub integration_id: Option<ID>,
    /// Due in this time.
    pub due_on: Option<DateRange>,
    /// Issued in this time.
    pub issued_on: Option<DateRange>,
    /// With this much outstanding.
    pub outstanding: Option<MoneyRange>,
}

/// What invoices are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum InvoiceSortField {
    /// When they are due.
    DueOn,
    /// When they were issued.
    IssuedOn,
    /// What is outstanding, in minor units, whatever the currency.
    Outstanding,
    /// Their number, as text.
    Number,
}

/// How to sort invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct InvoiceOrder {
    /// By what.
    pub field: InvoiceSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Desc")]
    pub direction: SortDirection,
}

impl Default for InvoiceOrder {
    fn default() -> Self {
        Self { field: InvoiceSortField::DueOn, direction: SortDirection::Desc }
    }
}

impl InvoiceOrder {
    fn ordering(self) -> Ordering<invoice::Model> {
        use invoice::{Column, Model};
        let (column, place): (Column, fn(&Model) -> Place) = match self.field {
            InvoiceSortField::DueOn => (Column::DueOn, |row| Place(Key::Day(row.due_on), row.id.0)),
            InvoiceSortField::IssuedOn => (Column::IssuedOn, |row| Place(Key::Day(row.issued_on), row.id.0)),
            InvoiceSortField::Outstanding => (Column::OutstandingMinor, |row| Place(Key::Number(row.outstanding_minor), row.id.0)),
            InvoiceSortField::Number => (Column::Number, |row| Place(Key::Text(row.number.clone()), row.id.0)),
        };
        Ordering { column, id: Column::Id, nullable: false, descending: self.direction == SortDirection::Desc, place }
    }
}

/// Where an invoice stands, as a condition on its row.
fn standing(status: InvoiceStatus, tenant: TenantId, today: NaiveDate) -> Condition {
    use invoice::Column;
    let is = |stored: Stored| Condition::all().add(Column::Status.eq(stored));
    let open = || is(Stored::Open).add(Column::Disputed.eq(false));
    let in_case = |cases: &[CaseStatus]| {
        let cases = collection_case::Entity::of(tenant)
            .select_only()
            .column(collection_case::Column::Id)
            .filter(collection_case::Column::Status.is_in(cases.iter().copied()));
        Column::CaseId.in_subquery(cases.into_query())
    };
    let alone = || Condition::any().add(Column::CaseId.is_null()).add(in_case(&[CaseStatus::Declined, CaseStatus::Closed]));
    match status {
        InvoiceStatus::Paid => is(Stored::Paid),
        InvoiceStatus::Credited => is(Stored::Credited),
        InvoiceStatus::WrittenOff => is(Stored::WrittenOff),
        InvoiceStatus::Voided => is(Stored::Voided),
        InvoiceStatus::Disputed => is(Stored::Open).add(Column::Disputed.eq(true)),
        InvoiceStatus::Proposed => open().add(in_case(&[CaseStatus::Proposed])),
        InvoiceStatus::InCollection => {
            open().add(in_case(&[CaseStatus::Active, CaseStatus::OnHold, CaseStatus::AwaitingHandover, CaseStatus::HandedOver]))
        }
        InvoiceStatus::Overdue => open().add(alone()).add(Column::DueOn.lt(today)),
        InvoiceStatus::NotDue => open().add(alone()).add(Column::DueOn.gte(today)),
    }
}

async fn filter(ctx: &Context<'_>, tenant: TenantId, filter: &InvoiceWhere) -> async_graphql::Result<Select<invoice::Entity>> {
    use invoice::Column;
    let mut select = invoice::Entity::of(tenant);
    if let Some(wanted) = &filter.status {
        let today = today(ctx, tenant).await?;
        let any =
            distinct(wanted.iter().copied()).into_iter().fold(Condition::any(), |any, status| any.add(standing(status, tenant, today)));
        // An empty list matches nothing, like everywhere else.
        select = select.filter(any.add(Column::Id.is_null()));
    }
    if let Some(debtor) = &filter.debtor_id {
        select = select.filter(Column::DebtorId.eq(id::queried::<DebtorId>(debtor, "where.debtorId")?));
    }
    if let Some(case) = &filter.case_id {
        select = select.filter(Column::CaseId.eq(id::queried::<CaseId>(case, "where.caseId")?));
    }
    if let Some(integration) = &filter.integration_id {
        select = select.filter(Column::IntegrationId.eq(id::queried::<IntegrationId>(integration, "where.integrationId")?));
    }
    if let Some(range) = &filter.outstanding {
        let (gte, lte) = range.minor()?;
        select = between(select.filter(Column::Currency.eq(range.currency.0.as_str())), Column::OutstandingMinor, gte, lte);
    }
    for (range, column) in [(filter.due_on, Column::DueOn), (filter.issued_on, Column::IssuedOn)] {
        if let Some(range) = range {
            select = between(select, column, range.gte.map(|day| day.0), range.lte.map(|day| day.0));
        }
    }
    Ok(select)
}

/// Invoices whose number, title or debtor's name contains the text.
fn matching(select: Select<invoice::Entity>, tenant: TenantId, needle: &Needle) -> Select<invoice::Entity> {
    let debtors = debtor::Entity::of(tenant).select_only().column(debtor::Column::Id).filter(needle.within(debtor::Column::Name));
    let any = Condition::any()
        .add(needle.within(invoice::Column::Number))
        .add(needle.within(invoice::Column::Title))
        .add(invoice::Column::DebtorId.in_subquery(debtors.into_query()));
    select.filter(any)
}

/// Questions about invoices.
#[derive(Default)]
pub struct Invoices;

/// Questions about invoices.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Invoices {
    /// An invoice; null when there is none.
    async fn invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> async_graphql::Result<Option<Invoice>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<InvoiceId>(&id, "id")?)).await?.map(Invoice))
    }

    /// Invoices, by due date and newest first unless sorted otherwise.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn invoices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Invoices from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Invoices from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.", name = "where")] wanted: Option<InvoiceWhere>,
        #[graphql(desc = "A piece of the number, of the title or of the debtor's name.")] search: Option<String>,
        #[graphql(desc = "In which order. A cursor is only good for the order that it was made in.")] order_by: Option<InvoiceOrder>,
    ) -> async_graphql::Result<Connection<String, Invoice, Summed>> {
        let tenant = access::viewer(ctx)?.tenant;
        let db = db(ctx)?;
        let order = order_by.unwrap_or_default();
        let mut select = filter(ctx, tenant, &wanted.unwrap_or_default()).await?;
        if let Some(needle) = Needle::of(search.as_deref(), db.get_database_backend())? {
            select = matching(select, tenant, &needle);
        }
        let seal = Seal::of(ctx, format!("invoices {order:?}"))?;
        let page = order.ordering().page(db, select.clone(), &Paging { first, after, last, before }, &seal).await?;
        Ok(connect(page, Summed::new(db, select, invoice::Column::Currency, invoice::Column::OutstandingMinor)))
    }
}
