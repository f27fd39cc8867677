//! Notes in the books: once, behind what people wrote, and nothing else.

use domain::port::{
    Link, Scope, SourceError,
    connect::{BookEvent, BookNote},
};
use sandbox::xentral::DunningLevel;
use serde_json::json;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, body_string_contains, method, path},
};

use super::world::{Linked, World};

fn note(about: BookEvent, invoice: &str) -> BookNote {
    BookNote { invoice_external_id: invoice.to_owned(), about, text: "An Inkasso übergeben.".into(), id: Uuid::from_u128(7) }
}

async fn write(linked: &Linked, note: &BookNote) -> Result<(), SourceError> {
    let link: Link = linked.link();
    linked.system.notes.as_ref().unwrap().write(&link, note).await
}

#[tokio::test]
async fn a_hand_over_sets_the_level_once_keeps_the_comment_and_is_not_taken_for_somebody_elses() {
    let world = World::sampled().await;
    let books = world.stand.xentral();
    let id = world.open()[0];
    books.edit(id, |invoice| invoice.dunning.comment = Some("Ruft nie zurück.".into())).unwrap();
    let note = note(BookEvent::HandedOver, &id.to_string());
    write(&world.linked, &note).await.unwrap();
    let after = books.invoice(id).unwrap();
    assert_eq!(after.dunning.level, Some(DunningLevel::DebtCollection));
    let comment = after.dunning.comment.clone().unwrap();
    assert!(comment.starts_with("Ruft nie zurück. An Inkasso übergeben. (#dunwell-"), "{comment}");
    write(&world.linked, &note).await.unwrap();
    assert_eq!((books.invoice(id).unwrap(), world.stand.calls().count("PATCH", "")), (after, 1));
    assert!(!world.linked.pull(Scope::Everything).await.invoice(id).unwrap().disputed);
}

#[tokio::test]
async fn a_closing_changes_nothing_of_the_invoice() {
    let world = World::sampled().await;
    let id = world.open()[0];
    let before = world.stand.xentral().invoice(id);
    write(&world.linked, &note(BookEvent::Closed, &id.to_string())).await.unwrap();
    assert_eq!(world.stand.xentral().invoice(id), before);
}

#[tokio::test]
async fn a_token_that_may_only_read_says_which_right_is_missing() {
    let world = World::sampled().await;
    world.stand.xentral().issue_token("reader", &["invoice:read"]);
    let linked = Linked::to(&world.stand.url(), "reader", None);
    let error = write(&linked, &note(BookEvent::HandedOver, &world.open()[0].to_string())).await.unwrap_err();
    assert!(matches!(&error, SourceError::Unauthorised(message) if message.contains("invoice:update")), "{error:?}");
}

#[tokio::test]
async fn an_invoice_that_is_gone_is_refused_for_good() {
    let world = World::sampled().await;
    let error = write(&world.linked, &note(BookEvent::HandedOver, "999999")).await.unwrap_err();
    assert!(matches!(&error, SourceError::Refused { code, .. } if code == "NOT_FOUND"), "{error:?}");
    for id in ["", "../users", "1?x=1"] {
        assert!(matches!(write(&world.linked, &note(BookEvent::HandedOver, id)).await, Err(SourceError::Refused { .. })), "{id}");
    }
}

#[tokio::test]
async fn v1_gets_its_settings_back_whole_where_v3_cannot_be_written() {
    let server = MockServer::start().await;
    let v3 = json!({ "data": { "dunningSettings": { "level": "reminder3", "blocked": false, "comment": null } } });
    Mock::given(method("GET"))
        .and(path("/api/v3/invoices/5"))
        .respond_with(ResponseTemplate::new(200).set_body_json(v3))
        .mount(&server)
        .await;
    Mock::given(method("PATCH")).and(path("/api/v3/invoices/5")).respond_with(ResponseTemplate::new(405)).expect(1).mount(&server).await;
    let v1 = json!({ "data": { "dunningSettings": { "level": "reminder3", "date": "2026-10-01", "comment": "alt", "sent": true } } });
    Mock::given(method("GET"))
        .and(path("/api/v1/invoices/5"))
        .respond_with(ResponseTemplate::new(200).set_body_json(v1))
        .mount(&server)
        .await;
    let comment = format!("alt An Inkasso übergeben. (#dunwell-{})", Uuid::from_u128(7).simple());
    let whole = json!({ "dunningSettings": { "level": "debtCollection", "date": "2026-10-01", "comment": comment, "sent": true } });
    let patch = Mock::given(method("PATCH")).and(path("/api/v1/invoices/5")).and(body_json(whole));
    patch.respond_with(ResponseTemplate::new(204)).expect(1).mount(&server).await;
    write(&Linked::to(&server.uri(), "t", None), &note(BookEvent::HandedOver, "5")).await.unwrap();
}

#[tokio::test]
async fn an_invoice_that_is_write_protected_is_refused_for_good() {
    let server = MockServer::start().await;
    let invoice = json!({ "data": { "dunningSettings": { "level": null, "blocked": false, "comment": null } } });
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(invoice)).mount(&server).await;
    Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(409)).mount(&server).await;
    let error = write(&Linked::to(&server.uri(), "t", None), &note(BookEvent::HandedOver, "5")).await.unwrap_err();
    assert!(matches!(&error, SourceError::Refused { code, .. } if code == "PROVIDER_REJECTED"), "{error:?}");
}

#[tokio::test]
async fn a_closing_is_logged_once_where_there_is_a_log() {
    for (logged, times) in [(json!([]), 1), (json!([{ "message": format!("x (#dunwell-{})", Uuid::from_u128(7).simple()) }]), 0)] {
        let server = MockServer::start().await;
        let invoice = json!({ "data": { "activity": logged } });
        Mock::given(method("GET"))
            .and(path("/api/v3/invoices/5"))
            .respond_with(ResponseTemplate::new(200).set_body_json(invoice))
            .mount(&server)
            .await;
        let patch = Mock::given(method("PATCH"))
            .and(path("/api/v3/invoices/5/actions/logActivity"))
            .and(body_string_contains("An Inkasso übergeben. (#dunwell-"));
        patch.respond_with(ResponseTemplate::new(204)).expect(times).mount(&server).await;
        write(&Linked::to(&server.uri(), "t", None), &note(BookEvent::Closed, "5")).await.unwrap();
    }
}
