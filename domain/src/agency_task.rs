//! Telling an agency about a case that it works: payments, pauses, the end. Planned in the transaction of what happened,
//! told in order, one at a time: begin → commit → call → finish. A payment whose answer was lost is never told twice; a
//! person looks. Agencies without an API are told by a person, who sees it as failed.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    AgencyTaskId, AgencyTaskKind, HandoverId, HandoverStatus, PaymentId, Scoped, TaskStatus, TenantId, agency_task, collection_case,
    handover,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    actor::Actor,
    agency::{self, Way},
    case,
    change::Change,
    env::Env,
    error::{Error, Result},
    event::{Happened, kind},
    handover::{self as handovers, backoff, word},
    port::{
        Work,
        agency::{AgencyError, Notice, Order},
    },
};

/// Attempts after which an order counts as refused: with the waits in between, about four days.
const MAX_ATTEMPTS: i32 = 24;

/// When an order under way is looked at again if nobody finished it: longer than a call.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Wait while the agency has not accepted the case: waking is what ends it.
const NOT_ACCEPTED_WAIT: TimeDelta = TimeDelta::hours(6);

/// Marks an order that was begun and not finished.
const SENDING: &str = "SENDING";

/// What an agency is to be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News {
    /// What kind of news.
    pub(crate) kind: AgencyTaskKind,
    /// How much less is claimed, in minor units; negative when it is more.
    pub(crate) amount_minor: Option<i64>,
    /// For money the value date, for pauses the last day.
    pub(crate) on: Option<NaiveDate>,
}

impl News {
    /// An order without figures.
    pub(crate) fn order(kind: AgencyTaskKind) -> Self {
        Self { kind, amount_minor: None, on: None }
    }
}

/// Plans an order, which is due at once.
pub(crate) async fn plan(change: &mut Change<'_>, row: &handover::Model, news: News, payment: Option<PaymentId>) -> Result<()> {
    let task = agency_task::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        handover_id: row.id,
        kind: news.kind,
        amount_minor: news.amount_minor,
        on_date: news.on,
        payment_id: payment,
        status: TaskStatus::Waiting,
        attempts: 0,
        next_attempt_at: Some(change.now),
        error: None,
        created_at: change.now,
    };
    task.clone().into_active_model().reset_all().insert(&change.tx).await?;
    change.enqueue(Work::TellAgency { tenant: change.tenant, task: task.id });
    Ok(())
}

/// The agency has a number for the case now: what waited for it is due.
pub(crate) async fn wake(change: &mut Change<'_>, id: HandoverId) -> Result<()> {
    for row in waiting(change, id).await? {
        let task = row.id;
        agency_task::ActiveModel { next_attempt_at: sea_orm::ActiveValue::Set(Some(change.now)), ..row.into_active_model() }
            .update(&change.tx)
            .await?;
        change.enqueue(Work::TellAgency { tenant: change.tenant, task });
    }
    Ok(())
}

/// Nobody is left to be told.
pub(crate) async fn cancel(change: &Change<'_>, id: HandoverId) -> Result<()> {
    agency_task::Entity::update_of(change.tenant)
        .col_expr(agency_task::Column::Status, Expr::value(TaskStatus::Cancelled))
        .col_expr(agency_task::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .filter(agency_task::Column::HandoverId.eq(id))
        .filter(agency_task::Column::Status.eq(TaskStatus::Waiting))
        .exec(&change.tx)
        .await?;
    Ok(())
}

/// Whether an order of a kind about a hand-over was not told yet.
pub(crate) async fn waits(change: &Change<'_>, id: HandoverId, kind: AgencyTaskKind) -> Result<bool> {
    Ok(waiting(change, id).await?.iter().any(|row| row.kind == kind))
}

/// Orders that are due, oldest promise first: for the dispatcher.
///
/// # Errors
///
/// When the database refuses.
#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
pub async fn due(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, AgencyTaskId)>> {
    let select = agency_task::Entity::find().select_only().column(agency_task::Column::TenantId).column(agency_task::Column::Id);
    let select = select.filter(agency_task::Column::Status.eq(TaskStatus::Waiting)).filter(agency_task::Column::NextAttemptAt.lte(now));
    let select = select.order_by_asc(agency_task::Column::NextAttemptAt).order_by_asc(agency_task::Column::Id);
    Ok(select.limit(limit).into_tuple().all(db).await?)
}

/// Tells one order, if it is its turn.
///
/// # Errors
///
/// When the database fails. The agency's refusal is an outcome on the row, not an error.
pub async fn tell(env: &Env, tenant: TenantId, id: AgencyTaskId) -> Result<()> {
    let Some((row, notice)) = begin(env, tenant, id).await? else { return Ok(()) };
    let agency = agency::find(&env.db, tenant, row.agency_id).await?;
    let told = match agency::way(env, &agency)? {
        Ok(Way::Api(connector, link)) => connector.tell(&link, &notice).await,
        Ok(Way::File(_)) => {
            Err(AgencyError::Rejected { code: "TELL_BY_HAND".into(), message: "the agency has no API: tell it yourself".into() })
        }
        Err(error) => Err(error),
    };
    finish(env, &row, id, told, agency.version).await
}

/// The hand-over and what to tell; none when it is not its turn.
async fn begin(env: &Env, tenant: TenantId, id: AgencyTaskId) -> Result<Option<(handover::Model, Notice)>> {
    let Some(seen) = find(&env.db, tenant, id).await? else { return Ok(None) };
    let Some(row) = handovers::find(&env.db, tenant, seen.handover_id).await? else { return Ok(None) };
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let case = case::lock(&change, row.case_id).await?;
    let (Some(mut task), Some(row)) = (find(&change.tx, tenant, id).await?, handovers::find(&change.tx, tenant, row.id).await?) else {
        return Ok(None);
    };
    if task.status != TaskStatus::Waiting || task.next_attempt_at.is_none_or(|at| at > change.now) {
        return Ok(None);
    }
    let first = waiting(&change, row.id).await?.first().is_some_and(|first| first.id == id);
    let reference = row.external_reference.clone().filter(|_| !matches!(row.status, HandoverStatus::Sending | HandoverStatus::Sent));
    let lost = task.error.as_deref() == Some(SENDING) && money(task.kind);
    let notice = match reference {
        Some(reference) if first && !lost => Some(notice(&case, &task, &row, reference)?),
        Some(_) if lost => {
            fail(&mut change, &case, &mut task, "UNKNOWN")?;
            None
        }
        // Behind another order, or before the agency has it.
        Some(_) => {
            task.next_attempt_at = Some(change.now + TimeDelta::minutes(1));
            None
        }
        None => {
            task.next_attempt_at = Some(change.now + NOT_ACCEPTED_WAIT);
            None
        }
    };
    if notice.is_some() {
        task.attempts += 1;
        task.error = Some(SENDING.to_owned());
        task.next_attempt_at = Some(change.now + LEASE);
    }
    task.into_active_model().reset_all().update(&change.tx).await?;
    change.commit().await?;
    Ok(notice.map(|notice| (row, notice)))
}

fn notice(case: &collection_case::Model, task: &agency_task::Model, row: &handover::Model, reference: String) -> Result<Notice> {
    let order = match task.kind {
        AgencyTaskKind::Pause => Order::Pause,
        AgencyTaskKind::Resume => Order::Resume,
        AgencyTaskKind::Withdraw => Order::Withdraw,
        AgencyTaskKind::Payment | AgencyTaskKind::Correction => {
            let (Some(amount_minor), Some(on)) = (task.amount_minor, task.on_date) else {
                return Err(Error::Bug(format!("order {} to be told lacks its figures", task.id)));
            };
            let currency = case.currency.clone();
            match task.kind {
                AgencyTaskKind::Correction => Order::Correction { amount_minor, currency, on },
                _ => Order::Payment { amount_minor, currency, on },
            }
        }
    };
    Ok(Notice { id: task.id.0, handover: row.id, reference, order })
}

async fn finish(env: &Env, row: &handover::Model, id: AgencyTaskId, told: Result<(), AgencyError>, keys: i64) -> Result<()> {
    let tenant = row.tenant_id;
    let mut change = Change::begin(env, tenant, Actor::System).await?;
    let case = case::lock(&change, row.case_id).await?;
    let Some(mut task) = find(&change.tx, tenant, id).await? else { return Ok(()) };
    if task.status != TaskStatus::Waiting {
        return Ok(());
    }
    match told {
        Ok(()) => {
            task.status = TaskStatus::Done;
            (task.next_attempt_at, task.error) = (None, None);
            let happened = Happened::new(kind::AGENCY_TOLD).case(&case).subject(row.id.0);
            change.record(happened.with("what", serde_json::to_value(task.kind)?).with("amountMinor", task.amount_minor));
        }
        Err(AgencyError::Rejected { code, .. }) => fail(&mut change, &case, &mut task, &code)?,
        Err(AgencyError::Unknown(_)) if money(task.kind) => fail(&mut change, &case, &mut task, "UNKNOWN")?,
        Err(_) if task.attempts >= MAX_ATTEMPTS => fail(&mut change, &case, &mut task, "TOO_MANY_ATTEMPTS")?,
        Err(error) => {
            if matches!(error, AgencyError::Unauthorised(_)) {
                agency::refused(&mut change, row.agency_id, keys).await?;
            }
            let asked = if let AgencyError::RateLimited(seconds) = &error { Some(*seconds) } else { None };
            task.next_attempt_at = Some(change.now + backoff(task.attempts, asked));
            task.error = Some(word(&error).to_owned());
        }
    }
    let done = task.status != TaskStatus::Waiting;
    task.into_active_model().reset_all().update(&change.tx).await?;
    if done && let Some(mut next) = waiting(&change, row.id).await?.into_iter().next() {
        next.next_attempt_at = Some(change.now);
        change.enqueue(Work::TellAgency { tenant, task: next.id });
        next.into_active_model().reset_all().update(&change.tx).await?;
    }
    change.commit().await
}

/// Refused for good: a person must tell the agency.
fn fail(change: &mut Change<'_>, case: &collection_case::Model, task: &mut agency_task::Model, code: &str) -> Result<()> {
    task.status = TaskStatus::Failed;
    task.next_attempt_at = None;
    task.error = Some(code.to_owned());
    let happened = Happened::new(kind::AGENCY_TASK_FAILED).case(case).subject(task.handover_id.0).with("because", code);
    change.record(happened.with("what", serde_json::to_value(task.kind)?).with("amountMinor", task.amount_minor));
    Ok(())
}

/// The orders about a hand-over that were not told, in the order in which they were planned.
async fn waiting(change: &Change<'_>, id: HandoverId) -> Result<Vec<agency_task::Model>> {
    let select = agency_task::Entity::of(change.tenant).filter(agency_task::Column::HandoverId.eq(id));
    let select = select.filter(agency_task::Column::Status.eq(TaskStatus::Waiting));
    let mut rows = select.all(&change.tx).await?;
    // What one change planned has one instant: money is told before the end.
    rows.sort_by_key(|row| (row.created_at, rank(row.kind), row.id));
    Ok(rows)
}

/// Whether telling it twice would do harm.
fn money(kind: AgencyTaskKind) -> bool {
    matches!(kind, AgencyTaskKind::Payment | AgencyTaskKind::Correction)
}

fn rank(kind: AgencyTaskKind) -> u8 {
    match kind {
        AgencyTaskKind::Payment | AgencyTaskKind::Correction => 0,
        AgencyTaskKind::Pause | AgencyTaskKind::Resume => 1,
        AgencyTaskKind::Withdraw => 2,
    }
}

async fn find(db: &impl sea_orm::ConnectionTrait, tenant: TenantId, id: AgencyTaskId) -> Result<Option<agency_task::Model>> {
    Ok(agency_task::Entity::of(tenant).filter(agency_task::Column::Id.eq(id)).one(db).await?)
}
