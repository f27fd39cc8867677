//! Asking for a pull from an accounting system.

use async_graphql::{Context, ID, Object, Result};
use domain::sync;
use entity::sync_run;

use super::payload::{SyncRunPayload, answer};
use crate::graphql::{
    access::{env, viewer},
    id,
};

fn payload(run: sync_run::Model) -> SyncRunPayload {
    SyncRunPayload { sync_run: Some(run.into()), user_errors: Vec::new() }
}

/// Asking for a pull.
#[derive(Default)]
pub struct SyncMutations;

#[Object]
impl SyncMutations {
    /// Pulls from an accounting system now: what changed since the last time, or everything that is open. A run that waits
    /// already is answered instead of a second one. For owners and accountants.
    async fn integration_sync_now(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it must be active and have an accounting system.")] id: ID,
        #[graphql(desc = "Look at everything that is open, not only at what changed.", default)] everything: bool,
    ) -> Result<SyncRunPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let asked = async { sync::request(env, &viewer, id::named(&id, "id")?, everything).await };
        answer(asked.await, payload)
    }

    /// Takes certain invoices over, with their debtors and payments: the ticked ones of a `pullPreview`. They are read anew
    /// at their source. For owners and accountants.
    async fn integration_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it must be active and have an accounting system.")] id: ID,
        #[graphql(desc = "The invoices, by their `externalId`; 1 to 1000.")] invoice_external_ids: Vec<ID>,
    ) -> Result<SyncRunPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let invoices = invoice_external_ids.into_iter().map(|id| id.0).collect();
        let asked = async { sync::request_only(env, &viewer, id::named(&id, "id")?, invoices).await };
        answer(asked.await, payload)
    }
}
