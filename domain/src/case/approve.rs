//! The creditor's yes: the first step gets its due instant.

use entity::{CaseStatus, UserId, collection_case};

use super::{Command, Selection, move_to, save, select};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
};

/// What an approval did.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The cases that are active now.
    pub cases: Vec<collection_case::Model>,
}

/// Approves the selected proposals. All or none.
///
/// # Errors
///
/// A refusal: see [`Selection`]; `ILLEGAL_TRANSITION` for a case that is not proposed; `INVOICE_PAID` when nothing is
/// outstanding any more.
pub async fn approve(env: &Env, viewer: &Viewer, selection: &Selection) -> Result<Approved> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let approved = approve_in(&mut change, viewer, selection).await?;
    change.commit().await?;
    Ok(approved)
}

/// The same inside a change that the caller commits.
///
/// # Errors
///
/// See [`approve`].
pub async fn approve_in(change: &mut Change<'_>, viewer: &Viewer, selection: &Selection) -> Result<Approved> {
    viewer.require(Action::WorkCases)?;
    let mut cases = select::lock_selected(change, selection).await?;
    let dues = escalation::FirstDue::new(change, &cases, None).await?;
    for case in &mut cases {
        approve_one(change, &dues, case, Some(viewer.user))?;
        save(change, case).await?;
    }
    Ok(Approved { cases })
}

/// Approves one case inside a change; the row is saved by the caller.
pub(super) fn approve_one(
    change: &mut Change<'_>,
    dues: &escalation::FirstDue,
    case: &mut collection_case::Model,
    by: Option<UserId>,
) -> Result<()> {
    move_to(case, Command::Approve)?;
    if case.outstanding_minor <= 0 {
        return Err(Refusal::new(RefusalCode::InvoicePaid, "nothing is outstanding").at("id").into());
    }
    case.approved_at = Some(change.now);
    case.approved_by = by;
    case.next_action_at = Some(dues.of(change, case)?);
    debug_assert_eq!(case.status, CaseStatus::Active);
    change.record(Happened::new(kind::CASE_APPROVED).case(case).with("automatic", by.is_none()));
    escalation::call_if_due(change, case);
    Ok(())
}
