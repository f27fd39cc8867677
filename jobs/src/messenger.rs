//! The product's messenger over the queue: jobs are rows written in the caller's transaction, keyed by what they are
//! about, so that the same work is never queued twice at a time.

use std::collections::BTreeSet;

use domain::port::{Messenger, Work};
use queue::{Enqueue, Job, Wake};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{AskOnlinePage, Deliver, Escalate, Farewell, HandOver, StartSync, SyncIntegration, TellAgency, WriteNote};

/// Enqueues work.
#[derive(Clone, Default)]
pub struct QueueMessenger {
    wake: Wake,
}

impl QueueMessenger {
    /// A messenger that wakes the workers of this bell.
    pub fn new(wake: Wake) -> Self {
        Self { wake }
    }
}

#[async_trait::async_trait]
impl Messenger for QueueMessenger {
    async fn enqueue(&self, tx: &DatabaseTransaction, work: &[Work]) -> Result<(), DbErr> {
        for item in work {
            match *item {
                Work::Sync { tenant, run } => queue::enqueue(tx, &SyncIntegration { tenant, run }, Enqueue::keyed(run.to_string())).await?,
                Work::StartSync { tenant, integration } => {
                    queue::enqueue(tx, &StartSync { tenant, integration }, Enqueue::keyed(integration.to_string())).await?
                }
                Work::Farewell { tenant, integration } => {
                    queue::enqueue(tx, &Farewell { tenant, integration }, Enqueue::keyed(integration.to_string())).await?
                }
                Work::Escalate { tenant, case } => queue::enqueue(tx, &Escalate { tenant, case }, Enqueue::keyed(case.to_string())).await?,
                Work::Deliver { tenant, delivery } => {
                    queue::enqueue(tx, &Deliver { tenant, delivery }, Enqueue::keyed(delivery.to_string())).await?
                }
                Work::HandOver { tenant, handover } => {
                    queue::enqueue(tx, &HandOver { tenant, handover }, Enqueue::keyed(handover.to_string())).await?
                }
                Work::TellAgency { tenant, task } => {
                    queue::enqueue(tx, &TellAgency { tenant, task }, Enqueue::keyed(task.to_string())).await?
                }
                Work::WriteNote { tenant, note } => {
                    queue::enqueue(tx, &WriteNote { tenant, note }, Enqueue::keyed(note.to_string())).await?
                }
                Work::AskOnlinePage { tenant, invoice } => {
                    queue::enqueue(tx, &AskOnlinePage { tenant, invoice }, Enqueue::keyed(invoice.to_string())).await?
                }
            };
        }
        Ok(())
    }

    fn wake(&self, work: &[Work]) {
        let queues: BTreeSet<&str> = work
            .iter()
            .map(|item| match item {
                Work::Sync { .. } => SyncIntegration::QUEUE,
                Work::StartSync { .. } => StartSync::QUEUE,
                Work::Farewell { .. } => Farewell::QUEUE,
                Work::Escalate { .. } => Escalate::QUEUE,
                Work::Deliver { .. } => Deliver::QUEUE,
                Work::HandOver { .. } => HandOver::QUEUE,
                Work::TellAgency { .. } => TellAgency::QUEUE,
                Work::WriteNote { .. } => WriteNote::QUEUE,
                Work::AskOnlinePage { .. } => AskOnlinePage::QUEUE,
            })
            .collect();
        for queue in queues {
            self.wake.notify(queue);
        }
    }
}
