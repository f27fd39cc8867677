//! Questions about tasks: what waits for a person.

use async_graphql::{Context, Enum, ID, InputObject, Object, connection::Connection};
use entity::{CaseId, DebtorId, Scoped, collection_case, work_task};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{DateRange, SortDirection, cases::between, distinct};
use crate::graphql::{
    access,
    connection::{Counted, connect, db, page_cost},
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::{TaskKind, TaskStatus},
    seal::Seal,
    task::Task,
};

/// Which tasks. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct TaskWhere {
    /// Standing at one of these; `[OPEN]` is what waits for a person.
    pub status: Option<Vec<TaskStatus>>,
    /// One of these.
    pub kind: Option<Vec<TaskKind>>,
    /// Of this case.
    pub case_id: Option<ID>,
    /// Of this debtor's cases.
    pub debtor_id: Option<ID>,
    /// To be done by one of these days.
    pub due_on: Option<DateRange>,
}

/// What tasks are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TaskSortField {
    /// The day by which they are to be done.
    DueOn,
    /// When they were asked for.
    CreatedAt,
}

/// How to sort tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct TaskOrder {
    /// By what.
    pub field: TaskSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

impl Default for TaskOrder {
    fn default() -> Self {
        Self { field: TaskSortField::DueOn, direction: SortDirection::Asc }
    }
}

impl TaskOrder {
    fn ordering(self) -> Ordering<work_task::Model> {
        use work_task::{Column, Model};
        let (column, place): (Column, fn(&Model) -> Place) = match self.field {
            TaskSortField::DueOn => (Column::DueOn, |row| Place(Key::Day(row.due_on), row.id.0)),
            TaskSortField::CreatedAt => (Column::CreatedAt, |row| Place(Key::Instant(row.created_at), row.id.0)),
        };
        Ordering { column, id: Column::Id, nullable: false, descending: self.direction == SortDirection::Desc, place }
    }
}

fn filter(tenant: entity::TenantId, filter: &TaskWhere) -> async_graphql::Result<sea_orm::Select<work_task::Entity>> {
    use work_task::Column;
    let mut select = work_task::Entity::of(tenant);
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(distinct(status.iter().copied().map(entity::WorkTaskStatus::from))));
    }
    if let Some(kind) = &filter.kind {
        select = select.filter(Column::Kind.is_in(distinct(kind.iter().copied().map(entity::WorkTaskKind::from))));
    }
    if let Some(case) = &filter.case_id {
        select = select.filter(Column::CaseId.eq(id::queried::<CaseId>(case, "where.caseId")?));
    }
    if let Some(debtor) = &filter.debtor_id {
        let debtor = id::queried::<DebtorId>(debtor, "where.debtorId")?;
        let cases = collection_case::Entity::of(tenant).select_only().column(collection_case::Column::Id);
        select = select.filter(Column::CaseId.in_subquery(cases.filter(collection_case::Column::DebtorId.eq(debtor)).into_query()));
    }
    if let Some(range) = filter.due_on {
        select = between(select, Column::DueOn, range.gte.map(|day| day.0), range.lte.map(|day| day.0));
    }
    Ok(select)
}

/// Questions about tasks.
#[derive(Default)]
pub struct Tasks;

/// Questions about tasks.
#[Object]
#[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
impl Tasks {
    /// What the policies ask persons to do, the most urgent first unless said otherwise.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Tasks from the beginning, or after `after`; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Tasks from the end, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which tasks; all when left out.", name = "where")] filtered: Option<TaskWhere>,
        #[graphql(desc = "By the day on which they are due when left out.")] order_by: Option<TaskOrder>,
    ) -> async_graphql::Result<Connection<String, Task, Counted>> {
        let db = db(ctx)?;
        let select = filter(access::viewer(ctx)?.tenant, &filtered.unwrap_or_default())?;
        let ordering = order_by.unwrap_or_default();
        let seal = Seal::of(ctx, format!("tasks {ordering:?}"))?;
        let page = ordering.ordering().page(db, select.clone(), &Paging { first, after, last, before }, &seal).await?;
        Ok(connect(page, Counted::new(db, select)))
    }
}
