//! The control paths and the page of those who print and post letters, as a client over HTTP meets them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;

use reqwest::{Client, StatusCode};
use sandbox::{Options, Provider, Running, serve};
use serde_json::{Value, json};

async fn started(provider: Provider) -> Running {
    serve(provider, SocketAddr::from(([127, 0, 0, 1], 0)), Options::default()).await.unwrap()
}

async fn told(path: String, body: &Value) -> StatusCode {
    Client::new().post(path).json(body).send().await.unwrap().status()
}

async fn listed(running: &Running) -> Value {
    Client::new().get(format!("{}/_control/letters", running.url())).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn each_lists_its_account_and_letters_and_is_told_where_webhooks_go() {
    for (provider, account) in [(Provider::Lob, "api_key"), (Provider::Pingen, "client_secret")] {
        let running = started(provider).await;
        let url = running.url();
        assert_eq!(
            told(format!("{url}/_control/webhook"), &json!({ "url": "http://127.0.0.1:1/", "secret": "key" })).await,
            StatusCode::OK
        );
        let list = listed(&running).await;
        assert!(list[account].is_string(), "{list}");
        assert_eq!((&list["webhook"], &list["count"], &list["letters"]), (&json!("http://127.0.0.1:1/"), &json!(0), &json!([])));
        let page = Client::new().get(&url).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.text().await.unwrap().contains("http:&#x2f;&#x2f;127.0.0.1:1"), "{provider}");
        assert_eq!(told(format!("{url}/_control/webhook"), &json!({ "url": "" })).await, StatusCode::OK);
        assert_eq!(listed(&running).await["webhook"], Value::Null);
        let pdf = Client::new().get(format!("{url}/_control/letters/none/pdf")).send().await.unwrap();
        assert_eq!(pdf.status(), StatusCode::NOT_FOUND);
        assert_eq!(told(format!("{url}/_control/webhook/none/again"), &json!({})).await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_happened_to_a_letter_is_listed_and_sent_again() {
    let running = started(Provider::Pingen).await;
    running.pingen().add_others(1);
    let id = running.pingen().letters().remove(0).id;
    let moved = format!("{}/_control/letters/{id}/move", running.url());
    assert_eq!(told(moved, &json!({ "status": "undeliverable" })).await, StatusCode::OK);
    let list = listed(&running).await;
    assert_eq!((&list["count"], &list["letters"][0]["status"]), (&json!(1), &json!("undeliverable")));
    assert_eq!(list["deliveries"][0]["event"], "webhook_undeliverable");
    let again = format!("{}/_control/webhook/{}/again", running.url(), list["deliveries"][0]["id"].as_str().unwrap());
    assert_eq!(told(again, &json!({})).await, StatusCode::OK);
    let lob = started(Provider::Lob).await;
    let unknown = format!("{}/_control/letters/none/happen", lob.url());
    assert_eq!(told(unknown, &json!({ "word": "mailed" })).await, StatusCode::NOT_FOUND);
}
