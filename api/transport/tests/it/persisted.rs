//! Documents that are asked for by name: registered by callers, or trusted by the operator.

use reqwest::header;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use transport::{Endpoint, NotServable, TrustedDocuments};

use crate::{
    schema,
    server::{self, Answer, Server, TestGate, answer},
    socket::client::open,
};

const VIEWER: &str = "query Viewer { viewer }";
const CHANGE: &str = "mutation { change(by: 2) }";

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn post(server: &Server, body: &Value) -> Answer {
    answer(server.post().body(body.to_string())).await
}

/// Asks by the hash of a text, without the text.
async fn by_hash(server: &Server, text: &str) -> Answer {
    post(server, &json!({ "extensions": persisted(&hash(text)) })).await
}

async fn register(server: &Server, text: &str) -> Answer {
    post(server, &json!({ "query": text, "extensions": persisted(&hash(text)) })).await
}

async fn get(server: &Server, parameters: &[(&str, &str)]) -> Answer {
    answer(server.get(&server.url(), parameters).header(header::ACCEPT, "application/graphql-response+json")).await
}

fn nobody() -> Value {
    json!({ "viewer": "nobody" })
}

#[tokio::test]
async fn a_document_that_was_sent_with_its_hash_is_known_by_it_from_then_on() {
    let server = server::start().await;
    let missed = by_hash(&server, VIEWER).await;
    missed.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(missed.body["errors"][0]["message"], "PersistedQueryNotFound", "clients look for this very word");
    register(&server, VIEWER).await.is_data(&nobody());
    by_hash(&server, VIEWER).await.is_data(&nobody());
    let id = format!("sha256:{}", hash(VIEWER));
    post(&server, &json!({ "documentId": id })).await.is_data(&nobody());
    // It is run as what it is: for its caller, with its variables.
    let add = "query ($a: Int!) { add(a: $a) viewer }";
    register(&server, add).await.is_refused(400, "BAD_USER_INPUT");
    let body = json!({ "extensions": persisted(&hash(add)), "variables": { "a": 4 } });
    answer(server.post().bearer_auth("good").body(body.to_string())).await.is_data(&json!({ "add": 5, "viewer": "good" }));
}

#[tokio::test]
async fn a_miss_is_answered_with_the_status_of_a_request_error() {
    let server = server::start().await;
    let body = json!({ "extensions": persisted(&hash(VIEWER)) }).to_string();
    let json = server.client.post(server.url()).header(header::CONTENT_TYPE, "application/json").body(body);
    answer(json).await.is_refused(200, "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn hashes_work_over_get_but_no_mutation_does() {
    let server = server::start().await;
    let viewer = persisted(&hash(VIEWER)).to_string();
    get(&server, &[("extensions", &viewer)]).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    get(&server, &[("query", VIEWER), ("extensions", &viewer)]).await.is_data(&nobody());
    get(&server, &[("extensions", &viewer)]).await.is_data(&nobody());
    get(&server, &[("documentId", &format!("sha256:{}", hash(VIEWER)))]).await.is_data(&nobody());

    let change = persisted(&hash(CHANGE)).to_string();
    let sent = get(&server, &[("query", CHANGE), ("extensions", &change)]).await;
    sent.is_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(sent.header("allow"), "POST");
    by_hash(&server, CHANGE).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    register(&server, CHANGE).await.is_data(&json!({ "change": 2 }));
    get(&server, &[("extensions", &change)]).await.is_refused(405, "METHOD_NOT_ALLOWED");
    get(&server, &[("documentId", &format!("sha256:{}", hash(CHANGE)))]).await.is_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(server.changes(), 2);
    by_hash(&server, CHANGE).await.is_data(&json!({ "change": 4 }));
}

#[tokio::test]
async fn a_hash_that_is_not_the_documents_own_is_refused_and_remembered_nowhere() {
    let server = server::start().await;
    for query in [CHANGE, "{ traceId }"] {
        let body = json!({ "query": query, "extensions": persisted(&hash(VIEWER)) });
        post(&server, &body).await.is_refused(400, "PERSISTED_QUERY_MISMATCH");
    }
    by_hash(&server, VIEWER).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    by_hash(&server, CHANGE).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    // Nor can one that is known be replaced.
    register(&server, VIEWER).await.is_data(&nobody());
    let body = json!({ "query": CHANGE, "extensions": persisted(&hash(VIEWER)) });
    post(&server, &body).await.is_refused(400, "PERSISTED_QUERY_MISMATCH");
    by_hash(&server, VIEWER).await.is_data(&nobody());
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn what_is_not_served_is_not_remembered() {
    let server = server::with(|builder| builder.introspection(false)).await;
    for (text, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __schema { queryType { name } } }", "INTROSPECTION_DISABLED"),
        ("subscription { count(to: 1) }", "SUBSCRIPTION_NOT_SUPPORTED"),
        (&format!("{{ viewer }} # {}", "x".repeat(64 * 1024)), "DOCUMENT_TOO_LARGE"),
    ] {
        register(&server, text).await.is_refused(400, code);
        by_hash(&server, text).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    }
}

#[tokio::test]
async fn only_so_many_documents_and_bytes_are_remembered() {
    let server = server::limited(|limits| limits.persisted_documents = 2).await;
    let texts = ["{ viewer }", "{ a: viewer }", "{ b: viewer }"];
    for text in texts {
        assert_eq!(register(&server, text).await.status, 200);
    }
    by_hash(&server, texts[0]).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(by_hash(&server, texts[2]).await.status, 200);

    let server = server::limited(|limits| limits.persisted_bytes = 1_000).await;
    let long = |name: &str| format!("{{ {name}: viewer }} # {}", "x".repeat(600));
    assert_eq!(register(&server, &long("a")).await.status, 200);
    assert_eq!(register(&server, &long("b")).await.status, 200);
    by_hash(&server, &long("a")).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(by_hash(&server, &long("b")).await.status, 200);
}

#[tokio::test]
async fn a_server_that_remembers_none_says_so() {
    let server = server::limited(|limits| limits.persisted_documents = 0).await;
    register(&server, VIEWER).await.is_data(&nobody());
    let refused = by_hash(&server, VIEWER).await;
    refused.is_refused(400, "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(refused.body["errors"][0]["message"], "PersistedQueryNotSupported");
}

#[tokio::test]
async fn a_document_is_named_once_and_well() {
    let server = server::start().await;
    register(&server, VIEWER).await.is_data(&nobody());
    let own = hash(VIEWER);
    for body in [
        json!({ "query": VIEWER, "documentId": format!("sha256:{own}") }),
        json!({ "documentId": format!("sha256:{own}"), "extensions": persisted(&own) }),
        json!({ "documentId": 7 }),
        json!({ "documentId": "" }),
        json!({ "documentId": "sha1:abc" }),
        json!({ "documentId": format!("sha256:{}", own.to_uppercase()) }),
        json!({ "extensions": persisted("00") }),
        json!({ "extensions": { "persistedQuery": { "sha256Hash": own } } }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": own } } }),
        json!({ "extensions": { "persistedQuery": own } }),
        json!({ "query": VIEWER, "extensions": persisted("zz") }),
        json!({ "extensions": {} }),
    ] {
        post(&server, &body).await.is_refused(400, "BAD_REQUEST");
    }
    post(&server, &json!({ "query": "", "extensions": persisted(&own) })).await.is_data(&nobody());
    post(&server, &json!({ "query": null, "documentId": format!("sha256:{own}") })).await.is_data(&nobody());
}

#[tokio::test]
async fn sockets_and_streams_know_the_same_hashes() {
    let server = server::start().await;
    let text = "subscription { count(to: 1) }";
    let mut client = open(&server).await;
    let payload = json!({ "extensions": persisted(&hash(text)) });
    let subscribe = |id: &str, payload: &Value| json!({ "type": "subscribe", "id": id, "payload": payload });
    client.say(&subscribe("1", &payload)).await;
    let missed = client.hear().await;
    assert_eq!((&missed["type"], &missed["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("PERSISTED_QUERY_NOT_FOUND")));
    client.say(&subscribe("1", &json!({ "query": text, "extensions": persisted(&hash(text)) }))).await;
    assert_eq!(client.hear().await["payload"], json!({ "data": { "count": 1 } }));
    assert_eq!(client.hear().await["type"], "complete");
    client.say(&subscribe("2", &payload)).await;
    assert_eq!(client.hear().await["payload"], json!({ "data": { "count": 1 } }));

    let stream = |payload: &Value| {
        let request = server.client.post(server.stream_url()).header(header::ACCEPT, "text/event-stream");
        request.header(header::CONTENT_TYPE, "application/json").body(payload.to_string())
    };
    let text = stream(&payload).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("data: {\"data\":{\"count\":1}}"), "{text}");
    let unknown = json!({ "extensions": persisted(&hash("{ viewer }")) });
    answer(stream(&unknown)).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
}

fn list() -> TrustedDocuments {
    let mut list = TrustedDocuments::default();
    for (id, text) in [("viewer", VIEWER), ("x-app:change", CHANGE), ("count", "subscription { count(to: 1) }")] {
        list.add(id, text).unwrap();
    }
    list
}

#[tokio::test]
async fn trusted_documents_are_known_by_their_id_and_their_hash() {
    let server = server::with(|builder| builder.trusted(list())).await;
    post(&server, &json!({ "documentId": "viewer" })).await.is_data(&nobody());
    by_hash(&server, VIEWER).await.is_data(&nobody());
    get(&server, &[("documentId", "viewer")]).await.is_data(&nobody());
    post(&server, &json!({ "documentId": "x-app:change" })).await.is_data(&json!({ "change": 2 }));
    get(&server, &[("documentId", "x-app:change")]).await.is_refused(405, "METHOD_NOT_ALLOWED");
    post(&server, &json!({ "documentId": "unheard-of" })).await.is_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    // Others are served as ever.
    server.ask("{ viewer }").await.is_data(&nobody());
    assert_eq!(server.changes(), 2);
}

#[tokio::test]
async fn where_only_trusted_documents_are_served_nothing_else_is() {
    let server = server::with(|builder| builder.trusted(list().only())).await;
    post(&server, &json!({ "documentId": "viewer" })).await.is_data(&nobody());
    by_hash(&server, VIEWER).await.is_data(&nobody());
    // The text itself is as good as its name, with the hash of a client that registers or without.
    server.ask(VIEWER).await.is_data(&nobody());
    register(&server, VIEWER).await.is_data(&nobody());
    for text in ["{ viewer }", "query Viewer { viewer } ", "{ __schema { queryType { name } } }", "mutation { change }", "{", ""] {
        server.ask(text).await.is_refused(400, "DOCUMENT_NOT_TRUSTED");
        register(&server, text).await;
        by_hash(&server, text).await.is_refused(400, "DOCUMENT_NOT_TRUSTED");
    }
    post(&server, &json!({ "documentId": "unheard-of" })).await.is_refused(400, "DOCUMENT_NOT_TRUSTED");
    get(&server, &[("query", "{ viewer }")]).await.is_refused(400, "DOCUMENT_NOT_TRUSTED");

    let mut client = open(&server).await;
    client.subscribe("1", "subscription { count(to: 2) }").await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
    client.say(&json!({ "type": "subscribe", "id": "1", "payload": { "documentId": "count" } })).await;
    assert_eq!(client.hear().await["payload"], json!({ "data": { "count": 1 } }));
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn a_trusted_document_that_cannot_be_served_is_told_before_anything_is() {
    let bomb = format!("{{ viewer {} }}", (0..40).map(|n| format!("a{n}: viewer ")).collect::<Vec<_>>().concat());
    for text in ["{", "{ unknown }", bomb.as_str()] {
        let mut list = list();
        list.add("broken", text).unwrap();
        let schema = schema::schema(schema::State::default());
        let built = Endpoint::builder(&schema, TestGate::default()).trusted(list).build();
        assert!(matches!(built.map(|_| ()), Err(NotServable::Document { id, .. }) if id == "broken"), "{text}");
    }
}
