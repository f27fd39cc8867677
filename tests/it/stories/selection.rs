//! Approving what was seen: all or nothing, and only while it is still what was seen.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    RefusalCode,
    case::{Matching, Selection, approve, decline},
    escalation,
    port::Work,
};
use entity::{CaseId, CaseStatus};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

async fn three_proposals(world: &World) -> (Creditor, Vec<CaseId>) {
    let kauri = world.creditor().await;
    let rows = [Invoice::new("INV-1"), Invoice::new("INV-2").total("30.00"), Invoice::new("INV-3").total("50.00")];
    world.invoices(&kauri, &rows).await;
    let ids = world.cases(&kauri).await.into_iter().map(|c| c.id).collect();
    (kauri, ids)
}

fn seen(count: usize, total_minor: i64) -> Matching {
    Matching { expected_count: count, expected_total: BTreeMap::from([("NZD".into(), total_minor)]), ..Matching::default() }
}

testdb::on_both!(everything_that_was_seen_is_approved_and_what_was_excepted_is_not, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, ids) = three_proposals(&world).await;
    let excepted = world.case(&kauri, ids[1]).await.outstanding_minor;
    let all = Matching { except: BTreeSet::from([ids[1]]), ..seen(2, 200_00 - excepted) };
    let approved = approve(&world.env, &kauri.viewer, &Selection::Matching(all)).await.unwrap();
    assert_eq!(approved.cases.len(), 2);
    let states: Vec<_> = world.cases(&kauri).await.into_iter().map(|c| c.status).collect();
    assert_eq!(states, [CaseStatus::Active, CaseStatus::Proposed, CaseStatus::Active]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(what_is_due_at_once_is_told_to_the_jobs_in_the_same_change, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, ids) = three_proposals(&world).await;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    world.notebook.take();
    approve(&world.env, &kauri.viewer, &Selection::Ids(vec![ids[0]])).await.unwrap();
    let (tenant, case) = (kauri.tenant(), ids[0]);
    assert_eq!(world.notebook.take(), [Work::Escalate { tenant, case }], "it is ten on a Monday");
    escalation::advance(&world.env, tenant, case).await.unwrap();
    let delivery = world.deliveries(&kauri).await[0].id;
    assert_eq!(world.notebook.take(), [Work::Deliver { tenant, delivery }]);
    world.run_due().await;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 20);
    approve(&world.env, &kauri.viewer, &Selection::Ids(vec![ids[1]])).await.unwrap();
    assert_eq!(world.notebook.take(), [], "in the evening the row's promise is enough");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_selection_whose_count_or_total_changed_is_refused_whole, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = three_proposals(&world).await;
    let before = world.snapshot(&kauri).await;
    for stale in [seen(2, 200_00), seen(3, 199_99), seen(4, 200_00), seen(0, 0), Matching::default()] {
        assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Matching(stale.clone())).await), RefusalCode::SelectionChanged);
        assert_eq!(code(decline(&world.env, &kauri.viewer, &Selection::Matching(stale), None).await), RefusalCode::SelectionChanged);
    }
    assert_eq!(world.snapshot(&kauri).await, before);
    world.payments(&kauri, &[Payment::new("INV-2", "P1", "10.00")]).await;
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Matching(seen(3, 200_00))).await), RefusalCode::SelectionChanged);
    assert_eq!(world.snapshot(&kauri).await, before);
    approve(&world.env, &kauri.viewer, &Selection::Matching(seen(3, 190_00))).await.unwrap();
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(one_case_in_another_state_refuses_the_whole_approval, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, ids) = three_proposals(&world).await;
    decline(&world.env, &kauri.viewer, &Selection::Ids(vec![ids[2]]), None).await.unwrap();
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Ids(ids.clone())).await), RefusalCode::IllegalTransition);
    let unknown = world.env.new_id::<CaseId>();
    assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Ids(vec![ids[0], unknown])).await), RefusalCode::NotFound);
    assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Ids(vec![])).await), RefusalCode::Required);
    let many = (0..501).map(|_| world.env.new_id::<CaseId>()).collect();
    assert_eq!(code(approve(&world.env, &kauri.viewer, &Selection::Ids(many)).await), RefusalCode::LimitExceeded);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});
