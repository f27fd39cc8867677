//! The schema, one file per noun. Resolvers translate: viewer and input into one use case or one scoped query, and its
//! result into a type. Rules live in `domain`.

pub mod access;
pub mod error;
pub mod id;
pub mod money;
pub mod scalars;
pub mod connection;
pub mod keyset;
pub mod kind;
pub mod loader;
pub mod seal;
pub mod case;
pub mod claim;
pub mod debtor;
pub mod delivery;
pub mod import_options;
pub mod import_preview;
pub mod integration;
pub mod invoice;
pub mod letter;
pub mod mutation;
pub mod node;
pub mod payment;
pub mod policy;
pub mod query;
pub mod schema;
pub mod server_info;
pub mod summary;
pub mod sync_run;
pub mod tenant;
pub mod timeline;
pub mod upload;
pub mod viewer;
