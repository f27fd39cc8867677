//! Questions about cases.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use domain::case::{self, Quoted};
use entity::{CaseId, DebtorId, IntegrationId, Scoped, collection_case, debtor, invoice};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait, Select};

use super::{DateTimeRange, MAX_IDS, MoneyRange, SortDirection, distinct, search::Needle};
use crate::graphql::{
    access,
    case::Case,
    connection::{Summed, connect, db, page_cost},
    error::{bad_input, database_error, query_error},
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::CaseStatus,
    loader::{self, Row},
    seal::Seal,
};

/// Which cases. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct CaseWhere {
    /// One of these, at most 100.
    pub ids: Option<Vec<ID>>,
    /// Standing at one of these.
    pub status: Option<Vec<CaseStatus>>,
    /// Of this debtor.
    pub debtor_id: Option<ID>,
    /// Of this integration.
    pub integration_id: Option<ID>,
    /// With this much outstanding.
    pub outstanding: Option<MoneyRange>,
    /// Proposed in this time.
    pub opened_at: Option<DateTimeRange>,
    /// With its next action due in this time.
    pub next_action_at: Option<DateTimeRange>,
}

/// What cases are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CaseSortField {
    /// When they were proposed.
    OpenedAt,
    /// When they last changed.
    UpdatedAt,
    /// When their next action is due; those without one come last.
    NextActionAt,
    /// What is outstanding, in minor units, whatever the currency.
    Outstanding,
    /// Their number.
    Number,
}

/// How to sort cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct CaseOrder {
    /// By what.
    pub field: CaseSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Desc")]
    pub direction: SortDirection,
}

impl Default for CaseOrder {
    fn default() -> Self {
        Self { field: CaseSortField::OpenedAt, direction: SortDirection::Desc }
    }
}

impl CaseOrder {
    fn ordering(self) -> Ordering<collection_case::Model> {
        use collection_case::{Column, Model};
        let (column, place): (Column, fn(&Model) -> Place) = match self.field {
            CaseSortField::OpenedAt => (Column::OpenedAt, |row| Place(Key::Instant(row.opened_at), row.id.0)),
            CaseSortField::UpdatedAt => (Column::UpdatedAt, |row| Place(Key::Instant(row.updated_at), row.id.0)),
            CaseSortField::NextActionAt => (Column::NextActionAt, |row| Place(row.next_action_at.into(), row.id.0)),
            CaseSortField::Outstanding => (Column::OutstandingMinor, |row| Place(Key::Number(row.outstanding_minor), row.id.0)),
            CaseSortField::Number => (Column::Number, |row| Place(Key::Number(row.number), row.id.0)),
        };
        let nullable = self.field == CaseSortField::NextActionAt;
        Ordering { column, id: Column::Id, nullable, descending: self.direction == SortDirection::Desc, place }
    }
}

/// Adds the conditions of a filter.
///
/// # Errors
///
/// `BAD_USER_INPUT` for an id of another type, an amount that is none, or too many ids.
pub fn filter(mut select: Select<collection_case::Entity>, filter: &CaseWhere) -> async_graphql::Result<Select<collection_case::Entity>> {
    use collection_case::Column;
    if let Some(ids) = &filter.ids {
        if ids.len() > MAX_IDS {
            return Err(bad_input(&format!("`ids` names at most {MAX_IDS}")));
        }
        let ids: Vec<CaseId> = ids.iter().map(|id| id::queried(id, "where.ids")).collect::<async_graphql::Result<_>>()?;
        select = select.filter(Column::Id.is_in(ids));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(distinct(status.iter().copied().map(entity::CaseStatus::from))));
    }
    if let Some(debtor) = &filter.debtor_id {
        select = select.filter(Column::DebtorId.eq(id::queried::<DebtorId>(debtor, "where.debtorId")?));
    }
    if let Some(integration) = &filter.integration_id {
        select = select.filter(Column::IntegrationId.eq(id::queried::<IntegrationId>(integration, "where.integrationId")?));
    }
    if let Some(range) = &filter.outstanding {
        let (gte, lte) = range.minor()?;
        select = between(select.filter(Column::Currency.eq(range.currency.0.as_str())), Column::OutstandingMinor, gte, lte);
    }
    if let Some(range) = filter.opened_at {
        select = between(select, Column::OpenedAt, range.gte, range.lte);
    }
    if let Some(range) = filter.next_action_at {
        select = between(select, Column::NextActionAt, range.gte, range.lte);
    }
    Ok(select)
}

/// Both bounds, where they are given.
pub(super) fn between<S: QueryFilter, C: ColumnTrait, V: Into<sea_orm::Value>>(
    mut select: S,
    column: C,
    gte: Option<V>,
    lte: Option<V>,
) -> S {
    if let Some(gte) = gte {
        select = select.filter(column.gte(gte));
    }
    if let Some(lte) = lte {
        select = select.filter(column.lte(lte));
    }
    select
}

/// Cases whose debtor's name, own number or invoice's number contains the text, and those that it names as a payment's
/// reference.
fn matching(
    select: Select<collection_case::Entity>,
    tenant: entity::TenantId,
    needle: &Needle,
    quoted: Vec<CaseId>,
) -> Select<collection_case::Entity> {
    let debtors = debtor::Entity::of(tenant).select_only().column(debtor::Column::Id).filter(needle.within(debtor::Column::Name));
    let cases = invoice::Entity::of(tenant)
        .select_only()
        .column(invoice::Column::CaseId)
        .filter(invoice::Column::CaseId.is_not_null())
        .filter(needle.within(invoice::Column::Number));
    let mut any = Condition::any()
        .add(collection_case::Column::DebtorId.in_subquery(debtors.into_query()))
        .add(collection_case::Column::Id.in_subquery(cases.into_query()));
    if let Some(number) = needle.case_number() {
        any = any.add(collection_case::Column::Number.eq(number));
    }
    if !quoted.is_empty() {
        any = any.add(collection_case::Column::Id.is_in(quoted));
    }
    select.filter(any)
}

/// What a payment's reference led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ReferenceOutcome {
    /// A case.
    Found,
    /// More than one thing: several cases, or a case and an invoice in the books that is in none. A person decides, by the
    /// payer, the amount and `candidates`.
    Ambiguous,
    /// Nothing of this tenant.
    NotFound,
    /// Nothing: it has the form of a structured reference, but its check digits do not fit. Look at the statement again.
    BadCheckDigits,
}

/// The case that a payment's reference names.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CaseByReference {
    /// What the reference led to.
    pub outcome: ReferenceOutcome,
    /// The case, whatever became of it; null unless the outcome is `FOUND`.
    pub case: Option<Case>,
    #[graphql(skip)]
    candidates: Vec<collection_case::Model>,
}

#[ComplexObject]
impl CaseByReference {
    /// The cases that it may be for, oldest first, at most 10; empty unless the outcome is `AMBIGUOUS`.
    #[graphql(complexity = "1 + case::MAX_QUOTED * child_complexity")]
    async fn candidates(&self) -> Vec<Case> {
        self.candidates.iter().cloned().map(Case).collect()
    }
}

/// Questions about cases.
#[derive(Default)]
pub struct Cases;

/// Questions about cases.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Cases {
    /// A case by its id or its number; null when there is none. Exactly one of the two is needed.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Its number, e.g. `D000123`.")] number: Option<String>,
    ) -> async_graphql::Result<Option<Case>> {
        let tenant = access::viewer(ctx)?.tenant;
        match (id, number) {
            (Some(id), None) => Ok(loader::one(ctx, Row(tenant, id::queried::<CaseId>(&id, "id")?)).await?.map(Case)),
            (None, Some(number)) => {
                let number = case::number_of(number.trim()).ok_or_else(|| bad_input("`number` is not a case number, e.g. D000123"))?;
                let select = collection_case::Entity::of(tenant).filter(collection_case::Column::Number.eq(number));
                Ok(select.one(db(ctx)?).await.map_err(database_error)?.map(Case))
            }
            _ => Err(bad_input("name the case by `id` or by `number`")),
        }
    }

    /// The case that a payment is for, by the reference that its payer quoted: a creditor reference (`RF…`), a KID of the
    /// form that the tenant's bank details say, the reference of an invoice in the books, or the case's own (`D000123`).
    /// Blanks do not matter.
    async fn case_by_reference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As it stands on the bank statement, 1 to 140 characters.")] reference: String,
    ) -> async_graphql::Result<CaseByReference> {
        let tenant = access::viewer(ctx)?.tenant;
        let (outcome, case, candidates) = match case::by_reference(db(ctx)?, tenant, &reference).await.map_err(query_error)? {
            Quoted::Case(case) => (ReferenceOutcome::Found, Some(Case(*case)), Vec::new()),
            Quoted::Ambiguous(cases) => (ReferenceOutcome::Ambiguous, None, cases),
            Quoted::Nothing => (ReferenceOutcome::NotFound, None, Vec::new()),
            Quoted::BadCheckDigits => (ReferenceOutcome::BadCheckDigits, None, Vec::new()),
        };
        Ok(CaseByReference { outcome, case, candidates })
    }

    /// Cases, newest first unless sorted otherwise. `where: {status: [PROPOSED]}` is the list of proposals.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Cases from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Cases from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.", name = "where")] wanted: Option<CaseWhere>,
        #[graphql(
            desc = "A piece of the debtor's name, of the case's number or of an invoice's number; or a payment's reference, whole and with right check digits, as `caseByReference` knows it."
        )]
        search: Option<String>,
        #[graphql(desc = "In which order. A cursor is only good for the order that it was made in.")] order_by: Option<CaseOrder>,
    ) -> async_graphql::Result<Connection<String, Case, Summed>> {
        let tenant = access::viewer(ctx)?.tenant;
        let db = db(ctx)?;
        let order = order_by.unwrap_or_default();
        let mut select = filter(collection_case::Entity::of(tenant), &wanted.unwrap_or_default())?;
        if let Some(needle) = Needle::of(search.as_deref(), db.get_database_backend())? {
            let quoted = case::by_text(db, tenant, needle.text()).await.map_err(query_error)?;
            select = matching(select, tenant, &needle, quoted);
        }
        let seal = Seal::of(ctx, format!("cases {order:?}"))?;
        let page = order.ordering().page(db, select.clone(), &Paging { first, after, last, before }, &seal).await?;
        let sums = Summed::new(db, select, collection_case::Column::Currency, collection_case::Column::OutstandingMinor);
        Ok(connect(page, sums))
    }
}
