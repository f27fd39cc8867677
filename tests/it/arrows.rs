//! The arrows of the house: which room may import which, what no room may name, and that the lints' bans agree.
//!
//! Cargo enforces that a room imports only what its `Cargo.toml` names; here is the list of what it may name. What
//! Cargo cannot see – a file read in the domain, a query without its tenant – is looked for in the sources' words.
//! What comes from outside is held against `deny.toml` ([`outside`]).
//! A new room gets a line in [`ROOMS`]; an arrow that is added there needs a reason in the design first.

mod bans;
mod outside;
mod source;
mod words;

use std::{collections::BTreeSet, fs, path::PathBuf};

/// A crate of ours, the folder it lives in, and the crates of ours that its code may use.
struct Room {
    name: &'static str,
    folder: &'static str,
    may_use: &'static [&'static str],
    /// What its tests may use besides.
    tests_may_use: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room {
        name: "dunwell",
        folder: "",
        may_use: &["adapters", "api", "domain", "entity", "jobs", "letters", "migration", "queue", "sandbox", "transport"],
        tests_may_use: &["testdb"],
    },
    Room { name: "api", folder: "api", may_use: &["domain", "entity", "transport"], tests_may_use: &["migration", "testdb"] },
    Room { name: "transport", folder: "api/transport", may_use: &[], tests_may_use: &[] },
    Room { name: "jobs", folder: "jobs", may_use: &["domain", "entity", "queue"], tests_may_use: &["migration", "testdb"] },
    // The queue opens write transactions the way everybody does; it knows no table of the product.
    Room { name: "queue", folder: "jobs/queue", may_use: &["entity"], tests_may_use: &["testdb"] },
    Room { name: "domain", folder: "domain", may_use: &["entity"], tests_may_use: &["migration", "testdb"] },
    // The ids and kinds that the domain's traits speak of are entity's.
    Room { name: "adapters", folder: "adapters", may_use: &["domain", "entity"], tests_may_use: &["sandbox"] },
    Room { name: "letters", folder: "adapters/letters", may_use: &["domain"], tests_may_use: &[] },
    Room { name: "entity", folder: "entity", may_use: &[], tests_may_use: &[] },
    Room { name: "migration", folder: "migration", may_use: &[], tests_may_use: &["testdb"] },
    // A stand-in that knew the product would repeat its misreadings.
    Room { name: "sandbox", folder: "sandbox", may_use: &[], tests_may_use: &[] },
    Room {
        name: "it",
        folder: "tests",
        may_use: &["adapters", "api", "domain", "entity", "jobs", "letters", "migration", "queue", "sandbox", "testdb", "transport"],
        tests_may_use: &[],
    },
    Room { name: "testdb", folder: "tests/testdb", may_use: &["entity"], tests_may_use: &[] },
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap()
}

/// The crates of ours in one kind of dependencies, also those for one platform only.
fn ours(manifest: &toml::Table, kind: &str) -> BTreeSet<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let tables = platforms.filter_map(toml::Value::as_table).chain([manifest]);
    let names = tables.filter_map(|table| table.get(kind)?.as_table()).flat_map(toml::Table::iter).map(|(key, value)| {
        let renamed = value.get("package").and_then(toml::Value::as_str);
        renamed.unwrap_or(key).to_owned()
    });
    names.filter(|name| ROOMS.iter().any(|room| room.name == name)).collect()
}

fn forbidden(used: &BTreeSet<String>, allowed: &[&[&str]]) -> Vec<String> {
    used.iter().filter(|name| !allowed.iter().any(|list| list.contains(&name.as_str()))).cloned().collect()
}

#[test]
fn every_room_imports_only_what_its_arrows_allow() {
    for room in ROOMS {
        let manifest = manifest(room.folder);
        let code = &ours(&manifest, "dependencies") | &ours(&manifest, "build-dependencies");
        let wrong = forbidden(&code, &[room.may_use]);
        assert!(wrong.is_empty(), "{} imports {wrong:?}; it may import {:?}", room.name, room.may_use);
        let tests = ours(&manifest, "dev-dependencies");
        let wrong = forbidden(&tests, &[room.may_use, room.tests_may_use]);
        assert!(wrong.is_empty(), "the tests of {} import {wrong:?}", room.name);
    }
}

#[test]
fn every_member_of_the_workspace_is_a_known_room() {
    let root = manifest("");
    let members = root["workspace"]["members"].as_array().unwrap().iter().map(|member| member.as_str().unwrap());
    let known: BTreeSet<&str> = ROOMS.iter().map(|room| room.folder).collect();
    assert_eq!(members.chain([""]).collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_room_takes_the_workspaces_lints() {
    for room in ROOMS {
        let manifest = manifest(room.folder);
        let inherited = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherited, Some(true), "{} has no `[lints] workspace = true`", room.name);
    }
}
