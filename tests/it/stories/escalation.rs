//! What the gates hold back, what they say of it, and that a dry run tells what then happens.

use std::sync::Arc;

use chrono::Days;
use domain::{
    RefusalCode,
    case::Selection,
    delivery,
    escalation::{
        Decision, explain,
        gates::GateName,
        simulate::{Along, simulate},
    },
    event::kind,
    handover,
    letter::{Consent, decide_consent, decide_seen_in, preview},
    policy::{Ladder, Price, notice_first, three_weekly_letters},
    tenant::{ContactLimits, TenantChanges},
};
use entity::{CaseId, CaseStatus, ConsentMode, DeliveryStatus, LetterStatus, Scoped, StepAction, collection_case, policy_revision};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

async fn limits(world: &World, by: &Creditor, limits: ContactLimits) {
    world.settings(by, TenantChanges { contact_limits: limits, ..TenantChanges::default() }).await;
}

/// An instant as the creditor's clock shows it.
fn local(of: &Creditor, at: chrono::DateTime<chrono::Utc>) -> String {
    at.with_timezone(&of.zone).format("%Y-%m-%d %H:%M").to_string()
}

/// Moves the creditor's seat to Norway; its debtors stay where they are.
async fn to_norway(world: &World, of: &Creditor) {
    let mut row = domain::tenant::find(&world.env.db, of.tenant()).await.unwrap();
    row.country = "NO".into();
    row.into_active_model().reset_all().update(&world.env.db).await.unwrap();
}

/// Bends the ladder of every policy behind the product's back.
async fn bend(world: &World, of: &Creditor, how: impl Fn(&mut Ladder)) {
    for row in policy_revision::Entity::of(of.tenant()).all(&world.env.db).await.unwrap() {
        let mut ladder: Ladder = serde_json::from_value(row.ladder.clone()).unwrap();
        how(&mut ladder);
        let mut row = row.into_active_model();
        row.ladder = sea_orm::ActiveValue::Set(serde_json::to_value(ladder).unwrap());
        row.update(&world.env.db).await.unwrap();
    }
}

/// What was sent, by case number, step and day.
async fn sent(world: &World, of: &Creditor) -> Vec<(i64, i32, String)> {
    let mut all = Vec::new();
    for case in world.cases(of).await {
        all.extend(world.sent_on(of, case.id).await.into_iter().map(|(step, on)| (case.number, step, on.to_string())));
    }
    all.sort_by(|a, b| (&a.2, a.0, a.1).cmp(&(&b.2, b.0, b.1)));
    all
}

testdb::on_both!(a_debtor_of_several_cases_is_contacted_as_often_as_the_tenant_allows, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    limits(&world, &kauri, ContactLimits { gap_days: Some(2), ..ContactLimits::default() }).await;
    world.settings(&kauri, TenantChanges { group_letters: Some(false), ..TenantChanges::default() }).await;
    world.invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2"), Invoice::new("INV-3").debtor("Tui Ltd")]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let first = sent(&world, &kauri).await;
    assert_eq!(first.len(), 2, "one to each debtor: {first:?}");
    let waiting = world.cases(&kauri).await.into_iter().find(|case| case.postponed_because.is_some()).unwrap();
    assert_eq!(waiting.postponed_because.as_deref(), Some("CONTACT_LIMIT_REACHED"));
    assert_eq!(local(&kauri, waiting.next_action_at.unwrap()), "2026-07-08 09:00");
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 2);
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 3, "on the second day after");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(two_processes_do_not_both_take_the_last_contact_of_a_debtor, with("product", migrate), |db| async move {
    let world = Arc::new(World::new(db).await);
    let kauri = world.creditor().await;
    world.settings(&kauri, TenantChanges { group_letters: Some(false), ..TenantChanges::default() }).await;
    // Issued before there was a limit: only the last gate can hold them back.
    let rows: Vec<_> = (0..3).map(|n| Invoice::new(&format!("INV-{n}"))).collect();
    world.invoices(&kauri, &rows).await;
    let ids: Vec<CaseId> = world.cases(&kauri).await.into_iter().map(|case| case.id).collect();
    domain::case::approve(&world.env, &kauri.viewer, &Selection::Ids(ids.clone())).await.unwrap();
    world.clock.set_local(kauri.zone, day("2026-07-06"), 9);
    for id in ids {
        domain::escalation::advance(&world.env, kauri.tenant(), id).await.unwrap();
    }
    limits(&world, &kauri, ContactLimits { per_week: Some(1), ..ContactLimits::default() }).await;
    let due = world.due().await.deliveries;
    assert_eq!(due.len(), 3);
    let at_once = due.into_iter().map(|(tenant, id)| {
        let world = world.clone();
        tokio::spawn(async move { delivery::deliver(&world.env, tenant, id).await })
    });
    for done in join_all(at_once).await {
        done.unwrap().unwrap();
    }
    assert_eq!(world.postbox.count(), 1, "one contact a week");
    let waits = world.deliveries(&kauri).await.into_iter().filter(|row| row.status == DeliveryStatus::Scheduled);
    assert!(waits.clone().all(|row| row.error_code.as_deref() == Some("CONTACT_LIMIT_REACHED")));
    assert_eq!(waits.count(), 2);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_request_for_a_yes_that_nobody_answers_is_asked_anew_with_the_figures_of_that_day,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        world
            .settings(
                &kauri,
                TenantChanges { consent_mode: Some(ConsentMode::EachLetter), consent_days: Some(3), ..TenantChanges::default() },
            )
            .await;
        let case = world.case_under_way(&kauri).await;
        let first = world.letters(&kauri).await.remove(0);
        assert_eq!(first.consent_expires_at, Some(first.created_at + chrono::TimeDelta::days(3)));
        world.days(&kauri, 2).await;
        assert_eq!(world.letters(&kauri).await.len(), 1);
        world.days(&kauri, 5).await;
        let letters = world.letters(&kauri).await;
        assert!(letters.len() >= 2, "asked anew: {letters:?}");
        assert_eq!((letters[0].status, letters[0].cancelled_because.as_deref()), (LetterStatus::Cancelled, Some("CONSENT_EXPIRED")));
        assert_eq!(code(decide_consent(&world.env, &kauri.viewer, first.id, Consent::Granted).await), RefusalCode::IllegalTransition);
        let open = letters.last().unwrap();
        assert_eq!((open.step, open.status), (0, LetterStatus::AwaitingConsent));
        assert_ne!(open.facts["dated_on"], letters[0].facts["dated_on"]);
        assert!(world.timeline(&kauri, case).await.contains(&kind::CONSENT_EXPIRED.to_owned()));

        // Given, and then held back past its time: withdrawn too.
        decide_consent(&world.env, &kauri.viewer, open.id, Consent::Granted).await.unwrap();
        world.switch(&kauri, false).await;
        world.days(&kauri, 4).await;
        assert_eq!(world.letters(&kauri).await.iter().find(|row| row.id == open.id).unwrap().status, LetterStatus::Cancelled);
        assert_eq!(world.postbox.count(), 0);
        world.switch(&kauri, true).await;
        world.days(&kauri, 3).await;
        let anew = world.letters(&kauri).await.pop().unwrap();
        assert_eq!((anew.step, anew.status), (0, LetterStatus::AwaitingConsent));
        assert_eq!(world.postbox.count(), 0, "the yes was for another day");
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(a_yes_is_given_to_what_was_seen_and_to_nothing_else, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    world.case_under_way(&kauri).await;
    let letter = world.letters(&kauri).await.remove(0);
    let shown = preview(&world.env.db, &letter).await.unwrap();
    assert_eq!(shown.recipients, [(entity::Channel::Email, "aroha@example.com".to_owned())]);
    assert!(shown.text.contains("120.00") && shown.sms.is_none(), "{}", shown.text);
    let changes = domain::debtor::ContactChanges { email: Some("other@example.com".into()), ..Default::default() };
    domain::debtor::update_contact(&world.env, &kauri.viewer, world.debtors(&kauri).await[0].id, &changes).await.unwrap();
    let before = world.snapshot(&kauri).await;
    let give = async |seen: String| {
        let mut change = domain::Change::begin(&world.env, kauri.tenant(), kauri.viewer.actor()).await.unwrap();
        let given = decide_seen_in(&mut change, &kauri.viewer, &[letter.id], Some(&[seen]), Consent::Granted).await;
        if given.is_ok() {
            change.commit().await.unwrap();
        }
        given
    };
    assert_eq!(code(give(shown.seen).await), RefusalCode::SelectionChanged);
    assert_eq!(world.snapshot(&kauri).await, before);
    let now = preview(&world.env.db, &letter).await.unwrap();
    give(now.seen).await.unwrap();
    world.run_due().await;
    assert_eq!(world.postbox.effects()[0].recipient, "other@example.com");
    assert_eq!(preview(&world.env.db, &world.letters(&kauri).await[0]).await.unwrap().recipients, now.recipients);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_step_below_its_minimum_is_passed_over_and_the_next_does_not_come_early, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let mut ladder = three_weekly_letters();
    ladder.steps[1].minimum = vec![Price { currency: "NZD".into(), minor: 150_00 }];
    ladder.steps[2].action = StepAction::OfferHandover;
    ladder.handover_after_days = None;
    world.policy(&kauri, &ladder).await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 20).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.next_step, row.status), (3, CaseStatus::AwaitingHandover));
    assert_eq!(row.postponed_because.as_deref(), Some("NOT_CONFIGURED"), "there is no agency that it could wait for");
    assert_eq!(code(handover::request(&world.env, &kauri.viewer, case).await), RefusalCode::NotConfigured);
    assert_eq!(world.postbox.count(), 1);
    let told = world.events(&kauri).await;
    let on = |what: &str| told.iter().find(|event| event.kind == what).map(|event| domain::calendar::local_date(kauri.zone, event.at));
    assert_eq!((on(kind::STEP_PASSED), on(kind::CASE_EXHAUSTED)), (Some(day("2026-07-13")), Some(day("2026-07-20"))));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    after_a_norwegian_notice_nothing_happens_for_fourteen_days_whatever_the_ladder_says,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        to_norway(&world, &kauri).await;
        world.policy(&kauri, &notice_first()).await;
        world.invoices(&kauri, &[Invoice { country: "NZ".into(), ..Invoice::new("INV-1") }]).await;
        let case = world.approve_all(&kauri).await[0];
        bend(&world, &kauri, |ladder| ladder.handover_after_days = Some(1)).await;
        world.at_local(&kauri, day("2026-07-06"), 9).await;
        assert_eq!(world.postbox.count(), 1);
        world.days(&kauri, 14).await;
        let held = world.case(&kauri, case).await;
        assert_eq!((held.status, held.postponed_because.as_deref()), (CaseStatus::Active, Some("NOTICE_PERIOD")));
        let said = explain(&world.env, kauri.tenant(), case).await.unwrap();
        assert!(said.rule_revision.starts_with("NO-"), "{}", said.rule_revision);
        let gate = said.checks.iter().find(|check| check.gate == GateName::NoticePeriod).unwrap();
        assert_eq!((gate.passed, gate.code, gate.facts["days"].as_i64()), (false, Some(RefusalCode::NoticePeriod), Some(14)));
        world.days(&kauri, 1).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
        let notice = world.letters(&kauri).await.remove(0);
        let exhausted = world.events(&kauri).await.into_iter().find(|event| event.kind == kind::CASE_EXHAUSTED).unwrap();
        let days = |at| domain::calendar::local_date(kauri.zone, at);
        assert!(days(exhausted.at) > days(notice.sent_at.unwrap()) + Days::new(14), "{} {}", exhausted.at, notice.sent_at.unwrap());
    }
);

testdb::on_both!(an_explanation_names_every_gate_and_the_instant_that_then_comes_true, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.at_local(&kauri, day("2026-07-06"), 7).await;
    let ask = async || explain(&world.env, kauri.tenant(), case).await.unwrap();
    let early = ask().await;
    assert_eq!(early.next, Decision::Issue { step: 0 });
    let closed: Vec<GateName> = early.checks.iter().filter(|check| !check.passed).map(|check| check.gate).collect();
    assert_eq!(closed, [GateName::Promise, GateName::ContactHours]);
    assert_eq!(local(&kauri, early.possible_at.unwrap()), "2026-07-06 09:00");
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    // Friday the 10th is Matariki; the second letter is due on Monday the 13th.
    let next = ask().await;
    assert_eq!(
        (next.next, next.decision),
        (Decision::Issue { step: 1 }, Decision::Wait { until: next.possible_at.unwrap(), because: None })
    );
    world.days(&kauri, 6).await;
    assert_eq!(world.postbox.count(), 1);
    world.days(&kauri, 1).await;
    let second = world.letters(&kauri).await.remove(1);
    assert_eq!(second.sent_at, next.possible_at, "it left when it was said to be possible");

    let invoice = world.invoice_rows(&kauri).await.remove(0);
    world.invoices(&kauri, &[Invoice { disputed: true, ..Invoice::new(&invoice.number) }]).await;
    world.days(&kauri, 8).await;
    let stuck = ask().await;
    assert_eq!(stuck.possible_at, None, "time alone does not end a dispute");
    let why = stuck.checks.iter().find(|check| check.code.is_some()).unwrap();
    assert_eq!((why.gate, why.code), (GateName::Dispute, Some(RefusalCode::InvoiceDisputed)));
    let before = world.snapshot(&kauri).await;
    ask().await;
    assert_eq!(world.snapshot(&kauri).await, before, "asking changes nothing");
    assert!(explain(&world.env, kauri.tenant(), CaseId(uuid::Uuid::nil())).await.is_err());
});

testdb::on_both!(a_dry_run_tells_what_then_happens_and_writes_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    limits(&world, &kauri, ContactLimits { gap_days: Some(1), per_week: Some(2), per_month: None }).await;
    let rows = [
        Invoice::new("INV-1"),
        Invoice::new("INV-2"),
        Invoice::new("INV-3"),
        Invoice::new("INV-4").debtor("Tui Ltd").phone("021 123 4567"),
        Invoice { country: "DE".into(), ..Invoice::new("INV-5").debtor("Amsel GmbH") },
        Invoice { disputed: true, ..Invoice::new("INV-6").debtor("Moa Ltd") },
        Invoice::new("INV-7").debtor("Kea Ltd").total("12.00"),
    ];
    world.invoices(&kauri, &rows).await;
    world.switch(&kauri, false).await;
    let before = world.snapshot(&kauri).await;
    let all = || collection_case::Entity::of(kauri.tenant());
    let told = simulate(&world.env.db, kauri.tenant(), all(), &Along::Own, 30, world.env.now()).await.unwrap();
    assert_eq!(world.snapshot(&kauri).await, before, "nothing was written");
    assert_eq!((world.postbox.count(), told.cases), (0, 6), "the disputed one was not proposed");

    world.switch(&kauri, true).await;
    world.approve_all(&kauri).await;
    for n in 0..30 {
        // Nine in the morning in Auckland, then in Berlin.
        for hour in [9, 19] {
            world.at_local(&kauri, day("2026-07-06") + Days::new(n), hour).await;
        }
    }
    let mut expected: Vec<(i64, i32, String)> = told
        .acts
        .iter()
        .filter(|act| act.kind.is_some())
        .map(|act| (act.number, i32::try_from(act.step.unwrap()).unwrap(), domain::calendar::local_date(kauri.zone, act.at).to_string()))
        .collect();
    expected.sort_by(|a, b| (&a.2, a.0, a.1).cmp(&(&b.2, b.0, b.1)));
    let mut happened = sent(&world, &kauri).await;
    happened.retain(|(_, _, on)| on.as_str() <= "2026-08-04");
    expected.retain(|(_, _, on)| on.as_str() <= "2026-08-04");
    assert!(happened.len() > 12, "{happened:?}");
    // Which of a debtor's equal cases goes first is chance; how many go on which day is not.
    let days = |acts: &[(i64, i32, String)]| acts.iter().map(|(_, _, on)| on.clone()).collect::<Vec<_>>();
    assert_eq!(days(&happened), days(&expected), "\n{happened:?}\n{expected:?}");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_dry_run_follows_a_draft_and_counts_what_is_held_back, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world
        .invoices(&kauri, &[Invoice { email: "not an address".into(), ..Invoice::new("INV-1") }, Invoice::new("INV-2").debtor("Tui Ltd")])
        .await;
    let mut ladder = three_weekly_letters();
    ladder.steps.truncate(2);
    ladder.steps[1].action = StepAction::CallTask;
    let draft = Along::Draft(Box::new(ladder));
    let all = collection_case::Entity::of(kauri.tenant());
    let told = simulate(&world.env.db, kauri.tenant(), all.clone(), &draft, 20, world.env.now()).await.unwrap();
    let actions: Vec<_> = told.acts.iter().map(|act| (act.action, act.on.to_string())).collect();
    assert_eq!(
        actions,
        [
            (StepAction::SendLetter, "2026-07-06".to_owned()),
            (StepAction::CallTask, "2026-07-13".to_owned()),
            (StepAction::OfferHandover, "2026-07-20".to_owned()),
        ]
    );
    assert_eq!(told.held, [(RefusalCode::DebtorIncomplete, 1)]);
    let none = all.filter(collection_case::Column::Number.eq(0));
    assert_eq!(simulate(&world.env.db, kauri.tenant(), none, &Along::Own, 20, world.env.now()).await.unwrap().cases, 0);
    let (days, now) = (91, world.env.now());
    let all = collection_case::Entity::of(kauri.tenant());
    assert_eq!(code(simulate(&world.env.db, kauri.tenant(), all, &Along::Own, days, now).await), RefusalCode::OutOfRange);
});

testdb::on_both!(an_old_claim_is_warned_of_once_and_not_chased_after_its_last_day, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    to_norway(&world, &kauri).await;
    // Three years in Norway: the last day is the 15th of July 2026.
    world
        .invoices(
            &kauri,
            &[Invoice { issued: "2023-07-01".into(), due: "2023-07-15".into(), country: "NZ".into(), ..Invoice::new("INV-1") }],
        )
        .await;
    let case = world.approve_all(&kauri).await[0];
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    assert_eq!(world.postbox.count(), 1);
    for _ in 0..20 {
        world.days(&kauri, 1).await;
        domain::case::warn_of_limitation(&world.env).await.unwrap();
    }
    let row = world.case(&kauri, case).await;
    assert_eq!((row.postponed_because.as_deref(), world.postbox.count()), (Some("TIME_BARRED"), 2));
    let warned = world.timeline(&kauri, case).await.into_iter().filter(|what| what == kind::LIMITATION_NEAR).count();
    assert_eq!((warned, row.limitation_warned_at.is_some()), (1, true));
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
});
