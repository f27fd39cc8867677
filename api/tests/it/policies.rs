//! Policies and tasks as clients see them; the rules behind them are the domain's tests'.

use api::graphql::id::encode;
use serde_json::{Value, json};
use testdb::on_both;

use crate::world::{Creditor, World, codes, migrate};

const ERRORS: &str = "userErrors { code field message }";

/// A call with two days' time, then a letter a day later.
const CALL_FIRST: &str = r#"name: "Call first", steps: [
    { name: "Call", action: CALL_TASK, waitDays: 0, payWithinDays: 2, note: "Ask when they pay." },
    { name: "Letter", kind: LETTER_OF_DEMAND, waitDays: 1, payWithinDays: 7, channels: [EMAIL] }
]"#;

async fn saved(world: &World, by: &Creditor, input: &str) -> String {
    let answer = world.change(&by.owner, &format!("policySave(input: {{ {input} }}) {{ {ERRORS} policy {{ id }} }}")).await;
    World::done(&answer)["policy"]["id"].as_str().unwrap().to_owned()
}

on_both!(every_field_of_a_policy_comes_back_and_each_revision_stays, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let save = |args: &str, wait: u32| {
        format!(
            r#"policySave({args} input: {{ name: "All", country: "AU", debtorKind: BUSINESS, thankYou: false, partPaymentLetter: true, consent: EACH_LETTER, steps: [
                {{ name: "Ahead", action: SEND_MESSAGE, kind: PRE_DUE_REMINDER, waitDays: 0, beforeDueDays: 3, channels: [SMS], fallback: [EMAIL] }},
                {{ name: "Letter", kind: REMINDER, waitDays: {wait}, payWithinDays: 9, channels: [EMAIL], consent: AUTOMATIC,
                   fee: [{{ amount: "5.00", currency: "AUD" }}], minimum: [{{ amount: "20", currency: "AUD" }}, {{ amount: "0", currency: "NZD" }}] }},
                {{ name: "Visit", action: MANUAL_TASK, waitDays: 2, note: "Drop by." }},
                {{ name: "Agency", action: OFFER_HANDOVER, waitDays: 3 }}
            ] }}) {{ {ERRORS} warnings {{ field message }} policy {{ id name country debtorKind preset revision
                revisions {{ number openCases ladder {{ revision thankYou partPaymentLetter consent handoverAfterDays steps {{
                    position name action kind waitDays payWithinDays channels fallback consent beforeDueDays note
                    fee {{ amount currency }} minimum {{ amount currency }} }} }} }} }} }}"#
        )
    };
    let made = world.change(&creditor.owner, &save("", 4)).await;
    let made = World::done(&made);
    let policy = &made["policy"];
    assert_eq!(
        (&policy["name"], &policy["country"], &policy["debtorKind"], &policy["preset"]),
        (&json!("All"), &json!("AU"), &json!("BUSINESS"), &Value::Null)
    );
    let ladder = &policy["revisions"][0]["ladder"];
    assert_eq!(
        (&ladder["consent"], &ladder["partPaymentLetter"], &ladder["thankYou"]),
        (&json!("EACH_LETTER"), &json!(true), &json!(false))
    );
    let steps = ladder["steps"].as_array().unwrap();
    let actions: Vec<&Value> = steps.iter().map(|step| &step["action"]).collect();
    assert_eq!(json!(actions), json!(["SEND_MESSAGE", "SEND_LETTER", "MANUAL_TASK", "OFFER_HANDOVER"]));
    assert_eq!((&steps[0]["beforeDueDays"], &steps[0]["kind"]), (&json!(3), &json!("PRE_DUE_REMINDER")));
    assert_eq!(steps[1]["fee"], json!([{ "amount": "5.00", "currency": "AUD" }]));
    assert_eq!(steps[1]["minimum"], json!([{ "amount": "20.00", "currency": "AUD" }]), "a minimum of nothing says nothing");
    assert_eq!((&steps[2]["note"], &steps[2]["payWithinDays"]), (&json!("Drop by."), &json!(7)));
    let warned: Vec<&Value> = made["warnings"].as_array().unwrap().iter().map(|warning| &warning["field"]).collect();
    assert!(warned.contains(&&json!(["steps", "1", "fee"])) && warned.contains(&&json!(["steps", "1", "waitDays"])), "{warned:?}");

    let id = policy["id"].as_str().unwrap();
    let revised = world.change(&creditor.owner, &save(&format!("id: \"{id}\", expectedRevision: 1,"), 9)).await;
    let revisions = World::done(&revised)["policy"]["revisions"].as_array().unwrap().clone();
    let waits: Vec<&Value> = revisions.iter().map(|revision| &revision["ladder"]["steps"][1]["waitDays"]).collect();
    assert_eq!(json!(waits), json!([4, 9]));
    let stale = world.change(&creditor.owner, &save(&format!("id: \"{id}\", expectedRevision: 1,"), 5)).await;
    assert_eq!(codes(&stale), ["STALE_VERSION"]);
});

on_both!(what_the_law_forbids_is_refused_with_the_rule, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let norwegian = |step: &str| {
        let steps = format!("steps: [{{ name: \"One\", waitDays: 0, {step} }}], handoverAfterDays: 15");
        format!("policySave(input: {{ name: \"N\", country: \"NO\", {steps} }}) {{ {ERRORS} }}")
    };
    for (step, code, field) in [
        ("kind: COLLECTION_NOTICE, payWithinDays: 13, channels: [EMAIL]", "NOTICE_PERIOD", "payWithinDays"),
        ("kind: COLLECTION_NOTICE, payWithinDays: 14, channels: [SMS]", "CHANNEL_UNAVAILABLE", "channels"),
        ("kind: REMINDER, payWithinDays: 14, channels: [EMAIL], fee: [{ amount: \"35\", currency: \"NOK\" }]", "FEE_NOT_ALLOWED", "fee"),
    ] {
        let answer = world.change(&creditor.owner, &norwegian(step)).await;
        assert_eq!(codes(&answer), [code], "{step}");
        assert_eq!(answer["userErrors"][0]["field"], json!(["steps", "0", field]));
        assert!(answer["userErrors"][0]["message"].as_str().unwrap().contains("NO-20"), "{answer}");
    }
});

on_both!(presets_are_listed_taken_and_archived_again, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let presets = world
        .asked(&creditor, "{ policyPresets(country: \"NO\") { key name summary countries recommended ladder { steps { action } } } }")
        .await;
    let presets = presets["policyPresets"].as_array().unwrap();
    let keys: Vec<&Value> = presets.iter().map(|preset| &preset["key"]).collect();
    assert_eq!(json!(keys), json!(["three_weekly", "reminders_to_handover", "notice_first", "direct_agency"]));
    let recommended: Vec<&Value> = presets.iter().filter(|p| p["recommended"] == true).map(|p| &p["key"]).collect();
    assert_eq!(recommended, ["notice_first"]);

    let take = |key: &str| format!("policyFromPreset(key: \"{key}\", name: \"Ours\") {{ {ERRORS} policy {{ id name preset archived }} }}");
    assert_eq!(codes(&world.change(&creditor.owner, &take("four_weekly")).await), ["NOT_FOUND"]);
    let taken = world.change(&creditor.owner, &take("direct_agency")).await;
    let policy = &World::done(&taken)["policy"];
    assert_eq!((&policy["name"], &policy["preset"], &policy["archived"]), (&json!("Ours"), &json!("direct_agency"), &json!(false)));
    let id = policy["id"].as_str().unwrap();

    let set = |scope: &str, policy: &str| {
        let shown = "tenant { collection { defaultPolicy { id } } } integration { settings { policy { id } } } debtor { policy { id } }";
        format!("policyDefaultSet(scope: {{ {scope} }}, policyId: {policy}) {{ {ERRORS} {shown} }}")
    };
    world.proposals(&creditor, &["INV-1"]).await;
    let (integration, debtor) = (encode(creditor.integration).0, encode(world.debtor(&creditor).await).0);
    let quoted = format!("\"{id}\"");
    let tenants = world.change(&creditor.owner, &set("tenant: true", &quoted)).await;
    assert_eq!(World::done(&tenants)["tenant"]["collection"]["defaultPolicy"]["id"], json!(id));
    let integrations = world.change(&creditor.owner, &set(&format!("integrationId: \"{integration}\""), &quoted)).await;
    assert_eq!(World::done(&integrations)["integration"]["settings"]["policy"]["id"], json!(id));
    let debtors = world.change(&creditor.accountant, &set(&format!("debtorId: \"{debtor}\""), &quoted)).await;
    assert_eq!(World::done(&debtors)["debtor"]["policy"]["id"], json!(id));
    let away = world.change(&creditor.accountant, &set(&format!("debtorId: \"{debtor}\""), "null")).await;
    assert_eq!(World::done(&away)["debtor"]["policy"], Value::Null);
    assert_eq!(codes(&world.change(&creditor.owner, &set("tenant: true", "null")).await), ["REQUIRED"]);

    let archive = |with: &str| format!("policyArchive(id: \"{id}\"{with}) {{ {ERRORS} policy {{ archived }} }}");
    assert_eq!(codes(&world.change(&creditor.owner, &archive("")).await), ["REQUIRED"]);
    let other = saved(&world, &creditor, CALL_FIRST).await;
    let archived = world.change(&creditor.owner, &archive(&format!(", replaceWithId: \"{other}\""))).await;
    assert_eq!(World::done(&archived)["policy"]["archived"], json!(true));
    let now = world.asked(&creditor, "{ tenant { collection { defaultPolicy { id } } } }").await;
    assert_eq!(now["tenant"]["collection"]["defaultPolicy"]["id"], json!(other));
});

on_both!(open_cases_are_moved_and_counted_by_revision, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let policy = saved(&world, &creditor, CALL_FIRST).await;
    let counted = format!("{{ node(id: \"{policy}\") {{ ... on EscalationPolicy {{ revisions {{ number openCases }} }} }} }}");
    assert_eq!(world.asked(&creditor, &counted).await["node"]["revisions"], json!([{ "number": 1, "openCases": 0 }]));
    let to = |position: &str| {
        format!(
            "casesMovePolicy(ids: [\"{case}\"], policyId: \"{policy}\", position: {{ {position} }}) {{ {ERRORS} cases {{ policy {{ id }} currentStep {{ name }} }} }}"
        )
    };
    assert_eq!(codes(&world.change(&creditor.accountant, &to("step: 0")).await), ["OUT_OF_RANGE"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &to("step: 3")).await), ["OUT_OF_RANGE"]);
    let moved = world.change(&creditor.accountant, &to("step: 2")).await;
    assert_eq!(World::done(&moved)["cases"], json!([{ "policy": { "id": policy }, "currentStep": { "name": "Letter" } }]));
    assert_eq!(world.asked(&creditor, &counted).await["node"]["revisions"], json!([{ "number": 1, "openCases": 1 }]));
    let restarted = world.change(&creditor.accountant, &to("rule: RESTART")).await;
    assert_eq!(World::done(&restarted)["cases"][0]["currentStep"]["name"], json!("Call"));
});

on_both!(a_task_waits_in_the_list_and_on_the_case_until_somebody_did_it, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let policy = saved(&world, &creditor, CALL_FIRST).await;
    let set = format!("policyDefaultSet(scope: {{ tenant: true }}, policyId: \"{policy}\") {{ {ERRORS} }}");
    World::done(&world.change(&creditor.owner, &set).await);
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let list = "{ tasks(where: { status: [OPEN] }) { totalCount { count } nodes { id kind title note status dueOn step case { id } } } }";
    let tasks = world.asked(&creditor, list).await;
    let task = &tasks["tasks"]["nodes"][0];
    let id = task["id"].as_str().unwrap_or_else(|| panic!("no task: {tasks}"));
    assert!(id.starts_with("tsk_"), "{id}");
    assert_eq!((&task["kind"], &task["title"], &task["note"]), (&json!("CALL"), &json!("Call"), &json!("Ask when they pay.")));
    assert_eq!((&task["dueOn"], &task["step"], &task["case"]["id"]), (&json!("2026-07-08"), &json!(1), &json!(case)));

    let shown = format!(
        "{{ case(id: \"{case}\") {{ nextAction {{ kind }} tasks {{ id status }} steps {{ status task {{ id }} }} timeline(last: 2) {{ nodes {{ kind summary subject {{ id }} }} }} }} }}"
    );
    let before = world.asked(&creditor, &shown).await["case"].clone();
    assert_eq!(before["nextAction"], Value::Null, "the case waits for the person");
    assert_eq!(before["steps"], json!([{ "status": "WAITS_FOR_PERSON", "task": { "id": id } }, { "status": "PLANNED", "task": null }]));
    assert_eq!(before["tasks"], json!([{ "id": id, "status": "OPEN" }]));

    let complete =
        format!("taskComplete(id: \"{id}\", outcome: \"promised\") {{ {ERRORS} task {{ status outcome doneBy {{ displayName }} }} }}");
    let done = world.change(&creditor.accountant, &complete).await;
    let expected = json!({ "status": "DONE", "outcome": "promised", "doneBy": { "displayName": "Accountant of Kauri" } });
    assert_eq!(World::done(&done)["task"], expected);
    assert_eq!(codes(&world.change(&creditor.accountant, &complete).await), ["ILLEGAL_TRANSITION"]);
    let after = world.asked(&creditor, &shown).await["case"].clone();
    assert_eq!((&after["steps"][0]["status"], &after["nextAction"]["kind"]), (&json!("DONE"), &json!("SEND_LETTER")));
    let last = &after["timeline"]["nodes"][1];
    assert_eq!((&last["kind"], &last["subject"]["id"]), (&json!("task.done"), &json!(id)));
    assert_eq!(world.asked(&creditor, list).await["tasks"]["nodes"], json!([]));
});
