//! Submitting: [`begin`] checks everything again under the case's lock and marks the row as sending, only after the
//! commit is the agency called, [`finish`] writes what it said. A submission that died in between is looked up at the
//! agency by our id, and submitted again only if it is not known there.

use chrono::TimeDelta;
use entity::{AgencyExportId, AgencyStatus, CaseStatus, HandoverStatus, agency_export, handover};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Gate, Held, claim, gate, payments};
use crate::{
    RefusalCode,
    agency::{self, Way},
    agency_task,
    clock::to_micros,
    digest::sha256_hex,
    env::Env,
    error::{Error, Result},
    escalation::gather,
    event::{Happened, kind},
    letter,
    port::agency::{AgencyError, Bundle, Claim},
    sync,
};

/// Machine time after which a submission under way counts as dead: longer than a call and the drawing of its letters.
pub const LEASE: TimeDelta = TimeDelta::minutes(10);

/// When a batch is first asked about.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(1);

/// How calling the agency ended.
enum Called {
    /// The reference of the batch.
    Batch(String),
    /// A file for an agency without an API.
    File(Vec<u8>),
}

/// Submits a confirmed hand-over, if it may leave now.
pub(super) async fn submit(env: &Env, seen: &handover::Model) -> Result<()> {
    let Some(claim) = begin(env, seen).await? else { return Ok(()) };
    let agency = agency::find(&env.db, seen.tenant_id, seen.agency_id).await?;
    let called = match agency::way(env, &agency)? {
        Ok(Way::Api(connector, link)) => connector.submit(&link, std::slice::from_ref(&claim)).await.map(Called::Batch),
        Ok(Way::File(packer)) => match bundle(env, seen, claim).await? {
            Ok(bundle) => tokio::task::spawn_blocking(move || packer.pack(&[bundle]))
                .await
                .map_err(|e| Error::Bug(format!("packing a claim: {e}")))?
                .map(Called::File)
                .map_err(AgencyError::Unavailable),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    finish(env, seen, called, agency.version).await
}

/// Asks what became of a submission that outlived its lease.
pub(super) async fn recover(env: &Env, seen: &handover::Model) -> Result<()> {
    if seen.sending_since.is_some_and(|since| env.clock.machine() - since <= LEASE) {
        return Ok(());
    }
    let agency = agency::find(&env.db, seen.tenant_id, seen.agency_id).await?;
    let found = match agency::way(env, &agency)? {
        Ok(Way::Api(connector, link)) => connector.find(&link, seen.id).await,
        // A file that was not stored is nowhere.
        Ok(Way::File(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let Some(mut held) = Held::lock(env, seen).await? else { return Ok(()) };
    match found {
        Ok(Some(case)) => {
            held.row.sending_since = None;
            held.accepted(&case.reference, Some(&case.status)).await?;
        }
        Ok(None) => {
            held.row.sending_since = None;
            held.row.status = HandoverStatus::Confirmed;
            agency_task::cancel(&held.change, held.row.id).await?;
            held.look_again(Some(held.change.now)).await?;
        }
        // Still unknown: asked again after another lease.
        Err(error) => {
            held.row.sending_since = Some(to_micros(env.clock.machine()));
            held.note(&error);
            held.look_again(None).await?;
        }
    }
    held.commit().await.map(drop)
}

/// Checks again and marks as sending; none when nothing leaves now.
async fn begin(env: &Env, seen: &handover::Model) -> Result<Option<Claim>> {
    let Some(mut held) = Held::lock(env, seen).await? else { return Ok(None) };
    if held.row.next_action_at.is_none_or(|at| at > held.change.now) {
        return Ok(None);
    }
    let agency = agency::find(&held.change.tx, seen.tenant_id, seen.agency_id).await?;
    if agency.status == AgencyStatus::Ended {
        held.end("AGENCY_ENDED").await?;
        held.mark(Some("AGENCY_ENDED")).await?;
        held.commit().await?;
        return Ok(None);
    }
    let gathered = gather(&held.change, &held.case).await?;
    let verdict = gate(&gathered.facts(&held.case, held.change.now), held.change.now);
    match verdict {
        Gate::Leave => {}
        Gate::Rest if held.case.status != CaseStatus::OnHold => return Ok(None),
        // Resuming wakes it.
        Gate::Rest => {
            held.row.next_action_at = None;
            held.commit().await?;
            return Ok(None);
        }
        Gate::Over => {
            held.end("NOTHING_TO_HAND_OVER").await?;
            held.commit().await?;
            return Ok(None);
        }
        Gate::Later(until, because) => {
            let integration = held.case.integration_id;
            held.defer(because.as_str(), None);
            held.look_again(Some(until)).await?;
            held.commit().await?;
            if because == RefusalCode::FactsStale {
                sync::want_fresh(env, seen.tenant_id, integration).await?;
            }
            return Ok(None);
        }
    }
    let claim = claim::build(&held.change, &held.case, &held.row, &gathered).await?;
    held.row.status = HandoverStatus::Sending;
    held.row.attempts += 1;
    held.row.next_action_at = None;
    held.row.outstanding_minor = held.case.outstanding_minor;
    held.row.known_payments = Some(payments::known(&gathered.payments)?);
    held.row.sending_since = Some(to_micros(env.clock.machine()));
    held.row.submitted_at = held.row.submitted_at.or(Some(held.change.now));
    held.commit().await?;
    Ok(Some(claim))
}

/// Writes what the agency said.
async fn finish(env: &Env, seen: &handover::Model, called: Result<Called, AgencyError>, keys: i64) -> Result<()> {
    let sending = handover::Model { status: HandoverStatus::Sending, ..seen.clone() };
    let Some(mut held) = Held::lock(env, &sending).await? else { return Ok(()) };
    if matches!(called, Err(AgencyError::Unknown(_))) {
        // It stays as it is; the agency is asked for our id when the lease is over.
        return Ok(());
    }
    held.row.sending_since = None;
    match called {
        Ok(called) => held.sent(called).await?,
        Err(AgencyError::Rejected { code, message }) => held.failed(&code, &message).await?,
        Err(error) => held.again(&error, HandoverStatus::Confirmed, keys).await?,
    }
    held.commit().await.map(drop)
}

/// The claim with its letters as they were sent.
async fn bundle(env: &Env, row: &handover::Model, claim: Claim) -> Result<Result<Bundle, AgencyError>> {
    let mut letters = Vec::with_capacity(claim.letters.len());
    for sent in &claim.letters {
        match letter::document(env, row.tenant_id, sent.letter).await {
            Ok(document) => letters.push((document.file_name, document.pdf)),
            Err(Error::Refused(refusal)) => return Ok(Err(AgencyError::Unavailable(refusal.message))),
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(Bundle { claim, letters }))
}

impl Held<'_> {
    async fn sent(&mut self, called: Called) -> Result<()> {
        let first_look = match called {
            Called::Batch(reference) => {
                self.row.batch_reference = Some(reference);
                Some(self.change.now + FIRST_LOOK)
            }
            Called::File(bytes) => {
                self.row.batch_reference = Some(self.keep(bytes).await?.to_string());
                None
            }
        };
        self.row.status = HandoverStatus::Sent;
        (self.row.error_code, self.row.error_message) = (None, None);
        let happened = Happened::new(kind::HANDOVER_SENT).case(&self.case).subject(self.row.id.0);
        self.change.record(happened.with("attempt", self.row.attempts));
        self.look_again(first_look).await
    }

    /// Keeps a file as it was made.
    async fn keep(&self, bytes: Vec<u8>) -> Result<AgencyExportId> {
        let id: AgencyExportId = self.change.env.new_id();
        let row = agency_export::Model {
            tenant_id: self.change.tenant,
            id,
            agency_id: self.row.agency_id,
            handovers: serde_json::to_value([self.row.id])?,
            sha256: sha256_hex(&bytes),
            bytes,
            created_at: self.change.now,
        };
        row.into_active_model().reset_all().insert(&self.change.tx).await?;
        Ok(id)
    }
}
