//! The figures of a tenant in one currency, from one statement.

use std::collections::HashMap;

use async_graphql::{Context, SimpleObject};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use domain::{Env, calendar};
use entity::{CaseStatus as Stored, InvoiceStatus, LetterStatus, PaymentKind, Scoped, TenantId, collection_case, invoice, letter, payment};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, Iterable, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Asterisk, CaseStatement, Expr, ExprTrait, Func, SelectStatement, UnionType},
};

use super::{
    access,
    error::{bad_input, database_error, query_error},
    kind::CaseStatus,
    money::Money,
    scalars::CurrencyCode,
};

/// How many cases stand somewhere, and what is outstanding on them.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CaseStatusCount {
    /// Where they stand.
    pub status: CaseStatus,
    /// How many.
    pub count: i32,
    /// What is outstanding on them.
    pub amount: Money,
}

/// Open invoices by age.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct AgeingBucket {
    /// `current`, `1-30`, `31-60`, `61-90` or `90+`.
    pub label: String,
    /// Days overdue, at least.
    pub from_days: i32,
    /// Days overdue, at most; null for the last.
    pub to_days: Option<i32>,
    /// How many invoices.
    pub count: i32,
    /// What is outstanding on them.
    pub amount: Money,
}

/// How collecting goes, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CollectionSummary {
    /// When it was computed, by the product's clock.
    pub as_of: DateTime<Utc>,
    /// The currency of all sums.
    pub currency: CurrencyCode,
    /// What is open on all invoices.
    pub outstanding: Money,
    /// Of it, past the due date.
    pub overdue: Money,
    /// Of it, in cases that are worked.
    pub in_collection: Money,
    /// Money received this month, on the tenant's calendar, on invoices that have a case.
    pub collected_this_month: Money,
    /// Letters that wait for a person's yes, in any currency.
    pub due_consent: i32,
    /// Cases by where they stand.
    pub cases_by_status: Vec<CaseStatusCount>,
    /// Open invoices by age.
    pub ageing: Vec<AgeingBucket>,
}

/// First day overdue and label of each bucket; the next one's first day ends it.
const BUCKETS: [(i32, &str); 5] = [(0, "current"), (1, "1-30"), (31, "31-60"), (61, "61-90"), (91, "90+")];

const COLLECTED: &str = "collected";
const CONSENT: &str = "consent";

/// The figures of the viewer's tenant; in its own currency unless another is named.
///
/// # Errors
///
/// `BAD_USER_INPUT` for an unknown currency; a fault when the database refuses.
pub async fn summary(ctx: &Context<'_>, currency: Option<CurrencyCode>) -> async_graphql::Result<CollectionSummary> {
    of_tenant(access::env(ctx)?, access::viewer(ctx)?.tenant, currency.as_ref()).await
}

/// The figures of a tenant, outside of a question's own context.
///
/// # Errors
///
/// `BAD_USER_INPUT` for an unknown currency; a fault when the database refuses.
pub(super) async fn of_tenant(env: &Env, tenant: TenantId, currency: Option<&CurrencyCode>) -> async_graphql::Result<CollectionSummary> {
    let tenant = domain::tenant::find(&env.db, tenant).await.map_err(query_error)?;
    let currency = currency.map_or(&tenant.currency, |currency| &currency.0);
    if domain::money::minor_digits(currency).is_none() {
        return Err(bad_input("unknown currency code"));
    }
    let zone = calendar::zone(&tenant.time_zone).map_err(|refusal| query_error(refusal.into()))?;
    let now = env.now();
    let figures = figures(&env.db, tenant.id, currency, calendar::local_date(zone, now)).await?;
    Ok(figures.summary(now, currency))
}

/// How many, and how much, by label.
struct Figures(HashMap<String, (i64, i64)>);

impl Figures {
    fn get(&self, label: &str) -> (i64, i64) {
        self.0.get(label).copied().unwrap_or_default()
    }

    fn summary(&self, as_of: DateTime<Utc>, currency: &str) -> CollectionSummary {
        let money = |minor| Money::new(minor, currency);
        let ageing = self.ageing(currency);
        let sum = |buckets: &[AgeingBucket]| money(buckets.iter().map(|bucket| bucket.amount.minor).sum());
        let worked = [Stored::Active, Stored::OnHold, Stored::AwaitingHandover, Stored::HandedOver];
        CollectionSummary {
            as_of,
            currency: CurrencyCode(currency.to_owned()),
            outstanding: sum(&ageing),
            overdue: sum(&ageing[1..]),
            in_collection: money(worked.into_iter().map(|status| self.get(&word(status)).1).sum()),
            collected_this_month: money(self.get(COLLECTED).1),
            due_consent: count(self.get(CONSENT).0),
            cases_by_status: Stored::iter()
                .map(|status| {
                    let (n, minor) = self.get(&word(status));
                    CaseStatusCount { status: status.into(), count: count(n), amount: money(minor) }
                })
                .collect(),
            ageing,
        }
    }

    fn ageing(&self, currency: &str) -> Vec<AgeingBucket> {
        let ends = BUCKETS.iter().skip(1).map(|(from, _)| Some(from - 1)).chain([None]);
        let buckets = BUCKETS.iter().zip(ends).map(|((from_days, label), to_days)| {
            let (n, minor) = self.get(label);
            let amount = Money::new(minor, currency);
            AgeingBucket { label: (*label).to_owned(), from_days: *from_days, to_days, count: count(n), amount }
        });
        buckets.collect()
    }
}

fn word(status: Stored) -> String {
    sea_orm::ActiveEnum::to_value(&status)
}

fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

async fn figures(db: &DatabaseConnection, tenant: TenantId, currency: &str, today: NaiveDate) -> async_graphql::Result<Figures> {
    let statement = aged(tenant, currency, today)
        .union(UnionType::All, by_status(tenant, currency))
        .union(UnionType::All, collected(tenant, currency, today))
        .union(UnionType::All, waiting(tenant))
        .take();
    let rows = db.query_all(&statement).await.map_err(database_error)?;
    let read = rows.iter().map(|row| {
        let label: String = row.try_get("", "label")?;
        let sum: Option<i64> = row.try_get("", "sum")?;
        Ok((label, (row.try_get("", "n")?, sum.unwrap_or(0))))
    });
    Ok(Figures(read.collect::<Result<_, sea_orm::DbErr>>().map_err(database_error)?))
}

/// `label`, how many rows, and the sum of a column.
fn labelled<E: Scoped>(select: Select<E>, label: Expr, sum: Option<E::Column>) -> SelectStatement {
    let sum = sum.map_or(Expr::val(0_i64), |column| Expr::expr(Func::sum(Expr::col(column))));
    select
        .select_only()
        .expr_as(label, "label")
        .expr_as(Func::count(Expr::col(Asterisk)), "n")
        .expr_as(sum.cast_as(Alias::new("bigint")), "sum")
        .into_query()
}

fn aged(tenant: TenantId, currency: &str, today: NaiveDate) -> SelectStatement {
    let select =
        invoice::Entity::of(tenant).filter(invoice::Column::Status.eq(InvoiceStatus::Open)).filter(invoice::Column::Currency.eq(currency));
    let mut label = CaseStatement::new();
    for (from_days, name) in BUCKETS.iter().skip(1).rev() {
        let latest = today - Days::new(u64::try_from(*from_days).unwrap_or(0));
        label = label.case(invoice::Column::DueOn.lte(latest), text(name));
    }
    let label = label.finally(text(BUCKETS[0].1));
    labelled(select, label.into(), Some(invoice::Column::OutstandingMinor)).group_by_col("label").take()
}

fn by_status(tenant: TenantId, currency: &str) -> SelectStatement {
    let select = collection_case::Entity::of(tenant).filter(collection_case::Column::Currency.eq(currency));
    let label = Expr::col(collection_case::Column::Status);
    labelled(select, label, Some(collection_case::Column::OutstandingMinor)).group_by_col("label").take()
}

fn collected(tenant: TenantId, currency: &str, today: NaiveDate) -> SelectStatement {
    let in_cases = invoice::Entity::of(tenant).select_only().column(invoice::Column::Id).filter(invoice::Column::CaseId.is_not_null());
    let select = payment::Entity::of(tenant)
        .filter(payment::Column::Kind.eq(PaymentKind::Payment))
        .filter(payment::Column::Currency.eq(currency))
        .filter(payment::Column::ReversedAt.is_null())
        .filter(payment::Column::Reconciled.eq(true))
        .filter(payment::Column::ReceivedOn.gte(today.with_day(1).unwrap_or(today)))
        .filter(payment::Column::InvoiceId.in_subquery(in_cases.into_query()));
    labelled(select, text(COLLECTED), Some(payment::Column::AmountMinor))
}

fn waiting(tenant: TenantId) -> SelectStatement {
    let select = letter::Entity::of(tenant).filter(letter::Column::Status.eq(LetterStatus::AwaitingConsent));
    let select = select.filter(letter::Column::LeadId.is_null());
    labelled(select, text(CONSENT), None)
}

/// A text whose type PostgreSQL does not have to guess.
fn text(text: &str) -> Expr {
    Expr::val(text).cast_as(Alias::new("text"))
}
