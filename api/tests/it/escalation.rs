//! Why a case waits, what waits for a yes, and a dry run, as clients see them; the decisions are the domain's tests'.

use api::graphql::id::encode;
use serde_json::{Value, json};
use testdb::on_both;

use crate::world::{World, migrate};

on_both!(a_case_is_explained_gate_by_gate_to_its_own_tenant_only, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let case = world.active(&creditor, "INV-1").await;
    let query = format!(
        r#"{{ caseExplain(id: "{}") {{ at next step dueNow waitsBecause possibleAt requiresConsent ruleRevisions policyRevision
            gates {{ gate passed code lookAgainAt facts }} }} }}"#,
        encode(case).0
    );
    let told = world.asked(&creditor, &query).await["caseExplain"].clone();
    let gates: Vec<&str> = told["gates"].as_array().unwrap().iter().map(|gate| gate["gate"].as_str().unwrap()).collect();
    assert_eq!(&gates[..2], ["STANDING", "AUTOMATIC_ACTIONS"]);
    assert!(gates.contains(&"CONTACT_LIMIT") && gates.last() == Some(&"ONLINE_PAGE"), "{gates:?}");
    assert_eq!(told["gates"][0]["facts"]["status"], json!("ACTIVE"));
    assert_eq!(told["policyRevision"], json!(1));
    let text = told.to_string();
    assert!(!text.contains('@') && !text.contains("120"), "no address and no sum: {text}");

    let other = world.creditor("Rimu").await;
    let refused = world.ask(Some(&other.reader), &query).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], json!("NOT_FOUND"), "{refused}");
});

on_both!(the_queue_shows_exactly_what_would_leave_and_a_yes_names_it, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let set = "tenantUpdate(input: { consentMode: EACH_LETTER, consentDays: 5, contactsPerWeek: 2 }) { userErrors { code } tenant { collection { consentDays contactGapDays contactsPerWeek skipHolidays } } }";
    assert_eq!(World::done(&world.change(&creditor.owner, set).await)["tenant"]["collection"]["consentDays"], json!(5));
    world.active(&creditor, "INV-1").await;
    world.run_due().await;
    let query = r"{ consentQueue(first: 5, where: { kind: [LETTER_OF_DEMAND, REMINDER] }) { totalCount { value } totals { amount currency }
        nodes { id status consentExpiresAt messageOnly pdfUrl figures { outstanding { amount } }
            preview { recipients { channel address } subject mailText smsText smsSegments seen } } } }";
    let queue = world.asked(&creditor, query).await["consentQueue"].clone();
    assert_eq!(queue["totalCount"]["value"], json!(1), "{queue}");
    let letter = &queue["nodes"][0];
    assert_eq!(queue["totals"][0]["amount"], letter["figures"]["outstanding"]["amount"]);
    let preview = &letter["preview"];
    assert_eq!(preview["recipients"][0]["channel"], json!("EMAIL"));
    assert!(preview["mailText"].as_str().unwrap().contains(letter["figures"]["outstanding"]["amount"].as_str().unwrap()));
    assert!(letter["consentExpiresAt"].is_string());
    let none = world.asked(&creditor, r"{ consentQueue(where: { kind: [THANK_YOU] }) { totalCount { value } totals { amount } } }").await;
    assert_eq!(none["consentQueue"], json!({ "totalCount": { "value": 0 }, "totals": [] }));

    let id = letter["id"].as_str().unwrap();
    let yes = |seen: &str, key: &str| {
        format!(
            r#"lettersConsent(ids: ["{id}"], decision: GRANTED, seen: ["{seen}"]) @idempotent(key: "{key}") {{ userErrors {{ code field }} letters {{ status }} }}"#
        )
    };
    let before = world.snapshot(&creditor).await;
    let other = world.change(&creditor.owner, &yes("something else", "k1")).await;
    assert_eq!(other["userErrors"], json!([{ "code": "SELECTION_CHANGED", "field": ["seen", "0"] }]));
    assert_eq!(world.snapshot(&creditor).await, before);
    let given = world.change(&creditor.owner, &yes(preview["seen"].as_str().unwrap(), "k2")).await;
    assert_eq!(World::done(&given)["letters"][0]["status"], json!("SCHEDULED"));
    let again = world.change(&creditor.owner, &yes(preview["seen"].as_str().unwrap(), "k3")).await;
    assert_eq!(again["userErrors"], json!([{ "code": "ILLEGAL_TRANSITION", "field": ["ids", "0"] }]));
});

on_both!(one_letter_for_two_cases_is_explained_asked_for_and_shown_as_one, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let set = "tenantUpdate(input: { consentMode: EACH_LETTER }) { userErrors { code } }";
    World::done(&world.change(&creditor.owner, set).await);
    let cases = world.proposals_of_one(&creditor, &["INV-1", "INV-2"]).await;
    let ids: Vec<String> = cases.iter().map(|case| encode(*case).0).collect();
    let goes_with = async |case: &str| {
        let query = format!(r#"{{ caseExplain(id: "{case}") {{ next dueNow goesWith {{ id }} gates {{ gate passed }} }} }}"#);
        world.asked(&creditor, &query).await["caseExplain"].clone()
    };
    assert_eq!(goes_with(&ids[0]).await["goesWith"], json!([]), "nobody approved it");
    domain::case::approve(&world.env, &creditor.owner, &domain::case::Selection::Ids(cases.clone())).await.unwrap();
    let would = goes_with(&ids[0]).await;
    assert_eq!((&would["dueNow"], &would["goesWith"]), (&json!(true), &json!([{ "id": ids[1] }])), "{would}");
    let before = world.snapshot(&creditor).await;
    goes_with(&ids[1]).await;
    assert_eq!(world.snapshot(&creditor).await, before, "reads only");

    world.run_due().await;
    for (case, other) in [(0, 1), (1, 0)] {
        let goes = goes_with(&ids[case]).await;
        assert_eq!((&goes["dueNow"], &goes["goesWith"]), (&json!(false), &json!([{ "id": ids[other] }])), "{goes}");
    }
    let query = "{ consentQueue { totalCount { value } totals { amount } nodes { id lead { id } cases { id } figures { outstanding { amount } } } } }";
    let queue = world.asked(&creditor, query).await["consentQueue"].clone();
    assert_eq!((&queue["totalCount"]["value"], &queue["totals"]), (&json!(1), &json!([{ "amount": "240.00" }])), "{queue}");
    let lead = &queue["nodes"][0];
    assert_eq!((&lead["lead"], &lead["figures"]["outstanding"]["amount"]), (&Value::Null, &json!("240.00")));
    assert_eq!(lead["cases"].as_array().unwrap().len(), 2);
    let own = |case: &str| {
        format!(
            r#"{{ case(id: "{case}") {{ letters {{ id status lead {{ id }} cases {{ id }} figures {{ outstanding {{ amount }} }} }} }} }}"#
        )
    };
    let mut letters = Vec::new();
    for case in &ids {
        letters.push(world.asked(&creditor, &own(case)).await["case"]["letters"][0].clone());
    }
    let follower = letters.iter().find(|letter| letter["id"] != lead["id"]).unwrap();
    assert_eq!((&follower["lead"]["id"], &follower["figures"]["outstanding"]["amount"]), (&lead["id"], &json!("120.00")), "{follower}");
    assert_eq!(follower["cases"].as_array().unwrap().len(), 1);

    // A yes to any of them is a yes to the letter.
    let id = follower["id"].as_str().unwrap();
    let yes =
        format!(r#"lettersConsent(ids: ["{id}"], decision: GRANTED) @idempotent(key: "k") {{ userErrors {{ code }} letters {{ id }} }}"#);
    let given = world.change(&creditor.owner, &yes).await;
    assert_eq!(World::done(&given)["letters"], json!([{ "id": lead["id"] }]));
    for case in &ids {
        let letter = world.asked(&creditor, &own(case)).await["case"]["letters"][0].clone();
        assert_eq!(letter["status"], json!("SCHEDULED"), "{letter}");
    }
});

on_both!(a_dry_run_lists_acts_and_days_and_refuses_what_is_too_much, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    world.proposals(&creditor, &["INV-1", "INV-2"]).await;
    let before = world.snapshot(&creditor).await;
    let query = r"{ policySimulate(days: 40) { cases letters ruleRevisions heldBack { because cases }
        acts(first: 2) { at on caseId caseNumber step action kind channels requiresConsent outstanding { amount } postponedBecause case { id } }
        days { on letters tasks handovers outstanding { amount currency } } } }";
    let run = world.asked(&creditor, query).await["policySimulate"].clone();
    assert_eq!((&run["cases"], run["acts"].as_array().unwrap().len()), (&json!(2), 2), "{run}");
    let act = &run["acts"][0];
    assert_eq!((&act["step"], &act["action"], &act["caseId"]), (&json!(1), &json!("SEND_LETTER"), &act["case"]["id"]));
    let letters: i64 = run["days"].as_array().unwrap().iter().map(|day| day["letters"].as_i64().unwrap()).sum();
    assert_eq!(json!(letters), run["letters"]);
    assert_eq!(world.snapshot(&creditor).await, before);

    let draft = r#"{ policySimulate(days: 9, draft: { name: "Draft", steps: [{ name: "Call", action: CALL_TASK, waitDays: 0 }] }) {
        letters days { tasks handovers } } }"#;
    let run = world.asked(&creditor, draft).await["policySimulate"].clone();
    assert_eq!((&run["letters"], &run["days"][0]["tasks"]), (&json!(0), &json!(2)), "{run}");
    for (refused, code) in [
        (r"{ policySimulate(days: 91) { cases } }", "OUT_OF_RANGE"),
        (r#"{ policySimulate(days: 9, draft: { name: "Draft", steps: [] }) { cases } }"#, "REQUIRED"),
    ] {
        let answer = world.ask(Some(&creditor.reader), refused).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], json!(code), "{answer}");
    }
});
