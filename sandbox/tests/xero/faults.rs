//! The faults that all stand-ins share, met by a client of Xero.

use std::time::Instant;

use reqwest::Method;
use sandbox::fault::{Manner, Outage, Throttle};
use serde_json::{Value, json};

use super::stand::Stand;

#[tokio::test]
async fn told_throttling_ends_by_itself_and_takes_no_effect() {
    let stand = Stand::unlimited().await;
    let throttle = Throttle { retry_after: Some(7), problem: Some("minute".to_owned()) };
    stand.running.faults().throttle("/Invoices", 1, throttle);
    assert_eq!(stand.get("/Organisation").await.status(), 200, "another path is not meant");
    let refused = stand.get("/Invoices").await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(stand.get("/Invoices").await.status(), 200);
    stand.running.faults().throttle("", 1, Throttle { retry_after: None, problem: None });
    assert!(stand.get("/Invoices").await.headers().get("retry-after").is_none());
}

#[tokio::test]
async fn a_stopped_and_a_dropped_stand_in_answer_no_more() {
    let (stopped, dropped) = (Stand::unlimited().await, Stand::unlimited().await);
    let gone = [stopped.running.addr, dropped.running.addr];
    stopped.running.stop().await;
    drop(dropped);
    for addr in gone {
        let mut tries = 0;
        while std::net::TcpStream::connect(addr).is_ok() {
            tries += 1;
            assert!(tries < 200, "{addr} still listens");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn answers_break_in_the_manner_told_and_then_are_whole_again() {
    let stand = Stand::unlimited().await;
    let faults = stand.running.faults();
    faults.break_answers("/Organisation", 1, Manner::Html);
    assert!(stand.get("/Organisation").await.text().await.unwrap().contains("<html>"));
    faults.break_answers("/Organisation", 1, Manner::Truncated);
    let cut = stand.get("/Organisation").await.text().await.unwrap();
    assert!(cut.starts_with('{') && serde_json::from_str::<Value>(&cut).is_err());
    faults.break_answers("/Invoices", 1, Manner::UnknownValue { field: "Status".to_owned() });
    assert_eq!(stand.json("/Invoices").await["Invoices"][0]["Status"], "SOMETHING_NEW");
    faults.break_answers("/Invoices", 1, Manner::MissingField { field: "DueDate".to_owned() });
    assert!(stand.json("/Invoices").await["Invoices"][0].get("DueDate").is_none());
    faults.break_answers("/Organisation", 1, Manner::Huge);
    assert_eq!(stand.get("/Organisation").await.bytes().await.unwrap().len(), 30 * 1024 * 1024);
    for status in [500, 503] {
        faults.break_answers("/Organisation", 1, Manner::Status { status });
        assert_eq!(stand.get("/Organisation").await.status(), status);
    }
    faults.break_answers("/Organisation", 1, Manner::Slow { milliseconds: 200 });
    let before = Instant::now();
    assert_eq!(stand.get("/Organisation").await.status(), 200);
    assert!(before.elapsed().as_millis() >= 200);
    assert_eq!(stand.json("/Organisation").await["Organisations"][0]["OrganisationStatus"], "ACTIVE");
}

#[tokio::test]
async fn an_answer_is_lost_after_its_effect_and_the_key_keeps_the_second_try_from_repeating_it() {
    let stand = Stand::unlimited().await;
    let invoice = stand.control().invoices(stand.tenant())[0].id;
    let write = || {
        let request = stand.call(Method::PUT, &format!("/Invoices/{invoice}/History")).header("Idempotency-Key", "one");
        request.json(&json!({ "HistoryRecords": [{ "Details": "Reminder sent" }] })).send()
    };
    stand.running.faults().lose_answer("/History");
    assert!(write().await.is_err());
    assert_eq!(stand.control().notes(invoice).len(), 1);
    assert_eq!(write().await.unwrap().status(), 200);
    assert_eq!(stand.control().notes(invoice).len(), 1);
    let calls = stand.running.calls().matching(|call| call.method == "PUT");
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [None, Some(200)]);
}

#[tokio::test]
async fn a_lost_answer_of_the_token_endpoint_is_mended_by_the_grace() {
    let stand = Stand::unlimited().await;
    let token = stand.control().sign_in("offline_access accounting.invoices").unwrap().refresh_token.unwrap();
    stand.running.faults().lose_answer("/connect/token");
    let request = stand.client.post(stand.url("/connect/token")).basic_auth("sandbox-client", Some("sandbox-secret"));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    assert!(request.form(&fields).send().await.is_err());
    assert_eq!(stand.token(&fields).await.status(), 200);
}

#[tokio::test]
async fn a_stand_in_that_is_down_is_told_over_http_to_be_up_again() {
    let stand = Stand::unlimited().await;
    stand.running.faults().outage(Outage::Silent);
    assert!(stand.call(Method::GET, "/Organisation").send().await.is_err());
    stand.running.faults().outage(Outage::Unavailable);
    assert_eq!(stand.get("/Organisation").await.status(), 503);
    stand.client.post(stand.url("/_control/faults/clear")).send().await.unwrap();
    assert_eq!(stand.get("/Organisation").await.status(), 200);
}

#[tokio::test]
async fn the_log_counts_calls_with_their_queries_but_not_the_control_s() {
    let stand = Stand::unlimited().await;
    stand.get("/Invoices?page=2").await;
    stand.get("/Nothing").await;
    stand.client.get(stand.url("/_control/calls")).send().await.unwrap();
    let calls = stand.running.calls();
    assert_eq!((calls.total(), calls.count("GET", "/Invoices"), calls.with_status(404)), (2, 1, 1));
    assert_eq!(calls.all()[0].query, "page=2");
}
