//! The schema, one file per noun. Resolvers translate: viewer and input into one use case or one scoped query, and its
//! result into a type. Rules live in `domain`.
#![allow(clippy::unused_async, reason = "a resolver is async, whether or not it waits")]

pub mod access;
pub mod accounting_system;
pub mod agency;
pub mod case;
pub mod claim;
pub mod connection;
pub mod consent_queue;
pub mod debtor;
pub mod delivery;
pub mod error;
pub mod explanation;
pub mod handover;
pub mod id;
pub mod import_options;
pub mod import_preview;
pub mod integration;
pub mod invoice;
pub mod keyset;
pub mod kind;
pub mod letter;
pub mod loader;
pub mod money;
pub mod mutation;
pub mod node;
pub mod payment;
pub mod policy;
pub mod pull_preview;
pub mod query;
pub mod reference_style;
pub mod rule_pack;
pub mod scalars;
pub mod schema;
pub mod seal;
pub mod server_info;
pub mod simulation;
pub mod subscription;
pub mod summary;
pub mod suppression;
pub mod sync_run;
pub mod task;
pub mod tenant;
pub mod timeline;
pub mod upload;
pub mod viewer;
