//! What a call does with its keys, its turn and its answer.

use std::{sync::atomic::Ordering, time::Duration};

use domain::port::{Scope, SourceError};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{
    Puller,
    data::{Lender, claim, customer, invoice, voucher, with},
    fake::Go,
};

async fn go() -> Go {
    let go = Go::start().await;
    let entry = claim(1, "90.00", "90.00");
    let mut books = go.books();
    (books.invoices, books.customers, books.entries) = (vec![invoice(&entry)], vec![customer(40_001)], vec![entry]);
    drop(books);
    go
}

async fn pulled_with(end: &'static str, answer: ResponseTemplate) -> (Puller, Result<usize, SourceError>) {
    let go = go().await;
    go.books().instead.push((end, answer));
    let puller = Puller::new(&go);
    let pages = puller.pages(Scope::Everything).await;
    (puller, pages.map(|pages| pages.iter().map(|page| page.records.len()).sum()))
}

#[tokio::test]
async fn refused_keys_are_renewed_once_and_the_call_is_made_again() {
    let (puller, records) = pulled_with("OpenItems", ResponseTemplate::new(401)).await;
    assert_eq!((records.unwrap(), puller.lender.refused.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn keys_that_stay_refused_need_a_person() {
    let go = go().await;
    go.books().instead.extend([("OpenItems", ResponseTemplate::new(401)), ("OpenItems", ResponseTemplate::new(401))]);
    let error = Puller::new(&go).pages(Scope::Everything).await.unwrap_err();
    assert!(matches!(&error, SourceError::Unauthorised(why) if why.contains("connect again")), "{error}");
}

#[tokio::test]
async fn a_client_whose_key_was_refused_at_the_renewal_needs_a_person() {
    let go = go().await;
    let mut puller = Puller::new(&go);
    let document = r#"{"clients":{"7711":{"client_key":"client-key-1"}}}"#.to_owned();
    puller.lender = std::sync::Arc::new(Lender { document, ..Lender::default() });
    assert!(matches!(puller.pages(Scope::Everything).await, Err(SourceError::Unauthorised(_))));
    assert_eq!(go.books().asked.len(), 0, "nothing is called without keys");
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let (_, records) = pulled_with("OutgoingInvoices", ResponseTemplate::new(403)).await;
    assert!(matches!(records, Err(SourceError::Unauthorised(why)) if why.contains("OutgoingInvoices")));
}

#[tokio::test]
async fn a_limit_ends_the_pull_at_once_and_closes_the_key_for_everybody() {
    let body = json!({"statusCode": "429", "message": "Rate limit is exceeded. Try again in 1 seconds."});
    let (puller, records) = pulled_with("OpenItems", ResponseTemplate::new(429).set_body_json(body)).await;
    assert_eq!(records, Err(SourceError::RateLimited(1)));
    let left = puller.turns.left.lock().unwrap();
    let (key, wait) = left.last().unwrap().closed.clone().unwrap();
    assert_eq!(wait, Duration::from_secs(1));
    assert!(key.starts_with("poweroffice:") && !key.contains("subscription"));
}

#[tokio::test]
async fn a_quota_says_how_long_to_wait() {
    for status in [403, 429] {
        let (_, records) = pulled_with("OpenItems", ResponseTemplate::new(status).insert_header("Retry-After", "90")).await;
        assert_eq!(records, Err(SourceError::RateLimited(90)));
    }
}

#[tokio::test]
async fn every_call_takes_one_turn_and_gives_it_back() {
    let (puller, records) = pulled_with("nowhere", ResponseTemplate::new(200)).await;
    records.unwrap();
    let entered = puller.turns.entered.lock().unwrap();
    assert_eq!((entered.len(), puller.turns.left.lock().unwrap().len()), (4, 4));
    assert!(entered.iter().all(|limit| limit.key == entered[0].key));
}

#[tokio::test]
async fn answers_that_are_no_lists_break_the_pull_and_name_the_call() {
    let answers = [
        ResponseTemplate::new(200).set_body_raw("<html>Kari Nordmann</html>", "text/html"),
        ResponseTemplate::new(200).set_body_raw("[{\"Id\": 1, \"CustomerName\": \"Kari Nord", "application/json"),
        ResponseTemplate::new(200).set_body_raw("{\"Kari\": \"Nordmann\"}", "application/json"),
        ResponseTemplate::new(200),
        ResponseTemplate::new(418),
        ResponseTemplate::new(404),
        ResponseTemplate::new(302).insert_header("Location", "https://elsewhere.example/"),
    ];
    for answer in answers {
        let (_, records) = pulled_with("OpenItems", answer).await;
        let Err(SourceError::Broken(why)) = records else { panic!("{records:?}") };
        assert!(why.contains("Customerledger/OpenItems"), "{why}");
    }
}

#[tokio::test]
async fn a_server_at_fault_is_asked_again_later() {
    for status in [500, 502, 503, 504, 408] {
        let (_, records) = pulled_with("Customers", ResponseTemplate::new(status)).await;
        assert!(matches!(records, Err(SourceError::Unavailable(_))), "{status}");
    }
}

#[tokio::test]
async fn a_bad_record_is_a_problem_and_its_neighbours_are_kept() {
    let go = go().await;
    let good = claim(1, "90.00", "90.00");
    let mut cut = claim(2, "80.00", "80.00");
    cut.as_object_mut().unwrap().remove("Balance");
    let bad = [
        cut,
        with(claim(3, "70.00", "70.00"), &[("Amount", json!("seventy"))]),
        with(claim(4, "60.00", "60.00"), &[("Balance", json!(60.001))]),
        with(claim(5, "50.00", "50.00"), &[("VoucherDate", json!("2026-13-45"))]),
        with(claim(6, "40.00", "40.00"), &[("DueDate", json!(null))]),
        with(claim(7, "30.00", "30.00"), &[("CustomerId", json!(null)), ("CustomerAccountNo", json!(null))]),
    ];
    go.books().entries = std::iter::once(good).chain(bad).collect();
    let pages = Puller::new(&go).pages(Scope::Everything).await.unwrap();
    let told: Vec<_> = pages[0].problems.iter().map(|p| (p.external_id.clone().unwrap(), p.code.as_str(), p.message.clone())).collect();
    for (id, field) in [(2, "Balance"), (3, "Amount"), (4, "Balance"), (5, "VoucherDate"), (6, "DueDate"), (7, "CustomerId")] {
        let found = told.iter().find(|(told, ..)| *told == voucher(id)).unwrap_or_else(|| panic!("{id}: {told:?}"));
        assert!(found.1 == "CONTRACT_BROKEN" && found.2.contains(field) && !found.2.contains("seventy"), "{found:?}");
    }
    assert_eq!((told.len(), pages[0].records.len(), pages[0].rows_done), (6, 1, 7));
}

#[tokio::test]
async fn a_full_page_out_of_order_is_not_taken() {
    let go = go().await;
    let rows: Vec<_> = (1..=1_000)
        .map(|id| {
            with(claim(id, "1.00", "1.00"), &[("LastChangedDateTimeOffset", json!(format!("2026-11-{:02} 12:00:00+00:00", 20 - id % 9)))])
        })
        .collect();
    go.books().instead.push(("OpenItems", ResponseTemplate::new(200).set_body_json(rows)));
    assert!(matches!(Puller::new(&go).pages(Scope::Everything).await, Err(SourceError::Broken(_))));
}

#[tokio::test]
async fn a_mark_or_place_of_somebody_else_is_refused() {
    let puller = Puller::new(&go().await);
    assert!(matches!(puller.pages(Scope::Changes("yesterday".into())).await, Err(SourceError::Refused { .. })));
    let opened = puller.connector.pull(puller.pull(Scope::Everything, Some("{}".into()))).await;
    assert!(matches!(opened.err(), Some(SourceError::Refused { .. })));
}
