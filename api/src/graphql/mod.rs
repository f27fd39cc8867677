//! The schema, one file per noun. Resolvers translate: viewer and input into one use case or one scoped query, and its
//! result into a type. Rules live in `domain`.

pub mod access;
pub mod error;
pub mod id;
pub mod money;
pub mod scalars;
