//! The postman against a stand-in for the provider.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use entity::Channel;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, body_string_contains, header, method, path, query_param},
};

use super::{super::fixture, *};

const PATH: &str = "/2010-04-01/Accounts/AC1/Messages.json";

fn settings(base_url: String) -> TwilioSettings {
    TwilioSettings {
        base_url,
        account_sid: "AC1".into(),
        auth_token: SecretString::from("token"),
        from: "+6421000".into(),
        public_url: None,
    }
}

fn outgoing() -> Outgoing {
    let mut outgoing = fixture::outgoing(1);
    outgoing.channel = Channel::Sms;
    outgoing.recipient = "+64211234567".into();
    outgoing.text = "Please pay & thank you: Ōtautahi".into();
    outgoing
}

async fn answering(template: ResponseTemplate) -> (MockServer, TwilioPostman) {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(PATH)).respond_with(template).expect(1).mount(&server).await;
    let postman = TwilioPostman::with_timeout(settings(server.uri()), Duration::from_millis(500)).unwrap();
    (server, postman)
}

#[tokio::test]
async fn an_accepted_message_gives_its_id() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(PATH))
        .and(header("authorization", "Basic QUMxOnRva2Vu"))
        .and(body_string("To=%2B64211234567&From=%2B6421000&Body=Please+pay+%26+thank+you%3A+%C5%8Ctautahi"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"sid": "SM9", "status": "queued", "error_code": null})))
        .expect(1)
        .mount(&server)
        .await;
    let postman = TwilioPostman::new(settings(format!("{}/", server.uri()))).unwrap();
    let receipt = postman.send(&outgoing()).await.unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some("SM9"));
    assert_eq!(receipt.proof.unwrap()["status"], "queued");
}

#[tokio::test]
async fn the_provider_is_told_where_to_tell_what_became_of_it() {
    let server = MockServer::start().await;
    let callback = "StatusCallback=https%3A%2F%2Fdunwell.example%2Fwebhooks%2Ftwilio%2Fstatus%3Fd%3D00000000000000000000000000000001";
    Mock::given(method("POST"))
        .and(path(PATH))
        .and(body_string_contains(callback))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"sid": "SM9"})))
        .expect(1)
        .mount(&server)
        .await;
    let told = TwilioSettings { public_url: Some("https://dunwell.example/".into()), ..settings(server.uri()) };
    TwilioPostman::new(told).unwrap().send(&outgoing()).await.unwrap();
}

#[tokio::test]
async fn every_no_is_sorted_by_what_to_do() {
    let cases = [
        (400, json!({"code": 21211, "message": "bad\r\nnumber"}), "NUMBER_INVALID"),
        (400, json!({"code": 21614}), "NUMBER_INVALID"),
        (400, json!({"code": 21610}), "OPTED_OUT"),
        (403, json!({"code": 21408}), "REGION_NOT_ALLOWED"),
        (400, json!({"code": 99999}), "REFUSED"),
        (400, json!("not what we expect"), "REFUSED"),
        (201, json!({"sid": "SM1", "error_code": 30005}), "NUMBER_INVALID"),
        (401, json!({"code": 20003}), "unauthorised"),
        (400, json!({"code": 21606}), "unauthorised"),
        (404, json!({}), "unauthorised"),
        (429, json!({"code": 20429}), "transient"),
        (503, json!({}), "transient"),
        (302, json!({}), "transient"),
        (500, json!({}), "unknown"),
        (502, json!("<html>"), "unknown"),
    ];
    for (status, body, expected) in cases {
        let redirect = ResponseTemplate::new(status).set_body_json(&body).insert_header("location", "/elsewhere");
        let (_server, postman) = answering(redirect).await;
        assert_eq!(fixture::word(postman.send(&outgoing()).await), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn asked_waits_are_kept_within_reason() {
    for (asked, expected) in [("7", Some(7)), ("0", Some(1)), ("999999", Some(3600)), ("Wed, 21 Oct 2026 07:28:00 GMT", None)] {
        let (_server, postman) = answering(ResponseTemplate::new(429).insert_header("retry-after", asked)).await;
        let Err(SendError::Transient { retry_after, .. }) = postman.send(&outgoing()).await else { panic!("{asked}") };
        assert_eq!(retry_after, expected.map(Duration::from_secs), "{asked}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_missing_server_is_not() {
    let slow = ResponseTemplate::new(201).set_delay(Duration::from_secs(30));
    let (_server, postman) = answering(slow).await;
    assert!(matches!(postman.send(&outgoing()).await, Err(SendError::Unknown { .. })));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let postman = TwilioPostman::new(settings(format!("http://{closed}"))).unwrap();
    assert!(matches!(postman.send(&outgoing()).await, Err(SendError::Transient { .. })));
}

#[tokio::test]
async fn a_connection_closed_after_the_request_is_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await.unwrap()
    });
    let postman = TwilioPostman::new(settings(format!("http://{address}"))).unwrap();
    assert!(matches!(postman.send(&outgoing()).await, Err(SendError::Unknown { .. })));
    assert!(server.await.unwrap() > 0);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let (_server, postman) = answering(ResponseTemplate::new(201).set_body_bytes(vec![b' '; 200_000])).await;
    assert_eq!(postman.send(&outgoing()).await.unwrap(), Receipt { provider_id: None, ..Receipt::default() }, "accepted, by its status");
}

#[tokio::test]
async fn impossible_messages_are_refused_without_asking() {
    let server = MockServer::start().await;
    let postman = TwilioPostman::new(settings(server.uri())).unwrap();
    for number in ["", "0211234567", "+0211234567", "+64 21 1234567", "+6421", "+1234567890123456", "+６４211234567"] {
        let mut message = outgoing();
        message.recipient = number.into();
        assert_eq!(fixture::word(postman.send(&message).await), "NUMBER_INVALID", "{number}");
    }
    let mut message = outgoing();
    message.text = "x".repeat(1601);
    assert_eq!(fixture::word(postman.send(&message).await), "MESSAGE_TOO_LONG");
    let mut message = outgoing();
    message.valid_for = Duration::ZERO;
    assert!(matches!(postman.send(&message).await, Err(SendError::Transient { .. })));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn only_an_empty_list_says_that_repeating_is_safe() {
    let delivery = outgoing().delivery;
    let tenant = outgoing().tenant;
    for (status, body, expected) in [
        (200, json!({"messages": []}), Reconciled::SafeToRepeat),
        (200, json!({"messages": [{"sid": "SM1"}]}), Reconciled::Unknown),
        (200, json!({"error": "?"}), Reconciled::Unknown),
        (500, json!({"messages": []}), Reconciled::Unknown),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(PATH))
            .and(query_param("To", "+64211234567"))
            .respond_with(ResponseTemplate::new(status).set_body_json(&body))
            .mount(&server)
            .await;
        let postman = TwilioPostman::new(settings(server.uri())).unwrap();
        assert_eq!(postman.reconcile(delivery, tenant, "+64211234567").await, expected, "{status} {body}");
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let refused = |change: fn(&mut TwilioSettings)| {
        let mut settings = settings("https://api.twilio.com".into());
        change(&mut settings);
        TwilioPostman::new(settings).err().map(|error| error.setting)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|settings| settings.base_url = "http://api.example.org".into()), Some("base_url"));
    assert_eq!(refused(|settings| settings.base_url = "https://u:p@api.example.org".into()), Some("base_url"));
    assert_eq!(refused(|settings| settings.base_url = "nonsense".into()), Some("base_url"));
    assert_eq!(refused(|settings| settings.account_sid = "../x".into()), Some("account_sid"));
    assert_eq!(refused(|settings| settings.from = " ".into()), Some("from"));
}

#[test]
fn the_token_is_never_printed() {
    assert!(!format!("{:?}", settings("https://api.twilio.com".into())).contains("token\""));
}
