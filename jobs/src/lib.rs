//! When, how often, and what if it fails: the jobs, each a few lines that reload, check again and run one use case of
//! `domain`. No rule lives here. The queue underneath is the crate `queue`.
//!
//! | job | arguments | started by | does |
//! |---|---|---|---|
//! | [`StartSync`] | tenant, integration | the dispatcher, by the clock; a provider's webhook | [`domain::sync::start_due`] |
//! | [`SyncIntegration`] | tenant, run | an import or sync that was asked for; the dispatcher | [`domain::sync::run`] |
//! | [`ProposeCases`] | tenant, integration | the dispatcher, at the tenant's midnight | [`domain::sync::propose`] |
//! | [`Escalate`] | tenant, case | an approval, a resumed case; the dispatcher | [`domain::escalation::advance`] |
//! | [`Deliver`] | tenant, delivery | an issued or consented letter; the dispatcher | [`domain::delivery::deliver`] |
//! | [`RecoverDelivery`] | tenant, delivery | the dispatcher, when a hand-over outlived its lease | [`domain::delivery::recover`] |
//! | [`Farewell`] | tenant, integration | a disconnected integration; every hour for those that were not heard | [`domain::integration::disconnect::farewell`] |
//! | [`HandOver`] | tenant, hand-over | an exhausted ladder, a creditor's yes; the dispatcher | [`domain::handover::step`] |
//! | [`TellAgency`] | tenant, task | what happens to a handed-over case; the dispatcher | [`domain::agency_task::tell`] |
//! | [`WriteNote`] | tenant, note | a hand-over or an end of a case; the dispatcher | [`domain::book_note::write`] |
//! | [`AskOnlinePage`] | tenant, invoice | a letter that is about to name it; the dispatcher | [`domain::online_page::ask`] |
//! | [`Dispatch`] | – | every 5 s | enqueues what is due by the product's clock; [`domain::statistics::refresh`] |
//! | [`Housekeep`] | – | every hour | sweeps finished jobs, old keys, sessions and files; warns of claims that near their limitation |
//!
//! A date on a row is the promise, a job only the messenger: losing every queued job loses nothing but seconds.

mod agency_task;
mod book_note;
mod deliver;
mod dispatch;
mod escalate;
mod farewell;
mod handover;
mod housekeep;
mod messenger;
mod online_page;
mod outcome;
mod propose;
mod quiet;
mod sync;

use std::time::Duration;

use domain::Env;
pub use queue::{DeadLetter, QueueCounts, Runtime, Schedule, Settings, Wake, counts, dead_letters, migrate};

pub use agency_task::TellAgency;
pub use book_note::WriteNote;
pub use deliver::{Deliver, RecoverDelivery};
pub use dispatch::{Dispatch, dispatch};
pub use escalate::Escalate;
pub use farewell::Farewell;
pub use handover::HandOver;
pub use housekeep::Housekeep;
pub use messenger::QueueMessenger;
pub use online_page::AskOnlinePage;
pub use propose::ProposeCases;
pub use quiet::run_to_quiet;
pub use sync::{StartSync, SyncIntegration};

/// How often the dispatcher looks for what is due.
pub const DISPATCH_EVERY: Duration = Duration::from_secs(5);

/// How often finished work is swept away.
pub const HOUSEKEEP_EVERY: Duration = Duration::from_hours(1);

/// What each job is given.
#[derive(Clone)]
pub struct Context {
    /// The surroundings of the use cases.
    pub env: Env,
    /// Wakes the workers.
    pub wake: Wake,
}

/// All jobs and their schedules, ready to run.
pub fn runtime(context: &Context, settings: Settings) -> Runtime<Context> {
    Runtime::new(context.env.db.clone(), context.clone(), settings)
        .with_wake(context.wake.clone())
        .register::<StartSync>()
        .register::<SyncIntegration>()
        .register::<ProposeCases>()
        .register::<Farewell>()
        .register::<Escalate>()
        .register::<Deliver>()
        .register::<RecoverDelivery>()
        .register::<HandOver>()
        .register::<TellAgency>()
        .register::<WriteNote>()
        .register::<AskOnlinePage>()
        .register::<Dispatch>()
        .register::<Housekeep>()
        .schedule(Schedule::every("dispatch", DISPATCH_EVERY, |_| Dispatch {}))
        .schedule(Schedule::every("housekeep", HOUSEKEEP_EVERY, |_| Housekeep {}))
}

/// Puts right what the last process of an embedded database left behind when it died: its jobs wait again, its
/// hand-overs are reconciled. Only for the one process of a database that has no other.
///
/// # Errors
///
/// When the database fails.
pub async fn recover(context: &Context) -> domain::Result<()> {
    queue::recover_after_crash(&context.env.db).await?;
    let orphans = domain::delivery::orphaned_deliveries(&context.env.db, context.env.clock.machine(), true, u64::from(u32::MAX)).await?;
    for (tenant, delivery) in orphans {
        domain::delivery::recover(&context.env, tenant, delivery, true).await?;
    }
    Ok(())
}

/// Gives a dead job another chance; false when there is none with this id.
///
/// # Errors
///
/// When the database fails.
pub async fn revive(db: &sea_orm::DatabaseConnection, id: &str) -> Result<bool, sea_orm::DbErr> {
    match id.parse() {
        Ok(id) => queue::revive(db, id).await,
        Err(_) => Ok(false),
    }
}
