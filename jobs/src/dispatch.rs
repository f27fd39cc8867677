//! The dispatcher: enqueues what is due by the product's clock. It reads ids off indexed due instants, and the keys of
//! the queue keep one piece of work from being queued twice.

use std::time::Duration;

use domain::{Env, agency_task, book_note, delivery, escalation, handover, integration, online_page, statistics, sync};
use queue::{Attempt, Enqueue, Fail, Handler, Job, Wake};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use crate::{
    AskOnlinePage, Context, Deliver, Escalate, HandOver, ProposeCases, RecoverDelivery, StartSync, SyncIntegration, TellAgency, WriteNote,
    outcome::fail,
};

/// Most pieces of each kind of work that one look enqueues; the next look goes on.
const BATCH: u64 = 1_000;

/// Enqueues what is due; has PostgreSQL look anew at tables that grow faster than it looks by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispatch {}

impl Job for Dispatch {
    const QUEUE: &'static str = "dispatch";
    const CONCURRENCY: usize = 1;
    const MAX_ATTEMPTS: u32 = 1;
    const TIMEOUT: Duration = Duration::from_mins(1);
}

impl Handler<Context> for Dispatch {
    async fn run(self, context: Context, _attempt: Attempt) -> Result<(), Fail> {
        dispatch(&context.env, &context.wake).await.map_err(fail)?;
        let tables = statistics::refresh(&context.env.db).await.map_err(fail)?;
        if !tables.is_empty() {
            tracing::debug!(?tables, "looked anew at tables that grew");
        }
        Ok(())
    }
}

/// Looks once and returns how many jobs were enqueued.
///
/// # Errors
///
/// When the database fails.
pub async fn dispatch(env: &Env, wake: &Wake) -> domain::Result<u64> {
    let (db, now) = (&env.db, env.now());
    let mut jobs = Vec::new();
    for (tenant, integration) in sync::due(db, now, BATCH).await? {
        jobs.push(Due::Start(StartSync { tenant, integration }));
    }
    for (tenant, run) in sync::unfinished(db, env.clock.machine(), BATCH).await? {
        jobs.push(Due::Sync(SyncIntegration { tenant, run }));
    }
    for (tenant, integration) in integration::due_proposals(db, now, BATCH).await? {
        jobs.push(Due::Propose(ProposeCases { tenant, integration }));
    }
    for (tenant, case) in escalation::due_cases(db, now, BATCH).await? {
        jobs.push(Due::Escalate(Escalate { tenant, case }));
    }
    for (tenant, delivery) in delivery::due_deliveries(db, now, BATCH).await? {
        jobs.push(Due::Deliver(Deliver { tenant, delivery }));
    }
    for (tenant, delivery) in delivery::orphaned_deliveries(db, env.clock.machine(), false, BATCH).await? {
        jobs.push(Due::Recover(RecoverDelivery { tenant, delivery }));
    }
    outward(env, &mut jobs).await?;
    if jobs.is_empty() {
        return Ok(0);
    }
    let tx = entity::database::begin_write(db).await?;
    let mut enqueued = 0;
    for job in &jobs {
        enqueued += u64::from(job.enqueue(&tx).await?);
    }
    tx.commit().await?;
    for job in &jobs {
        wake.notify(job.queue());
    }
    Ok(enqueued)
}

/// What is due towards agencies and books.
async fn outward(env: &Env, jobs: &mut Vec<Due>) -> domain::Result<()> {
    let (db, now) = (&env.db, env.now());
    for (tenant, handover) in handover::due(db, now, BATCH).await? {
        jobs.push(Due::HandOver(HandOver { tenant, handover }));
    }
    for (tenant, handover) in handover::orphaned(db, env.clock.machine(), BATCH).await? {
        jobs.push(Due::HandOver(HandOver { tenant, handover }));
    }
    for (tenant, task) in agency_task::due(db, now, BATCH).await? {
        jobs.push(Due::Tell(TellAgency { tenant, task }));
    }
    for (tenant, note) in book_note::due(db, now, BATCH).await? {
        jobs.push(Due::Note(WriteNote { tenant, note }));
    }
    for (tenant, invoice) in online_page::due(db, now, BATCH).await? {
        jobs.push(Due::Page(AskOnlinePage { tenant, invoice }));
    }
    Ok(())
}

/// One due piece of work.
enum Due {
    Start(StartSync),
    Sync(SyncIntegration),
    Propose(ProposeCases),
    Escalate(Escalate),
    Deliver(Deliver),
    Recover(RecoverDelivery),
    HandOver(HandOver),
    Tell(TellAgency),
    Note(WriteNote),
    Page(AskOnlinePage),
}

impl Due {
    async fn enqueue(&self, tx: &DatabaseTransaction) -> Result<bool, sea_orm::DbErr> {
        match self {
            Self::Start(job) => queue::enqueue(tx, job, Enqueue::keyed(job.integration.to_string())).await,
            Self::Sync(job) => queue::enqueue(tx, job, Enqueue::keyed(job.run.to_string())).await,
            Self::Propose(job) => queue::enqueue(tx, job, Enqueue::keyed(job.integration.to_string())).await,
            Self::Escalate(job) => queue::enqueue(tx, job, Enqueue::keyed(job.case.to_string())).await,
            Self::Deliver(job) => queue::enqueue(tx, job, Enqueue::keyed(job.delivery.to_string())).await,
            Self::Recover(job) => queue::enqueue(tx, job, Enqueue::keyed(job.delivery.to_string())).await,
            Self::HandOver(job) => queue::enqueue(tx, job, Enqueue::keyed(job.handover.to_string())).await,
            Self::Tell(job) => queue::enqueue(tx, job, Enqueue::keyed(job.task.to_string())).await,
            Self::Note(job) => queue::enqueue(tx, job, Enqueue::keyed(job.note.to_string())).await,
            Self::Page(job) => queue::enqueue(tx, job, Enqueue::keyed(job.invoice.to_string())).await,
        }
    }

    fn queue(&self) -> &'static str {
        match self {
            Self::Start(_) => StartSync::QUEUE,
            Self::Sync(_) => SyncIntegration::QUEUE,
            Self::Propose(_) => ProposeCases::QUEUE,
            Self::Escalate(_) => Escalate::QUEUE,
            Self::Deliver(_) => Deliver::QUEUE,
            Self::Recover(_) => RecoverDelivery::QUEUE,
            Self::HandOver(_) => HandOver::QUEUE,
            Self::Tell(_) => TellAgency::QUEUE,
            Self::Note(_) => WriteNote::QUEUE,
            Self::Page(_) => AskOnlinePage::QUEUE,
        }
    }
}
