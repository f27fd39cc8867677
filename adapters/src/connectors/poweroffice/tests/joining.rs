//! Joining and renewing.

use std::time::Duration;

use domain::port::{
    access::RenewError,
    connect::{ConnectError, ConsentAsk, PastedKeys},
    vault::ExposeSecret,
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{
    connected,
    fake::{Go, information},
};

const KEY: &str = "3f0c2f6e-aaaa-4bbb-8ccc-0123456789ab";

fn token(access: &str, seconds: u32) -> (&'static str, ResponseTemplate) {
    let body = json!({"access_token": access, "token_type": "bearer", "expires_in": seconds});
    ("OAuth/Token", ResponseTemplate::new(200).set_body_json(body))
}

fn refused(status: u16, error: &str) -> (&'static str, ResponseTemplate) {
    ("OAuth/Token", ResponseTemplate::new(status).set_body_json(json!({"error": error})))
}

fn told(information: Value) -> (&'static str, ResponseTemplate) {
    ("ClientIntegrationInformation", ResponseTemplate::new(200).set_body_json(information))
}

async fn pasted(answers: Vec<(&'static str, ResponseTemplate)>) -> Result<domain::port::connect::Granted, ConnectError> {
    let go = Go::start().await;
    go.books().instead = answers;
    connected(&go).pasted.unwrap().check(&PastedKeys { address: None, key: format!(" {KEY}\n").into() }).await
}

#[tokio::test]
async fn a_pasted_key_opens_the_client_that_go_names() {
    let granted = pasted(vec![token("token-9", 1_200)]).await.unwrap();
    assert_eq!((granted.accounts.len(), granted.accounts[0].external_id.as_str()), (1, "7711"));
    assert_eq!((granted.accounts[0].name.as_str(), granted.hint.as_deref()), ("Fjordglass AS", Some("89ab")));
    assert_eq!(granted.fresh.good_for, Some(Duration::from_mins(20)));
    let document: Value = serde_json::from_str(granted.fresh.keys.expose_secret()).unwrap();
    assert_eq!(document, json!({"clients": {"7711": {"client_key": KEY, "access": "token-9"}}}));
}

#[tokio::test]
async fn a_client_without_an_id_goes_by_a_digest_of_its_key() {
    let mut information = information();
    information["ClientId"] = Value::Null;
    let granted = pasted(vec![token("token-9", 600), told(information)]).await.unwrap();
    let id = &granted.accounts[0].external_id;
    assert!(id.starts_with("key-") && id.len() == 20 && !KEY.contains(&id[4..]), "{id}");
}

#[tokio::test]
async fn missing_rights_are_named_with_what_to_do() {
    let mut information = information();
    information["ValidPrivileges"] = json!(["Customer_Full"]);
    information["InvalidPrivileges"] = json!(["OutgoingInvoice"]);
    let Err(ConnectError::Missing(why)) = pasted(vec![token("token-9", 600), told(information)]).await else { panic!() };
    assert!(why.contains("does not cover outgoing invoices") && why.contains("may not read customer ledger"), "{why}");
    assert!(!why.contains("(privilege Customer)"), "{why}");
}

#[tokio::test]
async fn only_a_refused_client_key_is_the_clients_fault() {
    assert!(matches!(pasted(vec![refused(400, "invalid_client")]).await, Err(ConnectError::Refused(_))));
    assert!(matches!(pasted(vec![refused(400, "unauthorized_client")]).await, Err(ConnectError::Refused(_))));
    let gateway =
        ("OAuth/Token", ResponseTemplate::new(401).set_body_json(json!({"statusCode": 401, "message": "wrong subscription key"})));
    let others = [
        gateway,
        refused(400, "invalid_request"),
        ("OAuth/Token", ResponseTemplate::new(503)),
        ("OAuth/Token", ResponseTemplate::new(429)),
        token("", 600),
    ];
    for answer in others {
        let error = pasted(vec![answer]).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unavailable(_)), "{error:?}");
        assert!(!error.to_string().contains(KEY));
    }
}

#[tokio::test]
async fn the_page_of_the_onboarding_comes_from_go_and_our_state_goes_with_the_way_back() {
    let go = Go::start().await;
    let page = json!({"TemporaryUrl": "https://identity.example/go?token=t", "ValidUntilDateTimeOffset": "2026-11-21 10:15:00+00:00"});
    go.books().instead = vec![("Onboarding/Initiate", ResponseTemplate::new(200).set_body_json(page))];
    let consent = connected(&go).consent.unwrap();
    let ask = ConsentAsk { state: "state-1".into(), challenge: "unused".into() };
    assert_eq!(consent.page(&ask).await.unwrap(), "https://identity.example/go?token=t");
    let sent = go.bodies().await;
    assert_eq!(sent, [json!({"ApplicationKey": "application", "RedirectUri": "https://dunwell.example/back?app=1&state=state-1"})]);
}

#[tokio::test]
async fn a_page_that_is_no_web_page_is_not_opened() {
    for page in [json!({"TemporaryUrl": "javascript:alert(1)"}), json!({"TemporaryUrl": null}), json!({})] {
        let go = Go::start().await;
        go.books().instead = vec![("Onboarding/Initiate", ResponseTemplate::new(200).set_body_json(page))];
        let ask = ConsentAsk { state: "state-1".into(), challenge: "unused".into() };
        assert!(connected(&go).consent.unwrap().page(&ask).await.is_err());
    }
}

#[tokio::test]
async fn one_consent_opens_several_clients_and_leaves_out_those_without_rights() {
    let go = Go::start().await;
    let client = |key: &str, name: &str| json!({"ClientKey": key, "ClientName": name, "ClientOrganizationNumber": "999888777"});
    let finalized = json!({"OnboardedClientsInformation": [client("key-a", "A"), client("key-b", "B"), client("key-c", "C")]});
    let named = |id: &str, valid: Value| {
        let mut information = information();
        (information["ClientId"], information["ValidPrivileges"]) = (json!(id), valid);
        told(information)
    };
    let all = information()["ValidPrivileges"].clone();
    go.books().instead = vec![
        ("Onboarding/Finalize", ResponseTemplate::new(200).set_body_json(finalized)),
        token("token-a", 1_200),
        token("token-b", 600),
        token("token-c", 600),
        named("1", all.clone()),
        named("2", all),
        named("3", json!([])),
    ];
    let granted = connected(&go).consent.unwrap().trade(&"back".into(), &"verifier".into()).await.unwrap();
    assert_eq!(granted.accounts.iter().map(|account| account.external_id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((granted.fresh.good_for, granted.hint), (Some(Duration::from_mins(10)), None));
    let document: Value = serde_json::from_str(granted.fresh.keys.expose_secret()).unwrap();
    assert_eq!(document["clients"]["2"], json!({"client_key": "key-b", "access": "token-b"}));
}

#[tokio::test]
async fn a_used_onboarding_token_is_refused() {
    let go = Go::start().await;
    go.books().instead = vec![("Onboarding/Finalize", ResponseTemplate::new(400).set_body_json(json!({"Title": "used"})))];
    assert!(matches!(connected(&go).consent.unwrap().trade(&"back".into(), &"v".into()).await, Err(ConnectError::Refused(_))));
}

async fn renewed(answers: Vec<(&'static str, ResponseTemplate)>) -> Result<Value, RenewError> {
    let go = Go::start().await;
    go.books().instead = answers;
    let keys = json!({"clients": {"1": {"client_key": "key-a", "access": "old-a"}, "2": {"client_key": "key-b", "access": "old-b"}}});
    let fresh = connected(&go).renewal.unwrap().renew(&keys.to_string().into()).await?;
    assert_eq!(fresh.good_for, Some(Duration::from_mins(10)));
    Ok(serde_json::from_str(fresh.keys.expose_secret()).unwrap())
}

#[tokio::test]
async fn renewing_asks_again_for_every_client_and_drops_only_those_that_left() {
    let document = renewed(vec![token("new-a", 600), token("new-b", 1_200)]).await.unwrap();
    assert_eq!((&document["clients"]["1"]["access"], &document["clients"]["2"]["access"]), (&json!("new-a"), &json!("new-b")));
    let document = renewed(vec![refused(400, "invalid_client"), token("new-b", 600)]).await.unwrap();
    assert_eq!(document["clients"], json!({"1": {"client_key": "key-a"}, "2": {"client_key": "key-b", "access": "new-b"}}));
}

#[tokio::test]
async fn keys_are_given_up_only_when_all_clients_left() {
    let gone = renewed(vec![refused(400, "invalid_client"), refused(400, "invalid_client")]).await;
    assert!(matches!(gone, Err(RenewError::Refused(_))));
    let silent = renewed(vec![refused(400, "invalid_client"), ("OAuth/Token", ResponseTemplate::new(503))]).await;
    assert!(matches!(silent, Err(RenewError::Unavailable(_))));
}
