//! What a document may be called: the SHA-256 of its text, or an id that its list gives it.
//!
//! `documentId` is read as the appendix "Persisted Documents" of the GraphQL-over-HTTP specification says, the extension
//! `persistedQuery` as the clients of automatic persisted queries send it.

use serde_json::{Map, Value};

use crate::{
    fault::{Code, Fault},
    weighed::Key,
};

/// Longest id, in bytes; lists use hashes or names of operations.
pub(crate) const MAX_ID_BYTES: usize = 128;

/// What a document is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// The SHA-256 of its text.
    Hash(Key),
    /// The id that it has in the list of trusted documents.
    Id(String),
}

/// Reads a `documentId`.
pub(crate) fn document_id(id: &str) -> Result<Name, Fault> {
    let bad = || Fault::new(Code::BadRequest, "The parameter \"documentId\" is no identifier of a document.");
    match id.split_once(':') {
        Some(("sha256", hash)) if !hash.bytes().any(|byte| byte.is_ascii_uppercase()) => hash_of(hash).map(Name::Hash).ok_or_else(bad),
        _ if is_id(id) => Ok(Name::Id(id.to_owned())),
        _ => Err(bad()),
    }
}

/// Whether a list may call a document so: unreserved characters, or such after a prefix of one's own (`x-…:`).
pub(crate) fn is_id(id: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let well_formed = match id.split_once(':') {
        Some((prefix, payload)) => prefix.strip_prefix("x-").is_some_and(plain) && plain(payload),
        None => plain(id),
    };
    well_formed && id.len() <= MAX_ID_BYTES
}

/// Reads the hash of an automatic persisted query.
pub(crate) fn persisted_query(extensions: &Map<String, Value>) -> Result<Option<Key>, Fault> {
    let bad = |message| Err(Fault::new(Code::BadRequest, message));
    let Some(wanted) = extensions.get("persistedQuery").filter(|wanted| !wanted.is_null()) else { return Ok(None) };
    if wanted.get("version").and_then(Value::as_u64) != Some(1) {
        return bad("Persisted queries are served in version 1.");
    }
    match wanted.get("sha256Hash").and_then(Value::as_str).and_then(hash_of) {
        Some(hash) => Ok(Some(hash)),
        None => bad("\"sha256Hash\" must be 64 hexadecimal digits."),
    }
}

fn hash_of(text: &str) -> Option<Key> {
    let mut hash = Key::default();
    let digits = text.as_bytes();
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::weighed::key;
    use serde_json::json;

    /// From the appendix of the specification.
    const EXAMPLE: (&str, &str) =
        ("query($id:ID!){user(id:$id){name}}", "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b");

    fn extensions(wanted: &Value) -> Map<String, Value> {
        Map::from_iter([("persistedQuery".to_owned(), wanted.clone())])
    }

    #[test]
    fn the_hash_of_a_document_is_read_in_both_ways() {
        let (text, hex) = EXAMPLE;
        assert_eq!(document_id(&format!("sha256:{hex}")).unwrap(), Name::Hash(key(text)));
        assert_eq!(persisted_query(&extensions(&json!({ "version": 1, "sha256Hash": hex }))).unwrap(), Some(key(text)));
        let loud = json!({ "version": 1, "sha256Hash": hex.to_uppercase() });
        assert_eq!(persisted_query(&extensions(&loud)).unwrap(), Some(key(text)));
    }

    #[test]
    fn ids_of_lists_are_taken_as_they_are() {
        for id in ["a", "Cases-2.1_b~x", "x-app:cases", EXAMPLE.1] {
            assert_eq!(document_id(id).unwrap(), Name::Id(id.to_owned()));
        }
    }

    #[test]
    fn what_the_specification_reserves_and_what_is_no_name_is_refused() {
        let long = "a".repeat(MAX_ID_BYTES + 1);
        let loud = format!("sha256:{}", EXAMPLE.1.to_uppercase());
        for id in ["", "md5:abc", "sha256:", "sha256:abc", "a b", "ä", "x-:a", "x-a:", "x-a:b:c", "../a", "a\0", &long, &loud] {
            assert!(document_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_persisted_query_has_a_version_and_a_whole_hash() {
        let short = &EXAMPLE.1[1..];
        for wanted in [
            json!({}),
            json!(EXAMPLE.1),
            json!({ "sha256Hash": EXAMPLE.1 }),
            json!({ "version": 2, "sha256Hash": EXAMPLE.1 }),
            json!({ "version": "1", "sha256Hash": EXAMPLE.1 }),
            json!({ "version": 1 }),
            json!({ "version": 1, "sha256Hash": short }),
            json!({ "version": 1, "sha256Hash": format!("g{short}") }),
            json!({ "version": 1, "sha256Hash": format!("{short}é") }),
            json!({ "version": 1, "sha256Hash": 7 }),
        ] {
            assert!(persisted_query(&extensions(&wanted)).is_err(), "{wanted}");
        }
        assert_eq!(persisted_query(&extensions(&Value::Null)).unwrap(), None);
        assert_eq!(persisted_query(&Map::new()).unwrap(), None);
    }
}
