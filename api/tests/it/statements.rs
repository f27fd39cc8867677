//! Letters beside the ladder, as clients meet them: a statement of account that is asked for, and the receipt for a part
//! payment. What is decided about them is told in the stories.

use api::graphql::id::encode;
use serde_json::{Value, json};
use testdb::on_both;

use crate::world::{World, codes, migrate};

/// A statement asked for under a key.
fn ask(case: &str, key: &str, rest: &str) -> String {
    format!(
        "caseStatementSend(id: \"{case}\"{rest}) @idempotent(key: \"{key}\") {{ userErrors {{ code field }}
            letter {{ id kind step status channels messageOnly consent {{ required }} figures {{ payBy outstanding {{ amount }} }} }} }}"
    )
}

on_both!(a_statement_is_sent_once_for_a_key_by_whoever_works_cases, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let before = world.snapshot(&creditor).await;
    assert_eq!(codes(&world.change(&creditor.reader, &ask(&case, "k0", "")).await), ["FORBIDDEN"]);
    let by_sms = world.change(&creditor.owner, &ask(&case, "k0", ", channel: SMS")).await;
    assert_eq!(by_sms["userErrors"], json!([{ "code": "CHANNEL_UNAVAILABLE", "field": ["channel"] }]));
    let other = world.creditor("Rimu").await;
    assert_eq!(codes(&world.change(&other.owner, &ask(&case, "k0", "")).await), ["NOT_FOUND"]);
    let unkeyed = ask(&case, "k0", "").replace("@idempotent(key: \"k0\")", "");
    assert_eq!(codes(&world.change(&creditor.owner, &unkeyed).await), ["IDEMPOTENCY_KEY_REQUIRED"]);
    assert_eq!(world.snapshot(&creditor).await, before);

    let sent = world.change(&creditor.accountant, &ask(&case, "k1", ", channel: EMAIL")).await;
    let letter = World::done(&sent)["letter"].clone();
    let said = |field: &str| letter[field].clone();
    assert_eq!((said("kind"), said("step"), said("channels")), (json!("STATEMENT"), Value::Null, json!(["EMAIL"])));
    assert_eq!((said("status"), said("consent"), said("messageOnly")), (json!("SCHEDULED"), json!({ "required": false }), json!(false)));
    assert_eq!(letter["figures"]["payBy"], Value::Null, "it asks for nothing by a day");
    let again = world.change(&creditor.accountant, &ask(&case, "k1", ", channel: EMAIL")).await;
    assert_eq!(World::done(&again)["letter"]["id"], letter["id"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &ask(&case, "k1", "")).await), ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &ask(&case, "k2", "")).await), ["ILLEGAL_TRANSITION"], "one is on its way");
    world.run_due().await;

    let read = format!(
        "{{ node(id: \"{case}\") {{ ... on Case {{ timeline(first: 50) {{ nodes {{ summary }} }} }} }}
            letterPreview(kind: STATEMENT, caseId: \"{case}\") {{ emailSubject emailText demand sample }} }}"
    );
    let answer = world.ask(Some(&creditor.reader), &read).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert!(answer["data"]["node"]["timeline"].to_string().contains("A statement of account was issued."), "{answer}");
    let shown = &answer["data"]["letterPreview"];
    assert_eq!((&shown["demand"], &shown["sample"]), (&Value::Null, &json!(false)));
    assert!(shown["emailText"].as_str().unwrap().contains("INV-1"), "{shown}");
});

on_both!(a_part_payment_is_answered_by_a_receipt_that_is_no_step, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    let policy = r#"policySave(input: { name: "Receipts", partPaymentLetter: true, steps: [
        { name: "Demand", kind: LETTER_OF_DEMAND, waitDays: 0, payWithinDays: 7, channels: [EMAIL] }] })
        { userErrors { code } policy { id } }"#;
    let saved = world.change(&creditor.owner, policy).await;
    let policy = World::done(&saved)["policy"]["id"].as_str().unwrap();
    let set = format!("policyDefaultSet(scope: {{ tenant: true }}, policyId: \"{policy}\") {{ userErrors {{ code }} }}");
    World::done(&world.change(&creditor.owner, &set).await);
    let case = encode(world.active(&creditor, "INV-1").await).0;
    world.run_due().await;
    let pay = format!(
        "paymentRecord(caseId: \"{case}\", amount: {{ amount: \"20.00\", currency: \"NZD\" }}, receivedOn: \"2026-07-06\")
            @idempotent(key: \"p1\") {{ userErrors {{ code }} }}"
    );
    World::done(&world.change(&creditor.owner, &pay).await);
    world.run_due().await;
    let read = format!(
        "{{ node(id: \"{case}\") {{ ... on Case {{ timeline(first: 50) {{ nodes {{ summary }} }}
            letters {{ kind step status figures {{ payBy paid {{ amount }} outstanding {{ amount }} }} }} }} }} }}"
    );
    let answer = world.ask(Some(&creditor.reader), &read).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    let case = &answer["data"]["node"];
    let receipt = case["letters"].as_array().unwrap().iter().find(|letter| letter["kind"] == "PART_PAYMENT").unwrap();
    assert_eq!((&receipt["step"], &receipt["status"]), (&Value::Null, &json!("SENT")));
    assert_eq!(receipt["figures"]["paid"]["amount"], json!("20.00"));
    assert_eq!(receipt["figures"]["payBy"], json!("2026-07-13"));
    assert!(case["timeline"].to_string().contains("A receipt for a part payment was issued."), "{case}");
});
