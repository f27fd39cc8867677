//! A neighbour's id answers exactly like an unknown one, in every use case, and changes nothing.

use domain::{
    RefusalCode, case,
    case::Selection,
    debtor,
    delivery::{self, Resolution},
    import::{self, ImportRequest, StartImport},
    integration::{self, IntegrationChanges},
    letter::{self, Consent},
    payment::{self, NewPayment},
    policy, task,
    tenant::{self, TenantChanges},
};
use entity::{CaseId, CloseReason, DebtorId, DeliveryId, HoldReason, IntegrationId, LetterId, PaymentId, PolicyId, UploadId, WorkTaskId};

use crate::{
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    stories::tasks::call_first,
    world::{Creditor, World, day, migrate, refused},
};

/// The ids that a stranger may know.
struct Known {
    case: CaseId,
    debtor: DebtorId,
    delivery: DeliveryId,
    integration: IntegrationId,
    letter: LetterId,
    payment: PaymentId,
    policy: PolicyId,
    task: WorkTaskId,
    upload: UploadId,
}

async fn known_of(world: &World, of: &Creditor) -> Known {
    world.postbox.answer(entity::Channel::Email, Answer::Rejected);
    let case = world.case_under_way(of).await;
    world.payments(of, &[Payment::new("INV-1", "P1", "1.00").unreconciled()]).await;
    let upload = import::create(&world.env, &of.viewer, "x.csv", 3).await.unwrap().id;
    let policy = tenant::find(&world.env.db, of.tenant()).await.unwrap().default_policy_id.unwrap();
    world.policy(of, &call_first()).await;
    world.invoices(of, &[Invoice::new("INV-2")]).await;
    world.approve_all(of).await;
    Known {
        case,
        debtor: world.debtors(of).await[0].id,
        delivery: world.deliveries(of).await[0].id,
        integration: of.integration,
        letter: world.letters(of).await[0].id,
        payment: world.payment_rows(of).await[0].id,
        policy,
        task: world.tasks(of).await[0].id,
        upload,
    }
}

fn unknown(world: &World) -> Known {
    let env = &world.env;
    Known {
        case: env.new_id(),
        debtor: env.new_id(),
        delivery: env.new_id(),
        integration: env.new_id(),
        letter: env.new_id(),
        payment: env.new_id(),
        policy: env.new_id(),
        task: env.new_id(),
        upload: env.new_id(),
    }
}

/// Every use case that takes an id, tried on these ids; the refusals in order.
async fn refusals(world: &World, by: &Creditor, id: &Known) -> Vec<domain::Refusal> {
    let (env, viewer) = (&world.env, &by.viewer);
    let named = || Selection::Ids(vec![id.case]);
    let money = NewPayment { case: id.case, amount_minor: 1, currency: "NZD".into(), received_on: day("2026-07-06"), reference: None };
    let start = |integration, upload| StartImport { integration, upload, request: ImportRequest::default(), save_mapping: false };
    let to_policy = TenantChanges { default_policy: Some(id.policy), ..TenantChanges::default() };
    let ladder = policy::three_weekly_letters();
    vec![
        refused(case::approve(env, viewer, &named()).await),
        refused(case::decline(env, viewer, &named(), None).await),
        refused(case::hold(env, viewer, id.case, HoldReason::Paused, day("2026-07-09"), "", None).await),
        refused(case::resume(env, viewer, id.case, None).await),
        refused(case::write_off(env, viewer, id.case, "x", None).await),
        refused(case::withdraw(env, viewer, id.case, CloseReason::Withdrawn, "x", None).await),
        refused(payment::record(env, viewer, &money).await),
        refused(payment::reverse(env, viewer, id.payment, "x").await),
        refused(letter::decide_consent(env, viewer, id.letter, Consent::Granted).await),
        refused(letter::mark_posted(env, viewer, id.letter, day("2026-07-06")).await),
        refused(letter::reissue(env, viewer, id.letter).await),
        refused(letter::document(env, viewer.tenant, id.letter).await),
        refused(delivery::resolve(env, viewer, id.delivery, Resolution::SendAgain).await),
        refused(debtor::update_contact(env, viewer, id.debtor, &debtor::ContactChanges::default()).await),
        refused(debtor::set_exemption(env, viewer, id.debtor, true, "x", None).await),
        refused(integration::update(env, viewer, id.integration, &IntegrationChanges::default()).await),
        refused(integration::set_paused(env, viewer, id.integration, true).await),
        refused(tenant::update(env, viewer, &to_policy).await),
        refused(policy::save(env, viewer, Some(id.policy), &policy::Draft::new("x", &ladder)).await),
        refused(policy::archive(env, viewer, id.policy, None).await),
        refused(policy::assign(env, viewer, policy::Scope::Tenant, Some(id.policy)).await),
        refused(policy::assign(env, viewer, policy::Scope::Integration(id.integration), None).await),
        refused(policy::assign(env, viewer, policy::Scope::Debtor(id.debtor), None).await),
        refused(policy::move_cases(env, viewer, &[id.case], id.policy, policy::Position::Restart).await),
        refused(task::complete(env, viewer, id.task, "x").await),
        refused(task::skip(env, viewer, id.task, "x").await),
        refused(import::writer(env, viewer, id.upload).await.map(drop)),
        refused(import::start(env, viewer, start(id.integration, id.upload)).await),
        refused(import::start(env, viewer, start(by.integration, id.upload)).await),
        refused(import::preview(env, viewer, by.integration, id.upload, ImportRequest::default(), 5).await),
    ]
}

testdb::on_both!(a_neighbours_ids_answer_like_unknown_ones_and_nothing_changes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, rimu) = (world.creditor().await, world.creditor().await);
    let known = known_of(&world, &rimu).await;
    let (ours, theirs) = (world.snapshot(&kauri).await, world.snapshot(&rimu).await);
    let neighbours = Box::pin(refusals(&world, &kauri, &known)).await;
    assert_eq!(neighbours, Box::pin(refusals(&world, &kauri, &unknown(&world))).await);
    assert!(neighbours.iter().all(|r| r.code == RefusalCode::NotFound), "{neighbours:?}");
    // Jobs that name the wrong tenant do nothing either.
    domain::escalation::advance(&world.env, kauri.tenant(), known.case).await.unwrap();
    delivery::deliver(&world.env, kauri.tenant(), known.delivery).await.unwrap();
    delivery::recover(&world.env, kauri.tenant(), known.delivery, true).await.unwrap();
    assert_eq!((world.snapshot(&kauri).await, world.snapshot(&rimu).await), (ours, theirs));
    invariants::hold(&world, &[kauri, rimu]).await;
});
