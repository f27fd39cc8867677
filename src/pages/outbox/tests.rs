//! The page over made-up messages: escaped, contained, filtered, paged.

use std::sync::Arc;

use actix_web::{App, http::StatusCode, http::header::HeaderMap, test};
use entity::Channel;

use super::{super::header_text, PAGE_SIZE, Settings, configure, reader::Shown, samples::*};

const HOSTILE: &str = "<img src=x onerror=alert(1)>\" autofocus onfocus='alert(2)'";

async fn get(shown: Vec<Shown>, path: &str) -> (StatusCode, HeaderMap, String) {
    let tenants = vec![tenant(1, "Kōwhai Ltd", "Pacific/Auckland"), tenant(2, HOSTILE, "Europe/Berlin")];
    let settings = Settings::reading(Arc::new(Samples { tenants, shown }), "t0ken");
    let app = test::init_service(App::new().configure(configure(settings))).await;
    let request = test::TestRequest::get().uri(path).insert_header(("accept-encoding", "identity")).to_request();
    let response = test::call_service(&app, request).await;
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
}

fn three() -> Vec<Shown> {
    let (kowhai, hostile) = (tenant(1, "Kōwhai Ltd", "Pacific/Auckland"), tenant(2, HOSTILE, "Europe/Berlin"));
    vec![
        message(11, &kowhai, Channel::Email, "Mere Tūhoe"),
        message(12, &hostile, Channel::Sms, HOSTILE),
        message(13, &kowhai, Channel::Post, "Åse Ødegård"),
    ]
}

#[actix_web::test]
async fn messages_are_shown_newest_first_as_their_channel_shows_them() {
    let (status, _, html) = get(three(), "/outbox").await;
    assert_eq!(status, StatusCode::OK);
    let order: Vec<_> = ["message post", "message sms", "message email"].iter().map(|class| html.find(class).unwrap()).collect();
    assert!(order.is_sorted(), "{html}");
    assert_eq!(html.matches("class=\"bubble\"").count(), 1);
    assert_eq!(html.matches("class=\"mail\"").count(), 1);
    assert_eq!(html.matches("class=\"paper\"").count(), 1);
    assert!(html.contains("Case D000011") && html.contains("Letter of demand"));
}

#[actix_web::test]
async fn instants_are_the_tenants_own() {
    let (_, _, html) = get(three(), "/outbox").await;
    // 13 hours after nine in the morning UTC is eleven in the morning of the next day in Auckland's summer.
    assert!(html.contains("Tue 3 Mar 2026, 11:00 NZDT"), "{html}");
    // The clock is the first tenant's, or the chosen one's.
    assert!(html.contains("Mon 2 Mar 2026, 22:00 NZDT"), "{html}");
    let (_, _, html) = get(three(), &format!("/outbox?tenant={}", id(2))).await;
    assert!(html.contains("Mon 2 Mar 2026, 10:00 CET"), "{html}");
}

#[actix_web::test]
async fn nothing_that_a_debtor_or_creditor_wrote_becomes_markup() {
    for path in ["/outbox", "/outbox/messages"] {
        let (_, headers, html) = get(three(), path).await;
        assert!(!html.contains("<img") && !html.contains("<script>") && !html.contains("\" autofocus"), "{html}");
        assert!(html.contains("&lt;img src=x"));
        let policy = header_text(&headers, "content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-inline"), "{policy}");
    }
}

#[actix_web::test]
async fn a_mail_can_run_and_load_nothing() {
    let path = format!("/outbox/mail/{}/{}", id(1), id(11));
    let (status, headers, _) = get(three(), &path).await;
    let policy = header_text(&headers, "content-security-policy");
    assert_eq!(status, StatusCode::OK);
    assert!(policy.starts_with("default-src 'none';") && policy.ends_with("; sandbox") && !policy.contains("script-src"), "{policy}");
    let (_, _, html) = get(three(), "/outbox").await;
    assert!(html.contains(&format!("src=\"{path}\" sandbox loading")), "{html}");
}

#[actix_web::test]
async fn a_message_is_found_only_under_its_own_tenant() {
    for path in [
        format!("/outbox/mail/{}/{}", id(2), id(11)),
        format!("/outbox/mail/{}/{}", id(2), id(12)),
        format!("/outbox/letter/{}/{}.pdf", id(2), id(11)),
        format!("/outbox/letter/{}/{}.pdf", id(2), id(99)),
    ] {
        assert_eq!(get(three(), &path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, headers, body) = get(three(), &format!("/outbox/letter/{}/{}.pdf", id(1), id(11))).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "%PDF-1.7"));
    assert_eq!(header_text(&headers, "content-type"), "application/pdf");
}

#[actix_web::test]
async fn the_filter_shows_one_tenant_and_the_empty_choice_all() {
    let (_, _, html) = get(three(), &format!("/outbox?tenant={}", id(2))).await;
    assert_eq!(html.matches("<article").count(), 1);
    assert!(html.contains(&format!("<option value=\"{}\" selected>", id(2))));
    let (_, _, html) = get(three(), "/outbox?tenant=").await;
    assert_eq!(html.matches("<article").count(), 3);
    assert_eq!(get(three(), "/outbox?tenant=nobody").await.0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn older_messages_are_one_link_away_and_none_is_lost_between() {
    let kowhai = tenant(1, "Kōwhai Ltd", "Pacific/Auckland");
    let count = PAGE_SIZE + 1;
    let many: Vec<_> = (0..count).map(|n| message(100 + n as u128, &kowhai, Channel::Sms, "Mere")).collect();
    let (_, _, html) = get(many.clone(), "/outbox").await;
    assert_eq!(html.matches("<article").count(), PAGE_SIZE);
    let before = format!("before={}", id(101));
    assert!(html.contains(&before) && html.contains("data-live"), "{html}");
    let (_, _, html) = get(many, &format!("/outbox?{before}")).await;
    assert_eq!(html.matches("<article").count(), 1);
    assert!(!html.contains("data-live") && !html.contains("class=\"older\""), "{html}");
}

#[actix_web::test]
async fn an_empty_outbox_says_what_to_do() {
    let (status, _, html) = get(Vec::new(), "/outbox").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Nothing was sent yet"));
}
