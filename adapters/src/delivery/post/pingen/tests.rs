//! The postman and the herald against the stand-in, and against answers that the stand-in does not give.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::time::Duration;

use chrono::Utc;
use domain::port::{
    receipt::{Call as Told, DeliveryNews, Herald, News, NewsOf},
    webhook::WebhookError,
};
use entity::{NewsKind, SuppressionReason};
use sandbox::{
    Options, Provider, Running,
    fault::Manner,
    post::pingen::{CLIENT_ID, CLIENT_SECRET, ORGANISATION},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{
    super::{
        super::fixture::word,
        fixture::{
            A4, IN_WINDOW, Stand, Stood, a_fault_before_is_safe_to_repeat, a_lost_answer_is_found, it_waits_as_long_as_asked, outgoing,
            pdf, unknown_while_nobody_can_be_asked,
        },
        signature::digits,
    },
    *,
};

fn settings(url: &str) -> PingenSettings {
    PingenSettings {
        api_url: url.into(),
        token_url: format!("{url}/auth/access-tokens"),
        organisation: ORGANISATION.into(),
        client_id: CLIENT_ID.into(),
        client_secret: CLIENT_SECRET.into(),
        product: PingenProduct::Fast,
        duplex: true,
        colour: false,
        limits: Limits::default(),
    }
}

impl Stood for PingenPostman {
    const PROVIDER: Provider = Provider::Pingen;
    const LETTERS: &'static str = "deliveries/letters";
    const COUNTRY: &'static str = "CH";

    fn before(url: &str) -> Self {
        Self::new(settings(url)).unwrap()
    }

    fn made(running: &Running) -> Vec<String> {
        running.pingen().letters().into_iter().map(|letter| letter.id).collect()
    }
}

/// A server that gives tokens and takes PDFs at an address.
async fn taking(url: impl FnOnce(&str) -> String) -> MockServer {
    let server = MockServer::start().await;
    let json = |body| ResponseTemplate::new(200).set_body_json(body);
    let token = serde_json::json!({ "access_token": "t", "expires_in": 3600 });
    Mock::given(matchers::path("/auth/access-tokens")).respond_with(json(token)).mount(&server).await;
    let upload = serde_json::json!({ "url": url(&server.uri()), "url_signature": "s" });
    let upload = serde_json::json!({ "data": { "id": "u", "attributes": upload } });
    Mock::given(matchers::path("/file-upload")).respond_with(json(upload)).mount(&server).await;
    server
}

/// The machine's time.
fn now() -> chrono::DateTime<Utc> {
    (Options::default().clock)()
}

/// A letter whose id says when it was planned.
fn planned(milliseconds: u64) -> Outgoing {
    let delivery = DeliveryId(uuid::Builder::from_unix_timestamp_millis(milliseconds, &[1; 10]).into_uuid());
    Outgoing { delivery, ..outgoing(3, "CH") }
}

#[tokio::test]
async fn a_letter_is_uploaded_made_and_posted_by_them() {
    let stand = Stand::<PingenPostman>::new().await;
    let letter = outgoing(1, "CH");
    let receipt = stand.postman.send(&letter).await.unwrap();
    let [made] = &*stand.running.pingen().letters() else { panic!("one letter") };
    assert_eq!((receipt.provider_id.as_deref(), receipt.posts_itself), (Some(made.id.as_str()), true));
    assert_eq!(receipt.proof.unwrap()["status"], "submitted");
    assert_eq!(made.file_original_name, format!("{}.pdf", letter.delivery));
    assert_eq!([&*made.delivery_product, &made.print_mode, &made.print_spectrum], ["fast", "duplex", "grayscale"]);
    assert_eq!(Some(&made.pdf), letter.pdf.as_ref().map(|(_, bytes)| bytes));
    assert!(stand.postman.send(&outgoing(2, "CH")).await.is_ok());
    assert_eq!(stand.running.calls().count("POST", "access-tokens"), 1, "a token is kept");
}

#[tokio::test]
async fn an_answer_that_got_lost_never_makes_two_letters() {
    // Sent again, the key is known for another upload.
    a_lost_answer_is_found::<PingenPostman>().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_looked_up() {
    for manner in [Manner::Html, Manner::Truncated, Manner::MissingField { field: "id".into() }] {
        let stand = Stand::<PingenPostman>::new().await;
        stand.running.faults().break_answers(PingenPostman::LETTERS, 1, manner.clone());
        let receipt = stand.postman.send(&outgoing(1, "CH")).await;
        assert_eq!(receipt.unwrap().provider_id.as_deref(), Some(stand.made()[0].as_str()), "{manner:?}");
    }
}

#[tokio::test]
async fn a_fault_before_anything_was_made_is_safe_to_repeat() {
    a_fault_before_is_safe_to_repeat::<PingenPostman>(&["access-tokens", "file-upload", "storage", PingenPostman::LETTERS]).await;
}

#[tokio::test]
async fn when_nobody_can_be_asked_a_person_has_to_look() {
    unknown_while_nobody_can_be_asked::<PingenPostman>().await;
}

#[tokio::test]
async fn a_letter_is_found_among_many_and_missed_only_when_it_is_surely_not_there() {
    let stand = Stand::<PingenPostman>::new().await;
    stand.postman.send(&outgoing(1, "CH")).await.unwrap();
    stand.running.pingen().add_others(250);
    assert!(matches!(stand.reconciled(&outgoing(1, "CH")).await, Reconciled::Sent(_)), "on the third page");
    // Its id says nothing of when it was planned, so that only the end of the list is proof.
    assert_eq!(stand.reconciled(&outgoing(2, "CH")).await, Reconciled::SafeToRepeat);
    stand.running.pingen().add_others(300);
    assert_eq!(stand.reconciled(&outgoing(2, "CH")).await, Reconciled::Unknown, "nobody looks through all letters for ever");
    assert_eq!(stand.reconciled(&planned(now().timestamp_millis().unsigned_abs())).await, Reconciled::Unknown, "all of them are as new");
    assert_eq!(stand.reconciled(&planned(4_102_444_800_000)).await, Reconciled::Unknown, "an id of the future says nothing");
}

#[tokio::test]
async fn letters_older_than_the_delivery_need_not_be_looked_through() {
    let old = Options::default().with_clock(|| now() - chrono::TimeDelta::days(3));
    let stand = Stand::<PingenPostman>::with(old).await;
    stand.running.pingen().add_others(1_000);
    let letter = planned(now().timestamp_millis().unsigned_abs());
    assert_eq!(stand.reconciled(&letter).await, Reconciled::SafeToRepeat);
    assert_eq!(stand.running.calls().count("GET", PingenPostman::LETTERS), 1);
}

#[tokio::test]
async fn keys_that_are_refused_need_a_person_and_an_old_token_does_not() {
    let stand = Stand::<PingenPostman>::new().await;
    let wrong = PingenSettings { client_secret: "wrong".into(), ..settings(&stand.running.url()) };
    let wrong = PingenPostman::new(wrong).unwrap();
    assert!(matches!(wrong.send(&outgoing(1, "CH")).await, Err(SendError::Unauthorised { .. })));
    let foreign = PingenSettings { organisation: "other".into(), ..settings(&stand.running.url()) };
    let foreign = PingenPostman::new(foreign).unwrap();
    assert!(matches!(foreign.send(&outgoing(1, "CH")).await, Err(SendError::Unauthorised { .. })));
    stand.postman.send(&outgoing(1, "CH")).await.unwrap();
    stand.running.pingen().expire_tokens();
    assert!(stand.postman.send(&outgoing(2, "CH")).await.is_ok());
    assert_eq!(stand.made().len(), 2);
}

#[tokio::test]
async fn asked_to_wait_it_waits_as_long_as_asked() {
    it_waits_as_long_as_asked::<PingenPostman>(&["access-tokens", "file-upload", PingenPostman::LETTERS]).await;
}

#[tokio::test]
async fn what_pingen_would_not_take_is_refused_before_it_is_uploaded() {
    let stand = Stand::<PingenPostman>::new().await;
    let with = |bytes: Vec<u8>| {
        let mut letter = outgoing(1, "CH");
        letter.pdf = Some(("letter.pdf".into(), bytes));
        letter
    };
    let shifted = |down: f64| IN_WINDOW.map(|(x, y)| (x, y + down));
    let mut large = pdf(1, A4, &IN_WINDOW);
    large.resize(MAX_PDF_BYTES + 1, b' ');
    for (letter, expected) in [
        (with(pdf(13, A4, &IN_WINDOW)), "TOO_MANY_PAGES"),
        (with(large), "PDF_TOO_LARGE"),
        (with(b"%PDF-1.7 body".to_vec()), "PDF_UNREADABLE"),
        (with(pdf(1, (612.0, 792.0), &IN_WINDOW)), "PAGE_SIZE_REFUSED"),
        (with(pdf(1, A4, &shifted(-14.0))), "POSTAGE_AREA_NOT_FREE"),
        (with(pdf(1, A4, &shifted(40.0))), "ADDRESS_OUTSIDE_WINDOW"),
        (with(pdf(1, A4, &shifted(13.0))), "ADDRESS_OUTSIDE_WINDOW"),
        (with(pdf(1, A4, &IN_WINDOW.map(|(x, y)| (x + 90.0, y)))), "ADDRESS_OUTSIDE_WINDOW"),
        (Outgoing { pdf: None, ..outgoing(1, "CH") }, "PDF_MISSING"),
        (Outgoing { channel: entity::Channel::Email, ..outgoing(1, "CH") }, "NOT_PAPER"),
    ] {
        assert_eq!(word(stand.postman.send(&letter).await), expected);
    }
    assert!(matches!(
        stand.postman.send(&Outgoing { valid_for: Duration::ZERO, ..outgoing(1, "CH") }).await,
        Err(SendError::Transient { .. })
    ));
    assert!(stand.made().is_empty() && stand.running.calls().count("PUT", "storage") == 0);
    assert!(stand.postman.send(&with(pdf(12, A4, &IN_WINDOW))).await.is_ok());
}

#[tokio::test]
async fn countries_and_pages_are_limited_by_the_operator_and_by_the_destination() {
    let stand = Stand::<PingenPostman>::new().await;
    let limits = Limits { max_pages: 15, countries: vec!["CH".into(), "NL".into()] };
    let postman = PingenPostman::new(PingenSettings { limits, ..settings(&stand.running.url()) }).unwrap();
    assert_eq!(word(postman.send(&outgoing(1, "DE")).await), "COUNTRY_NOT_SERVED");
    let long = |country| Outgoing { pdf: Some(("l.pdf".into(), pdf(15, A4, &IN_WINDOW))), ..outgoing(2, country) };
    assert_eq!(word(postman.send(&long("NL")).await), "TOO_MANY_PAGES");
    assert!(postman.send(&long("CH")).await.is_ok());
}

#[tokio::test]
async fn every_no_is_sorted_by_what_to_do() {
    let error = |pointer: &str| serde_json::json!({ "errors": [{ "title": "Bad\r\nthing", "source": { "pointer": pointer } }] });
    for (status, pointer, expected) in [
        (422, "/data/attributes/address", "ADDRESS_REFUSED"),
        (422, "/data/attributes/file_url", "PDF_REFUSED"),
        (400, "/data", "REFUSED"),
        (402, "", "unauthorised"),
        (403, "", "unauthorised"),
        (302, "", "transient"),
    ] {
        let server = taking(|here| format!("{here}/storage")).await;
        Mock::given(matchers::path("/storage")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let answer = ResponseTemplate::new(status).insert_header("location", "/elsewhere").set_body_json(error(pointer));
        Mock::given(matchers::method("POST")).respond_with(answer).mount(&server).await;
        let outcome = PingenPostman::before(&server.uri()).send(&outgoing(1, "CH")).await;
        assert_eq!(word(outcome), expected, "{status} {pointer}");
    }
}

#[tokio::test]
async fn a_pdf_is_uploaded_nowhere_inside() {
    let server = taking(|_| "https://169.254.169.254/x".into()).await;
    let outcome = PingenPostman::before(&server.uri()).send(&outgoing(1, "CH")).await;
    assert!(matches!(outcome, Err(SendError::Transient { .. })), "{outcome:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[test]
fn settings_that_cannot_work_are_named_and_keys_are_never_printed() {
    let refused = |change: fn(&mut PingenSettings)| {
        let mut settings = settings("https://api.pingen.com");
        change(&mut settings);
        PingenPostman::new(settings).err().map(|error| error.setting)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|settings| settings.api_url = "http://api.example.org".into()), Some("api_url"));
    assert_eq!(refused(|settings| settings.token_url = "nonsense".into()), Some("token_url"));
    assert_eq!(refused(|settings| settings.organisation = " ".into()), Some("organisation"));
    assert!(!format!("{:?}", settings("https://api.pingen.com")).contains(CLIENT_SECRET));
}

/// What a webhook of the stand-in says to the herald.
fn read(key: &str, body: &[u8], signature: Option<String>) -> Result<Vec<News>, WebhookError> {
    let header = move |name: &str| if name == "signature" { signature.clone() } else { None };
    let call = Told { path_and_query: "/webhooks/pingen", header: &header, body, now: now() };
    PingenHerald::new(key.into()).read(&call)
}

mod told {
    use super::*;

    async fn news(status: &str, code: &str) -> Option<DeliveryNews> {
        let stand = Stand::<PingenPostman>::new().await;
        let letter = outgoing(1, "CH");
        stand.postman.send(&letter).await.unwrap();
        let id = stand.made().remove(0);
        stand.running.pingen().move_to(&id, status, code, "because").unwrap();
        let body = stand.running.pingen().deliveries()[0].body.clone();
        let signature = sandbox_signature("key", body.as_bytes());
        let [News::Delivery(news)] = &*read("key", body.as_bytes(), Some(signature)).unwrap() else { return None };
        assert_eq!(news.of, NewsOf::Delivery(letter.delivery), "by our own id, which the file's name has");
        assert!(news.mark.starts_with("pingen:") && news.at.is_some());
        Some(news.clone())
    }

    fn sandbox_signature(key: &str, body: &[u8]) -> String {
        digits(key, &[body])
    }

    #[tokio::test]
    async fn states_become_news() {
        for (status, code, kind, trouble) in [
            ("sent", "transferred_to_distributor", NewsKind::Sent, None),
            ("delivered", "", NewsKind::Delivered, None),
            ("undeliverable", "undeliverable", NewsKind::Returned, Some("LETTER_RETURNED")),
            ("action_required", "", NewsKind::Delayed, Some("ACTION_REQUIRED_AT_PROVIDER")),
            ("awaiting_credits", "", NewsKind::Delayed, Some("NO_CREDIT_AT_PROVIDER")),
            ("something_new", "", NewsKind::Delayed, Some("ACTION_REQUIRED_AT_PROVIDER")),
            ("invalid", "address_missing", NewsKind::Undelivered, Some("ADDRESS_REFUSED")),
            ("unprintable", "", NewsKind::Undelivered, Some("PDF_REFUSED")),
            ("cancelled", "", NewsKind::Undelivered, Some("CANCELLED_AT_PROVIDER")),
        ] {
            let news = news(status, code).await.unwrap();
            assert_eq!((news.kind, news.trouble.as_ref().map(|trouble| trouble.code.as_str())), (kind, trouble), "{status}");
            let suppressed = news.trouble.and_then(|trouble| trouble.suppress);
            assert_eq!(suppressed, (status == "undeliverable").then_some(SuppressionReason::Returned), "{status}");
        }
    }

    #[test]
    fn the_older_shape_and_the_examples_of_the_official_clients_are_read() {
        let body = br#"{"data":{"id":"e","type":"sent","relationships":{"letter":{"data":{"id":"let-1","type":"letters"}}}}}"#;
        let [News::Delivery(news)] = &*read("key", body, Some(sandbox_signature("key", body))).unwrap() else { panic!("news") };
        assert_eq!((&news.of, news.kind), (&NewsOf::Provider(entity::Channel::Post, "let-1".into()), NewsKind::Sent));
        for other in [
            br#"{"data":{"id":"e","type":"webhook_sent","relationships":{"deliverable":{"data":{"id":"x","type":"emails"}}}}}"#.as_slice(),
            br#"{"data":{"id":"e","type":"webhook_channel_subscriptions","attributes":{"status":"requested"}}}"#,
            br#"{"data":{"id":"e","type":"webhook_later","relationships":{"letter":{"data":{"id":"l","type":"letters"}}}}}"#,
        ] {
            assert_eq!(read("key", other, Some(sandbox_signature("key", other))), Ok(Vec::new()), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn nothing_is_believed_without_its_signature() {
        let body = br#"{"data":{"id":"e","type":"sent","relationships":{"letter":{"data":{"id":"l","type":"letters"}}}}}"#;
        let good = sandbox_signature("key", body);
        assert!(read("key", body, Some(good.clone())).is_ok());
        assert_eq!(read("key", body, None), Err(WebhookError::BadSignature));
        assert_eq!(read("other", body, Some(good.clone())), Err(WebhookError::BadSignature));
        assert_eq!(read("", body, Some(sandbox_signature("", body))), Err(WebhookError::BadSignature), "no key, no belief");
        assert_eq!(read("key", &body[1..], Some(good)), Err(WebhookError::BadSignature));
        assert_eq!(read("key", b"{}", Some(sandbox_signature("key", b"{}"))), Err(WebhookError::Unreadable));
    }
}
