//! What comes from outside: each package's licence is allowed by `deny.toml`, it is from the one registry, and it is none
//! that is banned there. `cargo deny` does the same and more; this needs nothing but Cargo.

use std::{fs, process::Command};

use serde_json::Value;

use super::root;

fn rules() -> toml::Table {
    fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

/// Every package of the lock file, on whatever platform it is needed.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).current_dir(root()).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let told: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let packages = told["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    packages
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// The strings of a list in the rules.
fn list(table: &toml::Value, key: &str) -> Vec<String> {
    let items = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The licences that one package may have.
fn allowed(rules: &toml::Table, name: &str) -> Vec<String> {
    let licenses = &rules["licenses"];
    let exceptions = licenses["exceptions"].as_array().unwrap().iter().filter(|exception| exception["crate"].as_str() == Some(name));
    list(licenses, "allow").into_iter().chain(exceptions.flat_map(|exception| list(exception, "allow"))).collect()
}

/// An SPDX expression, read from its words: `OR` binds weaker than `AND`, `/` is how `OR` was written once.
struct Expression<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<&'a str>>,
    allowed: &'a [String],
}

impl Expression<'_> {
    fn either(&mut self) -> bool {
        let mut holds = self.all();
        while self.words.next_if(|word| ["OR", "/"].contains(word)).is_some() {
            holds |= self.all();
        }
        holds
    }

    fn all(&mut self) -> bool {
        let mut holds = self.one();
        while self.words.next_if_eq(&"AND").is_some() {
            holds &= self.one();
        }
        holds
    }

    fn one(&mut self) -> bool {
        let word = self.words.next().unwrap_or_default();
        if word == "(" {
            let holds = self.either();
            return self.words.next() == Some(")") && holds;
        }
        let with = self.words.next_if_eq(&"WITH").and_then(|_| self.words.next());
        let license = with.map_or_else(|| word.to_owned(), |exception| format!("{word} WITH {exception}"));
        self.allowed.contains(&license)
    }
}

/// Whether an expression can be met with allowed licences alone.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " / ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut expression = Expression { words: words.into_iter().peekable(), allowed };
    expression.either() && expression.words.next().is_none()
}

/// The licence of a package that names only a file.
fn licence_of_file(package: &Value) -> Option<&'static str> {
    let folder = std::path::Path::new(text(package, "manifest_path")).parent()?;
    let text = fs::read_to_string(folder.join(text(package, "license_file"))).ok()?;
    let mit = text.starts_with("MIT License") && text.contains("Permission is hereby granted, free of charge");
    mit.then_some("MIT")
}

#[test]
fn every_licence_is_an_allowed_one() {
    let rules = rules();
    let wrong: Vec<String> = packages()
        .iter()
        .filter(|package| {
            let licence = package["license"].as_str().or_else(|| licence_of_file(package)).unwrap_or_default();
            !is_met(licence, &allowed(&rules, text(package, "name")))
        })
        .map(|package| format!("{} {}: {}", text(package, "name"), text(package, "version"), package["license"]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_exception_and_every_ban_names_what_it_is_for() {
    let rules = rules();
    let packages = packages();
    let is_here = |name: &str| packages.iter().any(|package| text(package, "name") == name);
    for exception in rules["licenses"]["exceptions"].as_array().unwrap() {
        assert!(is_here(exception["crate"].as_str().unwrap()), "no longer needed: {exception}");
    }
    for ban in rules["bans"]["deny"].as_array().unwrap() {
        assert!(!is_here(ban["crate"].as_str().unwrap()), "banned: {ban}");
        assert!(!ban["reason"].as_str().unwrap().is_empty(), "{ban}");
    }
}

#[test]
fn everything_is_ours_or_from_the_one_registry() {
    let rules = rules();
    let registries: Vec<String> = list(&rules["sources"], "allow-registry").iter().map(|url| format!("registry+{url}")).collect();
    for package in packages() {
        let source = package["source"].as_str();
        let ours = source.is_none() && package["manifest_path"].as_str().is_some_and(|path| !path.contains("/registry/"));
        assert!(ours || source.is_some_and(|source| registries.iter().any(|known| known == source)), "{}", package["id"]);
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed: Vec<String> = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "MIT AND ISC", "(GPL-3.0 OR MIT) AND ISC", "Apache-2.0 WITH LLVM-exception"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for broken in ["", "GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 OR ISC AND GPL-3.0", "Apache-2.0", "(MIT", "MIT)", "MIT ISC", "OR MIT"] {
        assert!(!is_met(broken, &allowed), "{broken}");
    }
}
