//! Documents by name and connections by person, as the product's own gate and schema serve them; `transport` tests the
//! protocols themselves.

use api::auth::token::LIFETIME;
use domain::{Viewer, digest::hex};
use reqwest::{RequestBuilder, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testdb::on_both;
use tokio_util::sync::CancellationToken;

use crate::{
    server::{Server, json_of},
    world::{World, migrate},
};

const WHERE: &str = "query Where { viewer { role tenant { name } } }";

/// A document by its hash, as a request.
fn by_hash(text: &str, with_text: bool) -> Value {
    let hash = hex(&Sha256::digest(text));
    let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    if with_text {
        body["query"] = json!(text);
    }
    body
}

fn token(server: &Server, viewer: &Viewer) -> String {
    api::auth::issue(&server.world.env, &server.world.keys(), viewer, None, LIFETIME).unwrap()
}

async fn post(server: &Server, token: Option<&str>, body: &Value) -> Value {
    let request = server.client.post(server.url("/graphql")).json(body);
    json_of(token.into_iter().fold(request, RequestBuilder::bearer_auth).send().await.unwrap()).await
}

on_both!(a_document_by_its_hash_is_answered_to_each_as_it_is_theirs, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, rimu) = (world.creditor("Kauri").await, world.creditor("Rimu").await);
    let server = Server::start(world).await;
    let (owner, reader) = (token(&server, &kauri.owner), token(&server, &rimu.reader));
    let seen = |role: &str, name: &str| json!({ "data": { "viewer": { "role": role, "tenant": { "name": name } } } });
    assert_eq!(post(&server, Some(&owner), &by_hash(WHERE, true)).await, seen("OWNER", "Kauri"));
    assert_eq!(post(&server, Some(&reader), &by_hash(WHERE, false)).await, seen("VIEWER", "Rimu"));
    assert_eq!(post(&server, Some(&owner), &by_hash(WHERE, false)).await, seen("OWNER", "Kauri"));
    let nobody = post(&server, None, &by_hash(WHERE, false)).await;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{nobody}");
    // Somebody else's change by its hash is refused like the change itself.
    let save = "mutation { tenantUpdate(input: { legalName: \"Mine\" }) { userErrors { code } } }";
    let saved = post(&server, Some(&owner), &by_hash(save, true)).await;
    assert_eq!(saved["data"]["tenantUpdate"]["userErrors"], json!([]), "{saved}");
    let refused = post(&server, Some(&reader), &by_hash(save, false)).await;
    assert_eq!(refused["data"]["tenantUpdate"]["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
    assert_eq!(post(&server, Some(&reader), &by_hash(WHERE, false)).await, seen("VIEWER", "Rimu"));
});

on_both!(where_only_trusted_documents_are_served_the_schema_answers_those, with("api", migrate), |db| async move {
    let mut world = World::new(db).await;
    let kauri = world.creditor("Kauri").await;
    world.settings.trusted.add("where", WHERE).unwrap();
    world.settings.trusted = world.settings.trusted.clone().only();
    let server = Server::start(world).await;
    let owner = token(&server, &kauri.owner);
    let known = post(&server, Some(&owner), &json!({ "documentId": "where" })).await;
    assert_eq!(known["data"]["viewer"]["tenant"]["name"], "Kauri", "{known}");
    let other = server.ask(Some(&owner), "{ viewer { role } }").await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED", "{other}");
});

on_both!(a_trusted_document_that_the_schema_no_longer_knows_is_told_at_start, with("api", migrate), |db| async move {
    let mut world = World::new(db).await;
    world.settings.trusted.add("old", "{ viewer { nickname } }").unwrap();
    let routes = api::routes(&world.schema, world.env.clone(), &world.settings, CancellationToken::new());
    let told = routes.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("\"old\"") && told.contains("nickname"), "{told}");
});

on_both!(what_costs_too_much_is_told_what_it_costs, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor("Kauri").await;
    let server = Server::start(world).await;
    let owner = token(&server, &kauri.owner);
    let dear = "query ($n: Int!) { cases(first: $n) { nodes { timeline(first: $n) { nodes { id summary } } } } }";
    let refused = post(&server, Some(&owner), &json!({ "query": dear, "variables": { "n": 100 } })).await;
    let extensions = &refused["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["limit"]), (&json!("QUERY_COST"), &json!(api::graphql::schema::MAX_COST)));
    // Each case: itself, and a timeline of 100 entries with two fields and the list around them.
    assert_eq!(extensions["cost"], 1 + 100 * (1 + 1 + 100 * (1 + 2)), "{extensions}");
    let served = post(&server, Some(&owner), &json!({ "query": dear, "variables": { "n": 10 } })).await;
    assert!(served.get("errors").is_none(), "{served}");
});

on_both!(one_person_has_so_many_connections_whichever_sign_in_opened_them, with("api", migrate), |db| async move {
    let mut world = World::new(db).await;
    world.settings.limits.holder_connections = 1;
    let (kauri, rimu) = (world.creditor("Kauri").await, world.creditor("Rimu").await);
    let server = Server::start(world).await;
    let listen = |viewer: &Viewer| {
        let request = server.client.post(server.url("/graphql/stream")).header(header::ACCEPT, "text/event-stream");
        request.bearer_auth(token(&server, viewer)).json(&json!({ "query": "subscription { casesChanged { cursor } }" }))
    };
    let open = listen(&kauri.owner).send().await.unwrap();
    assert_eq!(open.status(), 200);
    let again = listen(&kauri.owner).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["retry-after"].to_str().unwrap()), (429, "30"));
    for other in [&kauri.accountant, &rimu.owner] {
        assert_eq!(listen(other).send().await.unwrap().status(), 200);
    }
});
