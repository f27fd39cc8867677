//! GraphQL over HTTP: media types, methods, bodies, statuses, headers.

use std::time::Duration;

use reqwest::{Method, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::server::{self, Server, answer};

const VIEWER: &str = r#"{"query":"{ viewer }"}"#;

/// Sends bytes as they are and reads until the server closes.
async fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // A server that refuses early need not take the rest.
    let _ = stream.write_all(request).await;
    let mut seen = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut seen)).await.expect("the connection stays open");
    String::from_utf8_lossy(&seen).into_owned()
}

#[tokio::test]
async fn the_media_type_of_the_answer_decides_the_status_of_request_errors() {
    let server = server::start().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($a: Int!) { add(a: $a) }", "BAD_USER_INPUT"),
        ("query A { viewer } query B { viewer }", "OPERATION_RESOLUTION_FAILURE"),
        ("{ nest { nests { nests { nests { value } } } } }", "QUERY_COST"),
    ] {
        server.ask(query).await.is_refused(400, code);
        let body = json!({ "query": query }).to_string();
        let json = server.client.post(server.url()).header(header::CONTENT_TYPE, "application/json").body(body);
        answer(json).await.is_refused(200, code);
    }
}

#[tokio::test]
async fn what_costs_too_much_is_told_what_it_costs_and_what_it_may() {
    let server = server::start().await;
    // 100 for each level of lists: 1 + 100 * 100 * 1, and the operation's other fields.
    let refused = server.ask("{ nest { nests { nests { value } } } viewer }").await;
    refused.is_refused(400, "QUERY_COST");
    let extensions = &refused.body["errors"][0]["extensions"];
    assert_eq!((&extensions["cost"], &extensions["limit"]), (&json!(10_002), &json!(5_000)), "{extensions}");
    // Of several operations the named one is weighed, with its variables, and nothing of it runs.
    let several = "query Cheap { viewer } mutation Dear($a: Boolean!) { change rename(filter: {}) @skip(if: $a) } \
        query Dear2($a: Boolean!) { nest { nests { nests { value nest @skip(if: $a) { value } } } } }";
    for (skip, cost) in [(true, 10_001), (false, 30_001)] {
        let body = json!({ "query": several, "operationName": "Dear2", "variables": { "a": skip } });
        let refused = answer(server.post().body(body.to_string())).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["cost"], cost, "{refused:?}");
    }
    assert_eq!(server.changes(), 0);
    // 16 lists of 300 and the field around them are 4,801.
    let lists = |count: i32| (0..count).map(|n| format!("n{n}: nests {{ value nest {{ value }} }} ")).collect::<Vec<_>>().concat();
    assert_eq!(server.ask(&format!("{{ nest {{ {} }} }}", lists(16))).await.status, 200);
    let refused = server.ask(&format!("{{ nest {{ {} }} }}", lists(17))).await;
    assert_eq!(refused.body["errors"][0]["extensions"]["cost"], 5_101);
}

#[tokio::test]
async fn an_executed_operation_is_200_with_data_even_when_fields_fail() {
    let server = server::start().await;
    let partial = server.ask("{ viewer refused }").await;
    assert_eq!(partial.status, 200);
    assert_eq!(partial.body["data"], json!({ "viewer": "nobody", "refused": null }));
    assert_eq!(partial.code(), "FORBIDDEN");
    let empty = server.ask("{ viewer hopeless }").await;
    assert_eq!((empty.status.as_u16(), empty.body.get("data")), (200, Some(&Value::Null)));
}

#[tokio::test]
async fn a_fault_is_opaque_and_carries_the_trace_id() {
    let server = server::start().await;
    let request = server.post().header("x-request-id", "abc-1").body(json!({ "query": "{ secretFailure traceId }" }).to_string());
    let fault = answer(request).await;
    assert_eq!(fault.body["errors"][0]["extensions"], json!({ "code": "INTERNAL", "traceId": "abc-1" }));
    assert!(!fault.body.to_string().contains("db.internal"));
    assert_eq!(fault.body["data"]["traceId"], "abc-1");
    assert_eq!(fault.header("x-request-id"), "abc-1");
}

#[tokio::test]
async fn a_panic_is_a_fault_of_one_request() {
    let server = server::start().await;
    let fault = server.ask("{ viewer panics }").await;
    fault.is_refused(500, "INTERNAL");
    assert!(!fault.body.to_string().contains("db.internal"));
    server.ask("{ viewer }").await.is_data(&json!({ "viewer": "nobody" }));
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = server::start().await;
    for answered in [server.ask("{ viewer }").await, server.ask("{").await, answer(server.client.put(server.url())).await] {
        assert_eq!(answered.header("cache-control"), "no-store");
        assert_eq!(answered.header("x-content-type-options"), "nosniff");
        assert_eq!(answered.header("vary"), "Accept, Origin");
        assert_eq!(answered.header("server"), "");
        assert_eq!(answered.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn what_cannot_be_produced_is_406() {
    let server = server::start().await;
    for accept in ["text/html", "application/xml", "multipart/mixed", "application/json; charset=utf-16"] {
        let request = server.client.post(server.url()).header(header::ACCEPT, accept).header(header::CONTENT_TYPE, "application/json");
        answer(request.body(VIEWER)).await.is_refused(406, "NOT_ACCEPTABLE");
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let server = server::start().await;
    for content_type in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/plain; application/json",
        "text/json",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-7",
        "application/graphql",
    ] {
        let request = server.client.post(server.url()).header(header::CONTENT_TYPE, content_type).body(VIEWER);
        answer(request).await.is_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let none = server.client.post(server.url()).body(VIEWER);
    answer(none).await.is_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    for content_type in ["application/json", "Application/JSON; Charset=\"UTF-8\""] {
        let request = server.client.post(server.url()).header(header::CONTENT_TYPE, content_type).body(VIEWER);
        answer(request).await.is_data(&json!({ "viewer": "nobody" }));
    }
}

#[tokio::test]
async fn compressed_bodies_are_refused_unread() {
    let server = server::start().await;
    for encoding in ["gzip", "br", "deflate", "identity, gzip"] {
        let request = server.post().header(header::CONTENT_ENCODING, encoding).body(VIEWER);
        answer(request).await.is_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
}

#[tokio::test]
async fn mutations_by_get_are_405_whatever_the_operation_name_and_do_nothing() {
    let server = server::start().await;
    let both = "query Q { viewer } mutation M { change }";
    for parameters in [
        vec![("query", "mutation { change }")],
        vec![("query", both), ("operationName", "M")],
        vec![("query", "mutation M { change }"), ("operationName", "M"), ("operation_name", "Q")],
    ] {
        let refused = answer(server.get(&server.url(), &parameters)).await;
        refused.is_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(refused.header("allow"), "POST");
    }
    let query = server.get(&server.url(), &[("query", both), ("operationName", "Q")]);
    answer(query).await.is_data(&json!({ "viewer": "nobody" }));
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn other_methods_are_405_and_no_header_changes_the_method() {
    let server = server::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE, Method::HEAD, Method::OPTIONS] {
        let refused = answer(server.client.request(method.clone(), server.url())).await;
        assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, "GET, POST"), "{method}");
    }
    let overridden = server.get(&server.url(), &[("query", "mutation { change }")]).header("x-http-method-override", "POST");
    answer(overridden).await.is_refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn get_takes_variables_as_json_and_each_parameter_once() {
    let server = server::start().await;
    let query = "query ($a: Int!) { add(a: $a) }";
    let request = server.get(&server.url(), &[("query", query), ("variables", r#"{"a": 41}"#)]);
    answer(request).await.is_data(&json!({ "add": 42 }));
    for parameters in [
        vec![("query", "{ viewer }"), ("query", "{ viewer }")],
        vec![("query", query), ("variables", "[1]")],
        vec![("query", query), ("variables", "{")],
        vec![("query", query), ("variables", r#"{"a": 1, "a": 2}"#)],
        vec![("operationName", "Q")],
    ] {
        answer(server.get(&server.url(), &parameters)).await.is_refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_get_from_another_site_needs_the_preflight_header() {
    let server = server::start().await;
    let get = || server.get(&server.url(), &[("query", "{ viewer }")]);
    answer(get().header("sec-fetch-site", "cross-site")).await.is_refused(403, "FORBIDDEN");
    answer(get().header("origin", "https://evil.example")).await.is_refused(403, "FORBIDDEN");
    let asked = get().header("sec-fetch-site", "cross-site").header("graphql-require-preflight", "1");
    assert_eq!(answer(asked).await.status, 200);
    assert_eq!(answer(get().header("sec-fetch-site", "same-origin")).await.status, 200);
}

#[tokio::test]
async fn only_listed_origins_may_read_the_answer() {
    let server = server::start().await;
    for origin in ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"] {
        let foreign = answer(server.post().header("origin", origin).body(VIEWER)).await;
        assert_eq!(foreign.header("access-control-allow-origin"), "", "{origin}");
        let preflight = answer(server.client.request(Method::OPTIONS, server.url()).header("origin", origin)).await;
        assert_eq!((preflight.status.as_u16(), preflight.header("access-control-allow-origin")), (405, ""), "{origin}");
    }
    let listed = "https://app.example";
    let known = answer(server.post().header("origin", listed).body(VIEWER)).await;
    assert_eq!(known.header("access-control-allow-origin"), listed);
    assert_eq!(known.header("access-control-allow-credentials"), "");
    let preflight = answer(server.client.request(Method::OPTIONS, server.url()).header("origin", listed)).await;
    assert_eq!((preflight.status.as_u16(), preflight.header("access-control-allow-origin")), (204, listed));
    assert!(preflight.header("access-control-allow-headers").contains("authorization"));
}

#[tokio::test]
async fn credentials_decide_the_status() {
    let server = server::start().await;
    let with = |token: &str| answer(server.post().header(header::AUTHORIZATION, token).body(VIEWER));
    with("Bearer good").await.is_data(&json!({ "viewer": "good" }));
    answer(server.post().body(VIEWER)).await.is_data(&json!({ "viewer": "nobody" }));
    for wrong in ["Bearer wrong", "Bearer ", "bearer good", "Basic good", ""] {
        let refused = with(wrong).await;
        refused.is_refused(401, "UNAUTHENTICATED");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    let throttled = with("Bearer throttled").await;
    throttled.is_refused(429, "TOO_MANY_REQUESTS");
    assert_eq!(throttled.header("retry-after"), "7");
    with("Bearer broken").await.is_refused(503, "UNAVAILABLE");
    let odd = server.post().header(header::AUTHORIZATION, header::HeaderValue::from_bytes(b"Bearer \xFF").unwrap());
    answer(odd.body(VIEWER)).await.is_refused(401, "UNAUTHENTICATED");
    let two = server.post().header(header::AUTHORIZATION, "Bearer good").header(header::AUTHORIZATION, "Bearer wrong");
    answer(two.body(VIEWER)).await.is_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn malformed_bodies_are_400_and_show_nothing_of_themselves() {
    let server = server::start().await;
    let deep = format!(r#"{{"query":"{{ viewer }}","variables":{{"a":{}{}}}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    for body in [
        "",
        " ",
        "{",
        "}",
        "null",
        "true",
        "1",
        "\"{ viewer }\"",
        "{ viewer }",
        "{}",
        r#"{"query":null}"#,
        r#"{"query":["{ viewer }"]}"#,
        r#"{"query":"{ viewer }","variables":"{}"}"#,
        r#"{"query":"{ viewer }","variables":[]}"#,
        r#"{"query":"{ viewer }","operationName":{}}"#,
        r#"{"query":"{ viewer }","extensions":"x"}"#,
        r#"{"query":"{ viewer }"} trailing"#,
        r#"{"query":"{ viewer }","query":"mutation { change }"}"#,
        r#"{"query":"{ viewer }","variables":{"a":1e400}}"#,
        r#"{"query":"\ud800 { viewer }"}"#,
        "{\"query\":\"{\u{0} viewer }\"}",
        "{'query':'{ viewer }'}",
        deep.as_str(),
    ] {
        let refused = answer(server.post().body(body.to_owned())).await;
        refused.is_refused(400, "BAD_REQUEST");
    }
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_400_and_a_byte_order_mark_is_skipped() {
    let server = server::start().await;
    answer(server.post().body(b"{\"query\":\"{ viewer } #\xFF\"}".to_vec())).await.is_refused(400, "BAD_REQUEST");
    let utf16: Vec<u8> = VIEWER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    answer(server.post().body(utf16)).await.is_refused(400, "BAD_REQUEST");
    answer(server.post().body(format!("\u{feff}{VIEWER}"))).await.is_data(&json!({ "viewer": "nobody" }));
}

#[tokio::test]
async fn batches_are_refused_and_run_nothing() {
    let server = server::start().await;
    for size in [0, 1, 10, 1_000] {
        let batch = vec![json!({ "query": "mutation { change }" }); size];
        answer(server.post().body(json!(batch).to_string())).await.is_refused(400, "BATCHING_DISABLED");
    }
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn subscriptions_are_sent_elsewhere() {
    let server = server::start().await;
    server.ask("subscription { count(to: 1) }").await.is_refused(400, "SUBSCRIPTION_NOT_SUPPORTED");
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_by_its_announced_length_before_it_is_sent() {
    let server = server::start().await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16777216\r\n\r\n";
    let seen = raw(&server, head.as_bytes()).await;
    assert!(seen.starts_with("HTTP/1.1 413") && seen.contains("BODY_TOO_LARGE"), "{seen}");
}

#[tokio::test]
async fn a_chunked_body_without_end_is_413_at_the_limit_and_the_connection_closes() {
    let server = server::limited(|limits| limits.body_bytes = 10_000).await;
    let mut request = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..100 {
        request.extend_from_slice(format!("400\r\n{}\r\n", " ".repeat(1_024)).as_bytes());
    }
    let seen = raw(&server, &request).await;
    assert!(seen.starts_with("HTTP/1.1 413") && seen.contains("BODY_TOO_LARGE"), "{seen}");
}

#[tokio::test]
async fn a_body_that_dawdles_is_given_up() {
    let server = server::limited(|limits| limits.body_timeout = Duration::from_millis(200)).await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let seen = raw(&server, head.as_bytes()).await;
    assert!(seen.starts_with("HTTP/1.1 503") && seen.contains("TIMEOUT"), "{seen}");
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_given_up() {
    let server = server::limited(|limits| limits.execution_timeout = Duration::from_millis(100)).await;
    server.ask("{ slow }").await.is_refused(503, "TIMEOUT");
}

#[tokio::test]
async fn smuggled_requests_get_one_400_and_run_nothing() {
    let server = server::start().await;
    let inner = r#"{"query":"mutation { change }"}"#;
    for headers in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", inner.len()),
        format!("Content-Length: {}\r\nContent-Length: 5\r\n", inner.len()),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        format!("Content-Length : {}\r\n", inner.len()),
        format!("Content-Length: {}\r\n folded: x\r\n", inner.len()),
    ] {
        let request = format!("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n{inner}");
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut seen = String::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_string(&mut seen)).await.unwrap();
        assert!(seen.is_empty() || seen.starts_with("HTTP/1.1 4"), "{headers}: {seen}");
        assert!(seen.matches("HTTP/1.1").count() <= 1, "{headers}: {seen}");
    }
    assert_eq!(server.changes(), 0);
}

#[tokio::test]
async fn only_the_two_paths_exist() {
    let server = server::start().await;
    for path in ["/", "//graphql", "/graphql/", "/graphql/x", "/graphiql", "/playground", "/altair", "/metrics", "/.env"] {
        let url = format!("http://{}{path}", server.address);
        assert_eq!(answer(server.client.get(url)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn introspection_can_be_off_except_for_those_who_may() {
    let server = server::with(|builder| builder.introspection(false)).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Dog\") { name } }",
        "{ x: __type(name: \"Dog\") { name } }",
        "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
        "mutation M { change } query Q { __schema { queryType { name } } }",
    ] {
        server.ask(query).await.is_refused(400, "INTROSPECTION_DISABLED");
    }
    server.ask("{ __typename dog { __typename } }").await.is_data(&json!({ "__typename": "Query", "dog": { "__typename": "Dog" } }));
    let body = json!({ "query": "{ __schema { queryType { name } } }" }).to_string();
    assert_eq!(answer(server.post().bearer_auth("inspector").body(body)).await.status, 200);
}

#[tokio::test]
async fn a_misspelt_field_brings_no_suggestion() {
    let server = server::with(|builder| builder.introspection(false)).await;
    for query in ["{ viewr }", "{ dog { nam } }", "{ colour(colour: REDD) }", "{ dog(idd: 1) { id } }", "{ ... on Dogg { id } }"] {
        let refused = server.ask(query).await;
        refused.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
        let text = refused.body.to_string();
        assert!(!text.contains("Did you mean") && !text.contains("viewer") && !text.contains("name"), "{text}");
    }
}
