//! Where a debtor sees and pays an invoice on the web, for books that have such pages. Asked for when a letter is about
//! to name it, not with every pull: a provider's limits are for facts first. The letter waits for the answer, at most
//! [`GRACE`] and as one gate among the others; a source that is busy, refuses or is silent holds nothing up, and the next
//! letter may have the address.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CaseStatus, InvoiceId, InvoiceStatus, Scoped, TenantId, collection_case, invoice};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::{Error, Result},
    escalation, integration,
    letter::{aid::is_web_address, only_open},
    port::{SourceError, Work},
    sync,
};

/// The longest that a letter waits for the address.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);

/// When a question under way is asked again if nobody heard the answer: longer than a call. By the product's clock, unlike
/// the leases of what is sent: it stands in the column of the due instant, and a clock that is moved costs one more reading
/// at most.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How long a source that does not answer is left alone.
const PAUSE: TimeDelta = TimeDelta::minutes(15);

/// How long it is asked again after the first time; then the invoice has no page.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// Where the question for the page stands that a case's next letter would name: what the gate before the letter looks at
/// ([`crate::escalation::gates::GateName::OnlinePage`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Question {
    /// No letter waits for it: it was answered or given up, cannot be asked, or no letter would name a page.
    #[default]
    Settled,
    /// It is asked as soon as nothing else holds the letter back.
    Unasked,
    /// It was asked at this instant, and the case waits for the answer.
    Asked(DateTime<Utc>),
}

impl Question {
    /// That for the one invoice that a case's letter would be about, of books that have pages or not. The answer brings the
    /// case's promise forward: so a case is waiting while it is promised for the end of the wait.
    pub(crate) fn of(case: &collection_case::Model, invoices: &[invoice::Model], has_pages: bool) -> Self {
        let Some(invoice) = only_open(invoices).filter(|invoice| invoice.online_url.is_none()) else { return Self::Settled };
        match invoice.online_asked_at {
            None if has_pages => Self::Unasked,
            Some(at) if case.next_action_at == Some(at + GRACE) => Self::Asked(at),
            None | Some(_) => Self::Settled,
        }
    }
}

/// Plans to ask for the page of the one invoice that a case's letter is about.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn plan(change: &mut Change<'_>, invoices: &[invoice::Model]) -> Result<()> {
    let Some(invoice) = only_open(invoices) else { return Ok(()) };
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::OnlineAskedAt, Expr::value(change.now))
        .col_expr(invoice::Column::OnlineAskAt, Expr::value(change.now))
        .filter(invoice::Column::Id.eq(invoice.id))
        .exec(&change.tx)
        .await?;
    change.enqueue(Work::AskOnlinePage { tenant: change.tenant, invoice: invoice.id });
    Ok(())
}

/// Invoices whose page is to be asked for, oldest promise first: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, InvoiceId)>> {
    let select = invoice::Entity::find().select_only().column(invoice::Column::TenantId).column(invoice::Column::Id);
    let select = select.filter(invoice::Column::OnlineAskAt.lte(now)).order_by_asc(invoice::Column::OnlineAskAt);
    Ok(select.limit(limit).into_tuple().all(db).await?)
}

/// Asks for an invoice's page, and lets the letter go that waits for it, whatever the answer.
///
/// # Errors
///
/// When the database fails. A source that refuses or is silent is no error: letters go without an address.
pub async fn ask(env: &Env, tenant: TenantId, id: InvoiceId) -> Result<()> {
    let Some(invoice) = begin(env, tenant, id).await? else { return Ok(()) };
    let told = match invoice.status {
        InvoiceStatus::Open => page_of(env, &invoice).await?,
        // Settled meanwhile: nobody needs to see it any more.
        _ => Ok(None),
    };
    if let Err(error) = &told {
        tracing::info!(invoice = %id, %error, "no address of the invoice's page");
    }
    finish(env, &invoice, told).await
}

async fn page_of(env: &Env, invoice: &invoice::Model) -> Result<Result<Option<String>, SourceError>> {
    let books = integration::find(&env.db, invoice.tenant_id, invoice.integration_id).await?;
    let Some(pages) = env.outside.systems.get(&books.provider).and_then(|system| system.online.clone()) else { return Ok(Ok(None)) };
    if !integration::can_be_asked(&books) {
        return Ok(Ok(None));
    }
    Ok(match sync::link(env, &books).await? {
        Ok(link) => pages.page_of(&link, &invoice.external_id).await,
        Err(error) => Err(error),
    })
}

async fn begin(env: &Env, tenant: TenantId, id: InvoiceId) -> Result<Option<invoice::Model>> {
    let change = Change::begin(env, tenant, Actor::System).await?;
    let select = invoice::Entity::of(tenant).filter(invoice::Column::Id.eq(id)).lock_exclusive();
    let Some(row) = select.one(&change.tx).await? else { return Ok(None) };
    if row.online_ask_at.is_none_or(|at| at > change.now) {
        return Ok(None);
    }
    ask_again(&change, id, Some(change.now + LEASE)).await?;
    change.commit().await?;
    Ok(Some(row))
}

async fn finish(env: &Env, seen: &invoice::Model, told: Result<Option<String>, SourceError>) -> Result<()> {
    let mut change = Change::begin(env, seen.tenant_id, Actor::System).await?;
    release(&mut change, seen).await?;
    let again = match &told {
        Err(SourceError::RateLimited(seconds)) => i64::try_from(*seconds).ok().and_then(TimeDelta::try_seconds),
        Err(SourceError::Unavailable(_)) => Some(PAUSE),
        Ok(_) | Err(SourceError::Unauthorised(_) | SourceError::Broken(_) | SourceError::Refused { .. }) => None,
    };
    let until = seen.online_asked_at.unwrap_or(seen.created_at) + GIVE_UP_AFTER;
    ask_again(&change, seen.id, again.map(|wait| change.now + wait).filter(|at| *at < until)).await?;
    if let Some(address) = told.ok().flatten().filter(|address| is_web_address(address)) {
        invoice::Entity::update_of(change.tenant)
            .col_expr(invoice::Column::OnlineUrl, Expr::value(address))
            .filter(invoice::Column::Id.eq(seen.id))
            .exec(&change.tx)
            .await?;
    }
    change.commit().await
}

/// The case goes on now, if it is this answer that it waits for.
async fn release(change: &mut Change<'_>, seen: &invoice::Model) -> Result<()> {
    let Some(id) = seen.case_id else { return Ok(()) };
    let mut case = match case::lock(change, id).await {
        Ok(case) => case,
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let waits = case.next_action_at.is_some() && case.next_action_at == seen.online_asked_at.map(|at| at + GRACE);
    if case.status == CaseStatus::Active && waits {
        case.next_action_at = Some(change.now);
        case::save(change, &mut case).await?;
        escalation::call_if_due(change, &case);
    }
    Ok(())
}

async fn ask_again(change: &Change<'_>, id: InvoiceId, at: Option<DateTime<Utc>>) -> Result<()> {
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::OnlineAskAt, Expr::value(at))
        .filter(invoice::Column::Id.eq(id))
        .exec(&change.tx)
        .await?;
    Ok(())
}
