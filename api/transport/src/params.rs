//! The parameters of a GraphQL request, the same over every channel.

use serde_json::{Map, Value};

use crate::fault::{Code, Fault};

/// One request as the caller put it.
#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) query: String,
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
        let query = match object.remove("query") {
            Some(Value::String(query)) => query,
            None | Some(Value::Null) => return Err(no_query(&extensions)),
            Some(_) => return Err(bad("The parameter \"query\" must be a string.")),
        };
        let operation_name = match object.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(bad("The parameter \"operationName\" must be a string.")),
        };
        let variables = object_or_null(&mut object, "variables")?;
        // Some clients send "" for an anonymous operation; no operation can be called that.
        let operation_name = operation_name.filter(|name| !name.is_empty());
        Ok(Self { query, operation_name, variables })
    }
}

fn bad(message: &str) -> Fault {
    Fault::new(Code::BadRequest, message)
}

fn no_query(extensions: &Map<String, Value>) -> Fault {
    if extensions.contains_key("persistedQuery") {
        return Fault::new(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported");
    }
    bad("The parameter \"query\" is missing.")
}

fn object_or_null(object: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Fault> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(bad(&format!("The parameter \"{name}\" must be an object."))),
    }
}
