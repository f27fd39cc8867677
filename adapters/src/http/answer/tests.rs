//! What an answer is taken for, by status, content type, body and `Retry-After`.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::Deserialize;

use super::{Answer, HttpError, MAX_RETRY_AFTER_SECONDS, USUAL_RETRY_AFTER_SECONDS, retry_after};

fn answer(status: u16, kind: &str, body: &str) -> Answer {
    let mut headers = HeaderMap::new();
    if !kind.is_empty() {
        headers.insert("content-type", HeaderValue::from_str(kind).unwrap());
    }
    Answer { host: "books.example".into(), status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Document {
    id: u32,
}

#[test]
fn json_of_any_dialect_is_read() {
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON", "text/json", "application/problem+json"] {
        assert_eq!(answer(200, kind, r#" {"id": 7, "more": 1}"#).json(), Ok(Document { id: 7 }), "{kind}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_a_reason_and_without_its_contents() {
    for (kind, body, reason) in [
        ("text/html", "<html>Down for\0 maintenance</html>", "is text/html instead of JSON: <html>Down for maintenance</html>"),
        ("text/plain", r#"{"id": "CANARY7f3a"}"#, "is text/plain instead of JSON"),
        ("", r#"{"id": 7}"#, "is nothing instead of JSON"),
        ("application/pdf", "%PDF CANARY7f3a", "is application/pdf instead of JSON"),
        ("application/json", "", "is empty"),
        ("application/json", " \r\n", "is empty"),
        ("application/json", r#"{"id": "CANARY7f3a"#, "ends in the middle, at line 1 column 18"),
        ("application/json", "<html>CANARY7f3a", "is not JSON at line 1 column 1"),
        ("application/json", r#"{"id": "CANARY7f3a"}"#, "is not of the documented shape at line 1 column 19"),
        ("application/json", r#"{"CANARY7f3a": 1}"#, "lacks the field id at line 1 column 17"),
        ("application/json", r#"{"id": 7} CANARY7f3a"#, "is not JSON at line 1 column 11"),
    ] {
        let error = answer(200, kind, body).json::<Document>().unwrap_err();
        assert_eq!(error, HttpError::Broken(format!("the answer of books.example (200) {reason}")), "{body:?}");
    }
}

#[test]
fn a_failing_server_is_unavailable_and_the_connector_sorts_the_rest() {
    let now = DateTime::UNIX_EPOCH;
    for status in [408, 500, 502, 503, 504, 599] {
        let error = answer(status, "text/html", "<b>down</b>").sorted(now).unwrap_err();
        assert_eq!(error, HttpError::Unavailable(format!("books.example answers {status}: <b>down</b>")));
    }
    assert_eq!(answer(429, "", "").sorted(now).unwrap_err(), HttpError::RateLimited(USUAL_RETRY_AFTER_SECONDS));
    for status in [200, 204, 304, 400, 401, 403, 404, 412, 422] {
        assert_eq!(answer(status, "", "").sorted(now).unwrap().status.as_u16(), status);
    }
    let strange = answer(418, "application/json", r#"{"token": "CANARY7f3a"}"#).unexpected();
    assert_eq!(strange, HttpError::Broken("books.example answers 418".into()));
}

#[test]
fn the_wait_is_read_in_seconds_and_as_a_date_within_bounds() {
    let now: DateTime<Utc> = "2026-08-01T12:00:00Z".parse().unwrap();
    let http_date = |after: TimeDelta| (now + after).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (told, seconds) in [
        ("7", 7),
        (" 60 ", 60),
        ("67000", 67_000),
        ("0", 1),
        ("86401", MAX_RETRY_AFTER_SECONDS),
        ("99999999999999999999999999", MAX_RETRY_AFTER_SECONDS),
        (http_date(TimeDelta::seconds(90)).as_str(), 90),
        (http_date(TimeDelta::seconds(-90)).as_str(), 1),
        (http_date(TimeDelta::days(400)).as_str(), MAX_RETRY_AFTER_SECONDS),
        ("", USUAL_RETRY_AFTER_SECONDS),
        ("-3", USUAL_RETRY_AFTER_SECONDS),
        ("1.5", USUAL_RETRY_AFTER_SECONDS),
        ("soon", USUAL_RETRY_AFTER_SECONDS),
    ] {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(told).unwrap())]);
        assert_eq!(retry_after(&headers, now), seconds, "{told:?}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), USUAL_RETRY_AFTER_SECONDS);
}
