//! Policies are revised, chosen, archived, and open cases are moved: nothing skipped, nothing doubled.

use chrono::Days;
use domain::{
    RefusalCode,
    case::{self, hold},
    debtor::{ContactChanges, update_contact},
    event::kind,
    policy::{Draft, Ladder, Position, Scope, archive, assign, direct_agency, move_cases, notice_first, save, three_weekly_letters},
    tenant::TenantChanges,
};
use entity::{
    CaseId, CaseStatus, Channel, ConsentMode, DebtorKind, HoldReason, LetterStatus, PolicyId, Role, Scoped, escalation_policy,
    policy_revision,
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use crate::{
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate, refused},
};

async fn default_of(world: &World, of: &Creditor) -> PolicyId {
    domain::tenant::find(&world.env.db, of.tenant()).await.unwrap().default_policy_id.unwrap()
}

async fn made(world: &World, by: &Creditor, name: &str, ladder: &Ladder) -> PolicyId {
    save(&world.env, &by.viewer, None, &Draft::new(name, ladder)).await.unwrap().id
}

/// Three letters with these waits.
fn waits(second: u32, third: u32) -> Ladder {
    let mut ladder = three_weekly_letters();
    (ladder.steps[1].wait_days, ladder.steps[2].wait_days) = (second, third);
    for step in &mut ladder.steps {
        step.pay_within_days = 1;
    }
    ladder
}

/// The policy of the debtor's only case.
async fn policy_of(world: &World, of: &Creditor, debtor: &str) -> (PolicyId, i32) {
    let id = world.debtors(of).await.into_iter().find(|row| row.name == debtor).unwrap().id;
    let case = world.cases(of).await.into_iter().find(|row| row.debtor_id == id).unwrap();
    (case.policy_id, case.policy_revision)
}

async fn moved(world: &World, by: &Creditor, case: CaseId, to: PolicyId, position: Position) -> entity::collection_case::Model {
    move_cases(&world.env, &by.viewer, &[case], to, position).await.unwrap().remove(0)
}

testdb::on_both!(an_open_case_keeps_its_revision_and_a_new_one_gets_the_newest, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let old = world.case_under_way(&kauri).await;
    let policy = default_of(&world, &kauri).await;
    let revised = save(&world.env, &kauri.viewer, Some(policy), &Draft::new("Faster", &waits(2, 2))).await.unwrap();
    assert_eq!((revised.id, revised.revision), (policy, 2));
    let again = save(&world.env, &kauri.viewer, Some(policy), &Draft::new("Faster", &waits(2, 2))).await.unwrap();
    assert_eq!(again.revision, 2, "the same steps again are no revision");
    let stale = Draft { expected_revision: Some(1), ..Draft::new("Faster", &waits(3, 3)) };
    assert_eq!(code(save(&world.env, &kauri.viewer, Some(policy), &stale).await), RefusalCode::StaleVersion);

    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    let new = world.approve_all(&kauri).await[0];
    world.days(&kauri, 8).await;
    assert_eq!(world.sent_on(&kauri, old).await, [(0, day("2026-07-06")), (1, day("2026-07-13"))]);
    let sent = world.sent_on(&kauri, new).await;
    assert_eq!(sent[..2], [(0, day("2026-07-06")), (1, day("2026-07-08"))]);
    assert_eq!((world.case(&kauri, old).await.policy_revision, world.case(&kauri, new).await.policy_revision), (1, 2));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(the_debtors_policy_comes_before_the_integrations_and_that_before_the_tenants, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let (env, owner) = (&world.env, &kauri.viewer);
    // Debtors come with their first invoice: one that is not due yet.
    let known: Vec<Invoice> = ["Ash Ltd", "Beech Ltd", "Cedar Ltd"]
        .iter()
        .enumerate()
        .map(|(n, name)| Invoice { due: "2026-12-01".into(), ..Invoice::new(&format!("OLD-{n}")).debtor(name) })
        .collect();
    world.invoices(&kauri, &known).await;
    let of_tenant = default_of(&world, &kauri).await;
    let of_integration = made(&world, &kauri, "Of the integration", &waits(5, 5)).await;
    let of_debtor = made(&world, &kauri, "Of the debtor", &waits(6, 6)).await;
    let norwegian = Draft { country: Some("NO".into()), ..Draft::new("Norwegian", &notice_first()) };
    let norwegian = save(env, owner, None, &norwegian).await.unwrap().id;
    let consumers = Draft { debtor_kind: Some(DebtorKind::Consumer), ..Draft::new("Private persons", &waits(9, 9)) };
    let consumers = save(env, owner, None, &consumers).await.unwrap().id;
    let debtors = world.debtors(&kauri).await;
    assert!(debtors.iter().all(|row| row.kind == DebtorKind::Business), "{debtors:?}");

    let narrow = refused(assign(env, owner, Scope::Tenant, Some(norwegian)).await);
    assert_eq!((narrow.code, narrow.field), (RefusalCode::Invalid, vec!["policyId".to_owned()]), "it must fit everybody");
    let by_settings = TenantChanges { default_policy: Some(consumers), ..TenantChanges::default() };
    assert_eq!(refused(domain::tenant::update(env, owner, &by_settings).await).field, ["defaultPolicyId"]);
    let narrowed = Draft { country: Some("NZ".into()), ..Draft::new("Only here", &three_weekly_letters()) };
    assert_eq!(refused(save(env, owner, Some(of_tenant), &narrowed).await).field, ["country"]);
    assert_eq!(code(assign(env, owner, Scope::Tenant, None).await), RefusalCode::Required);
    assert_eq!(code(assign(env, owner, Scope::Debtor(debtors[0].id), Some(consumers)).await), RefusalCode::Invalid);
    let accountant = kauri.as_role(Role::Accountant);
    assert_eq!(code(assign(env, &accountant, Scope::Integration(kauri.integration), None).await), RefusalCode::Forbidden);

    assign(env, owner, Scope::Integration(kauri.integration), Some(of_integration)).await.unwrap();
    assign(env, &accountant, Scope::Debtor(debtors[0].id), Some(of_debtor)).await.unwrap();
    // Norwegian when it was assigned, then the debtor moved: the next in line is taken, not this one.
    let to = |country: &str| ContactChanges { country: Some(country.into()), ..ContactChanges::default() };
    update_contact(env, owner, debtors[1].id, &to("NO")).await.unwrap();
    assign(env, owner, Scope::Debtor(debtors[1].id), Some(norwegian)).await.unwrap();
    update_contact(env, owner, debtors[1].id, &to("SE")).await.unwrap();
    let due: Vec<Invoice> =
        ["Ash Ltd", "Beech Ltd", "Cedar Ltd"].iter().enumerate().map(|(n, name)| Invoice::new(&format!("INV-{n}")).debtor(name)).collect();
    world.invoices(&kauri, &due).await;
    assert_eq!(policy_of(&world, &kauri, "Ash Ltd").await, (of_debtor, 1));
    assert_eq!(policy_of(&world, &kauri, "Beech Ltd").await, (of_integration, 1));
    assert_eq!(policy_of(&world, &kauri, "Cedar Ltd").await, (of_integration, 1));

    assign(env, owner, Scope::Integration(kauri.integration), Some(consumers)).await.unwrap();
    world.invoices(&kauri, &[Invoice::new("INV-9").debtor("Dogwood Ltd")]).await;
    assert_eq!(policy_of(&world, &kauri, "Dogwood Ltd").await, (of_tenant, 1), "a business is no private person");
    assert_eq!(policy_of(&world, &kauri, "Cedar Ltd").await, (of_integration, 1), "a proposal keeps its own");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_archived_policy_is_replaced_everywhere_and_its_cases_go_on, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let (env, owner) = (&world.env, &kauri.viewer);
    let case = world.case_under_way(&kauri).await;
    let (old, new) = (default_of(&world, &kauri).await, made(&world, &kauri, "New", &waits(2, 2)).await);
    let debtor = world.debtors(&kauri).await[0].id;
    assign(env, owner, Scope::Integration(kauri.integration), Some(old)).await.unwrap();
    assign(env, owner, Scope::Debtor(debtor), Some(old)).await.unwrap();
    let narrow = Draft { country: Some("AU".into()), ..Draft::new("Narrow", &waits(2, 2)) };
    let narrow = save(env, owner, None, &narrow).await.unwrap().id;
    let before = world.snapshot(&kauri).await;
    assert_eq!(refused(archive(env, owner, old, None).await).field, ["replaceWithId"]);
    assert_eq!(code(archive(env, owner, old, Some(old)).await), RefusalCode::Invalid);
    assert_eq!(code(archive(env, owner, old, Some(narrow)).await), RefusalCode::Invalid, "the tenant's fits everybody");
    assert_eq!(code(archive(env, &kauri.as_role(Role::Accountant), old, Some(new)).await), RefusalCode::Forbidden);
    assert_eq!(world.snapshot(&kauri).await, before);

    assert!(archive(env, owner, old, Some(new)).await.unwrap().archived);
    let told = world.events(&kauri).await.len();
    assert!(archive(env, owner, old, None).await.unwrap().archived);
    assert_eq!(world.events(&kauri).await.len(), told, "archived again, nothing changes");
    assert_eq!(default_of(&world, &kauri).await, new);
    assert_eq!(world.debtors(&kauri).await[0].policy_id, Some(new));
    let integration = domain::integration::find(&env.db, kauri.tenant(), kauri.integration).await.unwrap();
    assert_eq!(integration.policy_id, Some(new));
    let gone = [
        code(save(env, owner, Some(old), &Draft::new("x", &waits(1, 1))).await),
        code(assign(env, owner, Scope::Tenant, Some(old)).await),
        code(move_cases(env, owner, &[case], old, Position::Restart).await),
        code(archive(env, owner, new, Some(old)).await),
    ];
    assert_eq!(gone, [RefusalCode::NotFound; 4]);
    world.days(&kauri, 7).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-13")), "its cases go on");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_moved_case_counts_from_its_last_step_and_the_same_call_again_changes_nothing,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        let faster = made(&world, &kauri, "Faster", &waits(3, 3)).await;
        world.days(&kauri, 1).await;
        let row = moved(&world, &kauri, case, faster, Position::KeepIndex).await;
        assert_eq!((row.policy_id, row.next_step, row.course), (faster, 1, 0));
        let before = world.snapshot(&kauri).await;
        moved(&world, &kauri, case, faster, Position::KeepIndex).await;
        moved(&world, &kauri, case, faster, Position::At(1)).await;
        assert_eq!(world.snapshot(&kauri).await, before, "it stands there already");
        world.days(&kauri, 1).await;
        assert_eq!(world.postbox.count(), 1, "three days after the 6th is not the 8th");
        world.days(&kauri, 1).await;
        assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06")), (1, day("2026-07-09"))]);

        // Its own policy, revised: only the newest revision is another place.
        save(&world.env, &kauri.viewer, Some(faster), &Draft::new("Slower", &waits(3, 12))).await.unwrap();
        let row = moved(&world, &kauri, case, faster, Position::KeepIndex).await;
        assert_eq!((row.policy_revision, row.next_step), (2, 2));
        world.days(&kauri, 11).await;
        assert_eq!(world.postbox.count(), 2);
        world.days(&kauri, 1).await;
        assert_eq!(world.sent_on(&kauri, case).await[2], (2, day("2026-07-21")));
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(
    a_case_set_back_runs_its_steps_anew_and_one_moved_behind_the_end_is_exhausted,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        world.days(&kauri, 7).await;
        let policy = default_of(&world, &kauri).await;
        assert_eq!(code(move_cases(&world.env, &kauri.viewer, &[case], policy, Position::At(3)).await), RefusalCode::OutOfRange);
        let row = moved(&world, &kauri, case, policy, Position::Restart).await;
        assert_eq!((row.next_step, row.course), (0, 1));
        world.days(&kauri, 1).await;
        let letters: Vec<_> = world.letters(&kauri).await.into_iter().map(|l| (l.course, l.step, l.status)).collect();
        assert_eq!(letters, [(0, 0, LetterStatus::Sent), (0, 1, LetterStatus::Sent), (1, 0, LetterStatus::Sent)]);
        invariants::hold(&world, &[kauri]).await;

        let mut short = three_weekly_letters();
        short.steps.truncate(1);
        let short = made(&world, &kauri, "Short", &short).await;
        let row = moved(&world, &kauri, case, short, Position::KeepIndex).await;
        assert_eq!((row.next_step, row.course), (1, 1));
        world.days(&kauri, 8).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
        let refusal = refused(move_cases(&world.env, &kauri.viewer, &[case], policy, Position::Restart).await);
        assert_eq!(refusal.code, RefusalCode::IllegalTransition);
    }
);

testdb::on_both!(a_move_stops_what_has_not_left_and_waits_for_what_is_with_its_provider, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    let case = world.case_under_way(&kauri).await;
    let other = made(&world, &kauri, "Other", &waits(4, 4)).await;
    moved(&world, &kauri, case, other, Position::KeepIndex).await;
    world.run_due().await;
    let mut letters: Vec<_> = world.letters(&kauri).await.into_iter().map(|l| (l.step, l.status, l.cancelled_because)).collect();
    // Both are of one instant, one step and one course.
    letters.sort_by_key(|(_, _, because)| because.is_none());
    let stopped = (0, LetterStatus::Cancelled, Some("CASE_MOVED".to_owned()));
    assert_eq!(letters, [stopped, (0, LetterStatus::AwaitingConsent, None)], "asked anew, by the new steps");
    invariants::hold(&world, &[kauri]).await;

    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::Automatic), ..TenantChanges::default() }).await;
    world.postbox.answer(Channel::Email, Answer::LostAfter);
    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    let lost = world.approve_all(&kauri).await[0];
    let before = world.snapshot(&kauri).await;
    let refusal = refused(move_cases(&world.env, &kauri.viewer, &[case, lost], other, Position::Restart).await);
    assert_eq!(refusal.code, RefusalCode::IllegalTransition, "{refusal}");
    assert_eq!(world.snapshot(&kauri).await, before, "all or none");
});

testdb::on_both!(held_and_proposed_cases_are_moved_too_and_others_are_not, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let held = world.case_under_way(&kauri).await;
    let other = made(&world, &kauri, "Other", &waits(3, 4)).await;
    hold(&world.env, &kauri.viewer, held, HoldReason::Paused, day("2026-07-08"), "", None).await.unwrap();
    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    let proposed = world.cases(&kauri).await[1].id;
    let ends = world.case(&kauri, held).await.next_action_at;
    let rows = move_cases(&world.env, &kauri.viewer, &[proposed, held, proposed], other, Position::KeepIndex).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.policy_id).collect::<Vec<_>>(), [other, other]);
    assert_eq!(world.case(&kauri, held).await.next_action_at, ends, "the hold ends when it ends");
    let first = default_of(&world, &kauri).await;
    let declined = case::decline(&world.env, &kauri.viewer, &case::Selection::Ids(vec![proposed]), None).await.unwrap();
    assert_eq!(
        code(move_cases(&world.env, &kauri.viewer, &[declined[0].id], first, Position::Restart).await),
        RefusalCode::IllegalTransition
    );
    assert_eq!(code(move_cases(&world.env, &kauri.viewer, &[], other, Position::Restart).await), RefusalCode::Required);
    let many: Vec<CaseId> = (0..501).map(|_| world.env.new_id()).collect();
    assert_eq!(code(move_cases(&world.env, &kauri.viewer, &many, other, Position::Restart).await), RefusalCode::LimitExceeded);
    world.days(&kauri, 3).await;
    assert_eq!(world.sent_on(&kauri, held).await, [(0, day("2026-07-06")), (1, day("2026-07-09"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_proposal_that_was_moved_waits_as_its_step_says_and_a_move_tells_from_where, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let proposed = world.cases(&kauri).await.remove(0);
    let other = made(&world, &kauri, "Other", &waits(3, 4)).await;
    moved(&world, &kauri, proposed.id, other, Position::At(1)).await;
    world.approve_all(&kauri).await;
    world.days(&kauri, 9).await;
    let second = waits(3, 4).steps[1].wait_days;
    assert_eq!(world.sent_on(&kauri, proposed.id).await[0], (1, day("2026-07-06") + Days::new(second.into())));
    let told = world.events(&kauri).await.into_iter().find(|event| event.kind == kind::CASE_MOVED).unwrap();
    let first = (told.data["fromPolicyId"].as_str().map(str::to_owned), told.data["fromRevision"].as_i64());
    assert_eq!(first, (Some(proposed.policy_id.0.to_string()), Some(1)));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_case_whose_ladder_ended_with_its_offer_is_offered_again_when_its_payment_goes_away,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        world.policy(&kauri, &direct_agency()).await;
        let case = world.case_under_way(&kauri).await;
        world.days(&kauri, 12).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
        world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
        world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00").reversed()]).await;
        world.days(&kauri, 3).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover, "it had rested for good");
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(what_the_law_forbids_is_not_saved, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let mut hasty = notice_first();
    hasty.steps[0].pay_within_days = 13;
    let draft = |country: Option<&str>| Draft { country: country.map(str::to_owned), ..Draft::new("Hasty", &hasty) };
    let refusal = refused(save(&world.env, &kauri.viewer, None, &draft(Some("NO"))).await);
    assert_eq!((refusal.code, refusal.field.join(".")), (RefusalCode::NoticePeriod, "steps.0.payWithinDays".to_owned()));
    let count = escalation_policy::Entity::of(kauri.tenant()).count(&world.env.db).await.unwrap();
    assert_eq!(count, 1, "nothing was made");
    let saved = save(&world.env, &kauri.viewer, None, &draft(None)).await.unwrap();
    let revisions = policy_revision::Entity::of(kauri.tenant()).filter(policy_revision::Column::PolicyId.eq(saved.id));
    assert_eq!(revisions.count(&world.env.db).await.unwrap(), 1, "New Zealand has no such rule");
});
