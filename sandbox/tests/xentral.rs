//! The stand-in Xentral as a client over HTTP meets it. Every test starts its own on a free port, with a clock that only
//! the test moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use reqwest::{Client, Response, StatusCode};
use sandbox::{
    Options, Provider, Running, serve,
    xentral::{DunningLevel, NewCustomer, NewInvoice, TOKEN},
};
use serde_json::{Value, json};

const MINIMAL: &str = "application/vnd.xentral.minimal+json";

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

struct Stand {
    running: Running,
    client: Client,
    seconds: Arc<AtomicI64>,
}

impl Stand {
    async fn new(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = serve(Provider::Xentral, listen, options).await.unwrap();
        Self { running, client: Client::new(), seconds }
    }

    async fn unlimited() -> Self {
        Self::new(Options { limits: false, ..Options::default() }).await
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn ask(&self, path: &str, accept: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.running.url())).bearer_auth(TOKEN);
        request.header("accept", accept).send().await.unwrap()
    }

    async fn json(&self, path: &str, accept: &str) -> Value {
        let answer = self.ask(path, accept).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    async fn v3(&self, path: &str) -> Value {
        self.json(path, "application/json").await
    }

    async fn v1(&self, path: &str) -> Value {
        self.json(path, MINIMAL).await
    }

    async fn row_of(&self, id: u32) -> Value {
        let list = self.v1(&format!("/api/v1/invoices?filter[0][key]=id&filter[0][op]=equals&filter[0][value]={id}")).await;
        list["data"][0].clone()
    }
}

fn ids(list: &Value) -> Vec<u32> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn an_unknown_token_is_refused_as_a_page_by_v1_and_as_json_by_v3() {
    let stand = Stand::unlimited().await;
    let ask = |path: &str| stand.client.get(format!("{}{path}", stand.running.url())).bearer_auth("wrong").send();
    let (v1, v3) = (ask("/api/v1/invoices").await.unwrap(), ask("/api/v3/invoices").await.unwrap());
    assert_eq!((v1.status(), v3.status()), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert!(v1.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(v3.json::<Value>().await.unwrap()["message"].is_string());
    stand.running.xentral().revoke_token(TOKEN).unwrap();
    assert_eq!(stand.ask("/api/v3/invoices", "application/json").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_scoped_token_may_only_what_its_scopes_name() {
    let stand = Stand::unlimited().await;
    stand.running.xentral().issue_token("reader", &["invoice:read"]);
    let url = stand.running.url();
    let read = stand.client.get(format!("{url}/api/v3/invoices/1")).bearer_auth("reader").send().await.unwrap();
    let write = stand.client.patch(format!("{url}/api/v3/invoices/1")).bearer_auth("reader").body("{}").send().await.unwrap();
    let customer = stand.client.get(format!("{url}/api/v3/customers/1")).bearer_auth("reader").send().await.unwrap();
    assert_eq!((read.status(), write.status(), customer.status()), (StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn the_hundred_and_first_call_in_a_minute_is_refused_until_the_minute_is_over() {
    let stand = Stand::new(Options::default()).await;
    let first = stand.ask("/api/v3/invoices?perPage=1", "application/json").await;
    assert_eq!(
        (first.headers()["x-ratelimit-limit"].as_bytes(), first.headers()["x-ratelimit-remaining"].as_bytes()),
        (&b"100"[..], &b"99"[..])
    );
    stand.pass(10);
    for _ in 1..100 {
        assert_eq!(stand.ask("/api/v3/invoices?perPage=1", "application/json").await.status(), StatusCode::OK);
    }
    let refused = stand.ask("/api/v3/invoices?perPage=1", "application/json").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = |name: &str| refused.headers()[name].to_str().unwrap().parse::<i64>().unwrap();
    assert_eq!((header("retry-after"), header("x-ratelimit-remaining")), (50, 0));
    assert_eq!(header("x-ratelimit-reset"), start().timestamp() + 60);
    stand.pass(50);
    assert_eq!(stand.ask("/api/v3/invoices?perPage=1", "application/json").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn v1_lists_only_under_its_own_media_type_and_tells_the_outstanding_amount() {
    let stand = Stand::unlimited().await;
    for accept in ["application/json", "*/*", "text/html"] {
        assert_eq!(stand.ask("/api/v1/invoices", accept).await.status(), StatusCode::NOT_ACCEPTABLE, "{accept}");
    }
    let list = stand.v1("/api/v1/invoices?page[number]=1&page[size]=50").await;
    assert_eq!((list["extra"]["totalCount"].as_u64(), list["extra"]["page"]["size"].as_u64()), (Some(25), Some(50)));
    let third = &list["data"][2];
    assert_eq!(third["payment"]["balance"], json!({ "amount": "7495.00", "currency": "EUR" }));
    assert_eq!(third["date"], "2026-09-22T00:00:00+02:00");
    for size in ["9", "51", "many"] {
        assert_eq!(stand.ask(&format!("/api/v1/invoices?page[size]={size}"), MINIMAL).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn the_same_states_are_spelled_differently_by_v1_and_v3() {
    let stand = Stand::unlimited().await;
    let control = stand.running.xentral();
    control.record_payment(1, 1_000).unwrap();
    control.cancel(2).unwrap();
    control.edit(4, |invoice| invoice.dunning.level = Some(DunningLevel::PaymentReminder)).unwrap();
    for (id, v1, v3) in [(1, "partlyPaid", "partiallyPaid"), (2, "canceled", "cancelled"), (7, "partialCancellation", "partiallyCancelled")]
    {
        assert_eq!(stand.row_of(id).await["payment"]["status"], v1);
        assert_eq!(stand.v3(&format!("/api/v3/invoices/{id}")).await["data"]["paymentStatus"], v3);
    }
    assert_eq!((stand.row_of(2).await["status"].as_str(), stand.row_of(25).await["status"].as_str()), (Some("canceled"), Some("created")));
    assert_eq!(stand.v3("/api/v3/invoices/25").await["data"]["status"], "draft");
    assert_eq!(stand.v3("/api/v3/invoices/25").await["data"]["paymentStatus"], Value::Null);
    assert_eq!(stand.row_of(4).await["dunningSettings"]["level"], "paymentReminder");
    assert_eq!(stand.v3("/api/v3/invoices/4").await["data"]["dunningSettings"]["level"], "paymentReminder1");
    assert_eq!(stand.row_of(1).await["dunningSettings"]["level"], "noReminder");
}

#[tokio::test]
async fn v3_tells_terms_but_neither_due_date_nor_balance_and_has_no_filter_for_them() {
    let stand = Stand::unlimited().await;
    let invoice = &stand.v3("/api/v3/invoices/1").await["data"];
    assert_eq!(invoice["documentDate"], "2026-10-31");
    assert_eq!(invoice["financials"]["paymentTerms"]["paymentTargetDays"], 14);
    let text = invoice.to_string();
    assert!(!text.contains("dueDate") && !text.contains("balance"));
    for key in ["dueDate", "paymentTerms.dueDate", "balance"] {
        let answer = stand
            .ask(&format!("/api/v3/invoices?filter[0][key]={key}&filter[0][op]=equals&filter[0][value]=2026-11-01"), "application/json")
            .await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{key}");
    }
    let single = stand.json("/api/v1/invoices/1", "application/json").await;
    assert_eq!(single["data"]["paymentTerms"]["dueDate"], "2026-11-14T00:00:00+01:00");
}

#[tokio::test]
async fn v3_amounts_are_text_on_even_ids_and_exact_numbers_on_odd_ones() {
    let stand = Stand::unlimited().await;
    let list = stand.ask("/api/v3/invoices?perPage=4", "application/json").await.text().await.unwrap();
    assert!(list.contains(r#""gross":{"amount":1189.90,"currency":"EUR"}"#), "{list}");
    assert!(list.contains(r#""gross":{"amount":"450.30","currency":"EUR"}"#), "{list}");
}

#[tokio::test]
async fn filters_meet_what_they_say_and_refuse_operators_that_a_key_does_not_have() {
    let stand = Stand::unlimited().await;
    let asked = &stand;
    let filtered = |query: &'static str| async move { ids(&asked.v3(&format!("/api/v3/invoices?perPage=100&{query}")).await) };
    let open = "filter[0][key]=paymentStatus&filter[0][op]=in&filter[0][value][]=partiallyPaid&filter[0][value][]=partiallyCancelled";
    assert_eq!(filtered(open).await, [3, 7, 12, 16]);
    let indexed = "filter[0][key]=paymentStatus&filter[0][op]=in&filter[0][value][0]=badDebt&filter[0][value][1]=debited";
    assert_eq!(filtered(indexed).await, [15, 18]);
    assert_eq!(filtered("filter[0][key]=dunningSettings.blocked&filter[0][op]=equals&filter[0][value]=true").await, [5]);
    assert_eq!(filtered("filter[0][key]=totals.gross.amount&filter[0][op]=lessThanOrEquals&filter[0][value]=59.50").await, [8, 24]);
    let both = "filter[0][key]=documentAddress.country&filter[0][op]=equals&filter[0][value]=AT&filter[1][key]=documentDate&filter[1][op]=lessThan&filter[1][value]=2026-10-01";
    assert_eq!(filtered(both).await, [20]);
    assert_eq!(
        filtered("filter[0][key]=updatedAt&filter[0][op]=greaterThanOrEquals&filter[0][value]=2026-11-19T09:00:00Z").await,
        [14, 18, 25]
    );
    for wrong in [
        "filter[0][key]=paymentStatus&filter[0][op]=contains&filter[0][value]=paid",
        "filter[0][key]=paymentStatus&filter[0][op]=equals",
        "filter[0][key]=documentDate&filter[0][op]=equals&filter[0][value]=21.11.2026",
        "filter[key]=paymentStatus",
        "sort=dueDate",
        "include=payments",
        "perPage=1001",
        "search=M%C3%B6%C3%9Fmer",
        "page=0",
    ] {
        let answer = stand.ask(&format!("/api/v3/invoices?{wrong}"), "application/json").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    let v1 = stand.v1("/api/v1/invoices?page[size]=50&filter[0][key]=balance&filter[0][op]=greaterThan&filter[0][value]=6000&order[0][field]=balance&order[0][dir]=desc").await;
    assert_eq!(ids(&v1), [13, 3]);
    let spelled = "/api/v1/invoices?filter[0][key]=paymentStatus&filter[0][op]=equals&filter[0][value]=partiallyPaid";
    assert_eq!(ids(&stand.v1(spelled).await), [0_u32; 0], "v3's spelling finds nothing in v1");
}

#[tokio::test]
async fn simple_and_table_pages_name_their_neighbours_and_only_table_knows_the_total() {
    let stand = Stand::unlimited().await;
    let simple = stand.v3("/api/v3/invoices?perPage=10&page=2&sort=-id").await;
    assert_eq!(ids(&simple), (6..=15).rev().collect::<Vec<u32>>());
    assert_eq!((simple["meta"]["from"].as_u64(), simple["meta"]["to"].as_u64()), (Some(11), Some(20)));
    assert_eq!((&simple["meta"]["total"], &simple["links"]["last"]), (&Value::Null, &Value::Null));
    let next = simple["links"]["next"].as_str().unwrap();
    let last = stand.client.get(next).bearer_auth(TOKEN).header("x-pagination", "table").send().await.unwrap();
    let last: Value = last.json().await.unwrap();
    assert_eq!(ids(&last), (1..=5).rev().collect::<Vec<u32>>());
    assert_eq!((last["meta"]["total"].as_u64(), last["meta"]["lastPage"].as_u64()), (Some(25), Some(3)));
    assert_eq!(last["links"]["next"], Value::Null);
    assert_eq!(ids(&stand.v3("/api/v3/invoices").await).len(), 15, "fifteen unless told");
}

#[tokio::test]
async fn a_cursor_misses_no_row_although_rows_change_between_the_pages() {
    let stand = Stand::unlimited().await;
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let more = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let url = format!("{}/api/v3/invoices?perPage=7&sort=updatedAt{more}", stand.running.url());
        let page = stand.client.get(url).bearer_auth(TOKEN).header("x-pagination", "cursor").send().await.unwrap();
        let page: Value = page.json().await.unwrap();
        seen.extend(ids(&page));
        // The first row seen moves behind all others, by which offsets would skip one.
        stand.pass(1);
        stand.running.xentral().set_terms(seen[0], 30).unwrap();
        cursor = page["meta"]["nextCursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    let mut all = seen.clone();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, (1..=25).collect::<Vec<u32>>());
    assert_eq!(seen.len(), 26, "the row that moved is seen twice: {seen:?}");
    let forged = stand.client.get(format!("{}/api/v3/invoices?cursor=nonsense", stand.running.url())).bearer_auth(TOKEN);
    let forged = forged.header("x-pagination", "cursor").send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn payments_credit_notes_and_deleted_payments_show_in_the_balance() {
    let stand = Stand::unlimited().await;
    let control = stand.running.xentral();
    let before = control.invoice(13).unwrap().updated_at;
    stand.pass(60);
    let payment = control.record_payment(13, 2_000_000).unwrap();
    control.credit(13, 380_000).unwrap();
    let row = stand.row_of(13).await;
    assert_eq!((row["payment"]["balance"]["amount"].as_str(), row["payment"]["status"].as_str()), (Some("0.00"), Some("paid")));
    assert!(control.invoice(13).unwrap().updated_at > before);
    let balance = &stand.json("/api/v1/invoices/13/balance", "application/json").await["data"];
    assert_eq!(balance["payments"][0]["payment"]["amount"], json!({ "amount": "20000.00", "currency": "EUR" }));
    assert_eq!(balance["payments"][0]["payment"]["type"], "incoming");
    assert_eq!(balance["documents"]["creditNotes"][0]["amount"]["amount"], "3800.00");
    control.delete_payment(payment).unwrap();
    let row = stand.row_of(13).await;
    assert_eq!(
        (row["payment"]["balance"]["amount"].as_str(), row["payment"]["status"].as_str()),
        (Some("20000.00"), Some("partialCancellation"))
    );
    let balance = &stand.json("/api/v1/invoices/13/balance", "application/json").await["data"];
    assert_eq!(balance["payments"], json!([]));
    control.write_off(13).unwrap();
    assert_eq!(stand.row_of(13).await["payment"]["status"], "badDebt");
    assert!(control.delete_payment(payment).is_err(), "it is gone");
}

#[tokio::test]
async fn payments_leave_updated_at_alone_when_told_so() {
    let stand = Stand::unlimited().await;
    let control = stand.running.xentral();
    control.let_money_touch(false);
    let before = control.invoice(1).unwrap().updated_at;
    stand.pass(60);
    control.record_payment(1, 118_990).unwrap();
    let after = control.invoice(1).unwrap();
    assert_eq!((after.updated_at, after.outstanding_minor()), (before, 0));
}

#[tokio::test]
async fn dunning_settings_are_written_back_and_nonsense_changes_nothing() {
    let stand = Stand::unlimited().await;
    let patch = |body: Value| {
        let request = stand.client.patch(format!("{}/api/v3/invoices/2", stand.running.url())).bearer_auth(TOKEN);
        async move { request.json(&body).send().await.unwrap() }
    };
    let done = patch(json!({ "dunningSettings": { "level": "debtCollection", "date": "2026-11-21", "comment": "übergeben" } })).await;
    assert_eq!(done.status(), StatusCode::OK);
    let settings = done.json::<Value>().await.unwrap()["data"]["dunningSettings"].clone();
    assert_eq!(
        settings,
        json!({ "level": "debtCollection", "date": "2026-11-21", "blocked": false, "comment": "übergeben", "isDunningSent": false })
    );
    let before = stand.running.xentral().invoice(2).unwrap();
    for wrong in [
        json!({ "dunningSettings": { "level": "paymentReminder" } }),
        json!({ "dunningSettings": { "date": "soon" } }),
        json!({ "dunningSettings": { "colour": "red" } }),
        json!({ "paymentStatus": "paid" }),
    ] {
        assert_eq!(patch(wrong.clone()).await.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(stand.running.xentral().invoice(2).unwrap(), before);
    let emptied = patch(json!({ "dunningSettings": { "date": null, "blocked": true } })).await;
    let settings = emptied.json::<Value>().await.unwrap()["data"]["dunningSettings"].clone();
    assert_eq!((&settings["date"], &settings["blocked"], &settings["level"]), (&Value::Null, &json!(true), &json!("debtCollection")));
}

#[tokio::test]
async fn an_invoice_is_a_pdf_when_asked_for_as_one_and_a_customer_has_their_address() {
    let stand = Stand::unlimited().await;
    for path in ["/api/v3/invoices/3", "/api/v1/invoices/3"] {
        let pdf = stand.ask(path, "application/pdf").await;
        assert_eq!(pdf.headers()["content-type"], "application/pdf");
        assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-1.4"));
    }
    let customer = &stand.v3("/api/v3/customers/3").await["data"];
    assert_eq!(customer["primaryAddress"]["city"], "Düsseldorf");
    assert_eq!(customer["documentDelivery"]["documentRecipients"]["invoice"]["to"], "rechnungen@ueberall.example");
    for path in ["/api/v3/invoices/999", "/api/v3/customers/0", "/api/v3/invoices/x"] {
        assert_eq!(stand.ask(path, "application/json").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_control_paths_do_what_the_typed_control_does() {
    let stand = Stand::unlimited().await;
    let url = stand.running.url();
    let post = |path: String, body: Value| {
        let request = stand.client.post(format!("{url}/_control/{path}")).json(&body);
        async move { request.send().await.unwrap() }
    };
    let customer: Value = post("customers".into(), json!({ "name": "Käßbohrer GmbH", "email": "a@b.example" })).await.json().await.unwrap();
    let added =
        post("invoices".into(), json!({ "customer": customer["id"], "amount": "119.00", "issued_on": "2026-10-01", "target_days": 14 }))
            .await;
    let id = added.json::<Value>().await.unwrap()["id"].as_u64().unwrap();
    let payment: Value = post(format!("invoices/{id}/payments"), json!({ "amount": "19.00" })).await.json().await.unwrap();
    let invoice = || stand.running.xentral().invoice(u32::try_from(id).unwrap()).unwrap();
    assert_eq!(invoice().outstanding_minor(), 10_000);
    assert!(post(format!("payments/{}/delete", payment["id"]), json!({})).await.status().is_success());
    assert!(post(format!("invoices/{id}/terms"), json!({ "target_days": 30 })).await.status().is_success());
    assert!(post(format!("invoices/{id}/dunning"), json!({ "blocked": true })).await.status().is_success());
    assert_eq!((invoice().outstanding_minor(), invoice().target_days, invoice().dunning.blocked), (11_900, 30, true));
    assert_eq!(post("invoices/9999/cancel".into(), json!({})).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(post(format!("invoices/{id}/payments"), json!({ "amount": "1,50" })).await.status(), StatusCode::BAD_REQUEST);
    let page = stand.client.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Käßbohrer GmbH") && page.contains("Bäckerei Mößmer GmbH"));
}

#[tokio::test]
async fn an_empty_instance_takes_what_a_test_puts_in() {
    let stand = Stand::new(Options { samples: false, ..Options::default() }).await;
    let control = stand.running.xentral();
    assert_eq!(stand.v3("/api/v3/invoices").await["meta"]["from"], Value::Null);
    let customer = control.add_customer(NewCustomer::default());
    let issued_on = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let new = NewInvoice { customer, issued_on, target_days: 14, gross_minor: 100, currency: "EUR" };
    let id = control.add_invoice(&new).unwrap();
    assert_eq!(control.invoice(id).unwrap().due_on(), issued_on + Days::new(14));
    assert_eq!(ids(&stand.v3("/api/v3/invoices").await), [id]);
    assert!(control.add_invoice(&NewInvoice { customer: 77, ..new }).is_err());
}

#[tokio::test]
async fn invented_invoices_are_paged_a_thousand_at_a_time() {
    let stand = Stand::new(Options { samples: false, limits: false, invoices: 5_000, ..Options::default() }).await;
    let open = "filter[0][key]=paymentStatus&filter[0][op]=equals&filter[0][value]=pending";
    let mut seen = 0;
    for page in 1..=5 {
        seen += ids(&stand.v3(&format!("/api/v3/invoices?perPage=1000&page={page}&{open}")).await).len();
    }
    assert_eq!(seen, 4_500);
}
