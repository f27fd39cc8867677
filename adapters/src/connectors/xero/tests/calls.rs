//! Limits, keys that are refused, answers that are not what they should be, notes.

use std::{sync::atomic::Ordering, time::Duration};

use domain::port::{
    Scope, SourceError,
    connect::{BookEvent, BookNote, Notes},
    throttle::{Limit, LimitKind, Told},
};
use serde_json::json;
use uuid::Uuid;
use wiremock::ResponseTemplate;

use super::{
    books::{Books, contact, invoice, invoice_id, start},
    world::{TENANT, World},
};
use crate::{connectors::xero::notes::XeroNotes, http::Http};

fn books() -> Books {
    Books { invoices: vec![invoice(1, 1, start())], contacts: vec![contact(1, start())], ..Books::default() }
}

async fn pull_with(path: &'static str, answers: Vec<ResponseTemplate>) -> (World, Result<usize, SourceError>) {
    let world = World::new(Books { instead: answers.into_iter().map(|answer| (path, answer)).collect(), ..books() }).await;
    let pulled = world.pull(Scope::Everything).await;
    let count = pulled.map(|pages| pages.iter().map(|page| page.records.len()).sum());
    (world, count)
}

fn refusal(status: u16, detail: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({ "Type": null, "Title": "x", "Status": status, "Detail": detail, "Instance": "i", "Extensions": {} }))
}

#[tokio::test]
async fn every_call_takes_a_turn_under_xeros_limits_and_gives_it_back() {
    let (world, pulled) = pull_with("none", vec![]).await;
    assert_eq!(pulled, Ok(1));
    let organisation = format!("xero:{TENANT}");
    let limits = vec![
        Limit { key: organisation.clone(), kind: LimitKind::AtOnce { most: 5 } },
        Limit { key: organisation, kind: LimitKind::Calls { most: 60, per: Duration::from_mins(1) } },
        Limit { key: "xero:app:client".into(), kind: LimitKind::Calls { most: 10_000, per: Duration::from_mins(1) } },
    ];
    assert_eq!(*world.hands.entered.lock().unwrap(), vec![limits; 3]);
    assert_eq!(*world.hands.left.lock().unwrap(), vec![Told::default(); 3]);
}

#[tokio::test]
async fn being_asked_to_wait_closes_whom_the_limit_counts_for_and_is_told_at_once() {
    let organisation = format!("xero:{TENANT}");
    for (problem, wait, key, seconds) in [
        (Some("minute"), Some("37"), organisation.as_str(), 37),
        (Some("day"), Some("67000"), &organisation, 67_000),
        (Some("appminute"), Some("12"), "xero:app:client", 12),
        (Some("concurrent"), None, &organisation, 5),
        (None, None, &organisation, 5),
    ] {
        let mut answer = ResponseTemplate::new(429);
        for (name, value) in [("X-Rate-Limit-Problem", problem), ("Retry-After", wait)] {
            answer = value.map_or(answer.clone(), |value| answer.insert_header(name, value));
        }
        let (world, pulled) = pull_with("Invoices", vec![answer]).await;
        assert_eq!(pulled, Err(SourceError::RateLimited(seconds)), "{problem:?}");
        let told = world.hands.left.lock().unwrap().last().cloned();
        assert_eq!(told, Some(Told { closed: Some((key.to_owned(), Duration::from_secs(seconds))) }), "{problem:?}");
    }
}

#[tokio::test]
async fn keys_that_ran_out_are_renewed_once() {
    let expired = || refusal(401, "TokenExpired: token expired at 04/09/2023 05:16:59");
    let (world, pulled) = pull_with("Invoices", vec![expired()]).await;
    assert_eq!((pulled, world.hands.renewals.load(Ordering::SeqCst)), (Ok(1), 1));
    let (world, pulled) = pull_with("Invoices", vec![expired(), expired()]).await;
    assert!(matches!(pulled, Err(SourceError::Unauthorised(_))), "{pulled:?}");
    assert_eq!(world.hands.renewals.load(Ordering::SeqCst), 1);
    assert_eq!(world.hands.entered.lock().unwrap().len(), world.hands.left.lock().unwrap().len(), "every turn was given back");
}

#[tokio::test]
async fn refusals_are_sorted_by_their_cause() {
    let (world, pulled) = pull_with("Invoices", vec![refusal(401, "AuthorizationUnsuccessful")]).await;
    assert!(matches!(pulled, Err(SourceError::Refused { ref code, .. }) if code == "PROVIDER_SCOPE_MISSING"), "{pulled:?}");
    assert_eq!(world.hands.renewals.load(Ordering::SeqCst), 0, "other keys would not reach further");
    let (_, pulled) = pull_with("Invoices", vec![refusal(403, "AuthenticationUnsuccessful")]).await;
    assert!(matches!(pulled, Err(SourceError::Unauthorised(ref message)) if message.contains("disconnected")), "{pulled:?}");
    let (_, pulled) = pull_with("Invoices", vec![refusal(403, "Other")]).await;
    assert!(matches!(pulled, Err(SourceError::Refused { ref code, .. }) if code == "PROVIDER_REJECTED"), "{pulled:?}");
    for status in [500, 502, 503, 504] {
        let (_, pulled) = pull_with("Invoices", vec![ResponseTemplate::new(status)]).await;
        assert!(matches!(pulled, Err(SourceError::Unavailable(_))), "{status}: {pulled:?}");
    }
    for status in [400, 404, 412] {
        let (_, pulled) = pull_with("Invoices", vec![ResponseTemplate::new(status)]).await;
        assert!(matches!(pulled, Err(SourceError::Broken(ref message)) if message.contains("GET Invoices")), "{status}: {pulled:?}");
    }
}

#[tokio::test]
async fn an_answer_of_which_nothing_can_be_told_stops_the_pull_and_names_the_call() {
    let json = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    for answer in [
        ResponseTemplate::new(200).set_body_raw("<html>Sign in, Secret Debtor</html>", "text/html"),
        json(r#"{"Status":"OK","Invoices":[{"InvoiceID":"Secret Deb"#),
        json(r#"{"Status":"OK"}"#),
        json(r#"{"Status":"OK","Invoices":{"Secret":"Debtor"}}"#),
        json(r#"["Secret Debtor"]"#),
        json(""),
        ResponseTemplate::new(200).set_body_raw("<Response><Invoices/></Response>", "text/xml"),
    ] {
        let (_, pulled) = pull_with("Invoices", vec![answer]).await;
        let Err(SourceError::Broken(message)) = pulled else { panic!("{pulled:?}") };
        assert!(message.starts_with("GET Invoices: "), "{message}");
    }
}

#[tokio::test]
async fn one_broken_record_does_not_hide_the_good_ones() {
    let mut no_status = invoice(2, 1, start());
    no_status.as_object_mut().unwrap().remove("Status");
    let mut odd_date = invoice(3, 1, start());
    odd_date["DueDateString"] = json!("soon");
    let mut odd_status = invoice(4, 1, start());
    odd_status["Status"] = json!("AUTHORISED2");
    let answer = super::books::enveloped("Invoices", &[invoice(1, 1, start()), no_status, odd_date, odd_status, json!("what?")], None);
    let world = World::new(Books { instead: vec![("Invoices", answer)], ..books() }).await;
    let pages = world.pull(Scope::Everything).await.unwrap();
    assert_eq!(pages[0].records.len(), 1);
    let mut problems: Vec<_> = pages[0].problems.iter().map(|problem| (problem.external_id.clone(), problem.code.as_str())).collect();
    problems.sort_unstable();
    let broken = "CONTRACT_BROKEN";
    assert_eq!(problems, [(None, broken), (Some(invoice_id(2)), broken), (Some(invoice_id(3)), broken), (Some(invoice_id(4)), broken)]);
    assert!(pages[0].problems.iter().all(|problem| !problem.message.contains("soon")));
    assert_eq!(pages[0].rows_done, 5);
}

#[tokio::test]
async fn a_note_is_written_once_for_its_id_and_a_missing_right_is_told() {
    let note = |number| BookNote {
        invoice_external_id: invoice_id(number),
        about: BookEvent::HandedOver,
        text: "ā".repeat(3_000),
        id: Uuid::from_u128(7),
    };
    let done = || ResponseTemplate::new(200).set_body_json(json!({ "HistoryRecords": [] }));
    for (answer, expected) in [
        (done(), None),
        (refusal(401, "AuthorizationUnsuccessful"), Some("PROVIDER_SCOPE_MISSING")),
        (refusal(403, "Forbidden"), Some("PROVIDER_SCOPE_MISSING")),
        (ResponseTemplate::new(404), Some("NOT_FOUND")),
    ] {
        let world = World::new(Books { instead: vec![("Invoices", answer)], ..books() }).await;
        let notes = XeroNotes { http: Http::trusted().unwrap(), settings: world.settings() };
        let written = notes.write(&world.link(), &note(1)).await;
        assert_eq!(
            written
                .err()
                .map(|error| match error {
                    SourceError::Refused { code, .. } => code,
                    other => panic!("{other:?}"),
                })
                .as_deref(),
            expected
        );
        let request = &world.server.received_requests().await.unwrap()[0];
        assert_eq!((request.method.as_str(), request.url.path()), ("PUT", format!("/api/Invoices/{}/History", invoice_id(1)).as_str()));
        assert_eq!(request.headers["idempotency-key"], Uuid::from_u128(7).to_string().as_str());
        let body: serde_json::Value = request.body_json().unwrap();
        assert_eq!(body["HistoryRecords"][0]["Details"].as_str().unwrap().chars().count(), 2_500);
    }
}

#[tokio::test]
async fn an_answer_that_is_none_gives_no_address_and_ends_nothing() {
    let json = |body: serde_json::Value| ResponseTemplate::new(200).set_body_json(body);
    for (answer, expected) in [
        (json(json!({ "OnlineInvoices": [{ "OnlineInvoiceUrl": "https://in.xero.com/a" }] })), Ok(Some("https://in.xero.com/a"))),
        (json(json!({ "OnlineInvoices": [{ "OnlineInvoiceUrl": "" }] })), Ok(None)),
        (json(json!({ "OnlineInvoices": [{ "OnlineInvoiceUrl": null }] })), Ok(None)),
        (json(json!({ "OnlineInvoices": [] })), Ok(None)),
        (ResponseTemplate::new(404), Ok(None)),
        (json(json!({ "Pages": [] })), Err("GET Invoices/OnlineInvoice: ")),
        (ResponseTemplate::new(200).set_body_raw("<html>Sign in</html>", "text/html"), Err("GET Invoices/OnlineInvoice: ")),
        (ResponseTemplate::new(503), Err("GET Invoices/OnlineInvoice: ")),
    ] {
        let world = World::new(Books { instead: vec![("Invoices", answer)], ..books() }).await;
        let told = world.system().online.unwrap().page_of(&world.link(), &invoice_id(1)).await;
        match expected {
            Ok(expected) => assert_eq!(told.unwrap().as_deref(), expected),
            Err(expected) => assert!(told.as_ref().is_err_and(|error| error.to_string().starts_with(expected)), "{told:?}"),
        }
    }
}

#[test]
fn notes_are_a_capability_only_where_the_operator_asks_for_the_right() {
    let mut settings = crate::connectors::xero::Settings::new("id", "secret".into(), "https://dunwell.example/callback", "key".into());
    assert!(crate::connectors::xero::system(settings.clone(), Http::trusted().unwrap()).notes.is_none());
    settings.write_notes = true;
    assert!(crate::connectors::xero::system(settings, Http::trusted().unwrap()).notes.is_some());
}
