//! The parameters of a GraphQL request, the same over every channel.

use serde_json::{Map, Value};

use crate::{
    fault::{Code, Fault},
    persisted::{Name, Wanted, name},
};

/// One request as the caller put it.
#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) document: Wanted,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Map<String, Value>,
}

impl Params {
    /// Reads the object of a POST body or of a `subscribe` payload. Unknown keys are ignored, as the specification asks.
    pub(crate) fn from_json(value: Value) -> Result<Self, Fault> {
        let mut object = match value {
            Value::Object(object) => object,
            Value::Array(_) => return Err(Fault::new(Code::BatchingDisabled, "Send one operation, not an array.")),
            _ => return Err(bad("The request must be a JSON object.")),
        };
        let extensions = object_or_null(&mut object, "extensions")?;
        let document = document(&mut object, &extensions)?;
        let operation_name = string_or_null(&mut object, "operationName")?;
        let variables = object_or_null(&mut object, "variables")?;
        // Some clients send "" for an anonymous operation; no operation can be called that.
        let operation_name = operation_name.filter(|name| !name.is_empty());
        Ok(Self { document, operation_name, variables })
    }
}

/// The document, or what it is known by: `documentId`, or the hash of an automatic persisted query.
fn document(object: &mut Map<String, Value>, extensions: &Map<String, Value>) -> Result<Wanted, Fault> {
    let text = string_or_null(object, "query")?;
    let id = string_or_null(object, "documentId")?.map(|id| name::document_id(&id)).transpose()?;
    let hash = name::persisted_query(extensions)?;
    // Some clients send "" beside a name.
    let text = text.filter(|text| !text.is_empty() || (id.is_none() && hash.is_none()));
    match (text, id, hash) {
        (Some(text), None, hash) => Ok(Wanted::Text { text, hash }),
        (None, Some(id), None) => Ok(Wanted::Known(id)),
        (None, None, Some(hash)) => Ok(Wanted::Known(Name::Hash(hash))),
        (None, None, None) => Err(bad("The parameter \"query\" is missing.")),
        // Two names are two documents as soon as one side reads the other one.
        _ => Err(bad("Name the document once: \"query\", \"documentId\" or \"persistedQuery\".")),
    }
}

fn bad(message: &str) -> Fault {
    Fault::new(Code::BadRequest, message)
}

fn string_or_null(object: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(&format!("The parameter \"{name}\" must be a string."))),
    }
}

fn object_or_null(object: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Fault> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(bad(&format!("The parameter \"{name}\" must be an object."))),
    }
}
