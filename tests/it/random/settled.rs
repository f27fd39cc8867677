//! The end of a life: whatever held its cases back is lifted, people do what they are asked, the clock runs on. Then no
//! case lies: each goes through every step that is left of its ladder, and in time.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use domain::{
    case::resume,
    debtor::{ContactChanges, set_exemption, update_contact},
    escalation::explain,
    letter::Consent,
    policy::Ladder,
    tenant::{ContactLimits, TenantChanges},
};
use entity::{CaseId, CaseStatus, ConsentMode, PolicyId, Scoped, collection_case, policy_revision};

use super::life::{Life, no_fault};
use crate::sheet::Payment;

/// Days that any step may wait beside its own: weekends and holidays in a row, and hours that are over for today.
const CLOSED_DAYS: u64 = 6;

/// Days that a part payment, or a notice of the law, may move what comes next, once.
const HELD_BACK: u64 = 15;

/// Lets everything happen, and asserts that it does.
pub(super) async fn everything_goes_its_way(life: &mut Life<'_>) {
    nothing_holds_back(life).await;
    let ladders = ladders(life).await;
    let mut latest: HashMap<CaseId, NaiveDate> = HashMap::new();
    loop {
        let today = life.world.today(&life.of);
        let mut left = Vec::new();
        for case in life.world.cases(&life.of).await {
            let ladder = &ladders[&(case.policy_id, case.policy_revision)];
            if !has_arrived(&case, ladder) {
                let by = *latest.entry(case.id).or_insert_with(|| today + Days::new(needs(&case, ladder)));
                left.push((case, by));
            }
        }
        if left.is_empty() {
            return;
        }
        if let Some((case, _)) = left.iter().find(|(_, by)| *by < today) {
            let why = explain(&life.world.env, life.of.tenant(), case.id).await.unwrap();
            let gates: Vec<_> = why.checks.iter().filter(|check| !check.passed).collect();
            panic!("a case was left lying: {case:?}\nnext {:?}, closed {gates:?}", why.next);
        }
        for hour in [9, 13, 16] {
            life.at(today + Days::new(1), hour).await;
            people_do_what_they_are_asked(life).await;
            life.look().await;
        }
    }
}

/// Whether nothing is left of its ladder.
fn has_arrived(case: &collection_case::Model, ladder: &Ladder) -> bool {
    match case.status {
        CaseStatus::Active => usize::try_from(case.next_step).unwrap() >= ladder.steps.len() && !ladder.ends_with_handover(),
        CaseStatus::Proposed | CaseStatus::OnHold => false,
        CaseStatus::Declined | CaseStatus::AwaitingHandover | CaseStatus::HandedOver | CaseStatus::Closed => true,
    }
}

/// The most days that the rest of a ladder takes.
fn needs(case: &collection_case::Model, ladder: &Ladder) -> u64 {
    let steps = ladder.steps.iter().skip(usize::try_from(case.next_step).unwrap());
    let waits = steps.map(|step| u64::from(step.wait_days) + CLOSED_DAYS).sum::<u64>();
    // Nothing follows a reminder ahead before the claim is overdue.
    let ahead = ladder.before_due().map_or(0, |days| u64::from(days) + 30);
    waits + u64::from(ladder.handover_after_days.unwrap_or(0)) + CLOSED_DAYS + HELD_BACK + ahead
}

async fn ladders(life: &Life<'_>) -> HashMap<(PolicyId, i32), Ladder> {
    let rows = policy_revision::Entity::of(life.of.tenant()).all(&life.world.env.db).await.unwrap();
    rows.into_iter().map(|row| ((row.policy_id, row.revision), serde_json::from_value(row.ladder).unwrap())).collect()
}

async fn nothing_holds_back(life: &mut Life<'_>) {
    let (world, of) = (life.world, life.of);
    world.postbox.calm();
    let contact_limits = ContactLimits { gap_days: Some(0), per_week: Some(0), per_month: Some(0) };
    let changes = TenantChanges {
        automatic_actions: Some(true),
        consent_mode: Some(ConsentMode::Automatic),
        consent_days: Some(14),
        contact_limits,
        ..TenantChanges::default()
    };
    world.settings(&of, changes).await;
    life.lift().await;
    books_are_clear(life).await;
    for (n, debtor) in (0..).zip(world.debtors(&of).await) {
        no_fault(set_exemption(&world.env, &of.viewer, debtor.id, false, "", None).await);
        let changes = ContactChanges { email: Some(format!("last-{n}@example.com")), ..ContactChanges::default() };
        no_fault(update_contact(&world.env, &of.viewer, debtor.id, &changes).await);
    }
    for case in world.cases(&of).await.iter().filter(|case| case.status == CaseStatus::OnHold) {
        no_fault(resume(&world.env, &of.viewer, case.id, None).await);
    }
    life.approve().await;
    world.run_due().await;
}

/// No dispute, and no money on its way.
async fn books_are_clear(life: &mut Life<'_>) {
    let (world, of) = (life.world, life.of);
    for invoice in &mut life.books {
        invoice.disputed = false;
    }
    life.give_invoices().await;
    for row in world.payment_rows(&of).await.iter().filter(|p| !p.reconciled && p.reversed_at.is_none()) {
        let invoices = world.invoice_rows(&of).await;
        let number = &invoices.iter().find(|i| i.id == row.invoice_id).unwrap().number;
        let amount = domain::money::to_decimal(row.amount_minor, life.land.currency);
        life.give_payment(Payment { reversed: true, ..Payment::new(number, &row.external_id, &amount) }).await;
    }
}

async fn people_do_what_they_are_asked(life: &Life<'_>) {
    life.consent(&[Consent::Granted]).await;
    life.tasks().await;
    life.repair().await;
    life.post().await;
    life.approve().await;
    life.world.run_due().await;
}
