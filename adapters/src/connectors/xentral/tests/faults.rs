//! Answers that are none, and keys that are refused.

use std::{sync::atomic::Ordering, time::Duration};

use domain::port::{Scope, SourceError};
use sandbox::fault::{Manner, Outage, Throttle};

use super::world::{Linked, World};

#[tokio::test]
async fn an_answer_that_cannot_be_read_breaks_the_pull_and_names_the_call_but_no_contents() {
    let world = World::sampled().await;
    for path in ["/api/v3/invoices", "/api/v1/invoices"] {
        for manner in [Manner::Html, Manner::Truncated, Manner::Huge, Manner::MissingField { field: "data".into() }] {
            world.stand.faults().break_answers(path, 1, manner.clone());
            let error = world.linked.fails(Scope::Everything).await;
            let text = error.to_string();
            // A body that ends before its declared length is a connection that broke.
            let fits =
                matches!(error, SourceError::Broken(_)) || (manner == Manner::Truncated && matches!(error, SourceError::Unavailable(_)));
            assert!(fits, "{path} {manner:?}: {error:?}");
            assert!(!text.contains("GmbH") && !text.contains("sandbox-xentral-token"), "{text}");
            assert!(!matches!(error, SourceError::Broken(_)) || text.contains(path), "{text}");
            world.stand.faults().clear();
        }
    }
}

#[tokio::test]
async fn a_field_that_vanished_or_holds_an_unknown_word_makes_problems_and_no_records() {
    let world = World::sampled().await;
    let open = world.open().len();
    for manner in [
        Manner::MissingField { field: "paymentStatus".into() },
        Manner::UnknownValue { field: "paymentStatus".into() },
        Manner::UnknownValue { field: "status".into() },
        Manner::MissingField { field: "totals".into() },
        Manner::MissingField { field: "dunningSettings".into() },
        Manner::UnknownValue { field: "level".into() },
        Manner::UnknownValue { field: "documentDate".into() },
        Manner::MissingField { field: "blocked".into() },
    ] {
        world.stand.faults().break_answers("/api/v3/invoices", 1, manner.clone());
        let pulled = world.linked.pull(Scope::Everything).await;
        assert!(pulled.records.is_empty(), "{manner:?}");
        assert_eq!(pulled.problems().iter().filter(|(id, code)| id.is_some() && *code == "CONTRACT_BROKEN").count(), open, "{manner:?}");
    }
}

#[tokio::test]
async fn a_balance_that_vanished_is_not_taken_for_nothing() {
    let world = World::sampled().await;
    world.stand.faults().break_answers("/api/v1/invoices", 1, Manner::MissingField { field: "balance".into() });
    let pulled = world.linked.pull(Scope::Everything).await;
    assert!(pulled.records.is_empty());
    assert_eq!(pulled.problems().len(), world.open().len());
}

#[tokio::test]
async fn one_explanation_that_cannot_be_read_costs_one_invoice() {
    let world = World::sampled().await;
    world.stand.faults().break_answers("/balance", 1, Manner::UnknownValue { field: "type".into() });
    let pulled = world.linked.pull(Scope::Everything).await;
    assert_eq!((pulled.problems().len(), pulled.ids().len()), (1, world.open().len() - 1));
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    let world = World::sampled().await;
    for status in [500, 503] {
        world.stand.faults().break_answers("/api", 1, Manner::Status { status });
        assert!(matches!(world.linked.fails(Scope::Everything).await, SourceError::Unavailable(_)), "{status}");
    }
    for outage in [Outage::Silent, Outage::Unavailable] {
        world.stand.faults().outage(outage);
        assert!(matches!(world.linked.fails(Scope::Everything).await, SourceError::Unavailable(_)), "{outage:?}");
    }
}

#[tokio::test]
async fn a_limit_that_was_hit_closes_the_instance_for_as_long_as_was_asked() {
    let world = World::sampled().await;
    for (retry_after, seconds) in [(Some(17), 17), (None, 5)] {
        world.stand.faults().throttle("/api/v1/invoices", 1, Throttle { retry_after, problem: None });
        assert_eq!(world.linked.fails(Scope::Everything).await, SourceError::RateLimited(seconds));
        let told = world.linked.gate.left.lock().unwrap().last().cloned().unwrap();
        let key = format!("xentral:{}", world.linked.account.external_id);
        assert_eq!(told.closed, Some((key, Duration::from_secs(seconds))));
    }
}

#[tokio::test]
async fn a_revoked_token_needs_a_person() {
    let world = World::sampled().await;
    world.stand.xentral().revoke_token(sandbox::xentral::TOKEN).unwrap();
    assert!(matches!(world.linked.fails(Scope::Everything).await, SourceError::Unauthorised(_)));
    assert_eq!(world.linked.keys.refused.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_that_was_pasted_meanwhile_is_used_at_once() {
    let world = World::sampled().await;
    world.stand.xentral().issue_token("newer", &[]);
    let linked = Linked::to(&world.stand.url(), "older", Some("newer"));
    assert_eq!(linked.pull(Scope::Everything).await.ids(), world.open());
    assert_eq!(linked.keys.refused.load(Ordering::SeqCst), 1);
    let still_wrong = Linked::to(&world.stand.url(), "older", Some("wrong too"));
    assert!(matches!(still_wrong.fails(Scope::Everything).await, SourceError::Unauthorised(_)));
    assert_eq!(still_wrong.keys.refused.load(Ordering::SeqCst), 1, "not for ever");
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let world = World::sampled().await;
    world.stand.xentral().issue_token("customers only", &["customer:read"]);
    let linked = Linked::to(&world.stand.url(), "customers only", None);
    let SourceError::Unauthorised(message) = linked.fails(Scope::Everything).await else { panic!("not unauthorised") };
    assert!(message.contains("invoice:read"), "{message}");
    world.stand.xentral().issue_token("invoices only", &["invoice:read"]);
    let enough = Linked::to(&world.stand.url(), "invoices only", None);
    assert_eq!(enough.pull(Scope::Everything).await.ids(), world.open());
}

#[tokio::test]
async fn stored_places_that_cannot_be_read_are_refused() {
    let world = World::sampled().await;
    let scope = Scope::Changes("yesterday".into());
    assert!(matches!(world.linked.fails(scope).await, SourceError::Broken(_)));
    assert_eq!(world.stand.calls().total(), 0);
}
