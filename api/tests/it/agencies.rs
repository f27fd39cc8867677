//! Agencies and hand-overs: what an owner names, what is shown of a case's way there, and the file of an agency without
//! an API.

use api::graphql::id::encode;
use chrono::TimeDelta;
use entity::{AgencyExportId, AgencyId, CaseId, HandoverId, HandoverStatus, agency_export, handover};
use reqwest::StatusCode;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use testdb::on_both;
use uuid::Uuid;

use crate::{
    server::Server,
    world::{Creditor, World, codes, migrate},
};

const ERRORS: &str = "userErrors { code field message }";

const AGENCY: &str = "id name kind status supportContact organisation keyHint automatic decideDays version";

fn create(more: &str) -> String {
    format!(
        "agencyCreate(input: {{ name: \"Inkasso\", supportContact: \"help@inkasso.example\"{more} }}) {{ {ERRORS} agency {{ {AGENCY} }} }}"
    )
}

on_both!(an_agency_for_files_is_made_changed_and_ended, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let made = world.change(&of.owner, &create("")).await;
    let agency = &World::done(&made)["agency"];
    let id = agency["id"].as_str().unwrap();
    assert_eq!((&agency["kind"], &agency["status"], &agency["decideDays"]), (&json!("FILE"), &json!("ACTIVE"), &json!(7)));
    assert_eq!((&agency["keyHint"], &agency["organisation"]), (&Value::Null, &Value::Null));
    assert_eq!(codes(&world.change(&of.owner, &create("")).await), ["ALREADY_EXISTS"], "one at a time");
    let update = |input: &str, version: i64| {
        format!("agencyUpdate(id: \"{id}\", input: {{ {input} }}, expectedVersion: {version}) {{ {ERRORS} agency {{ {AGENCY} }} }}")
    };
    let changed = world.change(&of.owner, &update("automatic: true, decideDays: 3", 1)).await;
    assert_eq!((&World::done(&changed)["agency"]["automatic"], &changed["agency"]["version"]), (&json!(true), &json!(2)));
    for (input, version, code, field) in [
        ("decideDays: 61", 2, "OUT_OF_RANGE", json!(["input", "decideDays"])),
        ("supportContact: \" \"", 2, "REQUIRED", json!(["input", "supportContact"])),
        ("name: \" \"", 2, "REQUIRED", json!(["input", "name"])),
        ("amili: { organisation: \"1\", clientId: \"c\", clientSecret: \"s\" }", 2, "INVALID", json!(["input", "amili"])),
        ("decideDays: 4", 1, "STALE_VERSION", json!(["expectedVersion"])),
    ] {
        let refused = world.change(&of.owner, &update(input, version)).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec![code], &field), "{input}");
    }
    let end = format!("agencyEnd(id: \"{id}\") {{ {ERRORS} agency {{ status }} }}");
    assert_eq!(World::done(&world.change(&of.owner, &end).await)["agency"]["status"], "ENDED");
    assert_eq!(codes(&world.change(&of.owner, &end).await), ["ILLEGAL_TRANSITION"]);
    let next = world.change(&of.owner, &create("")).await;
    World::done(&next);
    let listed = world.ask(Some(&of.reader), "{ agencies { name status } }").await;
    assert_eq!(listed["data"]["agencies"].as_array().unwrap().len(), 2, "{listed}");
});

on_both!(an_agency_with_keys_this_server_does_not_know_is_refused, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let secret = ", amili: { organisation: \"1\", clientId: \"c\", clientSecret: \"canary\" }";
    let refused = world.change(&of.owner, &create(secret)).await;
    assert_eq!(codes(&refused), ["NOT_CONFIGURED"]);
    let blank = world.change(&of.owner, &create(&secret.replace("\"1\"", "\" \""))).await;
    assert_eq!((codes(&blank), &blank["userErrors"][0]["field"]), (vec!["REQUIRED"], &json!(["input", "amili", "organisation"])));
    assert!(!refused.to_string().contains("canary"), "{refused}");
});

/// A case with a hand-over that is stuck, and the file that was made for it.
async fn handed(world: &World, of: &Creditor) -> (CaseId, HandoverId, AgencyExportId) {
    let case = world.active(of, "INV-1").await;
    let made = world.change(&of.owner, &create("")).await;
    let agency: AgencyId = api::graphql::id::decode(made["agency"]["id"].as_str().unwrap()).unwrap();
    let now = world.env.now();
    let (id, export): (HandoverId, AgencyExportId) = (world.env.new_id(), world.env.new_id());
    let row = handover::Model {
        tenant_id: of.tenant,
        id,
        case_id: case,
        agency_id: agency,
        status: HandoverStatus::Sent,
        offered_at: now,
        decide_by: now + TimeDelta::days(7),
        decided_by: Some(of.owner.user),
        confirmed_at: Some(now),
        submitted_at: Some(now),
        sending_since: None,
        batch_reference: Some(export.to_string()),
        external_reference: None,
        external_status: None,
        accepted_at: None,
        outstanding_minor: 12_000,
        known_payments: None,
        attempts: 2,
        next_action_at: Some(now + TimeDelta::hours(1)),
        error_code: Some("PROVIDER_UNAVAILABLE".into()),
        error_message: Some("no answer".into()),
        stalled_at: Some(now),
        version: 3,
        created_at: now,
        updated_at: now,
    };
    row.into_active_model().reset_all().insert(&world.env.db).await.unwrap();
    let file = agency_export::Model {
        tenant_id: of.tenant,
        id: export,
        agency_id: agency,
        handovers: json!([id.0]),
        bytes: b"PK zip".to_vec(),
        sha256: "0".repeat(64),
        created_at: now,
    };
    file.into_active_model().reset_all().insert(&world.env.db).await.unwrap();
    (case, id, export)
}

const HANDOVER: &str = "id status stalled attempts failure { code message } supportContact outstanding { amount currency }
  decidedBy { displayName } agency { name } case { id } exportUrl version";

on_both!(a_stuck_hand_over_is_seen_at_its_case_in_the_list_and_by_id, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let neighbour = world.creditor("Rimu").await;
    let (case, id, _) = Box::pin(handed(&world, &of)).await;
    let (case, id) = (encode(case).0, encode(id).0);
    let document = format!(
        "{{ case(id: \"{case}\") {{ handover {{ {HANDOVER} }} handovers {{ id }} }} handovers(stalled: true, status: [SENT]) {{ nodes {{ id }} totalCount {{ value }} }}
           none: handovers(status: [OFFERED]) {{ nodes {{ id }} }} node(id: \"{id}\") {{ __typename id }} }}"
    );
    let answer = world.ask(Some(&of.owner), &document).await["data"].clone();
    let shown = &answer["case"]["handover"];
    assert_eq!((&shown["status"], &shown["stalled"], &shown["attempts"]), (&json!("SENT"), &json!(true), &json!(2)));
    assert_eq!(shown["failure"], json!({ "code": "PROVIDER_UNAVAILABLE", "message": "no answer" }));
    assert_eq!((&shown["supportContact"], &shown["decidedBy"]["displayName"]), (&json!("help@inkasso.example"), &json!("Owner of Kauri")));
    assert_eq!(shown["outstanding"], json!({ "amount": "120.00", "currency": "NZD" }));
    assert_eq!((&answer["case"]["handovers"], &answer["handovers"]["nodes"]), (&json!([{ "id": id }]), &json!([{ "id": id }])));
    assert_eq!((&answer["none"]["nodes"], &answer["node"]), (&json!([]), &json!({ "__typename": "Handover", "id": id })));
    let agency = world.ask(Some(&of.reader), "{ agencies { id } }").await["data"]["agencies"][0]["id"].as_str().unwrap().to_owned();
    let theirs =
        format!("{{ a: node(id: \"{id}\") {{ id }} b: node(id: \"{agency}\") {{ id }} handovers {{ nodes {{ id }} }} agencies {{ id }} }}");
    let theirs = world.ask(Some(&neighbour.owner), &theirs).await["data"].clone();
    assert_eq!(theirs, json!({ "a": null, "b": null, "handovers": { "nodes": [] }, "agencies": [] }));
    let reader = world.ask(Some(&of.reader), &format!("{{ case(id: \"{case}\") {{ handover {{ exportUrl }} }} }}")).await;
    assert_eq!(reader["data"]["case"]["handover"]["exportUrl"], Value::Null, "the file is for who works cases");
});

on_both!(an_agencys_file_is_served_to_whoever_holds_its_link, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let (case, _, export) = Box::pin(handed(&world, &of)).await;
    let document = format!("{{ case(id: \"{}\") {{ handover {{ exportUrl }} }} }}", encode(case).as_str());
    let url = world.ask(Some(&of.accountant), &document).await["data"]["case"]["handover"]["exportUrl"].as_str().unwrap().to_owned();
    assert!(url.contains(&format!("/exports/{}.zip?", encode(export).as_str())), "{url}");
    let server = Server::start(world).await;
    let get = async |url: &str| server.client.get(url).send().await.unwrap();
    let here = server.here(&url);
    let file = get(&here).await;
    assert_eq!((file.status(), &file.headers()["content-type"]), (StatusCode::OK, &"application/zip".parse().unwrap()));
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    assert_eq!(file.bytes().await.unwrap(), &b"PK zip"[..]);
    let other = encode(AgencyExportId(Uuid::from_u128(9))).0;
    for wrong in
        [here.split_once('?').unwrap().0.to_owned(), here.replace(&encode(export).0, &other), here.replace("expires=1", "expires=2")]
    {
        assert_eq!(get(&wrong).await.status(), StatusCode::FORBIDDEN, "{wrong}");
    }
    server.world.clock.age_machine(TimeDelta::minutes(15));
    assert_eq!(get(&here).await.status(), StatusCode::FORBIDDEN);
});

/// Lets the last step's wait pass: the agency is to take over.
async fn exhausted(world: &World, of: &Creditor) -> CaseId {
    World::done(&world.change(&of.owner, &create(", decideDays: 30")).await);
    let case = world.active(of, "INV-1").await;
    for _ in 0..200 {
        if world.case(of, case).await.status == entity::CaseStatus::AwaitingHandover {
            return case;
        }
        world.clock.pass(TimeDelta::days(1));
        world.run_due().await;
    }
    panic!("the ladder has no end");
}

on_both!(a_hand_over_is_stopped_asked_for_again_taken_and_taken_back, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let case = encode(exhausted(&world, &of).await).0;
    let call = |field: &str, more: &str| {
        format!(
            "handover{field}(caseId: \"{case}\"{more}) {{ {ERRORS} handover {{ status decidedBy {{ displayName }} externalReference }} }}"
        )
    };
    let refused = world.change(&of.accountant, &call("Recall", ", reason: \"ours\"")).await;
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["ILLEGAL_TRANSITION"], &json!(["caseId"])));
    let stopped = world.change(&of.accountant, &call("OptOut", "")).await;
    let expected = json!({ "status": "OPTED_OUT", "decidedBy": { "displayName": "Accountant of Kauri" }, "externalReference": null });
    assert_eq!(World::done(&stopped)["handover"], expected);
    assert_eq!(codes(&world.change(&of.owner, &call("Confirm", "")).await), ["ILLEGAL_TRANSITION"], "it was stopped");
    let waiting = world.ask(Some(&of.reader), &format!("{{ case(id: \"{case}\") {{ status waitingBecause }} }}")).await;
    assert_eq!(waiting["data"]["case"], json!({ "status": "AWAITING_HANDOVER", "waitingBecause": "HANDOVER_STOPPED" }));
    let again = world.change(&of.owner, &call("Retry", "")).await;
    assert_eq!(World::done(&again)["handover"]["status"], "CONFIRMED");
    world.run_due().await;
    let shown = world
        .ask(Some(&of.owner), &format!("{{ case(id: \"{case}\") {{ handover {{ status exportUrl }} handovers {{ status }} }} }}"))
        .await;
    let shown = &shown["data"]["case"];
    assert_eq!((&shown["handover"]["status"], &shown["handovers"][0]["status"]), (&json!("SENT"), &json!("OPTED_OUT")));
    assert!(shown["handover"]["exportUrl"].is_string(), "{shown}");
    let bad = world.change(&of.owner, &call("Accept", ", reference: \" \"")).await;
    assert_eq!((codes(&bad), &bad["userErrors"][0]["field"]), (vec!["INVALID"], &json!(["reference"])));
    let taken = world.change(&of.owner, &call("Accept", ", reference: \"A-77\"")).await;
    assert_eq!((&World::done(&taken)["handover"]["status"], &taken["handover"]["externalReference"]), (&json!("ACCEPTED"), &json!("A-77")));
    let status = world.ask(Some(&of.reader), &format!("{{ case(id: \"{case}\") {{ status }} }}")).await;
    assert_eq!(status["data"]["case"]["status"], "HANDED_OVER");
    let back = world.change(&of.owner, &call("Recall", ", reason: \"we talk again\"")).await;
    assert_eq!(World::done(&back)["handover"]["status"], "RECALLED");
    let told = world
        .ask(
            Some(&of.reader),
            &format!("{{ case(id: \"{case}\") {{ timeline(last: 20) {{ nodes {{ kind summary subject {{ __typename }} }} }} }} }}"),
        )
        .await;
    let told = told["data"]["case"]["timeline"]["nodes"].as_array().unwrap().clone();
    let of_handover: Vec<&str> =
        told.iter().filter(|e| e["kind"].as_str().unwrap().starts_with("handover.")).map(|e| e["summary"].as_str().unwrap()).collect();
    assert_eq!(of_handover.first(), Some(&"The agency is to take over; the creditor may stop it."), "{told:?}");
    assert_eq!(of_handover.last(), Some(&"The case was taken back from the agency."));
    let about = told
        .iter()
        .filter(|e| e["kind"].as_str().unwrap().starts_with("handover."))
        .all(|e| e["subject"]["__typename"] == json!("Handover"));
    assert!(about, "{told:?}");
});

on_both!(a_hand_over_is_confirmed_before_its_time, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let case = encode(exhausted(&world, &of).await).0;
    let confirm = format!("handoverConfirm(caseId: \"{case}\") {{ {ERRORS} handover {{ status confirmedAt }} }}");
    let answer = world.change(&of.accountant, &confirm).await;
    assert_eq!(World::done(&answer)["handover"]["status"], "CONFIRMED");
    assert!(answer["handover"]["confirmedAt"].is_string(), "{answer}");
    assert_eq!(codes(&world.change(&of.owner, &confirm).await), ["ILLEGAL_TRANSITION"], "once");
});
