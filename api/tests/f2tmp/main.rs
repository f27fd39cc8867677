#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "tests may panic")]
#[path = "../it/world.rs"] mod world;
#[path = "../it/outside.rs"] mod outside;
#[path = "../it/queries.rs"] mod queries;
#[path = "../it/connections.rs"] mod connections;
#[path = "../it/subscriptions.rs"] mod subscriptions;
