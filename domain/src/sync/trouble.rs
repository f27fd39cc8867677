//! A source that asks to wait or does not answer: the run stands on its row, no worker is held, and the integration
//! shows since when and why.

use chrono::TimeDelta;
use entity::{Scoped, SyncRunId, SyncStatus, TenantId, integration, sync_run};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Ran,
    page::{lock_run, save_run},
};
use crate::{
    actor::Actor,
    change::Change,
    clock::{doubled, to_micros},
    env::Env,
    error::Result,
    event::{Happened, kind},
    integration as integrations,
    port::SourceError,
};

/// Attempts without any page after which a run counts as failed. With [`MAX_PAUSE`] that is some five hours; the next
/// scheduled run begins where the last complete one ended.
pub(crate) const MAX_ATTEMPTS: i32 = 10;

/// Longest wait for a source that does not answer.
const MAX_PAUSE: TimeDelta = TimeDelta::hours(1);

/// A wait that is longer is worth telling: a day limit, not a minute's.
const WORTH_TELLING: i64 = 600;

/// Parks a run until the source may be asked again.
pub(crate) async fn park(env: &Env, tenant: TenantId, id: SyncRunId, error: &SourceError) -> Result<Ran> {
    let mut change = Change::begin(env, tenant, Actor::Provider).await?;
    let Some(mut run) = lock_run(&change, id).await? else { return Ok(Ran::Ended) };
    if run.status != SyncStatus::Running {
        return Ok(Ran::Ended);
    }
    let machine = to_micros(env.clock.machine());
    let asked = match error {
        SourceError::RateLimited(seconds) => i64::try_from(*seconds).ok(),
        _ => None,
    };
    if asked.is_some() {
        // Being asked to wait is no failed attempt.
        run.attempts -= 1;
    }
    let until = machine + asked.map_or_else(|| doubled(run.attempts, MAX_PAUSE), TimeDelta::seconds);
    run.resume_at = Some(until);
    save_run(&change, &run).await?;
    change.record(Happened::new(kind::SYNC_PROGRESSED).run(&run).with("resumeAt", until.to_rfc3339()));
    if asked.is_none_or(|seconds| seconds >= WORTH_TELLING) {
        let mut row = integrations::lock(&change, run.integration_id).await?;
        note(&mut row, &change, error);
        row.parked_until = asked.map(|_| until);
        integrations::save(&change, &mut row).await?;
    }
    change.commit().await?;
    Ok(Ran::Parked)
}

/// What a run ends with that never got an answer.
pub(crate) fn given_up(run: &sync_run::Model) -> SourceError {
    SourceError::Unavailable(format!("no answer in {} attempts; the next run goes on where the last complete one ended", run.attempts - 1))
}

/// Notes on an integration what is wrong and since when.
pub(crate) fn note(row: &mut integration::Model, change: &Change<'_>, error: &SourceError) {
    row.failing_since = row.failing_since.or(Some(change.now));
    row.health_code = Some(code(error));
    row.health_message = Some(advice(error).chars().take(500).collect());
    row.consecutive_failures += 1;
}

/// Notes that all is well.
pub(crate) fn clear(row: &mut integration::Model) {
    row.failing_since = None;
    row.health_code = None;
    row.health_message = None;
    row.parked_until = None;
    row.consecutive_failures = 0;
}

/// The stable code of what went wrong.
pub(crate) fn code(error: &SourceError) -> String {
    match error {
        SourceError::Unavailable(_) => "PROVIDER_UNAVAILABLE".into(),
        SourceError::RateLimited(_) => "PROVIDER_RATE_LIMITED".into(),
        SourceError::Unauthorised(_) => "PROVIDER_UNAUTHORIZED".into(),
        SourceError::Broken(_) => "CONTRACT_BROKEN".into(),
        SourceError::Refused { code, .. } => code.clone(),
    }
}

/// What went wrong and what to do.
fn advice(error: &SourceError) -> String {
    match error {
        SourceError::Unavailable(why) => format!("{why}. It is tried again by itself; nothing is to be done unless it lasts."),
        SourceError::RateLimited(seconds) => {
            format!("The provider's limit is used up; pulling goes on in {} minutes.", seconds.div_ceil(60))
        }
        SourceError::Unauthorised(why) => format!("{why}. Connect the integration again."),
        SourceError::Broken(why) => format!("{why}. Nothing of it was taken over; tell support if it lasts."),
        SourceError::Refused { message, .. } => message.clone(),
    }
}

/// Ends every run of an integration that has not ended: it was paused or disconnected.
pub(crate) async fn cancel_runs(change: &mut Change<'_>, id: entity::IntegrationId) -> Result<()> {
    let unfinished = sync_run::Entity::of(change.tenant)
        .filter(sync_run::Column::IntegrationId.eq(id))
        .filter(sync_run::Column::UploadId.is_null())
        .filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]))
        .order_by_asc(sync_run::Column::Id)
        .lock_exclusive()
        .all(&change.tx)
        .await?;
    for mut run in unfinished {
        cancel(change, &mut run).await?;
    }
    Ok(())
}

/// Ends one locked run.
pub(crate) async fn cancel(change: &mut Change<'_>, run: &mut sync_run::Model) -> Result<()> {
    run.status = SyncStatus::Cancelled;
    run.finished_at = Some(change.now);
    save_run(change, run).await?;
    change.record(Happened::new(kind::SYNC_FINISHED).run(run).with("status", serde_json::to_value(run.status)?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_source_is_asked_less_and_less_often() {
        let minutes: Vec<i64> = (0..10).map(|attempts| doubled(attempts, MAX_PAUSE).num_minutes()).collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
