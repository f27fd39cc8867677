//! Offering a case to the creditor's agency: by the exhausted ladder, or because a person asks for it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{AgencyStatus, CaseId, CaseStatus, HandoverStatus, agency, collection_case, handover};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{decide::confirm_row, live, save};
use crate::{
    actor::{Action, Viewer},
    agency as agencies, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Offers an exhausted case to the agency, if there is one; otherwise the case says that it waits for one, and a person
/// asks for the hand-over ([`request`]) once there is.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn offer(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<()> {
    // Only charges are left: agencies are given invoices.
    if case.outstanding_minor == 0 {
        return Ok(());
    }
    let Some(agency) = agencies::current(&change.tx, change.tenant).await? else {
        case.postponed_because = Some("NOT_CONFIGURED".into());
        return Ok(());
    };
    if live(change, case.id).await?.is_some() {
        return Ok(());
    }
    let decide_by = change.now + TimeDelta::days(agency.decide_days.into());
    let row = insert(change, case, &agency, decide_by).await?;
    let happened = Happened::new(kind::HANDOVER_OFFERED).case(case).subject(row.id.0);
    change.record(happened.with("decideBy", decide_by.to_rfc3339()).with("outstandingMinor", case.outstanding_minor));
    Ok(())
}

/// A person asks for the hand-over of a case that waits: one that is stuck is tried at once, after a rejection, a stop
/// or a recall it begins anew, without another time to decide.
///
/// # Errors
///
/// A refusal: unknown case, no agency, a case that does not wait for hand-over or is with the agency already.
pub async fn request(env: &Env, viewer: &Viewer, id: CaseId) -> Result<handover::Model> {
    viewer.require(Action::WorkCases)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut case = case::lock(&change, id).await?;
    let refuse = |message: &str| Err(Refusal::new(RefusalCode::IllegalTransition, message).at("caseId").into());
    if case.status != CaseStatus::AwaitingHandover {
        return refuse("only a case that waits for hand-over can be handed over");
    }
    if case.outstanding_minor == 0 {
        return refuse("its invoices are paid: charges alone are not handed over");
    }
    let found = live(&change, id).await?;
    let mut row = match found {
        Some(row) if matches!(row.status, HandoverStatus::Sending | HandoverStatus::Sent | HandoverStatus::Accepted) => {
            return refuse("the case is with the agency already");
        }
        Some(row) => row,
        None => {
            let agency = agencies::current(&change.tx, change.tenant).await?.filter(|agency| agency.status != AgencyStatus::Ended);
            let missing = || Refusal::new(RefusalCode::NotConfigured, "there is no agency that takes cases").at("caseId");
            let now = change.now;
            insert(&change, &case, &agency.ok_or_else(missing)?, now).await?
        }
    };
    if row.status == HandoverStatus::Offered {
        confirm_row(&mut change, &case, &mut row);
    }
    row.next_action_at = Some(change.now);
    row.version += 1;
    save(&change, &mut row).await?;
    case.postponed_because = None;
    case::save(&change, &mut case).await?;
    change.enqueue(crate::port::Work::HandOver { tenant: row.tenant_id, handover: row.id });
    change.commit().await?;
    Ok(row)
}

async fn insert(
    change: &Change<'_>,
    case: &collection_case::Model,
    agency: &agency::Model,
    decide_by: DateTime<Utc>,
) -> Result<handover::Model> {
    let row = handover::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        case_id: case.id,
        agency_id: agency.id,
        status: HandoverStatus::Offered,
        offered_at: change.now,
        decide_by,
        decided_by: None,
        confirmed_at: None,
        submitted_at: None,
        sending_since: None,
        batch_reference: None,
        external_reference: None,
        external_status: None,
        accepted_at: None,
        outstanding_minor: case.outstanding_minor,
        known_payments: None,
        attempts: 0,
        next_action_at: Some(decide_by),
        error_code: None,
        error_message: None,
        stalled_at: None,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    };
    row.clone().into_active_model().reset_all().insert(&change.tx).await?;
    Ok(row)
}
