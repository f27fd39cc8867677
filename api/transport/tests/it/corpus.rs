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

/// How our answers differ from the reference's verdicts.
async fn compare(documents: &[String]) -> (usize, Vec<String>) {
    let server = server::start().await;
    let input = json!({ "sdl": server.sdl, "documents": documents }).to_string();
    let verdicts = node::run("verdicts.mjs", &[], &input).await;
    let verdicts = verdicts.as_array().unwrap();
    assert_eq!(verdicts.len(), documents.len());
    let mut differences = Vec::new();
    for (document, reference) in documents.iter().zip(verdicts) {
        let answer = server.ask(document).await;
        let refused = matches!(answer.code(), "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "INTROSPECTION_DEPTH_LIMIT");
        assert!(refused || !answer.code().ends_with("_LIMIT"), "{document} is too large to compare");
        if refused == reference.is_null() {
            differences.push(format!("{document}\n  reference: {reference}\n  ours: {}", answer.body["errors"][0]));
        }
    }
    (verdicts.iter().filter(|verdict| **verdict == Value::Null).count(), differences)
}

#[tokio::test]
async fn documents_are_taken_and_refused_as_by_the_reference() {
    let documents: Vec<_> = documents().into_iter().filter(|document| !STRICTER.contains(&document.as_str())).collect();
    let (valid, differences) = compare(&documents).await;
    assert!(valid > 100 && documents.len() - valid > 150, "{valid} of {} are valid", documents.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[tokio::test]
async fn where_we_are_stricter_the_reference_still_is_not() {
    let documents: Vec<_> = STRICTER.iter().map(ToString::to_string).collect();
    let (valid, differences) = compare(&documents).await;
    assert_eq!((valid, differences.len()), (STRICTER.len(), STRICTER.len()), "{differences:?}");
}

/// Each document with each of its tokens left out, doubled, and exchanged for the one that stands there in another.
fn mutants() -> Vec<String> {
    // A variable in an exclusive input is where we are stricter; its relatives would all differ.
    let alike = |document: &str| STRICTER.contains(&document) || document.contains("{ id: $id }");
    let documents: Vec<_> = documents().into_iter().filter(|document| !alike(document)).collect();
    let documents: Vec<Vec<String>> = documents.iter().map(|document| pieces(document)).collect();
    let mut mutants = std::collections::BTreeSet::new();
    for (number, pieces) in documents.iter().enumerate() {
        let other = &documents[(number * 7 + 13) % documents.len()];
        for (place, piece) in pieces.iter().enumerate() {
            let exchanged = other.get(place).cloned().unwrap_or_default();
            for replacement in [String::new(), format!("{piece} {piece}"), exchanged] {
                let mut mutant = pieces.clone();
                mutant[place] = replacement;
                mutants.insert(mutant.join(" "));
            }
        }
    }
    mutants.into_iter().collect()
}

/// Words, strings and single marks.
fn pieces(document: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut in_string = false;
    let mut last = ' ';
    for character in document.chars() {
        let word = |character: char| character.is_alphanumeric() || "_$@-.".contains(character);
        let joins = in_string || (word(character) && word(last)) || (character == '"' && last == '"');
        if character == '"' && last != '\\' {
            in_string = !in_string;
        }
        match pieces.last_mut() {
            Some(piece) if joins => piece.push(character),
            _ if character.is_whitespace() => {}
            _ => pieces.push(character.to_string()),
        }
        last = character;
    }
    pieces
}

#[tokio::test]
async fn damaged_documents_are_taken_and_refused_as_by_the_reference() {
    let documents = mutants();
    let (valid, differences) = compare(&documents).await;
    assert!(documents.len() > 5_000 && valid > 500, "{valid} of {} are valid", documents.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
