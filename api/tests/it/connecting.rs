//! Connecting accounting systems: by consent and by keys, again, with a choice; leaving them. What is refused says which
//! argument it is about, and no key ever comes back.

use api::graphql::id::encode;
use entity::{IntegrationStatus, Role, Scoped, authorization, credential, integration};
use serde_json::{Value, json};
use testdb::on_both;

use crate::{
    catalogue::state_of,
    outside::books::{CANARY, account},
    world::{Creditor, World, codes, migrate},
};

const ERRORS: &str = "userErrors { code field message }";

const FIELDS: &str = "id provider name status canSync connectedAt nextSyncAt nextSweepAt keyHint grantedScopes version
  account { organisationName externalId baseUrl timeZone currency country }
  health { ok code message parkedUntil }
  system { provider name joinedBy capabilities { pulls readsFiles tellsChanges takesNotes } }
  settings { minimumDaysOverdue minimumDaysOverdueFloor pollEveryMinutes writeBackNotes debtorGroupsExcluded freshnessHours }";

async fn start(world: &World, of: &Creditor, system: &str, more: &str) -> Value {
    let call =
        format!("{system}ConnectStart(returnUrl: \"http://127.0.0.1:1/back\"{more}) {{ {ERRORS} authorizationUrl authorizationId }}");
    world.change(&of.owner, &call).await
}

fn finish(system: &str, state: &str, code: &str) -> String {
    let named = if system == "xero" { "code" } else { "token" };
    format!(
        "{system}ConnectFinish(state: \"{state}\", {named}: \"{code}\") {{ {ERRORS} authorizationId
           integrations {{ {FIELDS} }} organisations {{ id name alreadyConnected }} }}"
    )
}

fn choose(authorization: &str, ids: &[&str]) -> String {
    format!(
        "xeroConnectChoose(authorizationId: \"{authorization}\", organisationIds: {}) {{ {ERRORS} integrations {{ id name account {{ externalId }} }} authorizationId }}",
        json!(ids)
    )
}

/// A connected Xero organisation.
pub async fn xero(world: &World, of: &Creditor) -> String {
    let state = state_of(World::done(&start(world, of, "xero", "").await));
    let finished = world.change(&of.owner, &finish("xero", &state, "good")).await;
    World::done(&finished)["integrations"][0]["id"].as_str().unwrap().to_owned()
}

on_both!(one_organisation_is_connected_by_consent_and_shows_what_it_is, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let begun = start(&world, &of, "xero", ", settings: { minimumDaysOverdue: 21, writeBackNotes: true }").await;
    let url = World::done(&begun)["authorizationUrl"].as_str().unwrap();
    assert!(url.starts_with("https://login.books.example/authorize?state=") && url.contains("challenge="), "{url}");
    assert!(begun["authorizationId"].as_str().unwrap().starts_with("aut_"));
    let answer = world.change(&of.owner, &finish("xero", &state_of(&begun), "good")).await;
    let made = &World::done(&answer)["integrations"][0];
    assert_eq!((&answer["organisations"], &answer["authorizationId"]), (&json!([]), &Value::Null));
    let account = json!({ "organisationName": "Kauri Ltd", "externalId": "Kauri", "baseUrl": null, "timeZone": "Pacific/Auckland", "currency": "NZD", "country": "NZ" });
    assert_eq!(made["account"], account);
    assert_eq!(made["system"]["joinedBy"], json!(["CONSENT"]));
    assert_eq!(made["system"]["capabilities"], json!({ "pulls": true, "readsFiles": false, "tellsChanges": true, "takesNotes": true }));
    let settings = json!({ "minimumDaysOverdue": 21, "minimumDaysOverdueFloor": 7, "pollEveryMinutes": 60, "writeBackNotes": true, "debtorGroupsExcluded": [], "freshnessHours": 24 });
    assert_eq!(made["settings"], settings);
    assert_eq!(made["health"], json!({ "ok": true, "code": null, "message": null, "parkedUntil": null }));
    assert_eq!((&made["keyHint"], &made["grantedScopes"]), (&Value::Null, &json!(["invoices.read", "contacts.read"])));
    assert_eq!((&made["status"], &made["canSync"], &made["name"]), (&json!("ACTIVE"), &json!(true), &json!("Kauri Ltd")));
    assert!(made["connectedAt"].is_string() && made["nextSyncAt"].is_string() && made["nextSweepAt"].is_string(), "{made}");
    assert!(!answer.to_string().contains(CANARY));
});

on_both!(of_several_organisations_the_person_chooses_once_each, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    world.books.accounts.lock().unwrap().push(account("Rimu"));
    let state = state_of(&start(&world, &of, "xero", "").await);
    let answer = world.change(&of.owner, &finish("xero", &state, "good")).await;
    let waiting = World::done(&answer)["authorizationId"].as_str().unwrap().to_owned();
    assert_eq!(answer["integrations"], json!([]));
    let offered = |kauri: bool| json!([{ "id": "Kauri", "name": "Kauri Ltd", "alreadyConnected": kauri }, { "id": "Rimu", "name": "Rimu Ltd", "alreadyConnected": false }]);
    assert_eq!(answer["organisations"], offered(false));
    for (ids, code) in [(vec![], "REQUIRED"), (vec!["Kauri", "Nikau"], "NOT_FOUND")] {
        let refused = world.change(&of.owner, &choose(&waiting, &ids)).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec![code], &json!(["organisationIds"])));
    }
    let chosen = world.change(&of.owner, &choose(&waiting, &["Kauri"])).await;
    assert_eq!(World::done(&chosen)["integrations"][0]["account"]["externalId"], "Kauri");
    assert_eq!(codes(&world.change(&of.owner, &choose(&waiting, &["Rimu"])).await), ["NOT_FOUND"], "the choice is over");

    let state = state_of(&start(&world, &of, "xero", "").await);
    let answer = world.change(&of.owner, &finish("xero", &state, "good")).await;
    assert_eq!(answer["organisations"], offered(true));
    let again = choose(answer["authorizationId"].as_str().unwrap(), &["Kauri"]);
    assert_eq!(codes(&world.change(&of.owner, &again).await), ["ALREADY_EXISTS"]);
});

on_both!(what_the_browser_brings_back_counts_once_and_for_who_began, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let partner = world.member(of.tenant, "partner", Role::Owner).await;
    let neighbour = world.creditor("Rimu").await;
    let state = state_of(&start(&world, &of, "xero", "").await);
    for viewer in [partner, neighbour.owner] {
        let refused = world.change(&viewer, &finish("xero", &state, "good")).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["INVALID"], &json!(["state"])));
    }
    assert_eq!(codes(&world.change(&of.owner, &finish("xero", &state, "bad")).await), ["PROVIDER_REJECTED"]);
    assert_eq!(codes(&world.change(&of.owner, &finish("xero", &state, "good")).await), ["INVALID"], "the state is used up");
    let state = state_of(&start(&world, &of, "xero", "").await);
    world.clock.age_machine(chrono::TimeDelta::minutes(10));
    assert_eq!(codes(&world.change(&of.owner, &finish("xero", &state, "good")).await), ["INVALID"], "ten minutes are over");
    let kept = credential::Entity::of(of.tenant).all_rows(&world).await.len();
    assert_eq!(kept, 0, "no keys are kept of what was refused");
});

trait AllRows<M> {
    fn all_rows(self, world: &World) -> impl Future<Output = Vec<M>>;
}

impl<E: sea_orm::EntityTrait> AllRows<E::Model> for sea_orm::Select<E> {
    async fn all_rows(self, world: &World) -> Vec<E::Model> {
        self.all(&world.env.db).await.unwrap()
    }
}

on_both!(browsers_are_only_sent_back_to_known_sites, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    for url in ["https://evil.example/", "http://127.0.0.1:2/", "https://127.0.0.1:1@evil.example/"] {
        let call = format!("xeroConnectStart(returnUrl: \"{url}\") {{ {ERRORS} authorizationUrl }}");
        let refused = world.change(&of.owner, &call).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["INVALID"], &json!(["returnUrl"])), "{url}");
    }
    assert!(authorization::Entity::of(of.tenant).all_rows(&world).await.is_empty());
});

on_both!(poweroffice_is_connected_by_consent_or_by_key, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let state = state_of(&start(&world, &of, "powerOffice", "").await);
    let long = "x".repeat(9_000);
    let refused = world.change(&of.owner, &finish("powerOffice", &state, &long)).await;
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["TOO_LONG"], &json!(["token"])));
    let answer = world.change(&of.owner, &finish("powerOffice", &state, "good")).await;
    let made = &World::done(&answer)["integrations"][0];
    assert_eq!((&made["provider"], &made["settings"]["minimumDaysOverdue"]), (&json!("POWEROFFICE"), &json!(14)));
    assert_eq!(made["system"]["joinedBy"], json!(["CONSENT", "KEYS"]));
    let by_key = |key: &str| format!("powerOfficeConnect(input: {{ clientKey: \"{key}\" }}) {{ {ERRORS} integration {{ keyHint }} }}");
    assert_eq!(codes(&world.change(&of.owner, &by_key("good-canary")).await), ["ALREADY_EXISTS"]);
    let other = world.change(&of.owner, &by_key("other-canary")).await;
    assert_eq!(World::done(&other)["integration"]["keyHint"], "ther");
});

on_both!(xentral_is_connected_by_a_key_that_never_comes_back, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let connect = |url: &str, key: &str, settings: &str| {
        format!(
            "xentralConnect(input: {{ baseUrl: \"{url}\", apiKey: \"{key}\", settings: {{ {settings} }} }}) {{ {ERRORS} integration {{ {FIELDS} }} }}"
        )
    };
    let at = "https://kauri.xentral.example";
    for (url, key, settings, code, field) in [
        (at, "nonsense-canary", "", "PROVIDER_REJECTED", json!(null)),
        (at, "narrow-canary", "", "PROVIDER_SCOPE_MISSING", json!(null)),
        (at, "slow-canary", "", "PROVIDER_UNAVAILABLE", json!(null)),
        (at, " ", "", "REQUIRED", json!(["input", "apiKey"])),
        ("https://127.0.0.1/", "good-canary", "", "INVALID", json!(["input", "baseUrl"])),
        (at, "good-canary", "minimumDaysOverdue: 6", "OUT_OF_RANGE", json!(["input", "settings", "minimumDaysOverdue"])),
        (at, "good-canary", "pollEveryMinutes: 4", "OUT_OF_RANGE", json!(["input", "settings", "pollEveryMinutes"])),
        (at, "good-canary", "writeBackNotes: true", "INVALID", json!(["input", "settings", "writeBackNotes"])),
        (
            at,
            "good-canary",
            "minimumAmount: { amount: \"1\", currency: \"EUR\" }",
            "CURRENCY_MISMATCH",
            json!(["input", "settings", "minimumAmount", "currency"]),
        ),
    ] {
        let refused = world.change(&of.owner, &connect(url, key, settings)).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec![code], &field), "{key} {settings}");
        assert!(!refused.to_string().contains(CANARY), "{refused}");
    }
    let answer =
        world.change(&of.owner, &connect(at, "good-canary", "name: \"Shop\", debtorGroupsExcluded: [\"Staff\", \" Staff \"]")).await;
    let made = &World::done(&answer)["integration"];
    assert_eq!((&made["name"], &made["keyHint"], &made["account"]["baseUrl"]), (&json!("Shop"), &json!("nary"), &json!(at)));
    assert_eq!(made["settings"]["debtorGroupsExcluded"], json!(["Staff"]));
    let all = world.ask(Some(&of.owner), &format!("{{ tenant {{ integrations {{ {FIELDS} }} }} }}")).await;
    assert!(!answer.to_string().contains("good-canary") && !all.to_string().contains("good-canary"), "{all}");
});

on_both!(a_new_key_takes_the_old_ones_place_for_the_same_books, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let connect =
        "xentralConnect(input: { baseUrl: \"https://kauri.example\", apiKey: \"good-canary\" }) { userErrors { code } integration { id } }";
    let made = world.change(&of.owner, connect).await;
    let id = World::done(&made)["integration"]["id"].as_str().unwrap().to_owned();
    let rotate = |key: &str| {
        format!("integrationRotateKey(id: \"{id}\", key: \"{key}\") {{ {ERRORS} integration {{ status keyHint account {{ baseUrl }} }} }}")
    };
    assert_eq!(codes(&world.change(&of.owner, &rotate("other-canary")).await), ["PROVIDER_REJECTED"], "other books");
    assert_eq!(codes(&world.change(&of.owner, &rotate("nonsense")).await), ["PROVIDER_REJECTED"]);
    let rotated = world.change(&of.owner, &rotate("new-canary")).await;
    let expected = json!({ "status": "ACTIVE", "keyHint": "new!", "account": { "baseUrl": "https://kauri.example" } });
    assert_eq!(World::done(&rotated)["integration"], expected);
    let files = format!("integrationRotateKey(id: \"{}\", key: \"new-canary\") {{ {ERRORS} }}", encode(of.integration).as_str());
    let refused = world.change(&of.owner, &files).await;
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["NOT_CONFIGURED"], &json!(["id"])));
});

on_both!(a_lost_access_is_given_again_to_the_same_integration, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let id = xero(&world, &of).await;
    let files = format!(", reconnectId: \"{}\"", encode(of.integration).as_str());
    let refused = start(&world, &of, "xero", &files).await;
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["ILLEGAL_TRANSITION"], &json!(["reconnectId"])));
    let row = integration::ActiveModel {
        status: sea_orm::Set(IntegrationStatus::NeedsReauthorization),
        health_code: sea_orm::Set(Some("PROVIDER_UNAUTHORIZED".into())),
        health_message: sea_orm::Set(Some("Connect this integration again.".into())),
        tenant_id: sea_orm::Unchanged(of.tenant),
        id: sea_orm::Unchanged(api::graphql::id::decode(&id).unwrap()),
        ..Default::default()
    };
    sea_orm::ActiveModelTrait::update(row, &world.env.db).await.unwrap();
    let shown = async || {
        world.ask(Some(&of.reader), &format!("{{ integration(id: \"{id}\") {{ {FIELDS} }} }}")).await["data"]["integration"].clone()
    };
    let ill = shown().await;
    let health = json!({ "ok": false, "code": "PROVIDER_UNAUTHORIZED", "message": "Connect this integration again.", "parkedUntil": null });
    assert_eq!((&ill["health"], &ill["canSync"]), (&health, &json!(false)));
    let state = state_of(World::done(&start(&world, &of, "xero", &format!(", reconnectId: \"{id}\"")).await));
    let again = world.change(&of.owner, &finish("xero", &state, "good")).await;
    assert_eq!(World::done(&again)["integrations"][0]["id"], json!(id));
    assert_eq!((&shown().await["health"]["ok"], &shown().await["canSync"]), (&json!(true), &json!(true)));
});

on_both!(leaving_ends_the_pulls_and_with_a_word_the_cases, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let id = xero(&world, &of).await;
    world.books.records.lock().unwrap().push(crate::outside::books::record("B-1", "2026-05-20"));
    world.run_due().await;
    let case = world.cases(&of).await[0].id;
    domain::case::approve(&world.env, &of.owner, &domain::case::Selection::Ids(vec![case])).await.unwrap();
    let leave = |more: &str| {
        format!(
            "integrationDisconnect(id: \"{id}\"{more}) {{ {ERRORS} integration {{ status canSync nextSyncAt account {{ externalId }} }} }}"
        )
    };
    let left = world.change(&of.owner, &leave(", closeCases: true")).await;
    let expected = json!({ "status": "DISCONNECTED", "canSync": false, "nextSyncAt": null, "account": { "externalId": "Kauri" } });
    assert_eq!(World::done(&left)["integration"], expected);
    assert_eq!(world.case(&of, case).await.close_reason, Some(entity::CloseReason::Withdrawn));
    assert_eq!(codes(&world.change(&of.owner, &leave("")).await), ["ILLEGAL_TRANSITION"]);
    for call in [format!("integrationSyncNow(id: \"{id}\")"), format!("integrationPause(id: \"{id}\")")] {
        assert_eq!(codes(&world.change(&of.owner, &format!("{call} {{ {ERRORS} }}")).await), ["ILLEGAL_TRANSITION"], "{call}");
    }
    assert_eq!(xero(&world, &of).await, id, "the same link comes back with its books");
});

on_both!(systems_say_how_they_are_joined, with("api", migrate), |db| async move {
    let (world, of) = World::stage(db).await;
    let document = "{ accountingSystems { provider name joinedBy capabilities { pulls readsFiles } defaults { minimumDaysOverdue minimumDaysOverdueFloor pollEveryMinutes freshnessHours } } }";
    let answer = world.ask(Some(&of.reader), document).await;
    let systems = answer["data"]["accountingSystems"].as_array().unwrap();
    let joined: Vec<(&str, Value)> = systems.iter().map(|s| (s["provider"].as_str().unwrap(), s["joinedBy"].clone())).collect();
    let expected = [
        ("CSV", json!(["FILES"])),
        ("XERO", json!(["CONSENT"])),
        ("XENTRAL", json!(["KEYS"])),
        ("POWEROFFICE", json!(["CONSENT", "KEYS"])),
    ];
    assert_eq!(joined, expected);
    assert_eq!(
        systems[0]["defaults"],
        json!({ "minimumDaysOverdue": 30, "minimumDaysOverdueFloor": 1, "pollEveryMinutes": null, "freshnessHours": null })
    );
    assert_eq!(systems[3]["defaults"]["minimumDaysOverdue"], 14);
    assert_eq!(world.ask(None, document).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
});
