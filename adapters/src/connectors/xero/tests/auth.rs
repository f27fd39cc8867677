//! Consent, renewal and farewell against token and connection endpoints.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::port::{
    access::RenewError,
    connect::{ConnectError, ConsentAsk},
    vault::ExposeSecret,
};
use oauth2::url::{Url, form_urlencoded};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{
    books::Books,
    world::{Hands, World, account},
};

const EVENT: &str = "7cb59f93-2964-421d-bb5e-a0f7a4572a44";

async fn world(instead: Vec<(&'static str, ResponseTemplate)>) -> World {
    World::new(Books { instead, ..Books::default() }).await
}

fn jwt() -> String {
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(json!({ "authentication_event_id": EVENT }).to_string()))
}

fn tokens() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "id_token": "eyJ", "access_token": jwt(), "expires_in": 1800, "token_type": "Bearer", "refresh_token": "new",
        "scope": "accounting.invoices.read offline_access",
    }))
}

fn oauth_error(status: u16, error: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": error }))
}

fn connections() -> ResponseTemplate {
    let one = |id: &str, tenant: &str, kind: &str, name: &str| json!({ "id": id, "authEventId": EVENT, "tenantId": tenant, "tenantType": kind, "tenantName": name, "createdDateUtc": "2019-12-07T18:46:19.5165400" });
    ResponseTemplate::new(200).set_body_json(json!([
        one("c1", "t1", "ORGANISATION", "Kauri Ltd"),
        one("c2", "t2", "PRACTICE", "Books & Co"),
        one("c3", "t3", "ORGANISATION", "Rimu Ltd")
    ]))
}

async fn form(world: &World, at: usize) -> (BTreeMap<String, String>, String) {
    let request = &world.server.received_requests().await.unwrap()[at];
    let fields = form_urlencoded::parse(&request.body).into_owned().collect();
    (fields, request.headers["authorization"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_page_of_consent_asks_for_granular_read_access_with_pkce() {
    let world = world(vec![]).await;
    let ask = ConsentAsk { state: "st&te".into(), challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into() };
    let page = world.system().consent.unwrap().page(&ask).await.unwrap();
    let url = Url::parse(&page).unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", "https://dunwell.example/callback"),
        ("state", "st&te"),
        ("code_challenge", &ask.challenge),
        ("code_challenge_method", "S256"),
        ("scope", "offline_access accounting.invoices.read accounting.payments.read accounting.contacts.read accounting.settings.read"),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    let mut settings = world.settings();
    settings.write_notes = true;
    assert!(settings.scopes().any(|scope| scope == "accounting.invoices"));
}

#[tokio::test]
async fn a_code_is_traded_for_keys_and_the_organisations_of_its_consent() {
    let world = world(vec![("/token", tokens()), ("/connections", connections())]).await;
    let granted = world.system().consent.unwrap().trade(&"the code".into(), &"verifier".into()).await.unwrap();
    let (fields, authorization) = form(&world, 0).await;
    assert_eq!(
        (fields["grant_type"].as_str(), fields["code"].as_str(), fields["code_verifier"].as_str()),
        ("authorization_code", "the code", "verifier")
    );
    assert_eq!(
        (fields["redirect_uri"].as_str(), authorization.as_str()),
        ("https://dunwell.example/callback", "Basic Y2xpZW50OnNlY3JldA==")
    );
    let request = &world.server.received_requests().await.unwrap()[1];
    assert_eq!(request.url.query(), Some(format!("authEventId={EVENT}").as_str()));
    assert_eq!(
        granted.accounts.iter().map(|account| (account.external_id.as_str(), account.connection_id.as_deref())).collect::<Vec<_>>(),
        [("t1", Some("c1")), ("t3", Some("c3"))]
    );
    let keys: Value = serde_json::from_str(granted.fresh.keys.expose_secret()).unwrap();
    assert_eq!(keys, json!({ "access_token": jwt(), "refresh_token": "new" }));
    assert_eq!(granted.fresh.good_for.unwrap().as_secs(), 1_800);
    assert_eq!(granted.fresh.scopes, ["accounting.invoices.read", "offline_access"]);
}

#[tokio::test]
async fn a_consent_that_connects_nothing_or_has_run_out_is_refused() {
    let empty = || ResponseTemplate::new(200).set_body_json(json!([]));
    for (instead, refused) in [
        (vec![("/token", tokens()), ("/connections", empty()), ("/connections", empty())], true),
        (vec![("/token", oauth_error(400, "invalid_grant"))], true),
        (vec![("/token", oauth_error(401, "invalid_client"))], false),
        (vec![("/token", ResponseTemplate::new(503))], false),
        (vec![("/token", tokens()), ("/connections", ResponseTemplate::new(500))], false),
    ] {
        let world = world(instead).await;
        let traded = world.system().consent.unwrap().trade(&"code".into(), &"verifier".into()).await;
        assert!(
            matches!((&traded, refused), (Err(ConnectError::Refused(_)), true) | (Err(ConnectError::Unavailable(_)), false)),
            "{traded:?}"
        );
    }
}

#[tokio::test]
async fn renewal_gives_a_new_pair_and_only_an_invalid_grant_ends_it() {
    let keys = || json!({ "access_token": "old", "refresh_token": "one use" }).to_string().into();
    let fine = world(vec![("/token", tokens())]).await;
    let fresh = fine.system().renewal.unwrap().renew(&keys()).await.unwrap();
    let (fields, _) = form(&fine, 0).await;
    assert_eq!((fields["grant_type"].as_str(), fields["refresh_token"].as_str()), ("refresh_token", "one use"));
    assert!(fresh.keys.expose_secret().contains(r#""refresh_token":"new""#));
    let html = || ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    for (answer, refused) in [
        (oauth_error(400, "invalid_grant"), true),
        (oauth_error(400, "invalid_client"), false),
        (oauth_error(400, "unauthorized_client"), false),
        (oauth_error(500, "invalid_grant"), false),
        (ResponseTemplate::new(429).insert_header("Retry-After", "9"), false),
        (ResponseTemplate::new(400), false),
        (html(), false),
    ] {
        let world = world(vec![("/token", answer)]).await;
        let renewed = world.system().renewal.unwrap().renew(&keys()).await;
        let printed = format!("{renewed:?}");
        assert!(matches!((renewed, refused), (Err(RenewError::Refused(_)), true) | (Err(RenewError::Unavailable(_)), false)), "{printed}");
        assert!(!printed.contains("one use") && !printed.contains("secret"), "{printed}");
    }
}

#[tokio::test]
async fn leaving_ends_the_connection_and_with_all_the_grant_and_may_be_done_twice() {
    let gone = ResponseTemplate::new(204);
    let missing = ResponseTemplate::new(404);
    for (answer, all) in [(&gone, false), (&missing, false), (&gone, true), (&missing, true)] {
        let world = world(vec![("/connections", answer.clone()), ("/revocation", ResponseTemplate::new(200))]).await;
        world.system().farewell.unwrap().leave(&*world.hands, &account(), all).await.unwrap();
        let expected =
            if all { vec![format!("/connections/{EVENT}"), "/revocation".to_owned()] } else { vec![format!("/connections/{EVENT}")] };
        assert_eq!(world.calls(), expected);
        if all {
            let (fields, authorization) = form(&world, 1).await;
            assert_eq!((fields["token"].as_str(), authorization.as_str()), ("refresh-0", "Basic Y2xpZW50OnNlY3JldA=="));
        }
    }
    let world = world(vec![("/connections", ResponseTemplate::new(503))]).await;
    assert!(matches!(world.system().farewell.unwrap().leave(&*world.hands, &account(), false).await, Err(ConnectError::Unavailable(_))));
}

#[tokio::test]
async fn leaving_renews_keys_that_ran_out_and_is_done_when_the_grant_has_ended() {
    let fine = world(vec![("/connections", ResponseTemplate::new(401)), ("/connections", ResponseTemplate::new(204))]).await;
    fine.system().farewell.unwrap().leave(&*fine.hands, &account(), false).await.unwrap();
    assert_eq!(fine.calls().len(), 2);
    let ended = Arc::new(Hands { ended: true, ..Hands::default() });
    fine.system().farewell.unwrap().leave(&*ended, &account(), true).await.unwrap();
    assert!(fine.calls().is_empty());
}
