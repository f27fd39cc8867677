//! What one creditor has begun on the demo's first morning already, so that its first week shows more than the tour: a
//! short message beside the mail, one letter for two claims, interest, mails that nobody takes and what is done instead,
//! and a call that waits for a person.

use std::collections::BTreeSet;

use domain::{
    Env, Viewer,
    case::{self, Selection},
    claim::{ChargeChanges, Interest},
    policy::{self, Draft, Ladder, Position},
    tenant::{self, TenantChanges},
};
use entity::{Scoped, collection_case, debtor};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::samples::Sample;

/// The interest that this creditor's terms agree on, in millionths a year.
const INTEREST_PPM: u32 = 80_000;

/// Approves the sample's claims that are under way, on a policy of their own.
///
/// # Errors
///
/// When a use case refuses, which would be a bug of the samples.
pub async fn begin(env: &Env, viewer: &Viewer, sample: &Sample) -> anyhow::Result<()> {
    let numbers: BTreeSet<&str> = sample.under_way.iter().map(|debtor| debtor.id).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let charges = ChargeChanges { interest: Some(Interest::Contract(INTEREST_PPM)), ..ChargeChanges::default() };
    tenant::update(env, viewer, &TenantChanges { charges: Some(charges), ..TenantChanges::default() }).await?;
    let policy = policy::save(env, viewer, None, &Draft::new("Reminder, call, notice", &ladder()?)).await?;
    let debtors = debtor::Entity::of(viewer.tenant).filter(debtor::Column::ExternalId.is_in(numbers)).all(&env.db).await?;
    let of_debtors = collection_case::Column::DebtorId.is_in(debtors.iter().map(|debtor| debtor.id));
    let cases = collection_case::Entity::of(viewer.tenant).filter(of_debtors).all(&env.db).await?;
    let ids: Vec<_> = cases.iter().map(|case| case.id).collect();
    policy::move_cases(env, viewer, &ids, policy.id, Position::Restart).await?;
    case::approve(env, viewer, &Selection::Ids(ids)).await?;
    Ok(())
}

fn ladder() -> serde_json::Result<Ladder> {
    let step = |name: &str, kind: &str, wait_days: u32, pay_within_days: u32| {
        json!({ "name": name, "kind": kind, "wait_days": wait_days,
        "pay_within_days": pay_within_days, "channels": ["email"], "fallback": ["post"], "consent": null })
    };
    let mut reminder = step("Reminder", "reminder", 0, 5);
    reminder["channels"] = json!(["email", "sms"]);
    let mut call = step("Call", "reminder", 6, 3);
    call["action"] = json!("call_task");
    call["note"] = json!("Ask whether the reminder arrived, and when they will pay.");
    let notice = step("Collection notice", "collection_notice", 7, 14);
    serde_json::from_value(json!({ "steps": [reminder, call, notice], "thank_you": true, "handover_after_days": 15 }))
}
