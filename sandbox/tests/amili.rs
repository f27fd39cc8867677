//! The stand-in Amili as a client over HTTP meets it. Every test starts its own on a free port, with a clock that only
//! the test moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Response, StatusCode};
use sandbox::{
    Options, Provider, Running,
    amili::{CLIENT_ID, CLIENT_SECRET, ORGANIZATION, Status, WRITE_SCOPE},
    serve,
};
use serde_json::{Value, json};

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

struct Stand {
    running: Running,
    client: Client,
    seconds: Arc<AtomicI64>,
    token: String,
}

impl Stand {
    async fn new(samples: bool) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = Options { samples, ..Options::default() };
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let running = serve(Provider::Amili, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let mut stand = Self { running, client: Client::new(), seconds, token: String::new() };
        let token: Value = stand.token_for(CLIENT_SECRET, WRITE_SCOPE).await.json().await.unwrap();
        token["access_token"].as_str().unwrap().clone_into(&mut stand.token);
        stand
    }

    async fn token_for(&self, secret: &str, scope: &str) -> Response {
        let form = [("grant_type", "client_credentials"), ("client_id", CLIENT_ID), ("client_secret", secret), ("scope", scope)];
        self.client.post(format!("{}/token", self.running.url())).form(&form).send().await.unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/collection/v1/orgs/{ORGANIZATION}{path}", self.running.url())
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).bearer_auth(&self.token).send().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(self.url(path)).bearer_auth(&self.token).json(body).send().await.unwrap()
    }

    /// Sends invoices in and tells the batch's id.
    async fn send_in(&self, invoices: &[Value]) -> String {
        let answer = self.post("/invoices", &json!({ "invoices": invoices })).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let batch: Value = answer.json().await.unwrap();
        assert_eq!(batch["data"]["status"], "QUEUED");
        batch["data"]["batchId"].as_str().unwrap().to_owned()
    }

    async fn batch(&self, id: &str) -> Value {
        self.get(&format!("/batches/{id}")).await.json::<Value>().await.unwrap()["data"].clone()
    }
}

fn invoice(source_id: &str) -> Value {
    json!({
        "type": "NOTICE",
        "invoiceNumber": "F-77",
        "vat": true,
        "fees": true,
        "originalInvoiceAmount": 4500.50,
        "currency": "NOK",
        "invoiceDate": "2026-10-01T00:00:00Z",
        "dueDate": "2026-10-15T00:00:00Z",
        "uniqueSourceInvoiceId": source_id,
        "debtors": [{ "type": "PRIVATE", "name": "Åse Bø", "customerNumber": "10002", "address": { "postalCode": "5003", "city": "Bergen" } }],
    })
}

fn with(source_id: &str, field: &str, value: Value) -> Value {
    let mut invoice = invoice(source_id);
    invoice[field] = value;
    invoice
}

#[tokio::test]
async fn a_token_needs_the_secret_and_lives_an_hour() {
    let stand = Stand::new(true).await;
    assert_eq!(stand.token_for("wrong", "").await.status(), StatusCode::UNAUTHORIZED);
    let token: Value = stand.token_for(CLIENT_SECRET, "").await.json().await.unwrap();
    assert_eq!((token["expires_in"].as_i64(), token["expires_on"].as_i64()), (Some(3_600), Some(start().timestamp() + 3_600)));
    stand.seconds.store(3_599, Ordering::SeqCst);
    assert_eq!(stand.get("/cases").await.status(), StatusCode::OK);
    stand.seconds.store(3_600, Ordering::SeqCst);
    assert_eq!(stand.get("/cases").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sending_in_needs_its_scope_and_the_own_organisation() {
    let stand = Stand::new(false).await;
    let reader: Value = stand.token_for(CLIENT_SECRET, "read:something").await.json().await.unwrap();
    let reader = reader["access_token"].as_str().unwrap();
    let body = json!({ "invoices": [invoice("a")] });
    let refused = stand.client.post(stand.url("/invoices")).bearer_auth(reader).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let read = stand.client.get(stand.url("/cases")).bearer_auth(reader).send().await.unwrap();
    assert_eq!(read.status(), StatusCode::OK);
    let foreign = format!("{}/collection/v1/orgs/00000000-0000-4000-8000-000000000001/cases", stand.running.url());
    assert_eq!(stand.client.get(foreign).bearer_auth(&stand.token).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let nothing = stand.client.get(stand.url("/cases")).send().await.unwrap();
    assert_eq!(nothing.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_batch_is_queued_for_as_many_looks_as_told_and_then_makes_cases() {
    let stand = Stand::new(false).await;
    stand.running.amili().set_polls(3);
    let id = stand.send_in(&[invoice("erp-1")]).await;
    for _ in 0..3 {
        assert_eq!(stand.batch(&id).await["status"], "QUEUED");
        assert!(stand.running.amili().cases().is_empty());
    }
    let done = stand.batch(&id).await;
    assert_eq!((&done["status"], &done["type"], &done["failed"]), (&json!("SUCCESS"), &json!("INVOICE"), &json!([])));
    let case = stand.running.amili().case_of("erp-1").unwrap();
    assert_eq!(done["succeeded"][0]["caseId"], case.id.to_string());
    assert_eq!((case.original_minor, case.kind, case.status), (450_050, "COLLECTION_NOTICE", Status::Open));
    let short = format!("{}/collection/v1/batches/{id}", stand.running.url());
    assert_eq!(stand.client.get(short).bearer_auth(&stand.token).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(stand.get("/batches/00000000-0000-4000-8000-000000000001").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_item_is_rejected_for_its_own_reason_while_the_others_are_taken() {
    let stand = Stand::new(false).await;
    let control = stand.running.amili();
    control.set_polls(0);
    control.reject("told", "DEBTOR_BANKRUPT", "The debtor is bankrupt.");
    let id = stand
        .send_in(&[
            invoice("good"),
            invoice("good"),
            invoice("told"),
            with("amount", "originalInvoiceAmount", json!(0)),
            with("currency", "currency", json!("SEK")),
            with("due", "dueDate", json!("2026-11-21")),
            with("date", "dueDate", json!("soon")),
            with("type", "type", json!("LEGAL")),
            with("nobody", "debtors", json!([])),
            with("unreachable", "debtors", json!([{ "type": "PRIVATE", "name": "Ola" }])),
        ])
        .await;
    let done = stand.batch(&id).await;
    assert_eq!(done["status"], "PARTIAL");
    assert_eq!(done["succeeded"].as_array().unwrap().len(), 1);
    let codes: Vec<_> = done["failed"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect();
    let expected = [
        "DUPLICATE",
        "DEBTOR_BANKRUPT",
        "INVALID_AMOUNT",
        "INVALID_CURRENCY",
        "NOT_DUE",
        "INVALID_DATE",
        "INVALID_TYPE",
        "DEBTOR_MISSING",
        "DEBTOR_UNREACHABLE",
    ];
    assert_eq!(codes, expected);
    let again = stand.send_in(&[invoice("good")]).await;
    assert_eq!(stand.batch(&again).await["status"], "FAILED", "sent twice, taken once");
    assert_eq!(control.cases().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_at_once() {
    let stand = Stand::new(false).await;
    let broken = stand.client.post(stand.url("/invoices")).bearer_auth(&stand.token).body("{").send().await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    assert_eq!(stand.post("/invoices", &json!({ "invoices": [] })).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stand.post("/invoices", &json!({ "invoices": [{ "type": "NOTICE" }] })).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn cases_are_paused_resumed_and_withdrawn_only_from_the_right_status() {
    let stand = Stand::new(false).await;
    let control = stand.running.amili();
    let id = stand.send_in(&[invoice("erp-1")]).await;
    control.work_on_batches();
    assert_eq!(stand.batch(&id).await["status"], "SUCCESS");
    let case = control.case_of("erp-1").unwrap().id;
    for (deed, status, answer) in [
        ("resume", StatusCode::CONFLICT, None),
        ("pause", StatusCode::OK, Some("PAUSED")),
        ("pause", StatusCode::CONFLICT, None),
        ("resume", StatusCode::OK, Some("OPEN")),
        ("withdraw", StatusCode::OK, Some("CLOSED")),
        ("withdraw", StatusCode::CONFLICT, None),
        ("burn", StatusCode::NOT_FOUND, None),
    ] {
        let done = stand.post(&format!("/cases/{case}/{deed}"), &json!({})).await;
        assert_eq!(done.status(), status, "{deed}");
        assert_eq!(done.json::<Value>().await.unwrap()["data"]["status"].as_str(), answer, "{deed}");
    }
    let read: Value = stand.get(&format!("/cases/{case}")).await.json().await.unwrap();
    assert_eq!((&read["data"]["subStatus"], &read["data"]["closedAt"]), (&json!("WITHDRAWN"), &json!("2026-11-21T09:00:00Z")));
}

#[tokio::test]
async fn payments_and_corrections_lessen_what_remains_and_close_the_case_at_nothing() {
    let stand = Stand::new(false).await;
    let control = stand.running.amili();
    control.set_polls(0);
    let id = stand.send_in(&[invoice("erp-1")]).await;
    let invoice_id = stand.batch(&id).await["succeeded"][0]["invoiceId"].clone();
    let payment = |amount: Value| json!({ "payments": [{ "invoiceId": invoice_id, "type": "DIRECT_PAYMENT", "amount": amount, "currency": "NOK", "paymentDate": "2026-11-20" }] });
    let batch: Value = stand.post("/payments", &payment(json!(1500.50))).await.json().await.unwrap();
    assert_eq!(stand.batch(batch["data"]["batchId"].as_str().unwrap()).await["type"], "PAYMENT");
    let correction = json!({ "corrections": [{ "invoiceId": invoice_id, "amount": 1000, "currency": "NOK" }] });
    stand.post("/corrections", &correction).await;
    control.work_on_batches();
    let read: Value = stand.get("/cases?UniqueSourceInvoiceId=erp-1").await.json().await.unwrap();
    let amounts = &read["data"][0]["invoices"][0];
    assert_eq!(
        (amounts["remainingAmount"].as_f64(), amounts["paidAmount"].as_f64(), amounts["creditedAmount"].as_f64()),
        (Some(2000.0), Some(1500.5), Some(1000.0))
    );
    stand.post("/payments", &payment(json!(2000))).await;
    control.work_on_batches();
    let case = control.case_of("erp-1").unwrap();
    assert_eq!((case.status, case.sub_status.as_str(), case.remaining_minor()), (Status::Closed, "PAID", 0));
    let unknown = json!({ "payments": [{ "invoiceId": case.id, "amount": 1, "currency": "NOK" }] });
    let batch: Value = stand.post("/payments", &unknown).await.json().await.unwrap();
    assert_eq!(stand.batch(batch["data"]["batchId"].as_str().unwrap()).await["failed"][0]["code"], "UNKNOWN_INVOICE");
}

#[tokio::test]
async fn cases_are_filtered_and_paged() {
    let stand = Stand::new(true).await;
    let (mut seen, mut page) = (0, String::new());
    loop {
        let answer: Value = stand.get(&format!("/cases?PageSize=10{page}")).await.json().await.unwrap();
        seen += answer["data"].as_array().unwrap().len();
        let Some(token) = answer["nextPageToken"].as_str() else { break };
        page = format!("&PageToken={token}");
    }
    assert_eq!(seen, 24);
    let count = |query: &'static str| {
        let asked = stand.get(query);
        async move { asked.await.json::<Value>().await.unwrap()["data"].as_array().unwrap().len() }
    };
    assert_eq!(count("/cases?Status=PAUSED").await, 2);
    assert_eq!(count("/cases?Status=CLOSED&FromCreatedAt=2026-10-01T00:00:00Z").await, 3);
    assert_eq!(count("/cases?SearchTerm=B%C3%A5tservice").await, 2);
    assert_eq!(stand.get("/cases?PageSize=501").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(stand.get("/cases?Colour=red").await.status(), StatusCode::BAD_REQUEST);
}

/// What a receiver of webhooks got: headers of interest and the body.
type Got = Arc<Mutex<Vec<(String, String, String, Value)>>>;

/// A receiver on a free port.
fn receiver(got: Got) -> String {
    let server = HttpServer::new(move || {
        let got = got.clone();
        App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
            let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
            let entry =
                (header("X-Amili-Event"), header("IdempotencyKey"), header("X-Webhook-Signature"), serde_json::from_slice(&body).unwrap());
            got.lock().unwrap().push(entry);
            async { HttpResponse::NoContent().finish() }
        }))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", server.addrs()[0]);
    tokio::spawn(server.run());
    url
}

#[tokio::test]
async fn webhooks_tell_of_batches_and_cases_with_their_headers_and_keep_their_key_when_sent_again() {
    let (stand, got) = (Stand::new(false).await, Got::default());
    let control = stand.running.amili();
    control.set_webhook(Some(&receiver(got.clone())), "key");
    stand.send_in(&[invoice("erp-1")]).await;
    control.work_on_batches();
    control.collect(control.case_of("erp-1").unwrap().id, 450_050).unwrap();
    let arrived = |count: usize| {
        let got = got.clone();
        async move {
            for _ in 0..500 {
                if got.lock().unwrap().len() == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{count} webhooks did not arrive");
        }
    };
    arrived(3).await;
    // They are sent at the same time, so they may arrive in any order.
    let of = |event: &str| got.lock().unwrap().iter().find(|entry| entry.0 == event).unwrap().clone();
    let (batch, created, updated) = (of("BATCH_COMPLETED"), of("CASE"), of("CASE_UPDATED"));
    assert_eq!((&batch.3["type"], &batch.3["data"]["status"]), (&json!("BATCH_COMPLETED"), &json!("SUCCESS")));
    assert_eq!((&created.3["eventType"], &created.3["data"]["status"]), (&json!("CASE"), &json!("OPEN")));
    assert_eq!((&updated.3["data"]["status"], &updated.3["data"]["fields"]), (&json!("CLOSED"), &json!(["amounts", "status"])));
    assert_eq!(batch.2.len(), 64, "a signature in hexadecimal digits");
    control.send_again(&batch.1).unwrap();
    arrived(4).await;
    assert_eq!(got.lock().unwrap().iter().filter(|entry| entry.1 == batch.1).count(), 2);
}

#[tokio::test]
async fn the_control_paths_do_what_the_typed_control_does() {
    let stand = Stand::new(true).await;
    let control = stand.running.amili();
    let case = control.case_of("sample-0").unwrap();
    let send = |path: String, body: Value| stand.client.post(format!("{}/_control/{path}", stand.running.url())).json(&body).send();
    assert!(send(format!("cases/{}/collect", case.id), json!({ "amount": "500.00" })).await.unwrap().status().is_success());
    assert!(send(format!("cases/{}/sub-status", case.id), json!({ "word": "LEGAL" })).await.unwrap().status().is_success());
    let now = control.case_of("sample-0").unwrap();
    assert_eq!((now.remaining_minor(), now.sub_status.as_str()), (400_000, "LEGAL"));
    assert!(send(format!("cases/{}/close", case.id), json!({ "word": "UNCOLLECTABLE" })).await.unwrap().status().is_success());
    assert_eq!(control.case_of("sample-0").unwrap().status, Status::Closed);
    assert_eq!(
        send("cases/00000000-0000-4000-8000-000000000001/close".into(), json!({ "word": "X" })).await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let page = stand.client.get(stand.running.url()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Øystein Bråthen") && page.contains(CLIENT_ID));
    assert!(send("tokens/expire".into(), json!({})).await.unwrap().status().is_success());
    assert_eq!(stand.get("/cases").await.status(), StatusCode::UNAUTHORIZED);
}
