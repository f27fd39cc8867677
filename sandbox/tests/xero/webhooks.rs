//! Webhooks: signatures, events, and the ritual by which a receiver is tried.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use sandbox::xero::{
    books::Cents,
    webhook::{body, intent_body, signature},
};
use serde_json::Value;

use super::stand::Stand;

type Received = Arc<Mutex<Vec<Value>>>;

/// A receiver that checks signatures, or takes all for right.
fn receiver(checks: bool) -> (String, Received) {
    let received = Received::default();
    let kept = received.clone();
    let take = move |request: HttpRequest, bytes: web::Bytes| {
        let kept = kept.clone();
        async move {
            let given = request.headers().get("x-xero-signature").unwrap().to_str().unwrap().to_owned();
            if checks && given != signature("sandbox-webhook-key", &bytes) {
                return HttpResponse::Unauthorized().finish();
            }
            kept.lock().unwrap().push(serde_json::from_slice(&bytes).unwrap());
            HttpResponse::Ok().finish()
        }
    };
    let server = HttpServer::new(move || App::new().route("/hook", web::post().to(take.clone())));
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/hook", server.addrs()[0]);
    tokio::spawn(server.run());
    (url, received)
}

#[test]
fn the_signature_is_that_of_the_known_vector() {
    let body = br#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#;
    assert_eq!(signature("test-signing-key", body), "cwu4n5P9T+31FPEJOCzJg31PwZ7C7FAVsLyOwgVpyys=");
}

#[test]
fn the_intent_has_no_events_and_the_number_zero() {
    let intent: Value = serde_json::from_slice(&intent_body("x")).unwrap();
    assert_eq!((intent["events"].as_array().unwrap().len(), &intent["lastEventSequence"]), (0, &0.into()));
    let one: Value = serde_json::from_slice(&body(&[], 5, "x")).unwrap();
    assert_eq!(one["firstEventSequence"], 5);
}

#[tokio::test]
async fn changes_are_sent_as_numbered_events_once() {
    let stand = Stand::unlimited().await;
    let (url, received) = receiver(true);
    let invoice = stand.control().invoices(stand.tenant())[0].clone();
    stand.control().record_payment(invoice.id, Cents(100), true).unwrap();
    stand.control().edit_contact(invoice.contact, |contact| contact.email = "new@example.com".to_owned()).unwrap();
    let (events, delivery) = stand.control().send_webhook(&url).await;
    assert!(delivery.accepted);
    assert_eq!(events.len(), 2);
    let sent = received.lock().unwrap()[0].clone();
    assert_eq!((&sent["firstEventSequence"], &sent["lastEventSequence"]), (&1.into(), &2.into()));
    assert_eq!(sent["events"][0]["eventCategory"], "INVOICE");
    assert_eq!(sent["events"][0]["resourceId"], invoice.id.to_string());
    assert_eq!(sent["events"][0]["eventDateUtc"], "2026-11-21T21:00:00.000");
    assert_eq!((&sent["events"][1]["eventCategory"], &sent["events"][1]["eventType"]), (&"CONTACT".into(), &"UPDATE".into()));
    assert!(stand.control().pending_events().is_empty());
    stand.control().send_events(&url, &events).await;
    assert_eq!(received.lock().unwrap()[1]["firstEventSequence"], 3);
}

#[tokio::test]
async fn only_a_receiver_that_checks_signatures_passes_the_intent() {
    let stand = Stand::unlimited().await;
    assert!(stand.control().intend_to_receive(&receiver(true).0).await.passed);
    let careless = stand.control().intend_to_receive(&receiver(false).0).await;
    assert!(!careless.passed && careless.attempts.iter().any(|(right, taken)| !right && taken.accepted));
}
