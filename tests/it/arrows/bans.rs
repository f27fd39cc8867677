//! The lints' bans: reasoned, and the same in every `clippy.toml`.

use std::{collections::BTreeMap, fs};

use super::root;

fn read(path: &str) -> toml::Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

/// The banned paths of one list, each with its reason.
fn bans(file: &toml::Table, list: &str) -> BTreeMap<String, String> {
    let entries = file.get(list).and_then(toml::Value::as_array).into_iter().flatten();
    entries.map(|ban| (ban["path"].as_str().unwrap().to_owned(), ban["reason"].as_str().unwrap_or_default().to_owned())).collect()
}

const FILES: &[&str] = &["clippy.toml", "domain/clippy.toml", "entity/clippy.toml"];

#[test]
fn every_ban_has_its_reason() {
    for path in FILES {
        let file = read(path);
        for (ban, reason) in bans(&file, "disallowed-methods").into_iter().chain(bans(&file, "disallowed-types")) {
            assert!(reason.len() > 10, "{path} bans {ban} without saying why");
        }
    }
}

#[test]
fn rooms_with_bans_of_their_own_repeat_the_roots() {
    let root = read("clippy.toml");
    let general = bans(&root, "disallowed-methods");
    for path in &FILES[1..] {
        let own = read(path);
        let repeated = bans(&own, "disallowed-methods");
        // Entity is where the unscoped finders are scoped.
        let expected = general.iter().filter(|(ban, _)| !(path.starts_with("entity") && ban.starts_with("sea_orm::EntityTrait::")));
        for (ban, reason) in expected {
            assert_eq!(repeated.get(ban), Some(reason), "{path} does not repeat the ban of {ban}");
        }
        for key in root.keys().filter(|key| *key != "disallowed-methods") {
            assert_eq!(own.get(key), root.get(key), "{path} differs in {key}");
        }
    }
}

#[test]
fn no_other_folder_has_bans_of_its_own() {
    for room in super::ROOMS {
        let path = format!("{}/clippy.toml", room.folder);
        let known = room.folder.is_empty() || FILES.contains(&path.as_str());
        assert!(known || !root().join(&path).exists(), "{path} replaces the root's bans: add it to FILES");
    }
}
