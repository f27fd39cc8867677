//! The documents that the operator trusts, as the tools of app builders write them: a file of JSON, or a folder of such
//! files and of plain documents.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use api::TrustedDocuments;
use serde_json::{Map, Value};

use crate::config::Config;

/// What the manifest of Apollo's tools calls itself.
const MANIFEST: &str = "apollo-persisted-query-manifest";

/// Reads what `trusted_documents` names.
///
/// # Errors
///
/// A file that cannot be read or is none of these, an id that nothing can be called or that names two documents; a setting
/// that leaves nothing to serve.
pub fn read(config: &Config) -> anyhow::Result<TrustedDocuments> {
    let Some(path) = &config.trusted_documents else {
        anyhow::ensure!(!config.trusted_documents_only, "trusted_documents_only needs trusted_documents: nothing would be served");
        return Ok(TrustedDocuments::default());
    };
    let mut documents = TrustedDocuments::default();
    let files = files(path).with_context(|| format!("cannot read trusted_documents from {}", path.display()))?;
    for file in files {
        add(&mut documents, &file).with_context(|| format!("trusted_documents: {} does not fit", file.display()))?;
    }
    anyhow::ensure!(!documents.is_empty(), "trusted_documents: there is no document in {}", path.display());
    anyhow::ensure!(
        !(config.trusted_documents_only && config.graphiql),
        "GraphiQL asks what people type: it cannot be served with trusted_documents_only"
    );
    tracing::info!(documents = documents.len(), only = config.trusted_documents_only, "trusted documents are known by their ids");
    Ok(if config.trusted_documents_only { documents.only() } else { documents })
}

/// The file itself, or those of a folder that may hold documents, in the order of their names.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir()? {
        let file = entry?.path();
        if file.is_file() && (is_document(&file) || file.extension() == Some(OsStr::new("json"))) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn is_document(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "graphql" || extension == "gql")
}

fn add(documents: &mut TrustedDocuments, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file)?;
    if is_document(file) {
        let name = file.file_stem().and_then(OsStr::to_str).context("its name is no id")?;
        return Ok(documents.add(name, &text)?);
    }
    match serde_json::from_str(&text)? {
        Value::Object(manifest) if manifest.get("format").and_then(Value::as_str) == Some(MANIFEST) => add_manifest(documents, &manifest),
        Value::Object(list) => list.iter().try_for_each(|(id, text)| {
            let text = text.as_str().with_context(|| format!("{id:?} is no document"))?;
            Ok(documents.add(id, text)?)
        }),
        _ => bail!("it is no object of ids and documents"),
    }
}

fn add_manifest(documents: &mut TrustedDocuments, manifest: &Map<String, Value>) -> anyhow::Result<()> {
    if manifest.get("version").and_then(Value::as_u64) != Some(1) {
        bail!("only version 1 of the manifest is known");
    }
    let operations = manifest.get("operations").and_then(Value::as_array).context("the manifest has no operations")?;
    for operation in operations {
        let part = |name: &str| operation.get(name).and_then(Value::as_str).with_context(|| format!("an operation has no {name}"));
        documents.add(part("id")?, part("body")?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("dunwell-trusted-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
        folder
    }

    fn reading(name: &str, files: &[(&str, &str)], only: bool) -> anyhow::Result<TrustedDocuments> {
        let folder = folder(name, files);
        let config = Config { trusted_documents: Some(folder.clone()), trusted_documents_only: only, ..Config::default() };
        let read = read(&config);
        std::fs::remove_dir_all(folder).unwrap();
        read
    }

    const LIST: &str = r#"{ "a": "{ viewer { role } }", "b": "query B { viewer { role } }" }"#;
    const APOLLO: &str = r#"{ "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": "c", "name": "C", "type": "query", "body": "query C { viewer { role } }" }] }"#;

    #[test]
    fn lists_manifests_and_plain_documents_are_read() {
        let files = [("list.json", LIST), ("apollo.json", APOLLO), ("d.graphql", "query D { viewer { role } }"), ("notes.txt", "…")];
        assert_eq!(reading("all", &files, true).unwrap().len(), 4);
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_file() {
        for (name, text, says) in [
            ("empty.json", "{}", "there is no document"),
            ("array.json", "[]", "no object of ids"),
            ("torn.json", "{", "torn.json"),
            ("number.json", r#"{ "a": 7 }"#, "\"a\" is no document"),
            ("id.json", r#"{ "a b": "{ viewer { role } }" }"#, "\"a b\" is no id"),
            ("newer.json", r#"{ "format": "apollo-persisted-query-manifest", "version": 2 }"#, "version 1"),
            ("bare.json", r#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id": "c" }] }"#, "no body"),
        ] {
            let error = reading(name, &[(name, text)], false).unwrap_err();
            assert!(format!("{error:#}").contains(says), "{name}: {error:#}");
        }
        let twice = [("1.json", LIST), ("2.json", r#"{ "a": "{ viewer { email } }" }"#)];
        assert!(format!("{:#}", reading("twice", &twice, false).unwrap_err()).contains("names two documents"));
    }

    #[test]
    fn settings_that_leave_nothing_to_serve_are_refused() {
        let only = Config { trusted_documents_only: true, ..Config::default() };
        assert!(read(&only).is_err());
        let missing = Config { trusted_documents: Some("no/such/file.json".into()), ..Config::default() };
        assert!(read(&missing).is_err());
        assert!(read(&Config::default()).unwrap().is_empty());
    }
}
