//! What channels tell over HTTP, the page that ends e-mails, and what people see and do about both.

use api::{auth::link::Links, graphql::id::encode};
use domain::port::Unsubscribe;
use entity::{DeliveryId, Scoped, delivery, suppression};
use reqwest::StatusCode;
use sea_orm::PaginatorTrait;
use serde_json::{Value, json};
use testdb::on_both;
use uuid::Uuid;

use crate::{
    server::Server,
    world::{Creditor, World, codes, migrate},
};

async fn stage(db: testdb::TestDb) -> (Server, Creditor, DeliveryId) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    world.active(&creditor, "INV-1").await;
    let row = delivery::Entity::of(creditor.tenant).one(&world.env.db).await.unwrap().unwrap();
    (Server::start(world).await, creditor, row.id)
}

async fn tell(server: &Server, path: &str, word: &str, body: &str) -> StatusCode {
    server.client.post(server.url(path)).header("x-word", word).body(body.to_owned()).send().await.unwrap().status()
}

const SEEN: &str = "{ deliveries { nodes { status attempts providerStatus failureCode smsSegments deliveredAt
    attemptLog { number outcome startedAt finishedAt code message providerId } receipts { kind word code message moved heardAt happenedAt } } }
  debtors { nodes { reachableBy unusableContacts { id channel address reason detail liftedAt delivery { status } } } } }";

async fn seen(server: &Server, of: &Creditor) -> Value {
    let answer = server.world.ask(Some(&of.reader), SEEN).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].clone()
}

const PATH: &str = "/webhooks/teller/status?x=1";

on_both!(what_a_channel_tells_is_believed_by_its_signature_and_shown, with("api", migrate), |db| async move {
    let (server, creditor, id) = Box::pin(stage(db)).await;
    for (path, word, body, expected) in [
        ("/webhooks/nobody", "sesame", "delivered x", StatusCode::NOT_FOUND),
        ("/webhooks/teller", "sesame", "delivered x", StatusCode::NOT_FOUND),
        ("/webhooks/teller/status/more", "sesame", "delivered x", StatusCode::NOT_FOUND),
        (PATH, "wrong", "delivered x", StatusCode::UNAUTHORIZED),
        (PATH, "sesame", "nonsense", StatusCode::BAD_REQUEST),
        (PATH, "sesame", &"x".repeat(2 << 20), StatusCode::PAYLOAD_TOO_LARGE),
        (PATH, "sesame", "delivered 00000000-0000-0000-0000-000000000009", StatusCode::NO_CONTENT),
    ] {
        assert_eq!(tell(&server, path, word, body).await, expected, "{path} {word}");
    }
    assert_eq!(seen(&server, &creditor).await["deliveries"]["nodes"][0]["status"], "SENT", "nothing was said of it");
    for _ in 0..2 {
        assert_eq!(tell(&server, PATH, "sesame", &format!("delivered {}", id.0)).await, StatusCode::NO_CONTENT);
    }
    let shown = seen(&server, &creditor).await["deliveries"]["nodes"][0].clone();
    assert_eq!((&shown["status"], &shown["providerStatus"], &shown["attempts"]), (&json!("DELIVERED"), &json!("delivered"), &json!(1)));
    assert_eq!(shown["attemptLog"][0]["outcome"], "ACCEPTED");
    assert_eq!(shown["receipts"].as_array().unwrap().len(), 1, "told twice, kept once");
    assert_eq!(tell(&server, PATH, "sesame", &format!("bounced {}", id.0)).await, StatusCode::NO_CONTENT);
    let shown = seen(&server, &creditor).await;
    assert_eq!(shown["deliveries"]["nodes"][0]["status"], "BOUNCED");
    let dead = &shown["debtors"]["nodes"][0];
    assert_eq!((&dead["reachableBy"], &dead["unusableContacts"][0]["reason"]), (&json!([]), &json!("BOUNCED")), "{dead:#}");
    assert_eq!(dead["unusableContacts"][0]["delivery"]["status"], "BOUNCED");
});

on_both!(e_mails_end_by_the_button_and_not_by_the_link_alone, with("api", migrate), |db| async move {
    let (server, creditor, id) = Box::pin(stage(db)).await;
    let links = Links::new(&server.world.keys(), &server.url(""));
    let url = links.url(creditor.tenant, id);
    let rows = || async { suppression::Entity::of(creditor.tenant).count(&server.world.env.db).await.unwrap() };
    let page = server.client.get(&url).send().await.unwrap();
    assert_eq!((page.status(), rows().await), (StatusCode::OK, 0), "programs open links to look for harm");
    let csp = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(csp.contains("default-src 'none'") && csp.contains("form-action 'self'"), "{csp}");
    let html = page.text().await.unwrap();
    assert!(html.contains("<form method=\"post\">") && html.contains("lang=\"en\"") && !html.contains("@example"), "{html}");
    for wrong in [
        format!("{url}0"),
        url.replace("?s=", "?s=0"),
        url.split_once('?').unwrap().0.to_owned(),
        links.url(creditor.tenant, DeliveryId(Uuid::nil())).replace("?s=", "?s=a"),
    ] {
        for answer in [server.client.get(&wrong).send().await.unwrap(), server.client.post(&wrong).send().await.unwrap()] {
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{wrong}");
        }
    }
    assert_eq!(rows().await, 0);
    let one_click =
        || server.client.post(&url).header("content-type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
    for _ in 0..2 {
        let done = one_click().send().await.unwrap();
        assert_eq!(done.status(), StatusCode::OK);
        assert!(done.text().await.unwrap().contains("The claim itself stands"));
    }
    assert_eq!(rows().await, 1);
    let found = seen(&server, &creditor).await["debtors"]["nodes"][0]["unusableContacts"][0].clone();
    assert_eq!((&found["channel"], &found["reason"], &found["liftedAt"]), (&json!("EMAIL"), &json!("UNSUBSCRIBED"), &Value::Null));
    let lift =
        format!("suppressionLift(id: {}) {{ userErrors {{ code field }} suppression {{ liftedAt liftedBy {{ id }} }} }}", found["id"]);
    assert_eq!(codes(&server.world.change(&creditor.reader, &lift).await), ["FORBIDDEN"]);
    let lifted = server.world.change(&creditor.accountant, &lift).await;
    assert!(World::done(&lifted)["suppression"]["liftedAt"].is_string());
    assert_eq!(lifted["suppression"]["liftedBy"]["id"], json!(*encode(creditor.accountant.user)));
    assert_eq!(codes(&server.world.change(&creditor.accountant, &lift).await), ["ILLEGAL_TRANSITION"]);
    assert_eq!(seen(&server, &creditor).await["debtors"]["nodes"][0]["unusableContacts"], json!([]));
});

on_both!(addresses_that_must_not_be_used_are_listed_for_their_own_tenant, with("api", migrate), |db| async move {
    let (server, creditor, id) = Box::pin(stage(db)).await;
    let neighbour = server.world.creditor("Rimu").await;
    domain::delivery::unsubscribe(&server.world.env, id).await.unwrap();
    let list = async |of: &Creditor, arguments: &str| {
        let query = format!(
            "{{ suppressions{arguments} {{ totalCount {{ value }} nodes {{ id channel reason debtor {{ openCases }} delivery {{ id }} }} }} }}"
        );
        let answer = server.world.ask(Some(&of.reader), &query).await;
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"]["suppressions"].clone()
    };
    let one = list(&creditor, "").await;
    let node = &one["nodes"][0];
    assert_eq!((&one["totalCount"]["value"], &node["channel"], &node["reason"]), (&json!(1), &json!("EMAIL"), &json!("UNSUBSCRIBED")));
    assert_eq!((&node["debtor"]["openCases"], &node["delivery"]["id"]), (&json!(1), &json!(*encode(id))));
    for nothing in ["(channel: [SMS, POST])", "(reason: [BOUNCED])", "(channel: [])"] {
        assert_eq!(list(&creditor, nothing).await["nodes"], json!([]), "{nothing}");
    }
    assert_eq!(list(&neighbour, "(lifted: true)").await["totalCount"]["value"], json!(0));
    let lift = format!("suppressionLift(id: {}) {{ userErrors {{ code }} suppression {{ id }} }}", node["id"]);
    World::done(&server.world.change(&creditor.accountant, &lift).await);
    assert_eq!(list(&creditor, "").await["nodes"], json!([]));
    assert_eq!(list(&creditor, "(lifted: true, first: 5)").await["nodes"][0]["id"], node["id"]);
});

on_both!(an_address_of_a_neighbour_is_nobodys_business, with("api", migrate), |db| async move {
    let (server, creditor, id) = Box::pin(stage(db)).await;
    let neighbour = server.world.creditor("Rimu").await;
    server.world.active(&neighbour, "INV-9").await;
    domain::delivery::unsubscribe(&server.world.env, id).await.unwrap();
    let own = seen(&server, &creditor).await["debtors"]["nodes"][0]["unusableContacts"][0]["id"].clone();
    let theirs = seen(&server, &neighbour).await["debtors"]["nodes"][0].clone();
    assert_eq!(
        (&theirs["reachableBy"], &theirs["unusableContacts"]),
        (&json!(["EMAIL"]), &json!([])),
        "the same address, another creditor"
    );
    let lift = format!("suppressionLift(id: {own}) {{ userErrors {{ code }} }}");
    assert_eq!(codes(&server.world.change(&neighbour.owner, &lift).await), ["NOT_FOUND"]);
});
