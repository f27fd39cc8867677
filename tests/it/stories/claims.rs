//! Invoices that change after their case began.

use chrono::Datelike;
use domain::{
    case::Selection,
    tenant::{self, TenantChanges},
};
use entity::{CaseGrouping, CaseStatus, CloseReason, LetterStatus};

use crate::{
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    world::{World, day, migrate},
};

testdb::on_both!(an_invoice_that_grew_is_demanded_in_full_at_the_time_that_was_set, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 3).await;
    world.invoices(&kauri, &[Invoice::new("INV-1").total("150.00")]).await;
    world.days(&kauri, 4).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-13")));
    assert_eq!(world.letters(&kauri).await[1].outstanding_minor, 150_00);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_invoice_that_shrank_is_demanded_for_less_a_week_later, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.invoices(&kauri, &[Invoice::new("INV-1").total("100.00")]).await;
    world.days(&kauri, 14).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-20")));
    assert_eq!(world.letters(&kauri).await[1].outstanding_minor, 100_00);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_in_waiting_that_states_the_old_sum_never_leaves, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.postbox.answer(entity::Channel::Email, Answer::Transient(None));
    world.case_under_way(&kauri).await;
    world.invoices(&kauri, &[Invoice::new("INV-1").total("150.00")]).await;
    let letters = world.letters(&kauri).await;
    assert_eq!(letters.iter().filter(|l| l.status == LetterStatus::Cancelled).count(), 1);
    assert_eq!(letters.iter().filter(|l| l.status == LetterStatus::Sent && l.outstanding_minor == 150_00).count(), 1);
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(voided_and_given_up_invoices_close_their_cases_without_thanks, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let changed = [Invoice::new("INV-1").state("voided"), Invoice::new("INV-2").debtor("Beech Ltd").state("written off")];
    let run = world.invoices(&kauri, &changed).await;
    assert_eq!((run.invoices_updated, run.cases_closed, run.rows_failed), (2, 2, 0));
    world.days(&kauri, 20).await;
    let mut reasons: Vec<_> = world.cases(&kauri).await.into_iter().map(|c| c.close_reason.unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, [CloseReason::WrittenOff, CloseReason::Withdrawn]);
    assert_eq!(world.postbox.count(), 2, "the first letters, nothing after");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_edit_may_not_move_an_invoice_in_work_to_another_currency_or_debtor, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let moved = [Invoice { currency: "AUD".into(), ..Invoice::new("INV-1").total("999.00") }];
    let run = world.invoices(&kauri, &moved).await;
    assert_eq!(run.rows_failed, 1, "{run:?}");
    assert_eq!(world.issues(&kauri, run.id).await[0].code, "CURRENCY_MISMATCH");
    let run = world.invoices(&kauri, &[Invoice::new("INV-1").debtor("Beech Ltd")]).await;
    assert_eq!(run.rows_failed, 1, "{run:?}");
    assert_eq!(world.case(&kauri, case).await.outstanding_minor, 120_00);
    world.payments(&kauri, &[Payment { currency: "AUD".into(), ..Payment::new("INV-1", "P1", "120.00") }]).await;
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Active, "dollars of another country do not pay it");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    with_one_case_per_debtor_invoices_join_while_it_is_a_proposal_and_payments_close_it_together,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        world.settings(&kauri, TenantChanges { case_grouping: Some(CaseGrouping::PerDebtor), ..TenantChanges::default() }).await;
        world
            .invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2").total("30.00"), Invoice::new("INV-3").debtor("Beech Ltd")])
            .await;
        world.invoices(&kauri, &[Invoice::new("INV-4").total("50.00"), Invoice { currency: "AUD".into(), ..Invoice::new("INV-5") }]).await;
        let cases = world.cases(&kauri).await;
        let sums: Vec<_> = cases.iter().map(|c| (c.currency.as_str(), c.outstanding_minor)).collect();
        assert_eq!(sums.len(), 3);
        assert!(sums.contains(&("NZD", 200_00)) && sums.contains(&("AUD", 120_00)), "{sums:?}");
        let aroha = cases.iter().find(|c| c.outstanding_minor == 200_00).unwrap().id;
        domain::case::approve(&world.env, &kauri.viewer, &Selection::Ids(vec![aroha])).await.unwrap();
        world.invoices(&kauri, &[Invoice::new("INV-6").total("1.00")]).await;
        assert_eq!(world.case(&kauri, aroha).await.outstanding_minor, 200_00, "an approved claim stays what the creditor saw");
        assert_eq!(world.cases(&kauri).await.len(), 4);
        world.at_local(&kauri, day("2026-07-06"), 9).await;
        world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00"), Payment::new("INV-2", "P2", "30.00")]).await;
        assert_eq!(world.case(&kauri, aroha).await.outstanding_minor, 50_00);
        world.invoices(&kauri, &[Invoice::new("INV-4").total("50.00").state("written off")]).await;
        world.days(&kauri, 1).await;
        let row = world.case(&kauri, aroha).await;
        assert_eq!((row.status, row.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
        let thanks = world.letters(&kauri).await.into_iter().find(|l| l.outstanding_minor == 0).unwrap();
        assert_eq!(thanks.facts["paid_minor"], 150_00, "what was given up was not paid");
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(settings_changed_while_cases_are_numbered_lose_no_number, with("product", migrate), |db| async move {
    let world = std::sync::Arc::new(World::new(db).await);
    let kauri = world.creditor().await;
    for n in 0..6 {
        let run = world.upload(&kauri, crate::sheet::invoices(&[Invoice::new(&format!("INV-{n}"))])).await;
        let (import, change) = (world.clone(), world.clone());
        let importing = tokio::spawn(async move { domain::sync::run(&import.env, kauri.tenant(), run).await });
        let changes = TenantChanges { part_payment_delay_days: Some(n + 1), ..TenantChanges::default() };
        let changing = tokio::spawn(async move { tenant::update(&change.env, &kauri.viewer, &changes).await });
        importing.await.unwrap().unwrap();
        changing.await.unwrap().unwrap();
    }
    let numbers: Vec<i64> = world.cases(&kauri).await.into_iter().map(|c| c.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert_eq!(world.today(&kauri).year(), 2026);
    invariants::hold(&world, &[kauri]).await;
});
