//! A look at what a pull would bring, before anything is taken over: by invoice or payment date, for a person to tick.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{IntegrationId, Scoped, invoice};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::link;
use crate::{
    RefusalCode,
    actor::{Action, Viewer},
    calendar,
    env::Env,
    error::{Error, Refusal, Result},
    integration as integrations,
    port::{InvoiceState, PaymentSnapshot, Problem, Pull, Record, Scope, SourceError},
    tenant,
};

/// Most candidates shown at once: what a person can tick.
pub const MAX_CANDIDATES: usize = 1_000;

/// Most pages that are read for a look.
const MAX_PAGES: usize = 10;

/// From which dates on a person wants to see records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookFrom {
    /// Invoices issued on or after this day.
    pub invoices: Option<NaiveDate>,
    /// Payments received on or after this day.
    pub payments: Option<NaiveDate>,
}

/// A record that a person may tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The record as the source tells it.
    pub record: Record,
    /// It was taken over before.
    pub known: bool,
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// Invoices with their debtors, at most [`MAX_CANDIDATES`].
    pub invoices: Vec<Candidate>,
    /// Payments on them.
    pub payments: Vec<PaymentSnapshot>,
    /// Records that could not be read.
    pub problems: Vec<Problem>,
    /// There are more than shown.
    pub more: bool,
    /// When it was looked.
    pub at: DateTime<Utc>,
}

/// Looks. Nothing is written.
///
/// # Errors
///
/// A refusal: unknown integration, one that reads files or is not active; what the provider answers instead.
pub async fn look(env: &Env, viewer: &Viewer, id: IntegrationId, from: LookFrom) -> Result<Candidates> {
    viewer.require(Action::Import)?;
    let row = integrations::find(&env.db, viewer.tenant, id).await?;
    if !integrations::can_be_asked(&row) {
        let message = "only an active integration with an accounting system can be looked into";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("integrationId").into());
    }
    let tenant = tenant::find(&env.db, viewer.tenant).await?;
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now());
    let pull = Pull {
        tenant: viewer.tenant,
        integration: id,
        currency: tenant.currency,
        position: None,
        scope: Scope::Everything,
        link: Some(link(env, &row).await?.map_err(|error| refused(&error))?),
        file: None,
        today,
    };
    let mut found = read(env, &row, pull, from).await.map_err(|error| refused(&error))?;
    mark_known(env, viewer, id, &mut found).await?;
    Ok(found)
}

async fn read(env: &Env, row: &entity::integration::Model, pull: Pull, from: LookFrom) -> Result<Candidates, SourceError> {
    let mut found = Candidates { invoices: Vec::new(), payments: Vec::new(), problems: Vec::new(), more: false, at: env.now() };
    let system = integrations::system(env, row.provider).map_err(|error| SourceError::Broken(error.to_string()))?;
    let mut source = system.connector.pull(pull).await?;
    for _ in 0..MAX_PAGES {
        let Some(page) = source.next_page().await? else { return Ok(found) };
        found.problems.extend(page.problems);
        for record in page.records {
            take(&mut found, record, from);
        }
    }
    found.more = source.next_page().await?.is_some();
    Ok(found)
}

fn take(found: &mut Candidates, record: Record, from: LookFrom) {
    if let Some(payment) = &record.payment
        && from.payments.is_none_or(|day| payment.received_on >= day)
    {
        found.payments.push(payment.clone());
    }
    let Some(invoice) = &record.invoice else { return };
    let wanted = invoice.state == InvoiceState::Approved && from.invoices.is_none_or(|day| invoice.issued_on >= day);
    if wanted && found.invoices.len() < MAX_CANDIDATES {
        found.invoices.push(Candidate { record, known: false });
    } else if wanted {
        found.more = true;
    }
}

async fn mark_known(env: &Env, viewer: &Viewer, id: IntegrationId, found: &mut Candidates) -> Result<()> {
    let ids: Vec<String> = found.invoices.iter().filter_map(|c| Some(c.record.invoice.as_ref()?.external_id.clone())).collect();
    let known: Vec<String> = invoice::Entity::of(viewer.tenant)
        .select_only()
        .column(invoice::Column::ExternalId)
        .filter(invoice::Column::IntegrationId.eq(id))
        .filter(invoice::Column::ExternalId.is_in(ids))
        .into_tuple()
        .all(&env.db)
        .await?;
    for candidate in &mut found.invoices {
        candidate.known = candidate.record.invoice.as_ref().is_some_and(|invoice| known.contains(&invoice.external_id));
    }
    Ok(())
}

/// What a provider answers instead, as the caller sees it.
fn refused(error: &SourceError) -> Error {
    let code = match error {
        SourceError::Unavailable(_) | SourceError::Broken(_) => RefusalCode::ProviderUnavailable,
        SourceError::RateLimited(_) => RefusalCode::RateLimited,
        SourceError::Unauthorised(_) => RefusalCode::ProviderUnauthorized,
        SourceError::Refused { .. } => RefusalCode::ProviderRejected,
    };
    Refusal::new(code, error.to_string()).at("integrationId").into()
}
