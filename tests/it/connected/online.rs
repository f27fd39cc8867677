//! The address of an invoice's page on the web: asked for when a letter is about to name it, and never in a letter's way.

use chrono::TimeDelta;
use domain::{
    case,
    escalation::{
        Advanced, Decision, Explanation, advance, explain,
        gates::GateName,
        simulate::{Along, simulate},
    },
    online_page::{self, GRACE},
    tenant::TenantChanges,
};
use entity::{CaseId, Scoped, collection_case, letter};
use sandbox::fault::{Manner, Throttle};
use uuid::Uuid;

use super::Stage;
use crate::world::migrate;

const PAGE: &str = "/OnlineInvoice";

/// What each letter says of the page, oldest first.
async fn named(stage: &Stage) -> Vec<Option<String>> {
    let address = |letter: letter::Model| letter.facts["bank"]["online_url"].as_str().map(str::to_owned);
    stage.world.letters(&stage.kauri).await.into_iter().map(address).collect()
}

fn asked(stage: &Stage) -> usize {
    stage.xero.calls().count("GET", PAGE)
}

fn page_of(invoice: Uuid) -> String {
    format!("https://in.xero.com/{}", invoice.simple())
}

testdb::on_both!(a_letter_names_the_invoices_page_which_is_asked_for_once, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let (invoice, proposed) = (stage.invoice(40, 150_00), stage.invoice(10, 99_00));
    stage.sync().await;
    assert_eq!(asked(&stage), 0, "pulls do not ask");
    stage.world.approve_all(&stage.kauri).await;
    stage.world.at_local(&stage.kauri, stage.today(), 10).await;
    assert_eq!(named(&stage).await, [Some(page_of(invoice))]);
    stage.days(8).await;
    assert_eq!(named(&stage).await, [Some(page_of(invoice)), Some(page_of(invoice))]);
    assert_eq!((asked(&stage), stage.ours(proposed).await.online_asked_at), (1, None));
    stage.check().await;
});

testdb::on_both!(a_silent_source_holds_no_letter_up_and_is_asked_again_for_a_day, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    stage.xero.faults().break_answers(PAGE, 2, Manner::Status { status: 503 });
    let invoice = stage.case_under_way().await;
    assert_eq!((named(&stage).await, asked(&stage)), (vec![None], 2), "the letter left all the same");
    for (hour, times) in [(11, 3), (12, 3)] {
        stage.world.at_local(&stage.kauri, stage.today(), hour).await;
        assert_eq!(asked(&stage), times, "{hour}");
    }
    assert_eq!(stage.ours(invoice).await.online_url, Some(page_of(invoice)));
    stage.days(8).await;
    assert_eq!(named(&stage).await, [None, Some(page_of(invoice))]);

    stage.xero.faults().break_answers(PAGE, 100, Manner::Status { status: 503 });
    let other = stage.invoice(40, 99_00);
    stage.sync().await;
    stage.world.approve_all(&stage.kauri).await;
    stage.days(4).await;
    let row = stage.ours(other).await;
    assert_eq!((row.online_url, row.online_ask_at), (None, None), "given up");
    assert!(named(&stage).await.len() > 2, "its letter left all the same");
    stage.check().await;
});

testdb::on_both!(a_provider_that_is_busy_or_makes_no_sense_holds_no_letter_up, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let busy = Throttle { retry_after: Some(90), problem: Some("minute".into()) };
    for (at, broken) in [None, Some(Manner::Html), Some(Manner::Lost)].into_iter().enumerate() {
        let invoice = stage.invoice(40, 150_00);
        stage.sync().await;
        match broken {
            Some(manner) => stage.xero.faults().break_answers(PAGE, 1, manner),
            None => stage.xero.faults().throttle(PAGE, 1, busy.clone()),
        }
        stage.world.approve_all(&stage.kauri).await;
        stage.world.at_local(&stage.kauri, stage.today(), 10 + u32::try_from(at).unwrap()).await;
        let case = stage.case(invoice).await;
        assert_eq!((case.next_step, named(&stage).await.len()), (1, at + 1), "{case:?}");
        stage.world.clock.age_machine(TimeDelta::seconds(91));
    }
    assert!(named(&stage).await.iter().all(Option::is_none));
    stage.check().await;
});

testdb::on_both!(a_question_that_nobody_answers_delays_a_letter_by_minutes, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.invoice(40, 150_00);
    stage.sync().await;
    let (env, tenant, case) = (&stage.world.env, stage.kauri.tenant(), stage.case(invoice).await);
    case::approve(env, &stage.kauri.viewer, &case::Selection::Ids(vec![case.id])).await.unwrap();
    // The process dies before it asks.
    stage.world.clock.set_local(stage.kauri.zone, stage.today(), 10);
    assert_eq!(advance(env, tenant, case.id).await.unwrap(), Advanced::Waits);
    assert_eq!(advance(env, tenant, case.id).await.unwrap(), Advanced::Nothing, "it is not due before");
    assert_eq!(stage.case(invoice).await.next_action_at, Some(env.now() + GRACE));
    stage.world.clock.set(env.now() + GRACE);
    assert_eq!(advance(env, tenant, case.id).await.unwrap(), Advanced::Issued);
    stage.world.run_due().await;
    assert_eq!((named(&stage).await, stage.ours(invoice).await.online_url), (vec![None], Some(page_of(invoice))), "for the next one");
    stage.check().await;
});

/// Pulled and approved, and nothing looked at yet.
async fn approved(stage: &Stage, invoices: &[Uuid]) -> Vec<CaseId> {
    stage.sync().await;
    let mut cases = Vec::new();
    for invoice in invoices {
        cases.push(stage.case(*invoice).await.id);
    }
    case::approve(&stage.world.env, &stage.kauri.viewer, &case::Selection::Ids(cases.clone())).await.unwrap();
    cases
}

fn closed(told: &Explanation) -> Vec<GateName> {
    told.checks.iter().filter(|check| !check.passed).map(|check| check.gate).collect()
}

testdb::on_both!(explaining_a_case_names_the_wait_for_its_page_and_the_wait_s_end, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let (env, tenant) = (&stage.world.env, stage.kauri.tenant());
    stage.world.clock.set_local(stage.kauri.zone, stage.today(), 20);
    let invoice = stage.invoice(40, 150_00);
    let case = approved(&stage, &[invoice]).await[0];
    let told = async || explain(env, tenant, case).await.unwrap();
    let nine = stage.case(invoice).await.next_action_at.unwrap();
    let evening = told().await;
    assert_eq!((closed(&evening), evening.possible_at), (vec![GateName::Promise, GateName::ContactHours], Some(nine + GRACE)));
    let all = collection_case::Entity::of(tenant);
    let dry = simulate(&env.db, tenant, all, &Along::Own, 1, env.now()).await.unwrap();
    assert_eq!(dry.acts.iter().map(|act| (act.at, act.postponed_because)).collect::<Vec<_>>(), [(nine, None)], "it waits for no page");

    stage.world.clock.set(nine);
    let due = told().await;
    assert_eq!((due.next, due.decision), (Decision::Issue { step: 0 }, Decision::Wait { until: nine + GRACE, because: None }));
    assert_eq!((closed(&due), due.possible_at), (vec![GateName::OnlinePage], Some(nine + GRACE)));
    let page = due.checks.last().unwrap();
    assert_eq!((page.look_again_at, page.facts["question"].as_str()), (Some(nine + GRACE), Some("UNASKED")));
    assert_eq!(advance(env, tenant, case).await.unwrap(), Advanced::Waits);

    stage.world.clock.set(nine + TimeDelta::minutes(1));
    let asked = told().await;
    assert_eq!((closed(&asked), asked.possible_at), (vec![GateName::Promise, GateName::OnlinePage], Some(nine + GRACE)));
    assert_eq!(asked.checks.last().unwrap().facts["question"], "ASKED");
    assert_eq!(advance(env, tenant, case).await.unwrap(), Advanced::Nothing);
    online_page::ask(env, tenant, stage.ours(invoice).await.id).await.unwrap();
    let answered = told().await;
    assert_eq!((closed(&answered), answered.decision), (vec![], Decision::Issue { step: 0 }));
    assert_eq!(advance(env, tenant, case).await.unwrap(), Advanced::Issued);
    stage.world.run_due().await;
    assert_eq!(named(&stage).await, [Some(page_of(invoice))]);
    stage.check().await;
});

testdb::on_both!(no_page_is_waited_for_beyond_the_hours_of_contact_and_none_for_several_cases, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let (env, tenant) = (&stage.world.env, stage.kauri.tenant());
    let cases = approved(&stage, &[stage.invoice(40, 150_00), stage.invoice(41, 99_00)]).await;
    for case in &cases {
        let told = explain(env, tenant, *case).await.unwrap();
        assert_eq!((closed(&told), told.decision), (vec![], Decision::Issue { step: 0 }), "one letter for both names no page");
    }
    // A letter for each case names the page of its invoice.
    stage.world.settings(&stage.kauri, TenantChanges { group_letters: Some(false), ..TenantChanges::default() }).await;
    assert_eq!(closed(&explain(env, tenant, cases[0]).await.unwrap()), [GateName::OnlinePage]);
    stage.world.settings(&stage.kauri, TenantChanges { group_letters: Some(true), ..TenantChanges::default() }).await;
    assert_eq!(advance(env, tenant, cases[0]).await.unwrap(), Advanced::Issued);
    assert_eq!((stage.world.letters(&stage.kauri).await.len(), asked(&stage)), (2, 0));

    let late = approved(&stage, &[stage.invoice(42, 50_00)]).await[0];
    stage.world.clock.set_local(stage.kauri.zone, stage.today(), 16);
    stage.world.clock.set(env.now() + TimeDelta::minutes(57));
    let told = explain(env, tenant, late).await.unwrap();
    assert_eq!((closed(&told), told.decision, told.possible_at), (vec![], Decision::Issue { step: 0 }, Some(env.now())));
    assert_eq!(advance(env, tenant, late).await.unwrap(), Advanced::Issued);
    stage.world.run_due().await;
    stage.check().await;
});
