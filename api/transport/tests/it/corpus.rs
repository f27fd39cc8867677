//! Agreement with the reference implementation of validation, document by document.

use serde_json::{Value, json};

use crate::{node, server};

const CORPUS: &str = include_str!("../corpus.txt");

fn documents() -> Vec<String> {
    let lines = CORPUS.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.map(|line| line.replace('⏎', "\n")).collect()
}

/// Where we follow the specification and the reference does not: a Float must be finite (3.5.2), and a nullable variable
/// is no choice for a field of an exclusive input (5.8.5).
const STRICTER: &[&str] = &[
    "{ float(x: 1e400) }",
    "{ float(x: -1e400) }",
    "query ($id: ID) { find(by: { id: $id }) { id } }",
    "query ($id: ID = \"1\") { find(by: { id: $id }) { id } }",
];

#[tokio::test]
async fn documents_are_taken_and_refused_as_by_the_reference() {
    let server = server::start().await;
    let documents = documents();
    let input = json!({ "sdl": server.sdl, "documents": documents }).to_string();
    let verdicts = node::run("verdicts.mjs", &[], &input).await;
    let verdicts = verdicts.as_array().unwrap();
    assert_eq!(verdicts.len(), documents.len());

    let mut differences = Vec::new();
    for (document, reference) in documents.iter().zip(verdicts) {
        let answer = server.ask(document).await;
        let refused = matches!(answer.code(), "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "INTROSPECTION_DEPTH_LIMIT");
        if STRICTER.contains(&document.as_str()) {
            assert!(refused && reference.is_null(), "{document} is no exception any more");
        } else if refused == reference.is_null() {
            differences.push(format!("{document}\n  reference: {reference}\n  ours: {}", answer.body["errors"][0]));
        }
        assert!(!answer.code().ends_with("_LIMIT") || refused, "{document} is too large to compare");
    }
    let valid = verdicts.iter().filter(|verdict| **verdict == Value::Null).count();
    assert!(valid > 100 && verdicts.len() - valid > 150, "{valid} of {} are valid", verdicts.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
