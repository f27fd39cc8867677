//! Who may only look changes nothing; who works cases configures nothing.

use serde_json::{Value, json};

use super::tenancy::{Targets, calls};
use crate::process::demo::Demo;

/// Mutations that need the owner.
const CONFIGURE: [&str; 7] = [
    "tenantUpdate",
    "integrationCreateCsv",
    "integrationUpdateSettings",
    "integrationPause",
    "integrationResume",
    "policySave",
    "demoAdvanceClock",
];

#[test]
fn a_viewer_changes_nothing() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (owner, viewer) = (demo.client(0, "OWNER"), demo.client(0, "VIEWER"));
        let targets = Targets::of(&owner).await;
        let before = targets.state(&owner).await;
        for (name, document, variables) in calls(&targets) {
            assert_eq!(viewer.refused(&document, variables).await, "FORBIDDEN", "{name}");
        }
        assert_eq!(targets.state(&owner).await, before);
        let seen = viewer.ask("{ cases(first: 1) { nodes { actions { allowed reasons } } } }", json!({})).await;
        let actions = seen["cases"]["nodes"][0]["actions"].as_array().unwrap();
        let told = |action: &Value| action["allowed"] == false && action["reasons"].as_array().unwrap().contains(&json!("FORBIDDEN"));
        assert!(actions.iter().all(told), "what the viewer may not do is said beforehand: {actions:?}");
    });
}

#[test]
fn an_accountant_configures_nothing() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (owner, accountant) = (demo.client(0, "OWNER"), demo.client(0, "ACCOUNTANT"));
        let targets = Targets::of(&owner).await;
        let before = targets.state(&owner).await;
        let mut tried = 0;
        for (name, document, variables) in calls(&targets) {
            if CONFIGURE.contains(&name) {
                assert_eq!(accountant.refused(&document, variables).await, "FORBIDDEN", "{name}");
                tried += 1;
            }
        }
        assert_eq!(tried, CONFIGURE.len());
        assert_eq!(targets.state(&owner).await, before);
    });
}

#[test]
fn nobody_learns_and_changes_nothing_without_signing_in() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let targets = Targets::of(&owner).await;
        let before = targets.state(&owner).await;
        let nobody = demo.process.client();
        for (name, document, variables) in calls(&targets) {
            let answer = nobody.send(&document, variables).await.unwrap();
            assert_eq!(answer.error_code(), "UNAUTHENTICATED", "{name}: {answer:?}");
        }
        for query in ["{ viewer { role } }", "{ tenant { name } }", "{ cases { nodes { id } } }", "{ collectionSummary { currency } }"] {
            let answer = nobody.send(query, json!({})).await.unwrap();
            assert_eq!(answer.error_code(), "UNAUTHENTICATED", "{query}: {answer:?}");
        }
        assert_eq!(targets.state(&owner).await, before);
    });
}
