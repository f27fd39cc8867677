//! Coerces the variables of a request to the types that the operation declares, before execution begins: a wrong value
//! is a request error, named by its path, its content never echoed.
//!
//! Custom scalars pass as they are; their own parser judges them. Defaults of input fields are the executor's.

use apollo_compiler::{
    Node, Schema,
    ast::{Type, VariableDefinition},
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use serde_json::{Map, Number, Value};

use super::{convert, literals::is_one_of};
use crate::fault::{Code, Fault};

/// The declared variables with the values given for them; undeclared ones are dropped.
pub(crate) fn variables(schema: &Schema, declared: &[Node<VariableDefinition>], mut given: Map<String, Value>) -> Result<Variables, Fault> {
    let mut coerced = Variables::default();
    for variable in declared {
        let name = variable.name.as_str();
        let value = match given.remove(name) {
            Some(value) => Coercion { schema, path: format!("${name}") }.value(&variable.ty, value)?,
            None => match variable.default_value.as_deref().map(convert::value).and_then(Literal::into_const) {
                Some(default) => default,
                None if variable.ty.is_non_null() => {
                    let message = format!("Variable \"${name}\" of required type {} was not provided.", variable.ty);
                    return Err(Fault::new(Code::BadUserInput, message));
                }
                None => continue,
            },
        };
        coerced.insert(Name::new(name), value);
    }
    Ok(coerced)
}

struct Coercion<'a> {
    schema: &'a Schema,
    path: String,
}

impl Coercion<'_> {
    fn refuse(&self, expected: impl std::fmt::Display) -> Fault {
        Fault::new(Code::BadUserInput, format!("Variable {}: expected {expected}.", self.path))
    }

    fn within<T>(&mut self, step: &str, go: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let length = self.path.len();
        self.path.push_str(step);
        let result = go(self);
        self.path.truncate(length);
        result
    }

    fn value(&mut self, ty: &Type, value: Value) -> Result<ConstValue, Fault> {
        if value.is_null() {
            return if ty.is_non_null() { Err(self.refuse(ty)) } else { Ok(ConstValue::Null) };
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => self.list(item, value),
            Type::Named(name) | Type::NonNullNamed(name) => match self.schema.types.get(name) {
                Some(ExtendedType::Scalar(_)) => scalar(name.as_str(), value).ok_or_else(|| self.refuse(name)),
                Some(ExtendedType::Enum(definition)) => match value {
                    Value::String(text) if definition.values.contains_key(text.as_str()) => Ok(ConstValue::Enum(Name::new(text))),
                    _ => Err(self.refuse(format_args!("a value of the enum {name}"))),
                },
                Some(ExtendedType::InputObject(definition)) => {
                    let Value::Object(object) = value else { return Err(self.refuse(name)) };
                    self.object(definition, object)
                }
                _ => Err(self.refuse("an input type")),
            },
        }
    }

    fn list(&mut self, item: &Type, value: Value) -> Result<ConstValue, Fault> {
        let Value::Array(items) = value else {
            return Ok(ConstValue::List(vec![self.value(item, value)?]));
        };
        let mut coerced = Vec::with_capacity(items.len());
        for (index, value) in items.into_iter().enumerate() {
            coerced.push(self.within(&format!("[{index}]"), |this| this.value(item, value))?);
        }
        Ok(ConstValue::List(coerced))
    }

    fn object(&mut self, definition: &InputObjectType, object: Map<String, Value>) -> Result<ConstValue, Fault> {
        if is_one_of(definition) && (object.len() != 1 || object.values().any(Value::is_null)) {
            return Err(self.refuse(format_args!("exactly one field of {}", definition.name)));
        }
        if let Some(missing) = definition.fields.values().find(|field| field.is_required() && !object.contains_key(field.name.as_str())) {
            return Err(self.refuse(format_args!("the field {} of type {}", missing.name, missing.ty)));
        }
        let mut coerced = async_graphql::indexmap::IndexMap::new();
        for (name, value) in object {
            let Some(field) = definition.fields.get(name.as_str()) else {
                return Err(self.refuse(format_args!("no field {name:?} in {}", definition.name)));
            };
            let value = self.within(&format!(".{name}"), |this| this.value(&field.ty, value))?;
            coerced.insert(Name::new(name), value);
        }
        Ok(ConstValue::Object(coerced))
    }
}

fn scalar(name: &str, value: Value) -> Option<ConstValue> {
    match (name, value) {
        ("Int", Value::Number(number)) => {
            let integer = i32::try_from(integral(&number)?).ok()?;
            Some(ConstValue::Number(integer.into()))
        }
        ("Float", Value::Number(number)) => Some(ConstValue::Number(number)),
        ("String" | "ID", Value::String(text)) => Some(ConstValue::String(text)),
        ("ID", Value::Number(number)) => {
            let text = if number.is_f64() { integral(&number)?.to_string() } else { number.to_string() };
            Some(ConstValue::String(text))
        }
        ("Boolean", Value::Bool(boolean)) => Some(ConstValue::Boolean(boolean)),
        ("Int" | "Float" | "String" | "ID" | "Boolean", _) => None,
        (_, value) => ConstValue::from_json(value).ok(),
    }
}

/// The integer that a JSON number stands for; 1.0 is one, as everywhere in JSON.
fn integral(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0")?.parse().ok()
    })
}
