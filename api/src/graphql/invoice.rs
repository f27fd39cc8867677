//! Invoices: snapshots of the accounting system, with where they stand here.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use domain::calendar;
use entity::{CaseStatus, InvoiceStatus as Stored, collection_case, invoice};

use super::{
    access,
    case::Case,
    connection::list_cost,
    debtor::Debtor,
    error::query_error,
    id,
    integration::Integration,
    loader::{self, PaymentsOf, Row},
    money::Money,
    payment::Payment,
    scalars::Date,
    tenant::tenant_row,
};

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum InvoiceStatus {
    /// Open, and due today or later.
    NotDue,
    /// Open and overdue, but in no case.
    Overdue,
    /// Its case waits for the creditor's yes.
    Proposed,
    /// Its case is worked.
    InCollection,
    /// Marked as disputed in the accounting system.
    Disputed,
    /// Nothing is outstanding, by payment.
    Paid,
    /// Nothing is outstanding, by credit note.
    Credited,
    /// The creditor gave it up.
    WrittenOff,
    /// Cancelled in the accounting system.
    Voided,
}

/// One invoice: a snapshot of the accounting system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice(pub invoice::Model);

impl From<invoice::Model> for Invoice {
    fn from(row: invoice::Model) -> Self {
        Self(row)
    }
}

impl Invoice {
    /// Whole days since the due date on the tenant's day; zero while it is not overdue.
    async fn overdue_days(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let today = today(ctx, self.0.tenant_id).await?;
        Ok(i32::try_from((today - self.0.due_on).num_days().max(0)).unwrap_or(i32::MAX))
    }

    async fn case_row(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<collection_case::Model>> {
        match self.0.case_id {
            Some(case) => loader::one(ctx, Row(self.0.tenant_id, case)).await,
            None => Ok(None),
        }
    }
}

/// The tenant's day.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn today(ctx: &Context<'_>, tenant: entity::TenantId) -> async_graphql::Result<chrono::NaiveDate> {
    let now = access::env(ctx)?.now();
    let tenant = tenant_row(ctx, tenant).await?;
    let zone = calendar::zone(&tenant.time_zone).map_err(|refusal| query_error(refusal.into()))?;
    Ok(calendar::local_date(zone, now))
}

/// Where an open invoice stands, by what is known of its case.
fn standing(invoice: &invoice::Model, case: Option<CaseStatus>, overdue: bool) -> InvoiceStatus {
    match invoice.status {
        Stored::Paid => InvoiceStatus::Paid,
        Stored::Credited => InvoiceStatus::Credited,
        Stored::WrittenOff => InvoiceStatus::WrittenOff,
        Stored::Voided => InvoiceStatus::Voided,
        Stored::Open if invoice.disputed => InvoiceStatus::Disputed,
        Stored::Open => match case {
            Some(CaseStatus::Proposed) => InvoiceStatus::Proposed,
            Some(CaseStatus::Active | CaseStatus::OnHold | CaseStatus::AwaitingHandover | CaseStatus::HandedOver) => {
                InvoiceStatus::InCollection
            }
            Some(CaseStatus::Declined | CaseStatus::Closed) | None if overdue => InvoiceStatus::Overdue,
            Some(CaseStatus::Declined | CaseStatus::Closed) | None => InvoiceStatus::NotDue,
        },
    }
}

/// One invoice: a snapshot of the accounting system.
#[Object]
impl Invoice {
    /// Its id, `inv_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// As the debtor knows it.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Its subject line.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Its id in the accounting system.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Who owes it.
    async fn debtor(&self, ctx: &Context<'_>) -> async_graphql::Result<Debtor> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.debtor_id)).await?;
        row.map(Debtor).ok_or_else(|| "an invoice without a debtor".into())
    }

    /// Where it comes from.
    async fn integration(&self, ctx: &Context<'_>) -> async_graphql::Result<Integration> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.integration_id)).await?;
        row.map(Integration).ok_or_else(|| "an invoice without an integration".into())
    }

    /// The day on which it was issued.
    async fn issued_on(&self) -> Date {
        Date(self.0.issued_on)
    }

    /// The day by which it was to be paid. Due today is not overdue.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// Whole days since the due date, on the tenant's day; zero while it is not overdue.
    async fn days_overdue(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        self.overdue_days(ctx).await
    }

    /// The whole sum.
    async fn total(&self) -> Money {
        Money::new(self.0.total_minor, &self.0.currency)
    }

    /// What is still open.
    async fn outstanding(&self) -> Money {
        Money::new(self.0.outstanding_minor, &self.0.currency)
    }

    /// Where it stands, here and in the accounting system.
    async fn status(&self, ctx: &Context<'_>) -> async_graphql::Result<InvoiceStatus> {
        let case = self.case_row(ctx).await?.map(|case| case.status);
        Ok(standing(&self.0, case, self.overdue_days(ctx).await? > 0))
    }

    /// Marked as disputed in the accounting system.
    async fn disputed(&self) -> bool {
        self.0.disputed
    }

    /// The structured reference that it has in the books, e.g. a KID; letters on it alone ask for that one.
    async fn payment_reference(&self) -> Option<&str> {
        self.0.payment_reference.as_deref()
    }

    /// Since when its accounting system, asked for it by name, does not tell of it: it was deleted there, or cannot be
    /// read any more. No letter leaves on it; it is no new case. Null when the system tells of it.
    async fn missing_since(&self) -> Option<DateTime<Utc>> {
        self.0.missing_since
    }

    /// Where the debtor sees and pays it online. A file may say it at once; an accounting system that has such pages is asked
    /// for it when a letter is about to name it, and until then it is not known.
    async fn online_url(&self) -> Option<&str> {
        self.0.online_url.as_deref()
    }

    /// The case that works it.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Case>> {
        Ok(self.case_row(ctx).await?.map(Case))
    }

    /// Payments and credit notes on it, oldest first; reversed ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn payments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Payment>> {
        let rows = loader::one(ctx, PaymentsOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Payment).collect())
    }

    /// When it was first seen.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
