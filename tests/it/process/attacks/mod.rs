//! What an attacker tries against a running server, where only the whole of it can answer: forged tokens, a neighbour's
//! ids, roles that may only look, signed links, hostile values, paths that must not exist. Each refusal must say so by a
//! stable code, and change nothing.

mod links;
mod roles;
mod tenancy;
mod tokens;
mod values;
mod web;
