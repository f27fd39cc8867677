//! The postman and the herald against the stand-in, and against answers that the stand-in does not give.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::port::{
    Postal,
    receipt::{Call as Told, Herald, News, NewsOf},
    webhook::WebhookError,
};
use entity::{Channel, NewsKind, SuppressionReason};
use sandbox::{Provider, Running, post::lob::API_KEY};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{
    super::{
        super::fixture::word,
        fixture::{
            A4, IN_WINDOW, Stand, Stood, a_fault_before_is_safe_to_repeat, a_lost_answer_is_found, it_waits_as_long_as_asked, outgoing,
            pdf, unknown_while_nobody_can_be_asked,
        },
        paper::Paper,
        signature::digits,
    },
    *,
};

pub(super) fn settings(url: &str) -> LobSettings {
    LobSettings {
        api_url: format!("{url}/v1"),
        api_key: API_KEY.into(),
        sender: LobSender {
            name: "Acme".into(),
            line1: "1 Main St".into(),
            line2: Some("Suite 2".into()),
            city: "Reno".into(),
            state: "NV".into(),
            zip: "89501".into(),
        },
        mail: LobMail::FirstClass,
        duplex: false,
        colour: true,
        limits: Limits { max_pages: 60, countries: Vec::new() },
    }
}

impl Stood for LobPostman {
    const PROVIDER: Provider = Provider::Lob;
    const LETTERS: &'static str = "/v1/letters";
    const COUNTRY: &'static str = "US";

    fn before(url: &str) -> Self {
        Self::new(settings(url)).unwrap()
    }

    fn made(running: &Running) -> Vec<String> {
        running.lob().letters().into_iter().map(|letter| letter.id).collect()
    }
}

/// One before a server that always answers so.
async fn answering(template: ResponseTemplate) -> (MockServer, LobPostman) {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(template).mount(&server).await;
    let postman = LobPostman::before(&server.uri());
    (server, postman)
}

#[tokio::test]
async fn a_letter_is_posted_on_us_paper_with_its_address_in_front() {
    let stand = Stand::<LobPostman>::new().await;
    let letter = outgoing(1, "US");
    let receipt = stand.postman.send(&letter).await.unwrap();
    let [made] = &*stand.running.lob().letters() else { panic!("one letter") };
    assert_eq!((receipt.provider_id.as_deref(), receipt.posts_itself), (Some(made.id.as_str()), true));
    assert_eq!(receipt.proof.unwrap()["provider"], "lob");
    let field = |name: &str| made.fields.get(name).map_or("", String::as_str);
    assert_eq!((field("to[name]"), field("to[address_state]"), field("from[address_line2]")), ("Jane Doe", "CA", "Suite 2"));
    assert_eq!((field("address_placement"), field("color"), field("double_sided")), ("insert_blank_page", "true", "false"));
    assert_eq!((field("use_type"), field("mail_type")), ("operational", "usps_first_class"));
    assert_eq!(field("metadata[delivery]"), letter.delivery.to_string());
}

#[test]
fn a4_is_scaled_to_us_letter_and_stays_whole() {
    let scaled = paper::on_us_letter(&pdf(2, A4, &[(10.0, 10.0), (200.0, 290.0)])).unwrap();
    let paper = Paper::read(&scaled).unwrap();
    assert_eq!(paper.pages, 2);
    assert!((paper.size.0 - 215.9).abs() < 0.01 && (paper.size.1 - 279.4).abs() < 0.01, "{paper:?}");
    let near = |left: f64, top: f64| super::super::paper::Area { left: left - 0.5, top: top - 0.5, right: left + 0.5, bottom: top + 0.5 };
    let scale = 279.4 / 297.0;
    let across = (215.9 - 210.0 * scale) / 2.0;
    assert!(paper.has_text_in(near(across + 10.0 * scale, 10.0 * scale)), "{paper:?}");
    assert!(paper.has_text_in(near(across + 200.0 * scale, 290.0 * scale)), "{paper:?}");
    assert!(paper::on_us_letter(b"no PDF").is_err());
}

#[tokio::test]
async fn an_answer_that_got_lost_never_makes_two_letters() {
    let (stand, letter, [receipt, again]) = a_lost_answer_is_found::<LobPostman>().await;
    assert_eq!(again, receipt, "the same bytes under the same key are the same letter");
    // And other bytes are a conflict, which is looked up.
    let other = Outgoing { pdf: Some(("l.pdf".into(), pdf(2, A4, &IN_WINDOW))), ..letter };
    assert_eq!(stand.postman.send(&other).await.unwrap().provider_id, receipt.provider_id);
    assert_eq!(stand.made().len(), 1);
}

#[tokio::test]
async fn a_fault_before_anything_was_made_is_safe_to_repeat() {
    a_fault_before_is_safe_to_repeat::<LobPostman>(&[LobPostman::LETTERS]).await;
}

#[tokio::test]
async fn when_nobody_can_be_asked_a_person_has_to_look() {
    unknown_while_nobody_can_be_asked::<LobPostman>().await;
    // A list of other letters: the filter was not understood.
    let others = serde_json::json!({ "data": [{ "id": "ltr_1", "metadata": {} }] });
    let (_server, postman) = answering(ResponseTemplate::new(200).set_body_json(others)).await;
    let letter = outgoing(1, "US");
    assert_eq!(postman.reconcile(letter.delivery, letter.tenant, "").await, Reconciled::Unknown);
}

#[tokio::test]
async fn an_address_that_lob_refuses_fails_for_good() {
    let stand = Stand::<LobPostman>::new().await;
    stand.running.lob().refuse_address("210 King St");
    assert_eq!(word(stand.postman.send(&outgoing(1, "US")).await), "ADDRESS_REFUSED");
    assert!(stand.made().is_empty());
}

#[tokio::test]
async fn keys_that_are_refused_need_a_person() {
    let stand = Stand::<LobPostman>::new().await;
    let wrong = LobPostman::new(LobSettings { api_key: "test_wrong".into(), ..settings(&stand.running.url()) }).unwrap();
    assert!(matches!(wrong.send(&outgoing(1, "US")).await, Err(SendError::Unauthorised { .. })));
}

#[tokio::test]
async fn asked_to_wait_it_waits_as_long_as_asked() {
    it_waits_as_long_as_asked::<LobPostman>(&[LobPostman::LETTERS]).await;
    let limited = ResponseTemplate::new(429).insert_header("date", "Sun, 22 Nov 2026 03:00:00 GMT");
    let (_server, postman) = answering(limited.insert_header("ratelimit-reset", "1795316442")).await;
    let Err(SendError::Transient { retry_after, .. }) = postman.send(&outgoing(1, "US")).await else { panic!("to wait") };
    assert_eq!(retry_after, Some(Duration::from_secs(42)), "until the window ends");
}

#[tokio::test]
async fn what_lob_would_not_take_is_refused_before_it_is_sent() {
    let stand = Stand::<LobPostman>::new().await;
    let mut large = pdf(1, A4, &IN_WINDOW);
    large.resize(MAX_PDF_BYTES + 1, b' ');
    let with = |bytes: Vec<u8>, country| Outgoing { pdf: Some(("l.pdf".into(), bytes)), ..outgoing(1, country) };
    let changed = Postal { name: "Jane Doe".into(), country: "US".into(), parts: None };
    for (letter, expected) in [
        (with(large, "US"), "PDF_TOO_LARGE"),
        (with(pdf(60, A4, &IN_WINDOW), "US"), "TOO_MANY_PAGES"),
        (with(pdf(6, A4, &IN_WINDOW), "CA"), "TOO_MANY_PAGES"),
        (with(b"%PDF-1.7 body".to_vec(), "US"), "PDF_UNREADABLE"),
        (Outgoing { postal: Some(changed), ..outgoing(1, "US") }, "ADDRESS_CHANGED"),
        (Outgoing { postal: None, ..outgoing(1, "US") }, "PDF_MISSING"),
    ] {
        assert_eq!(word(stand.postman.send(&letter).await), expected);
    }
    let standard = LobPostman::new(LobSettings { mail: LobMail::Standard, ..settings(&stand.running.url()) }).unwrap();
    assert_eq!(word(standard.send(&outgoing(1, "CA")).await), "COUNTRY_NOT_SERVED");
    assert_eq!(stand.running.calls().total(), 0);
    assert!(stand.postman.send(&with(pdf(59, A4, &IN_WINDOW), "US")).await.is_ok());
    assert!(stand.postman.send(&Outgoing { delivery: DeliveryId(uuid::Uuid::from_u128(9)), ..outgoing(2, "NO") }).await.is_ok());
}

#[tokio::test]
async fn every_no_is_sorted_by_what_to_do() {
    for (status, told, expected) in [
        (422, "invalid_file_dimensions", "PAGE_SIZE_REFUSED"),
        (422, "file_pages_exceed_max", "TOO_MANY_PAGES"),
        (422, "unembedded_fonts", "PDF_REFUSED"),
        (422, "address_length_exceeds_limit", "ADDRESS_REFUSED"),
        (422, "something_new", "REFUSED"),
        (413, "x", "PDF_TOO_LARGE"),
        (403, "billing_address_required", "unauthorised"),
        (404, "unrecognized_endpoint", "unauthorised"),
        (422, "foreign_return_address", "unauthorised"),
        (307, "x", "transient"),
    ] {
        let body = serde_json::json!({ "error": { "message": "no\r\nway", "status_code": status, "code": told } });
        let answer = ResponseTemplate::new(status).insert_header("location", "/elsewhere").set_body_json(body);
        let (_server, postman) = answering(answer).await;
        assert_eq!(word(postman.send(&outgoing(1, "US")).await), expected, "{status} {told}");
    }
}

#[test]
fn settings_that_cannot_work_are_named_and_keys_are_never_printed() {
    let refused = |change: fn(&mut LobSettings)| {
        let mut settings = settings("https://api.lob.com");
        change(&mut settings);
        LobPostman::new(settings).err().map(|error| error.setting)
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|settings| settings.api_url = "http://api.example.org/v1".into()), Some("api_url"));
    assert_eq!(refused(|settings| settings.sender.state = "Nevada".into()), Some("sender"));
    assert_eq!(refused(|settings| settings.sender.zip = "8950".into()), Some("sender"));
    assert!(!format!("{:?}", settings("https://api.lob.com")).contains(API_KEY));
}

const NOW: &str = "2026-11-22T03:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn signed(key: &str, time: &str, body: &[u8]) -> String {
    digits(key, &[time.as_bytes(), b".", body])
}

fn read(key: &str, time: &str, signature: &str, body: &[u8]) -> Result<Vec<News>, WebhookError> {
    let (time, signature) = (time.to_owned(), signature.to_owned());
    let header = move |name: &str| match name {
        "lob-signature" => Some(signature.clone()),
        "lob-signature-timestamp" => Some(time.clone()),
        _ => None,
    };
    let call = Told { path_and_query: "/webhooks/lob", header: &header, body, now: at(NOW) };
    LobHerald::new(key.into()).read(&call)
}

#[tokio::test]
async fn events_become_news() {
    let stand = Stand::<LobPostman>::new().await;
    let letter = outgoing(1, "US");
    stand.postman.send(&letter).await.unwrap();
    let id = stand.made().remove(0);
    let time = at(NOW).timestamp_millis().to_string();
    for (word, kind, trouble) in [
        ("created", NewsKind::Accepted, None),
        ("rendered_pdf", NewsKind::Accepted, None),
        ("mailed", NewsKind::Sent, None),
        ("processed_for_delivery", NewsKind::Sent, None),
        ("delivered", NewsKind::Delivered, None),
        ("certified.delivered", NewsKind::Delivered, None),
        ("re-routed", NewsKind::Delayed, Some("FORWARDED")),
        ("returned_to_sender", NewsKind::Returned, Some("LETTER_RETURNED")),
        ("failed", NewsKind::Undelivered, Some("PDF_REFUSED")),
        ("deleted", NewsKind::Undelivered, Some("CANCELLED_AT_PROVIDER")),
    ] {
        stand.running.lob().happen(&id, word).unwrap();
        let body = stand.running.lob().deliveries().last().unwrap().body.clone();
        let [News::Delivery(news)] = &*read("key", &time, &signed("key", &time, body.as_bytes()), body.as_bytes()).unwrap() else {
            panic!("{word}")
        };
        assert_eq!(news.of, NewsOf::Delivery(letter.delivery), "by our own id, which the metadata have");
        assert_eq!((news.kind, news.trouble.as_ref().map(|trouble| trouble.code.as_str())), (kind, trouble), "{word}");
        let suppressed = news.trouble.as_ref().and_then(|trouble| trouble.suppress);
        assert_eq!(suppressed, (word == "returned_to_sender").then_some(SuppressionReason::Returned), "{word}");
        assert!(news.at.is_some() && news.mark.starts_with("lob:evt_"));
    }
}

#[test]
fn what_is_no_news_of_a_letter_is_nothing_and_theirs_go_by_their_id() {
    let time = at(NOW).timestamp().to_string();
    let told = |kind: &str| format!(r#"{{"id":"evt_1","event_type":{{"id":"{kind}"}},"body":{{"id":"ltr_1"}}}}"#).into_bytes();
    for kind in ["postcard.delivered", "letter.something_new", "letters"] {
        let body = told(kind);
        assert_eq!(read("key", &time, &signed("key", &time, &body), &body), Ok(Vec::new()), "{kind}");
    }
    let body = told("letter.mailed");
    let [News::Delivery(news)] = &*read("key", &time, &signed("key", &time, &body), &body).unwrap() else { panic!("news") };
    assert_eq!(news.of, NewsOf::Provider(Channel::Post, "ltr_1".into()));
}

#[test]
fn nothing_is_believed_without_its_signature_or_after_its_time() {
    let body = br#"{"id":"evt_1","event_type":{"id":"letter.mailed"},"body":{"id":"ltr_1"}}"#;
    let time = |ago: TimeDelta| (at(NOW) - ago).timestamp_millis().to_string();
    let now = time(TimeDelta::zero());
    assert!(read("key", &now, &signed("key", &now, body), body).is_ok());
    for ago in [TimeDelta::minutes(6), TimeDelta::minutes(-6)] {
        let old = time(ago);
        assert_eq!(read("key", &old, &signed("key", &old, body), body), Err(WebhookError::BadSignature), "a replay");
    }
    let other = time(TimeDelta::minutes(1));
    assert_eq!(read("key", &now, &signed("key", &other, body), body), Err(WebhookError::BadSignature), "the time is signed, too");
    assert_eq!(read("other", &now, &signed("key", &now, body), body), Err(WebhookError::BadSignature));
    assert_eq!(read("", &now, &signed("", &now, body), body), Err(WebhookError::BadSignature), "no key, no belief");
    assert_eq!(read("key", "now", &signed("key", "now", body), body), Err(WebhookError::BadSignature));
    assert_eq!(read("key", &now, &signed("key", &now, b"[]"), b"[]"), Err(WebhookError::Unreadable));
}
