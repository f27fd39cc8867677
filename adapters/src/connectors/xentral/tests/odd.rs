//! Answers that the stand-in does not give: one bad record among good ones, customers as a list, invoices without days
//! to pay, lists that do not say where they end.

use domain::port::{Scope, SourceError};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

use super::world::{Linked, only};

fn invoice(id: u32) -> Value {
    json!({
        "id": id.to_string(),
        "updatedAt": "2026-11-20T10:00:00Z",
        "status": "sent",
        "paymentStatus": "pending",
        "documentNumber": format!("RE-{id}"),
        "documentDate": "2026-09-01",
        "address": { "id": "31" },
        "documentAddress": { "name": "Alte Anschrift", "type": "company", "city": "Ulm" },
        "financials": { "paymentTerms": { "paymentTargetDays": 14 } },
        "totals": { "gross": { "amount": 119.00, "currency": "EUR" } },
        "dunningSettings": { "level": null, "blocked": false, "comment": null }
    })
}

fn answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// An instance with these invoices, all of them open as a whole.
async fn instance(invoices: &[Value], meta: Value) -> (MockServer, Linked) {
    let server = MockServer::start().await;
    let page = Mock::given(method("GET")).and(path("/api/v3/invoices")).and(query_param_is_missing("cursor"));
    page.respond_with(answer(&json!({ "data": invoices, "meta": meta }))).mount(&server).await;
    let open: Vec<Value> = invoices
        .iter()
        .map(|row| json!({ "id": row["id"], "payment": { "status": "pending", "balance": { "amount": "119.00", "currency": "EUR" } } }))
        .collect();
    Mock::given(method("GET")).and(path("/api/v1/invoices")).respond_with(answer(&json!({ "data": open }))).mount(&server).await;
    let linked = Linked::to(&server.uri(), "t", None);
    (server, linked)
}

#[tokio::test]
async fn one_bad_record_is_a_problem_and_its_neighbours_are_kept() {
    let mut bad = invoice(2);
    bad["totals"] = json!("viel");
    let (_server, linked) = instance(&[invoice(1), bad, invoice(3)], json!({ "nextCursor": null })).await;
    let pulled = linked.pull(Scope::Everything).await;
    assert_eq!((pulled.ids(), pulled.problems()), (vec![1, 3], vec![(Some("2"), "CONTRACT_BROKEN")]));
    assert!(!pulled.pages[0].problems[0].message.contains("viel"));
    assert_eq!(pulled.pages.last().unwrap().rows_done, 3);
}

#[tokio::test]
async fn the_customers_own_record_is_younger_than_the_address_on_an_invoice() {
    let (server, linked) = instance(&[invoice(1)], json!({ "nextCursor": null })).await;
    let customer = json!({ "id": "31", "primaryAddress": { "name": "Neue Anschrift", "type": "company", "city": "Kempten" }, "groups": [{ "id": "1", "name": "Handel" }] });
    Mock::given(method("GET"))
        .and(path("/api/v3/customers"))
        .respond_with(answer(&json!({ "data": [customer], "meta": { "nextCursor": null } })))
        .mount(&server)
        .await;
    let pulled = linked.pull(Scope::Everything).await;
    let debtor = pulled.records[0].debtor.clone().unwrap();
    assert_eq!(
        (debtor.external_id.as_str(), debtor.city.as_deref(), debtor.groups),
        ("31", Some("Kempten"), Some(vec!["Handel".to_owned()]))
    );
    let changes = linked.pull(Scope::Changes("2026-11-20T00:00:00Z".into())).await;
    let alone = changes.records.last().unwrap();
    assert_eq!((alone.invoice.as_ref(), alone.debtor.as_ref().map(|debtor| debtor.name.as_str())), (None, Some("Neue Anschrift")));
}

#[tokio::test]
async fn customers_that_cannot_be_listed_leave_the_address_on_the_invoice_and_are_not_asked_for_again() {
    let many: Vec<Value> = (1..=120).map(invoice).collect();
    let (server, linked) = instance(&many, json!({ "nextCursor": null })).await;
    Mock::given(method("GET")).and(path("/api/v3/customers")).respond_with(ResponseTemplate::new(403)).expect(1).mount(&server).await;
    let pulled = linked.pull(Scope::Changes("2026-11-20T00:00:00Z".into())).await;
    assert_eq!(pulled.ids().len(), 120);
    assert!(pulled.records.iter().filter_map(|record| record.debtor.as_ref()).all(|debtor| debtor.name == "Alte Anschrift"));
}

#[tokio::test]
async fn an_invoice_without_days_to_pay_is_due_when_v1_says_so() {
    let without = |id: u32| {
        let mut without = invoice(id);
        without["financials"] = json!({ "paymentTerms": {} });
        without
    };
    let (server, linked) = instance(&[without(1), without(2)], json!({ "nextCursor": null })).await;
    let due = json!({ "data": { "paymentTerms": { "dueDate": "2026-10-12T00:00:00+02:00" } } });
    Mock::given(method("GET")).and(path("/api/v1/invoices/1")).respond_with(answer(&due)).mount(&server).await;
    let pulled = linked.pull(Scope::Everything).await;
    assert_eq!(pulled.invoice(1).unwrap().due_on, "2026-10-12".parse().unwrap());
    assert_eq!(pulled.problems(), [(Some("2"), "NOT_FOUND")]);
}

#[tokio::test]
async fn pages_follow_the_cursor_and_a_list_that_does_not_go_on_is_broken() {
    let (server, linked) = instance(&[invoice(1)], json!({ "nextCursor": "c2" })).await;
    let second = json!({ "data": [invoice(2)], "meta": {} });
    let page = Mock::given(method("GET")).and(path("/api/v3/invoices")).and(query_param("cursor", "c2"));
    page.respond_with(answer(&second)).up_to_n_times(1).mount(&server).await;
    let pages = linked.pages(Scope::Everything).await.unwrap();
    assert_eq!(pages.len(), 2, "a short page may leave out that it is the last");
    let loops = json!({ "data": [invoice(2)], "meta": { "nextCursor": "c2" } });
    let page = Mock::given(method("GET")).and(path("/api/v3/invoices")).and(query_param("cursor", "c2"));
    page.respond_with(answer(&loops)).mount(&server).await;
    assert!(matches!(linked.fails(Scope::Everything).await, SourceError::Broken(message) if message.contains("meta.nextCursor")));
}

#[tokio::test]
async fn a_full_page_that_does_not_say_whether_it_is_the_last_is_broken() {
    let full: Vec<Value> = (1..=1_000).map(invoice).collect();
    let (_server, linked) = instance(&full, json!({})).await;
    assert!(matches!(linked.fails(Scope::Everything).await, SourceError::Broken(message) if message.contains("meta.nextCursor")));
}

#[tokio::test]
async fn a_balance_of_an_invoice_that_nobody_asked_for_is_left_alone() {
    let (server, linked) = instance(&[], json!({ "nextCursor": null })).await;
    assert!(linked.pull(only(&["5"])).await.problems().contains(&(Some("5"), "NOT_FOUND")));
    assert!(server.received_requests().await.unwrap().iter().all(|request| !request.url.path().starts_with("/api/v1")));
}

#[tokio::test]
async fn the_end_of_the_window_is_believed_where_no_wait_is_told() {
    for (header, seconds) in [(Some(30), 30), (Some(-10), 1), (Some(999_999), 600), (None, 5)] {
        let server = MockServer::start().await;
        let linked = Linked::to(&server.uri(), "t", None);
        let limited = ResponseTemplate::new(429);
        let limited = match header {
            Some(after) => limited.insert_header("X-RateLimit-Reset", (linked.now.timestamp() + after).to_string()),
            None => limited,
        };
        Mock::given(method("GET")).respond_with(limited).mount(&server).await;
        assert_eq!(linked.fails(Scope::Everything).await, SourceError::RateLimited(seconds), "{header:?}");
    }
}
