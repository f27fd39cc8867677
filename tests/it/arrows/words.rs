//! What rooms must not name, though Cargo and clippy would let them.

use super::{ROOMS, source};

/// Names that the domain's sources must not use, with why.
const NOT_IN_DOMAIN: &[(&str, &str)] = &[
    ("reqwest", "HTTP belongs to adapters"),
    ("hyper", "HTTP belongs to adapters"),
    ("actix_web", "the domain knows no door"),
    ("async_graphql", "the domain knows no door"),
    ("apalis", "jobs are messengers"),
    ("apalis_core", "jobs are messengers"),
    ("queue", "jobs are messengers"),
    ("lettre", "mail belongs to adapters"),
    ("typst", "drawing belongs to letters"),
    ("std::fs", "files belong to adapters"),
    ("tokio::fs", "files belong to adapters"),
    ("std::env", "settings are read at boot"),
    ("std::net", "sockets belong to adapters"),
    ("tokio::net", "sockets belong to adapters"),
    ("std::process", "the domain starts nothing"),
    ("f32", "money and rates are integers"),
    ("f64", "money and rates are integers"),
    ("SystemTime", "the clock is an argument"),
    ("Instant", "the clock is an argument"),
    ("Utc::now", "the clock is an argument"),
    ("Local::now", "the clock is an argument"),
    ("sleep", "a long wait is a due instant on a row"),
];

/// Ways to start a query without a tenant, also those that SeaORM derives and clippy cannot be told of by name.
const UNSCOPED: &[&str] = &["find", "find_by_", "find_related_rev", "load", "update_many", "delete_many", "delete_by_"];

/// How far above a finding its reason may stand.
const REASON_WITHIN_LINES: usize = 20;

/// Whether `code` names `word` as a whole path segment or path.
fn names(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[test]
fn domain_names_no_outside_world_no_floats_and_no_ambient_clock() {
    for file in source::of("domain/src") {
        for (number, line) in file.code.lines().enumerate() {
            for (word, why) in NOT_IN_DOMAIN {
                assert!(!names(line, word), "{}:{} names {word}: {why}", file.path, number + 1);
            }
        }
    }
}

#[test]
fn settings_are_read_from_the_environment_in_src_alone() {
    let product = ROOMS.iter().filter(|room| !matches!(room.name, "dunwell" | "it" | "testdb"));
    for room in product {
        for file in source::of(&format!("{}/src", room.folder)) {
            assert!(!names(&file.code, "env::var") && !names(&file.code, "env::var_os"), "{} reads the environment", file.path);
        }
    }
}

/// Whether a line starts a query on an entity without a tenant.
fn unscoped(line: &str) -> bool {
    line.match_indices("Entity::").any(|(at, start)| {
        let call = &line[at + start.len()..];
        let name = call.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let called = call[name.len()..].starts_with(['(', ':']);
        called && UNSCOPED.iter().any(|ban| name == *ban || (ban.ends_with('_') && name.starts_with(ban)))
    })
}

#[test]
fn every_query_starts_with_a_tenant_or_says_why_not() {
    for room in ROOMS.iter().filter(|room| !matches!(room.name, "it" | "testdb")) {
        let folder = if room.folder.is_empty() { "src".to_owned() } else { format!("{}/src", room.folder) };
        for file in source::of(&folder) {
            let lines: Vec<&str> = file.code.lines().collect();
            for (at, _) in lines.iter().enumerate().filter(|(_, line)| unscoped(line)) {
                let above = &lines[at.saturating_sub(REASON_WITHIN_LINES)..=at];
                let reasoned = above.iter().any(|line| line.contains("clippy::disallowed_methods"));
                assert!(reasoned, "{}:{} starts a query without its tenant and gives no reason", file.path, at + 1);
            }
        }
    }
}

#[test]
fn entity_itself_queries_nowhere() {
    for file in source::of("entity/src").into_iter().filter(|file| file.path != "entity/src/scope.rs") {
        assert!(!file.code.lines().any(unscoped), "{} queries; entity only says what the tables are", file.path);
    }
}

#[test]
fn the_search_sees_what_it_looks_for() {
    assert!(names("let x: f64 = 1.0;", "f64") && !names("as_f64()", "f64") && names("chrono::Utc::now()", "Utc::now"));
    assert!(unscoped("invoice::Entity::find()") && unscoped("Entity::find_by_id(3)") && unscoped("Entity::load()"));
    assert!(unscoped("Entity::find_by_email(x)") && !unscoped("Entity::of(tenant)") && !unscoped("Entity::insert(row)"));
}
