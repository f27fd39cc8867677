//! Days on which the provider, the network or another process misbehaves, and how they end well.

use std::time::Duration;

use chrono::{Days, TimeDelta};
use domain::sync;
use entity::{CaseStatus, IntegrationStatus, Provider, SyncStatus};
use sandbox::{
    fault::{Manner, Outage, Throttle},
    xero::{books::Cents, webhook},
};

use super::Stage;
use crate::world::migrate;

testdb::on_both!(a_lost_answer_of_the_renewal_loses_no_token, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    stage.case_under_way().await;
    stage.xero.xero().expire_tokens();
    stage.xero.faults().lose_answer("/connect/token");
    let run = stage.sync().await;
    assert_eq!(run.status, SyncStatus::Succeeded, "the used token is good for another half hour: {run:?}");
    stage.xero.xero().expire_tokens();
    assert_eq!(stage.sync().await.status, SyncStatus::Succeeded);
    assert_eq!(stage.integration().await.status, IntegrationStatus::Active);
    stage.check().await;
});

testdb::on_both!(a_revoked_grant_asks_a_person_to_connect_again_and_sends_nothing, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    stage.xero.xero().revoke_grant();
    stage.sync().await;
    let row = stage.integration().await;
    assert_eq!((row.status, row.health_code.as_deref()), (IntegrationStatus::NeedsReauthorization, Some("PROVIDER_UNAUTHORIZED")));
    assert!(row.health_message.unwrap().contains("onnect"));
    stage.days(9).await;
    assert_eq!(stage.case(invoice).await.postponed_because.as_deref(), Some("FACTS_STALE"), "nothing is sent on what nobody can check");
    assert_eq!(stage.world.letters(&stage.kauri).await.len(), 1);
    stage.check().await;
});

testdb::on_both!(a_provider_that_is_down_for_a_day_loses_nothing, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    stage.xero.faults().outage(Outage::Unavailable);
    let run = stage.sync().await;
    assert_eq!((run.status, run.resume_at.is_some()), (SyncStatus::Running, true), "it is parked, no worker waits");
    assert_eq!(stage.integration().await.health_code.as_deref(), Some("PROVIDER_UNAVAILABLE"));
    for _ in 0..24 {
        stage.world.clock.age_machine(TimeDelta::hours(1));
        stage.world.run_due().await;
    }
    let missed = stage.invoice(45, 77_00);
    stage.xero.xero().record_payment(invoice, Cents(10_00), true).unwrap();
    stage.xero.faults().lift_outage();
    stage.world.at_local(&stage.kauri, stage.today() + Days::new(1), 12).await;
    stage.world.clock.age_machine(TimeDelta::hours(1));
    stage.world.run_due().await;
    assert_eq!((stage.ours(missed).await.total_minor, stage.case(invoice).await.outstanding_minor), (77_00, 140_00));
    assert!(stage.integration().await.health_code.is_none());
    stage.check().await;
});

testdb::on_both!(a_minutes_limit_and_a_days_limit_park_the_run_and_are_told, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.invoice(40, 150_00);
    stage.xero.faults().throttle("/api.xro", 1, Throttle { retry_after: Some(67_000), problem: Some("day".into()) });
    stage.world.run_due().await;
    let run = &stage.runs().await[0];
    assert_eq!((run.status, run.resume_at.is_some()), (SyncStatus::Running, true));
    let row = stage.integration().await;
    assert_eq!((row.status, row.health_code.as_deref()), (IntegrationStatus::Active, Some("PROVIDER_RATE_LIMITED")));
    stage.world.clock.age_machine(TimeDelta::seconds(67_001));
    stage.world.run_due().await;
    assert_eq!(stage.ours(invoice).await.total_minor, 150_00);
    assert!(stage.integration().await.health_code.is_none());
    stage.check().await;
});

testdb::on_both!(answers_that_break_the_contract_end_the_run_and_change_nothing, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    for manner in [Manner::Html, Manner::Truncated] {
        stage.xero.faults().break_answers("/Invoices", 1, manner);
        let run = stage.sync().await;
        assert_eq!((run.status, run.error_code.as_deref()), (SyncStatus::Failed, Some("CONTRACT_BROKEN")), "{run:?}");
        assert_eq!(stage.case(invoice).await.outstanding_minor, 150_00);
    }
    assert_eq!(stage.sync().await.status, SyncStatus::Succeeded);
    assert!(stage.integration().await.health_code.is_none());
    stage.check().await;
});

testdb::on_both!(two_processes_renew_one_set_of_keys_once, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    stage.case_under_way().await;
    stage.xero.xero().expire_tokens();
    stage.xero.faults().latency(Duration::from_millis(150));
    let row = stage.integration().await;
    let env = &stage.world.env;
    let access = domain::credential::access(env, row.tenant_id, row.id).await.unwrap();
    let other = domain::credential::access(env, row.tenant_id, row.id).await.unwrap();
    let lent = access.lend().await.unwrap();
    let before = stage.xero.calls().count("POST", "/connect/token");
    let (one, two) = tokio::join!(access.refused(&lent), other.refused(&lent));
    assert_eq!(one.unwrap().version, two.unwrap().version);
    assert_eq!(stage.xero.calls().count("POST", "/connect/token") - before, 1);
    stage.xero.faults().clear();
    assert_eq!(stage.sync().await.status, SyncStatus::Succeeded);
});

testdb::on_both!(an_organisation_that_left_at_xero_is_told, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    stage.case_under_way().await;
    assert!(stage.xero.xero().disconnect(stage.books));
    stage.sync().await;
    let row = stage.integration().await;
    assert_eq!(row.status, IntegrationStatus::NeedsReauthorization, "{:?}", row.health_message);
    stage.check().await;
});

testdb::on_both!(a_webhook_is_believed_only_when_signed_and_pulls_what_it_names_once, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    stage.xero.xero().record_payment(invoice, Cents(150_00), true).unwrap();
    let events = stage.xero.xero().pending_events();
    let body = webhook::body(&events, 1, "entropy");
    let signature = webhook::signature(&sandbox::Options::default().app.webhook_key, &body);
    let env = &stage.world.env;
    let before = stage.runs().await.len();
    assert!(sync::take_hints(env, Provider::Xero, Some("AAAA"), &body).await.unwrap().is_err());
    assert!(sync::take_hints(env, Provider::Xero, None, &body).await.unwrap().is_err());
    assert_eq!(stage.runs().await.len(), before);
    for _ in 0..3 {
        sync::take_hints(env, Provider::Xero, Some(&signature), &body).await.unwrap().unwrap();
    }
    stage.world.run_due().await;
    assert_eq!(stage.runs().await.len(), before + 1, "told three times, pulled once");
    assert_eq!(stage.case(invoice).await.status, CaseStatus::Closed);
    stage.check().await;
});

testdb::on_both!(merged_contacts_keep_their_case, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    let heir = stage.xero.xero().add_contact(stage.books, "Bob's Boats (2026)", "new@boats.example").unwrap();
    stage.xero.xero().merge_contacts(stage.contact, heir).unwrap();
    stage.sync().await;
    stage.sweep().await;
    let case = stage.case(invoice).await;
    assert_eq!((case.status, case.outstanding_minor), (CaseStatus::Active, 150_00));
    let debtors = stage.world.debtors(&stage.kauri).await;
    let debtor = debtors.into_iter().find(|debtor| debtor.id == case.debtor_id).unwrap();
    assert_eq!((debtor.external_id, debtor.name.as_str()), (heir.to_string(), "Bob's Boats (2026)"));
    stage.check().await;
});
