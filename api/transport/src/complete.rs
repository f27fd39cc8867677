//! Holds the executor's answer against the shape it must have: keys in the order of the document, null where a field
//! failed, and no null where none may be – there the next object or list around it becomes null.
//!
//! The executor leaves failed fields out, in the order in which they happen to finish.

use std::collections::HashMap;

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, ServerError, Value, indexmap::IndexMap};

use crate::guard::Shape;

/// The places where fields failed, as a tree.
#[derive(Default)]
struct Failures {
    here: bool,
    keys: HashMap<String, Failures>,
    items: HashMap<usize, Failures>,
}

impl Failures {
    fn of(errors: &[ServerError]) -> Self {
        let mut root = Self::default();
        for error in errors.iter().filter(|error| !error.path.is_empty()) {
            let mut at = &mut root;
            for segment in &error.path {
                at = match segment {
                    PathSegment::Field(name) => at.keys.entry(name.clone()).or_default(),
                    PathSegment::Index(index) => at.items.entry(*index).or_default(),
                };
            }
            at.here = true;
        }
        root
    }
}

/// The data as it is sent.
pub(crate) fn complete(data: Value, errors: &[ServerError], shape: &Shape) -> Value {
    let failures = Failures::of(errors);
    object(data, shape, Some(&failures)).unwrap_or_default()
}

/// A value of a type; `None` when it is null and must not be.
fn value(value: Value, ty: &Type, shape: &Shape, failures: Option<&Failures>) -> Option<Value> {
    let failed = failures.is_some_and(|failures| failures.here);
    let done = match value {
        _ if failed => None,
        Value::List(items) if ty.is_list() => list(items, ty.item_type(), shape, failures),
        // The executor makes null of an object in which everything failed.
        Value::Null if ty.is_list() || failures.is_none_or(|failures| failures.keys.is_empty()) => None,
        inner if shape.fields.is_empty() => Some(inner),
        inner => object(inner, shape, failures),
    };
    // Without a failure a null is the resolver's own word, a scalar's perhaps; it is not for us to spread it.
    done.or_else(|| (failures.is_none() || !ty.is_non_null()).then_some(Value::Null))
}

fn list(items: Vec<Value>, ty: &Type, shape: &Shape, failures: Option<&Failures>) -> Option<Value> {
    let failure = |index| failures.and_then(|failures| failures.items.get(&index));
    let items = items.into_iter().enumerate().map(|(index, item)| value(item, ty, shape, failure(index)));
    items.collect::<Option<_>>().map(Value::List)
}

fn object(data: Value, shape: &Shape, failures: Option<&Failures>) -> Option<Value> {
    let mut found = match data {
        Value::Object(found) => found,
        Value::Null => IndexMap::new(),
        // A scalar that is written as an object has no shape; anything else is left as it is.
        other => return Some(other),
    };
    let mut fields: IndexMap<Name, Value> = IndexMap::with_capacity(shape.fields.len());
    for (name, slot) in &shape.fields {
        let failure = failures.and_then(|failures| failures.keys.get(name.as_str()));
        let field = match found.swap_remove(name) {
            Some(field) => field,
            None if failure.is_some() => Value::Null,
            None => continue,
        };
        fields.insert(name.clone(), value(field, &slot.ty, &slot.shape, failure)?);
    }
    Some(Value::Object(fields))
}
