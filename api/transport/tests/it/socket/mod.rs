//! graphql-transport-ws, frame by frame: `protocol` has its rules and close codes, `endurance` what must not bring us down.

pub mod client;
mod endurance;
mod protocol;
