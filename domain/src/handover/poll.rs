//! Asking the agency: what became of a batch, and where a case that it works stands. For agencies without an API a
//! person says that a file was taken.

use chrono::TimeDelta;
use entity::{CaseId, HandoverStatus, agency as agency_row, handover};

use super::{Held, answer::WATCH_EVERY};
use crate::{
    actor::Viewer,
    agency::{self, Way},
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    port::agency::{AgencyCase, AgencyError, Batch, Verdict},
};

/// Longest reference of an agency, in characters.
const MAX_REFERENCE_CHARS: usize = 100;

/// How often a batch that the agency has not looked at is asked about.
const POLL_EVERY: TimeDelta = TimeDelta::minutes(15);

/// The agency's word for a claim that is missing in its batch.
const MISSING: &str = "MISSING_IN_BATCH";

/// A person says that the agency took a file, or that it told so otherwise.
///
/// # Errors
///
/// A refusal: unknown case, a hand-over that is not with the agency, a reference that is none.
pub async fn accept(env: &Env, viewer: &Viewer, case: CaseId, reference: &str) -> Result<handover::Model> {
    let reference = reference.trim();
    if reference.is_empty() || reference.chars().count() > MAX_REFERENCE_CHARS || reference.chars().any(char::is_control) {
        let message = format!("the agency's case number, at most {MAX_REFERENCE_CHARS} characters");
        return Err(Refusal::new(RefusalCode::Invalid, message).at("reference").into());
    }
    let mut held = Held::of_person(env, viewer, case, &[HandoverStatus::Sent]).await?;
    held.accepted(reference, None).await?;
    held.row.version += 1;
    held.commit().await
}

/// Asks what became of a submitted batch.
pub(super) async fn poll(env: &Env, seen: &handover::Model) -> Result<()> {
    let agency = agency::find(&env.db, seen.tenant_id, seen.agency_id).await?;
    let keys = agency.version;
    let asked = ask(env, seen, &agency).await?;
    let Some(mut held) = Held::lock(env, seen).await? else { return Ok(()) };
    match asked {
        Ok(Asked::Nobody) => held.look_again(None).await?,
        Ok(Asked::Pending) => {
            let next = held.change.now + POLL_EVERY;
            held.look_again(Some(next)).await?;
        }
        Ok(Asked::Accepted(reference, status)) => held.accepted(&reference, status.as_deref()).await?,
        Ok(Asked::Rejected(code, message)) => held.rejected(&code, &message).await?,
        Err(error) => {
            held.row.attempts += 1;
            held.again(&error, HandoverStatus::Sent, keys).await?;
        }
    }
    held.commit().await.map(drop)
}

/// Asks where an accepted case stands.
pub(super) async fn watch(env: &Env, seen: &handover::Model) -> Result<()> {
    let agency = agency::find(&env.db, seen.tenant_id, seen.agency_id).await?;
    let currency = currency(env, seen).await?;
    let told = match (agency::way(env, &agency)?, &seen.external_reference) {
        (Ok(Way::Api(connector, link)), Some(reference)) => connector.status(&link, reference, &currency).await,
        (Ok(_), _) => Ok(None),
        (Err(error), _) => Err(error),
    };
    let Some(mut held) = Held::lock(env, seen).await? else { return Ok(()) };
    held.row.next_action_at = Some(held.change.now + WATCH_EVERY);
    match told {
        Ok(Some(case)) => held.progressed(&case).await?,
        Ok(None) => {}
        Err(error) => {
            held.note(&error);
            if matches!(error, AgencyError::Unauthorised(_)) {
                agency::refused(&mut held.change, seen.agency_id, agency.version).await?;
            }
        }
    }
    held.commit().await.map(drop)
}

enum Asked {
    /// There is nobody to ask: a person tells.
    Nobody,
    Pending,
    Accepted(String, Option<String>),
    Rejected(String, String),
}

/// Asks for the batch; before a no is believed, for our id: a second submission of a claim that arrived is refused.
async fn ask(env: &Env, seen: &handover::Model, agency: &agency_row::Model) -> Result<Result<Asked, AgencyError>> {
    let (connector, link) = match agency::way(env, agency)? {
        Ok(Way::Api(connector, link)) => (connector, link),
        Ok(Way::File(_)) => return Ok(Ok(Asked::Nobody)),
        Err(error) => return Ok(Err(error)),
    };
    let (code, message) = match connector.poll(&link, seen.batch_reference.as_deref().unwrap_or_default()).await {
        Ok(Batch::Pending) => return Ok(Ok(Asked::Pending)),
        Ok(Batch::Done(verdicts)) => match verdicts.into_iter().find(|(id, _)| *id == seen.id) {
            Some((_, Verdict::Accepted(reference))) => return Ok(Ok(Asked::Accepted(reference, None))),
            Some((_, Verdict::Rejected { code, message })) => (code, message),
            None => (MISSING.to_owned(), "the agency's batch does not name the claim".to_owned()),
        },
        // Also when it refuses the question: that is no verdict on the claim.
        Err(error) => return Ok(Err(error)),
    };
    Ok(connector.find(&link, seen.id).await.map(|found| match found {
        Some(case) => Asked::Accepted(case.reference, Some(case.status)),
        None => Asked::Rejected(code, message),
    }))
}

async fn currency(env: &Env, seen: &handover::Model) -> Result<String> {
    use entity::{Scoped, collection_case};
    use sea_orm::{ColumnTrait, QueryFilter};
    let select = collection_case::Entity::of(seen.tenant_id).filter(collection_case::Column::Id.eq(seen.case_id));
    let case = select.one(&env.db).await?;
    Ok(case.map(|case| case.currency).unwrap_or_default())
}

impl Held<'_> {
    /// The agency's words are kept; when it closed its case, ours waits for the books' payments or a person.
    async fn progressed(&mut self, told: &AgencyCase) -> Result<()> {
        (self.row.error_code, self.row.error_message) = (None, None);
        if self.row.external_status.as_deref() != Some(&told.status) {
            self.row.external_status = Some(told.status.clone());
            let happened = Happened::new(kind::HANDOVER_PROGRESSED).case(&self.case).subject(self.row.id.0);
            self.change.record(happened.with("status", told.status.clone()).with("remainingMinor", told.remaining_minor));
        }
        if told.closed {
            self.end("AGENCY_CLOSED").await?;
            self.mark(Some("AGENCY_CLOSED")).await?;
        }
        Ok(())
    }
}
