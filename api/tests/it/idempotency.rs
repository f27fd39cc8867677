//! Calls that take effect once: repeated, at the same time, with other arguments, by others, and after a crash.

use std::sync::Arc;

use api::graphql::id::encode;
use chrono::TimeDelta;
use domain::{
    Error, RefusalCode,
    idempotency::{self, Once},
    payment::{self, NewPayment},
};
use entity::{CaseId, CaseStatus};
use futures_util::future;
use serde_json::json;
use testdb::{Backend, on_both};
use tokio::sync::Notify;

use crate::{
    catalogue::{entries, everything},
    server::Server,
    world::{Creditor, World, codes, migrate},
};

fn record(case: CaseId, amount: &str, key: &str) -> String {
    format!(
        "paymentRecord(caseId: \"{}\", amount: {{ amount: \"{amount}\", currency: \"NZD\" }}, receivedOn: \"2026-07-06\") @idempotent(key: \"{key}\") {{ userErrors {{ code }} payments {{ id amount {{ amount }} }} case {{ id }} }}",
        encode(case).as_str()
    )
}

async fn stage(db: testdb::TestDb) -> (World, Creditor, CaseId) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let case = world.active(&creditor, "INV-1").await;
    (world, creditor, case)
}

on_both!(a_repeated_call_answers_what_the_first_did_and_does_nothing, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let first = world.change(&creditor.owner, &record(case, "50.00", "k1")).await;
    World::done(&first);
    let after_first = world.snapshot(&creditor).await;
    assert_eq!(world.change(&creditor.owner, &record(case, "50.00", "k1")).await, first);
    assert_eq!(world.snapshot(&creditor).await, after_first);
    assert_eq!(world.payments(&creditor).await.len(), 1);
    // Another key is another payment.
    let second = world.change(&creditor.owner, &record(case, "50.00", "k2")).await;
    assert_ne!(World::done(&second)["payments"], first["payments"]);
    assert_eq!(world.case(&creditor, case).await.outstanding_minor, 2_000);
});

on_both!(the_key_may_come_in_a_variable_and_the_arguments_in_another_order, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let document = |arguments: &str| {
        format!(
            "mutation($key: ID!, $case: ID!, $by: String) {{ paymentRecord({arguments}) @idempotent(key: $key) {{ userErrors {{ code }} payments {{ id }} }} }}"
        )
    };
    let variables = json!({ "key": "k", "case": encode(case).0 });
    let one = document("caseId: $case, amount: { amount: \"5.00\", currency: \"NZD\" }, receivedOn: \"2026-07-06\", reference: $by");
    let two = document("receivedOn: \"2026-07-06\", reference: $by, amount: { currency: \"NZD\", amount: \"5.00\" }, caseId: $case");
    let first = world.ask_with(Some(&creditor.owner), &one, variables.clone()).await;
    World::done(&first["data"]["paymentRecord"]);
    assert_eq!(world.ask_with(Some(&creditor.owner), &two, variables).await, first);
    assert_eq!(world.payments(&creditor).await.len(), 1);
});

on_both!(a_key_with_other_arguments_or_on_another_field_is_refused, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    World::done(&world.change(&creditor.owner, &record(case, "50.00", "k1")).await);
    let before = world.snapshot(&creditor).await;
    assert_eq!(codes(&world.change(&creditor.owner, &record(case, "50.01", "k1")).await), ["IDEMPOTENCY_KEY_REUSED"]);
    let write_off =
        format!("caseWriteOff(id: \"{}\", reason: \"x\") @idempotent(key: \"k1\") {{ userErrors {{ code }} }}", encode(case).as_str());
    assert_eq!(codes(&world.change(&creditor.owner, &write_off).await), ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(world.snapshot(&creditor).await, before);
});

on_both!(a_key_belongs_to_one_person, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    World::done(&world.change(&creditor.owner, &record(case, "50.00", "k")).await);
    World::done(&world.change(&creditor.accountant, &record(case, "50.00", "k")).await);
    assert_eq!(world.payments(&creditor).await.len(), 2, "two people may choose the same word");
});

on_both!(a_refused_call_uses_no_key_up, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let before = world.snapshot(&creditor).await;
    for _ in 0..2 {
        assert_eq!(codes(&world.change(&creditor.owner, &record(case, "999.00", "k")).await), ["OUT_OF_RANGE"]);
    }
    assert_eq!(world.snapshot(&creditor).await, before);
    World::done(&world.change(&creditor.owner, &record(case, "9.00", "k")).await);
});

on_both!(a_key_is_forgotten_after_a_day_of_the_machine, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    World::done(&world.change(&creditor.owner, &record(case, "10.00", "k")).await);
    world.clock.age_machine(TimeDelta::hours(23));
    World::done(&world.change(&creditor.owner, &record(case, "10.00", "k")).await);
    assert_eq!(world.payments(&creditor).await.len(), 1);
    world.clock.age_machine(TimeDelta::hours(2));
    World::done(&world.change(&creditor.owner, &record(case, "10.00", "k")).await);
    assert_eq!(world.payments(&creditor).await.len(), 2);
});

on_both!(seven_mutations_need_a_key_and_the_others_take_none, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let ids = everything(&world, &creditor).await;
    let before = world.snapshot(&creditor).await;
    let mut keyed = 0;
    for entry in entries(&ids) {
        if entry.mutation.contains("@idempotent") {
            keyed += 1;
            let bare = entry.mutation.replace(" @idempotent(key: \"catalogue\")", "");
            assert_eq!(codes(&world.change(&creditor.owner, &bare).await), ["IDEMPOTENCY_KEY_REQUIRED"], "{bare}");
        } else {
            let marked = entry.mutation.replacen(" { userErrors", " @idempotent(key: \"k\") { userErrors", 1);
            let answer = world.ask(Some(&creditor.owner), &format!("mutation {{ {marked} }}")).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"), "{marked}\n{answer}");
        }
    }
    assert_eq!(keyed, 7);
    let import = entries(&ids).into_iter().find(|entry| entry.field == "importStart").unwrap().mutation;
    for bad in ["", "with blank", &"x".repeat(256)] {
        assert_eq!(codes(&world.change(&creditor.owner, &import.replace("catalogue", bad)).await), ["INVALID"], "{bad:?}");
    }
    assert_eq!(world.snapshot(&creditor).await, before);
});

on_both!(of_many_equal_calls_at_once_one_takes_effect, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let mutation = record(case, "7.00", "k");
    let answers = future::join_all((0..8).map(|_| world.change(&creditor.owner, &mutation))).await;
    let payments = world.payments(&creditor).await;
    assert_eq!(payments.len(), 1, "{answers:#?}");
    let mut done = 0;
    for answer in &answers {
        match codes(answer)[..] {
            [] => {
                done += 1;
                assert_eq!(answer["payments"][0]["id"], json!(encode(payments[0].id).0));
            }
            ["IDEMPOTENCY_IN_PROGRESS"] => {}
            _ => panic!("{answer}"),
        }
    }
    assert!(done >= 1);
    assert_eq!(world.case(&creditor, case).await.outstanding_minor, 11_300);
});

/// A first call that does its work and then never comes to its commit.
async fn stuck(world: &World, creditor: &Creditor, case: CaseId, call: &Once, working: Arc<Notify>) -> domain::Result<()> {
    let viewer = creditor.owner;
    let new = NewPayment { case, amount_minor: 700, currency: "NZD".into(), received_on: "2026-07-06".parse().unwrap(), reference: None };
    idempotency::once(&world.env, &viewer, call, move |change| {
        Box::pin(async move {
            payment::record_in(change, &viewer, &new).await?;
            working.notify_one();
            future::pending::<()>().await;
            Ok(())
        })
    })
    .await
}

on_both!(a_call_that_died_before_its_commit_is_a_first_call_again, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let before = world.snapshot(&creditor).await;
    let call = Once::new("k", "paymentRecord", "the same").unwrap();
    let working = Arc::new(Notify::new());
    {
        let first = stuck(&world, &creditor, case, &call, Arc::clone(&working));
        tokio::select! {
            _ = first => unreachable!("it never ends"),
            () = working.notified() => {}
        }
        // Dropped here: what a kill does to the transaction.
    }
    assert_eq!(world.snapshot(&creditor).await, before, "neither the payment nor the key is there");
    let viewer = creditor.owner;
    let new = NewPayment { case, amount_minor: 700, currency: "NZD".into(), received_on: "2026-07-06".parse().unwrap(), reference: None };
    for _ in 0..2 {
        let new = new.clone();
        let ids: Vec<entity::PaymentId> = idempotency::once(&world.env, &viewer, &call, move |change| {
            Box::pin(async move { Ok(payment::record_in(change, &viewer, &new).await?.1) })
        })
        .await
        .unwrap();
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(world.payments(&creditor).await.len(), 1);
});

on_both!(a_second_call_does_not_wait_for_a_first_that_hangs, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    if world.db.backend() == Backend::Sqlite {
        // One writer follows the other; a first call that hangs holds up every change, not only this one.
        return;
    }
    let call = Once::new("k", "paymentRecord", "the same").unwrap();
    let working = Arc::new(Notify::new());
    let first = stuck(&world, &creditor, case, &call, Arc::clone(&working));
    let second = async {
        working.notified().await;
        idempotency::once::<(), _>(&world.env, &creditor.owner, &call, |_| Box::pin(async { unreachable!("not its turn") })).await
    };
    tokio::select! {
        _ = first => unreachable!("it never ends"),
        answer = second => match answer {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.code, RefusalCode::IdempotencyInProgress),
            other => panic!("{other:?}"),
        },
    }
});

on_both!(the_key_reaches_its_field_over_http, with("api", migrate), |db| async move {
    let (world, creditor, case) = stage(db).await;
    let server = Server::start(world).await;
    let token = api::auth::issue(&server.world.env, &server.world.keys(), &creditor.owner, None, TimeDelta::minutes(5)).unwrap();
    let document = "mutation($key: ID!, $case: ID!) { paymentRecord(caseId: $case, amount: { amount: \"5.00\", currency: \"NZD\" }, receivedOn: \"2026-07-06\") @idempotent(key: $key) { userErrors { code } payments { id } } }";
    let ask = async |document: &str, key: serde_json::Value| {
        let request = server.client.post(server.url("/graphql")).bearer_auth(&token);
        let variables = json!({ "key": key, "case": encode(case).0 });
        crate::server::json_of(request.json(&json!({ "query": document, "variables": variables })).send().await.unwrap()).await
    };
    let first = ask(document, json!("k")).await;
    World::done(&first["data"]["paymentRecord"]);
    assert_eq!(ask(document, json!("k")).await, first);
    assert_eq!(server.world.payments(&creditor).await.len(), 1);
    // A number is an id too, and another one.
    World::done(&ask(document, json!(7)).await["data"]["paymentRecord"]);
    World::done(&ask(document, json!("7")).await["data"]["paymentRecord"]);
    assert_eq!(server.world.payments(&creditor).await.len(), 2);
    let bare = document.replace(" @idempotent(key: $key)", "").replace("$key: ID!, ", "");
    let answer = server.client.post(server.url("/graphql")).bearer_auth(&token);
    let answer = answer.json(&json!({ "query": bare, "variables": { "case": encode(case).0 } })).send().await.unwrap();
    let answer = crate::server::json_of(answer).await;
    assert_eq!(codes(&answer["data"]["paymentRecord"]), ["IDEMPOTENCY_KEY_REQUIRED"], "{answer}");
    // Whoever marks a field that takes no key made a mistake; it is none of ours, and the field before it has run.
    let marked = "mutation($key: ID!, $case: ID!) { casePause(id: $case, until: \"2027-02-01\", reason: \"x\") { userErrors { code } } caseResume(id: $case) @idempotent(key: $key) { userErrors { code } } }";
    let answer = ask(marked, json!("k")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["caseResume"]), "{answer}");
    assert_eq!(server.world.case(&creditor, case).await.status, CaseStatus::OnHold, "paused, and not resumed");
});

#[test]
fn the_schema_shows_the_directive() {
    let sdl = api::sdl();
    let (_, directive) = sdl.split_once("directive @idempotent(").expect("it is declared");
    let directive = directive.lines().take_while(|line| !line.starts_with("directive")).collect::<String>();
    assert!(directive.contains("key: ID!") && directive.contains("on FIELD"), "{directive}");
}
