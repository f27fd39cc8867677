//! Documents that must run, and run as they were judged: literals, defaults, conditions, positions.

use serde_json::json;

use crate::server;

#[tokio::test]
async fn every_way_to_write_a_character_means_the_character() {
    let server = server::start().await;
    for literal in [r#""😀""#, r#""\uD83D\uDE00""#, r#""\u{1F600}""#, "\"\"\"😀\"\"\"", "\"\"\"\n  😀\n\"\"\""] {
        server.ask(&format!("{{ echo(text: {literal}) }}")).await.is_data(&json!({ "echo": "😀" }));
    }
    server.ask(r#"{ echo(text: "\"\\\/\b\f\n\r\t\u00e9") }"#).await.is_data(&json!({ "echo": "\"\\/\u{8}\u{c}\n\r\té" }));
    let block = "{ echo(text: \"\"\"\n    one\n      two \\\"\"\"\n\n    three\n  \"\"\") }";
    server.ask(block).await.is_data(&json!({ "echo": "one\n  two \"\"\"\n\nthree" }));
}

#[tokio::test]
async fn broken_escapes_are_no_documents() {
    let server = server::start().await;
    for literal in [r#""\uD83D""#, r#""\u{110000}""#, r#""\u{}""#, r#""\u12""#, r#""\x41""#, "\"a\nb\"", "\"open"] {
        server.ask(&format!("{{ echo(text: {literal}) }}")).await.is_refused(400, "GRAPHQL_PARSE_FAILED");
    }
}

#[tokio::test]
async fn conditions_with_variables_are_taken_even_on_typename() {
    let server = server::start().await;
    let query = "query ($no: Boolean! = true, $yes: Boolean = true) { __typename @skip(if: $no) viewer @include(if: $yes) }";
    let unset = "query ($no: Boolean! = true) { __typename @skip(if: $no) viewer }";
    server.ask(unset).await.is_data(&json!({ "viewer": "nobody" }));
    server.ask_with(unset, json!({ "no": false })).await.is_data(&json!({ "__typename": "Query", "viewer": "nobody" }));
    // A nullable variable is not allowed where a Boolean! is asked for, unless it has a default.
    server.ask(query).await.is_data(&json!({ "viewer": "nobody" }));
}

#[tokio::test]
async fn defaults_of_variables_arguments_and_input_fields_are_used() {
    let server = server::start().await;
    server.ask("query ($a: Int = 2) { add(a: $a) }").await.is_data(&json!({ "add": 3 }));
    server.ask("query ($b: Int) { add(a: 2, b: $b) }").await.is_data(&json!({ "add": 3 }));
    server.ask("query ($c: [ID!]! = [\"x\", 7]) { ids(list: $c) }").await.is_data(&json!({ "ids": ["x", "7"] }));
    let filtered = "query ($f: PetFilter = { legs: 5 }) { pets(filter: $f) { name } }";
    server.ask(filtered).await.is_data(&json!({ "pets": [{ "name": "Tom" }] }));
    server.ask_with(filtered, json!({ "f": {} })).await.is_data(&json!({ "pets": [{ "name": "Rex" }, { "name": "Tom" }] }));
}

#[tokio::test]
async fn values_are_coerced_as_the_specification_says() {
    let server = server::start().await;
    server.ask_with("query ($v: Int!) { add(a: $v) }", json!({ "v": 1.0 })).await.is_data(&json!({ "add": 2 }));
    server.ask_with("query ($v: Float!) { float(x: $v) }", json!({ "v": 1 })).await.is_data(&json!({ "float": 1.0 }));
    server.ask_with("query ($v: ID!) { same(id: $v) }", json!({ "v": 7 })).await.is_data(&json!({ "same": "7" }));
    server.ask_with("query ($v: [ID!]!) { ids(list: $v) }", json!({ "v": "x" })).await.is_data(&json!({ "ids": ["x"] }));
    server.ask_with("query ($v: [[Int!]!]!) { matrix(rows: $v) }", json!({ "v": 5 })).await.is_data(&json!({ "matrix": 5 }));
    server.ask_with("query ($v: Colour!) { colour(colour: $v) }", json!({ "v": "RED" })).await.is_data(&json!({ "colour": "RED" }));
    server
        .ask_with("query ($v: PetBy!) { find(by: $v) { name } }", json!({ "v": { "name": "Tom" } }))
        .await
        .is_data(&json!({ "find": { "name": "Tom" } }));
    server.ask("{ same(id: 12345678901234567890123) }").await.is_data(&json!({ "same": "12345678901234567890123" }));
    server.ask_with("{ viewer }", json!({ "undeclared": 1 })).await.is_data(&json!({ "viewer": "nobody" }));
}

#[tokio::test]
async fn the_named_operation_runs_and_no_other() {
    let server = server::start().await;
    let query = "query Q { viewer } mutation M { change } query R { __typename }";
    let ask = |name: serde_json::Value| server::answer(server.post().body(json!({ "query": query, "operationName": name }).to_string()));
    ask(json!("R")).await.is_data(&json!({ "__typename": "Query" }));
    ask(json!("M")).await.is_data(&json!({ "change": 1 }));
    ask(json!("X")).await.is_refused(400, "OPERATION_RESOLUTION_FAILURE");
    ask(json!(null)).await.is_refused(400, "OPERATION_RESOLUTION_FAILURE");
    assert_eq!(server.changes(), 1);
}

#[tokio::test]
async fn the_same_document_gets_the_same_answer_from_the_cache() {
    let server = server::start().await;
    for _ in 0..3 {
        server.ask_with("query ($a: Int!) { add(a: $a) }", json!({ "a": 1 })).await.is_data(&json!({ "add": 2 }));
        server.ask_with("query ($a: Int!) { add(a: $a) }", json!({ "a": 5 })).await.is_data(&json!({ "add": 6 }));
        server.ask("{ unknown }").await.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn errors_point_to_their_line_and_column() {
    let server = server::start().await;
    let refused = server.ask("{\n  viewer\n  äö: viewer\n}").await;
    refused.is_refused(400, "GRAPHQL_PARSE_FAILED");
    let invalid = server.ask("{\n  echo(text: \"äöü\") unknown }").await;
    assert_eq!(invalid.body["errors"][0]["locations"], json!([{ "line": 2, "column": 21 }]));
    let failed = server.ask("{\n  viewer refused }").await;
    assert_eq!(failed.body["errors"][0]["locations"], json!([{ "line": 2, "column": 10 }]));
    assert_eq!(failed.body["errors"][0]["path"], json!(["refused"]));
}

#[tokio::test]
async fn fragments_interfaces_and_unions_are_answered() {
    let server = server::start().await;
    let query = "{ pets { ...P ... on Dog { barks } ... on Cat { lives } } being { __typename ... on Human { pets { id } } } } \
        fragment P on Pet { name }";
    server.ask(query).await.is_data(&json!({
        "pets": [{ "name": "Rex", "barks": true }, { "name": "Tom", "lives": 9 }],
        "being": { "__typename": "Human", "pets": [{ "id": "1" }] },
    }));
}

#[tokio::test]
async fn keys_come_in_the_order_of_the_document() {
    let server = server::start().await;
    let query = r#"{"query":"{ viewer ...F dog { name id } a: traceId } fragment F on Query { z: viewer dog { legs } }"}"#;
    let text = server.post().body(query).send().await.unwrap().text().await.unwrap();
    let expected = r#"{"data":{"viewer":"nobody","z":"nobody","dog":{"legs":4,"name":"Rex","id":"1"},"a":"trace-1"}}"#;
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_field_selected_twice_happens_once() {
    let server = server::start().await;
    server.ask("mutation { change change ...F ... { change } } fragment F on Mutation { change }").await.is_data(&json!({ "change": 1 }));
    assert_eq!(server.changes(), 1);
    server.ask("{ dog { name } dog { id } ...F } fragment F on Query { dog { legs } }").await.is_data(&json!({
        "dog": { "name": "Rex", "id": "1", "legs": 4 },
    }));
}

#[tokio::test]
async fn a_failed_field_is_null_or_makes_null_of_what_holds_it() {
    let server = server::start().await;
    for (query, data) in [
        ("{ refused }", json!({ "refused": null })),
        ("{ viewer refused x: secretFailure }", json!({ "viewer": "nobody", "refused": null, "x": null })),
        ("{ viewer hopeless }", json!(null)),
        ("{ viewer trouble { fine maybe } }", json!({ "viewer": "nobody", "trouble": { "fine": 1, "maybe": null } })),
        ("{ viewer trouble { maybe } }", json!({ "viewer": "nobody", "trouble": { "maybe": null } })),
        ("{ viewer trouble { fine surely } }", json!({ "viewer": "nobody", "trouble": null })),
        ("{ viewer trouble { surely } }", json!({ "viewer": "nobody", "trouble": null })),
        ("{ viewer trouble { inner { surely } fine } }", json!({ "viewer": "nobody", "trouble": null })),
        (
            "{ viewer trouble { inner { maybe } fine } }",
            json!({ "viewer": "nobody", "trouble": { "inner": { "maybe": null }, "fine": 1 } }),
        ),
        ("{ viewer troubles { fine surely } }", json!({ "viewer": "nobody", "troubles": [null, { "fine": 2, "surely": 1 }] })),
        (
            "{ viewer troubles { ...T } } fragment T on Trouble { surely }",
            json!({ "viewer": "nobody", "troubles": [null, { "surely": 1 }] }),
        ),
        ("{ viewer strict { surely } }", json!({ "viewer": "nobody", "strict": null })),
    ] {
        let answer = server.ask(query).await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]), (200, &data), "{query}: {}", answer.body);
        assert!(answer.body["errors"].is_array() && answer.body.get("data").is_some(), "{query}");
    }
}

#[tokio::test]
async fn a_variable_without_a_value_is_no_argument() {
    let server = server::start().await;
    server.ask("query ($b: Int) { add(a: 2, b: $b) }").await.is_data(&json!({ "add": 3 }));
    server
        .ask("query ($legs: Int!, $x: Int = 1) { pets(first: $x, filter: { legs: $legs }) { name } }")
        .await
        .is_refused(400, "BAD_USER_INPUT");
    let filter = "query ($name: String) { pets(filter: { name: $name, legs: 5 }) { name } }";
    server.ask(filter).await.is_data(&json!({ "pets": [{ "name": "Tom" }] }));
    server.ask_with("query ($t: String) { maybe(text: $t) }", json!({ "t": null })).await.is_data(&json!({ "maybe": null }));
    let null = server.ask_with("query ($b: Int) { add(a: 2, b: $b) }", json!({ "b": null })).await;
    assert_eq!(null.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn descriptions_of_operations_and_variables_mean_nothing() {
    let server = server::start().await;
    let query = "\"What it does\" query ( \"how many\" $a: Int!, \"\"\"more\n😀\"\"\" $b: Int = 5 ) { add(a: $a, b: $b) ...F }\n \"part\" fragment F on Query { viewer unknown }";
    let refused = server.ask_with(query, json!({ "a": 1 })).await;
    refused.is_refused(400, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused.body["errors"][0]["locations"], json!([{ "line": 3, "column": 38 }]));
    let query = query.replace(" unknown", "");
    server.ask_with(&query, json!({ "a": 1 })).await.is_data(&json!({ "add": 6, "viewer": "nobody" }));
}
