//! Lists of records, read one by one: a record that is not of the documented shape becomes a [`Problem`], its
//! neighbours are kept.

use std::collections::BTreeMap;

use domain::port::Problem;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Number, WireError, problem, text};

/// Longest id that is taken from a broken record.
const MAX_ID_CHARS: usize = 100;

/// Longest field name in a message: the name is the document's, not ours.
const MAX_FIELD_CHARS: usize = 100;

/// The records of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records<T> {
    /// The good ones, in the list's order.
    pub good: Vec<T>,
    /// One for each bad one, in the list's order.
    pub problems: Vec<Problem>,
}

/// Reads the records in an envelope's field, or in a bare list for no field. The `id_fields` are tried in turn to name a
/// broken record.
///
/// # Errors
///
/// [`WireError::Missing`] when the document is cut, is no envelope with such a field, or the field is no list: then nothing
/// of it can be told.
pub fn records<T: DeserializeOwned>(document: &[u8], field: Option<&str>, id_fields: &[&str]) -> Result<Records<T>, WireError> {
    Ok(each(split(document, field).ok_or(WireError::Missing)?, id_fields))
}

fn split<'a>(document: &'a [u8], field: Option<&str>) -> Option<Vec<&'a RawValue>> {
    let Some(field) = field else { return serde_json::from_slice(document).ok() };
    let envelope: BTreeMap<String, &'a RawValue> = serde_json::from_slice(document).ok()?;
    serde_json::from_str(envelope.get(field)?.get()).ok()
}

/// Reads records that were split already, as by an envelope with a `Vec<&RawValue>` beside its other fields.
pub fn each<'a, T: DeserializeOwned>(items: impl IntoIterator<Item = &'a RawValue>, id_fields: &[&str]) -> Records<T> {
    let mut records = Records { good: Vec::new(), problems: Vec::new() };
    for item in items {
        match one(item) {
            Ok(good) => records.good.push(good),
            Err(message) => records.problems.push(problem(id_of(item, id_fields), message)),
        }
    }
    records
}

/// Reads one record; what is wrong is told by the field's path, without what stands there.
fn one<T: DeserializeOwned>(item: &RawValue) -> Result<T, String> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(item.get())).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path => path,
        };
        // The reader's own words may quote the value; only these two name a field.
        let told = error.inner().to_string();
        let named = |prefix| told.strip_prefix(prefix).and_then(|rest: &str| rest.split('`').next());
        match (named("missing field `"), named("duplicate field `")) {
            (Some(field), _) => format!("the field {} is missing", below(&path, field)),
            (_, Some(field)) => format!("the field {} is there twice", below(&path, field)),
            _ if path.is_empty() => "the record is not of the documented form".into(),
            _ => format!("the field {} is not of the documented form", text(Some(&path), MAX_FIELD_CHARS).unwrap_or_default()),
        }
    })
}

fn below(path: &str, field: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    text(Some(&format!("{path}{dot}{field}")), MAX_FIELD_CHARS).unwrap_or_default()
}

/// The first of these fields that is a text or a number, wherever the record is broken otherwise.
fn id_of(item: &RawValue, id_fields: &[&str]) -> Option<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(item.get()).ok()?;
    id_fields.iter().find_map(|name| {
        let value = fields.get(*name)?;
        let id = String::deserialize(*value).ok().or_else(|| Number::deserialize(*value).ok().map(|number| number.text().to_owned()));
        text(id.as_deref(), MAX_ID_CHARS)
    })
}
