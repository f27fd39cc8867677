//! The transport as its clients see it: a real server on a real socket, with a small schema of its own.
//!
//! `schema` and `server` set it up; `http`, `socket` and `stream` hold one channel each to its protocol; `documents`, `persisted` and
//! `attacks` go through what must be refused; `corpus` and `clients` compare with the reference implementations in Node
//! (`npm ci --prefix tests/node` first).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod clients;
mod corpus;
mod documents;
mod http;
mod node;
mod persisted;
mod schema;
mod server;
mod socket;
mod stream;
