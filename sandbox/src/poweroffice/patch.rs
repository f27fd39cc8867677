//! JSON Patch (RFC 6902) on a customer: the operations that one resource needs, its names without regard to case as the
//! service takes them. Array indexes are not here: nothing that is kept is an array.

use serde::Deserialize;
use serde_json::Value;

use super::{customer::Details, query::Wrong};

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Value },
    Replace { path: String, value: Value },
    Test { path: String, value: Value },
    Remove { path: String },
    Copy { path: String, from: String },
    Move { path: String, from: String },
}

/// The details after all operations of a patch; after a refused one nothing is changed.
pub fn patched(details: &Details, patch: &[u8]) -> Result<Details, Wrong> {
    let operations: Vec<Operation> = serde_json::from_slice(patch).map_err(|error| Wrong(error.to_string()))?;
    let mut document = serde_json::to_value(details).map_err(|error| Wrong(error.to_string()))?;
    for operation in operations {
        apply(operation, &mut document)?;
    }
    serde_json::from_value(document).map_err(|error| Wrong(error.to_string()))
}

fn apply(operation: Operation, document: &mut Value) -> Result<(), Wrong> {
    match operation {
        Operation::Add { path, value } | Operation::Replace { path, value } => *place(document, &path)? = value,
        Operation::Remove { path } => *place(document, &path)? = Value::Null,
        Operation::Test { path, value } => {
            if *place(document, &path)? != value {
                return Err(Wrong(format!("{path} has another value.")));
            }
        }
        Operation::Copy { path, from } => {
            let value = place(document, &from)?.clone();
            *place(document, &path)? = value;
        }
        Operation::Move { path, from } => {
            let value = place(document, &from)?.take();
            *place(document, &path)? = value;
        }
    }
    Ok(())
}

/// The value at a path such as `/MailAddress/City`; the document has all names from the start.
fn place<'a>(document: &'a mut Value, path: &str) -> Result<&'a mut Value, Wrong> {
    let wrong = || Wrong(format!("{path} is not a property that can be changed."));
    let mut place = document;
    for name in path.strip_prefix('/').ok_or_else(wrong)?.split('/') {
        let object = place.as_object_mut().ok_or_else(wrong)?;
        place = object.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).ok_or_else(wrong)?;
    }
    Ok(place)
}
