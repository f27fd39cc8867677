//! Input objects marked `@oneOf`: exactly one field, and not null. apollo-compiler does not know the directive.

use apollo_compiler::{
    Node, Schema,
    ast::{Argument, Definition, Document, Selection, Type, Value, VariableDefinition},
    schema::{ExtendedType, InputObjectType},
};

use super::lex::Tokens;
use crate::fault::{Code, Fault};

/// Whether an input object takes exactly one field.
pub(super) fn applies(definition: &InputObjectType) -> bool {
    definition.directives.has("oneOf")
}

/// Whether any input object of a schema does; most schemas need no check at all.
fn used(schema: &Schema) -> bool {
    schema.types.values().any(|ty| matches!(ty, ExtendedType::InputObject(input) if applies(input)))
}

/// Checks every literal of a document that is otherwise valid.
pub(super) fn check(schema: &Schema, document: &Document, tokens: &Tokens, faults: &mut Vec<Fault>) {
    if !used(schema) {
        return;
    }
    for definition in &document.definitions {
        let mut walk = Walk { schema, tokens, variables: &[], faults };
        match definition {
            Definition::OperationDefinition(operation) => {
                walk.variables = &operation.variables;
                for variable in &operation.variables {
                    if let Some(default) = &variable.default_value {
                        walk.value(&variable.ty, default);
                    }
                }
                let root = schema.root_operation(operation.operation_type);
                walk.selections(root.map(|name| name.as_str()), &operation.selection_set);
            }
            Definition::FragmentDefinition(fragment) => {
                walk.selections(Some(fragment.type_condition.as_str()), &fragment.selection_set);
            }
            _ => {}
        }
    }
}

struct Walk<'a> {
    schema: &'a Schema,
    tokens: &'a Tokens,
    variables: &'a [Node<VariableDefinition>],
    faults: &'a mut Vec<Fault>,
}

impl Walk<'_> {
    fn selections(&mut self, parent: Option<&str>, selections: &[Selection]) {
        let Some(parent) = parent else { return };
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    let Ok(definition) = self.schema.type_field(parent, field.name.as_str()) else { continue };
                    let definition = definition.clone();
                    for argument in &field.arguments {
                        self.argument(argument, definition.argument_by_name(&argument.name).map(|input| &*input.ty));
                    }
                    self.selections(Some(definition.ty.inner_named_type().as_str()), &field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    let parent = inline.type_condition.as_ref().map_or(parent, |name| name.as_str());
                    self.selections(Some(parent), &inline.selection_set);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn argument(&mut self, argument: &Node<Argument>, ty: Option<&Type>) {
        if let Some(ty) = ty {
            self.value(ty, &argument.value);
        }
    }

    fn value(&mut self, ty: &Type, value: &Node<Value>) {
        match &**value {
            Value::List(items) => items.iter().for_each(|item| self.value(ty.item_type(), item)),
            Value::Object(fields) => {
                let Some(ExtendedType::InputObject(definition)) = self.schema.types.get(ty.inner_named_type()) else {
                    return;
                };
                if applies(definition) && !self.exactly_one(fields) {
                    let message = format!("Exactly one field of {} must be given, and not null.", definition.name);
                    let at = value.location().map(|span| self.tokens.position(span.offset()));
                    self.faults.push(Fault::new(Code::ValidationFailed, message).at(at));
                }
                for (name, field) in fields {
                    if let Some(input) = definition.fields.get(name) {
                        self.value(&input.ty, field);
                    }
                }
            }
            _ => {}
        }
    }

    fn exactly_one(&self, fields: &[(apollo_compiler::Name, Node<Value>)]) -> bool {
        let [(_, only)] = fields else { return false };
        match &**only {
            Value::Null => false,
            // A nullable variable could bring the null in. Fragments are judged with the variables of no operation.
            Value::Variable(name) => {
                self.variables.iter().find(|variable| variable.name == *name).is_none_or(|variable| variable.ty.is_non_null())
            }
            _ => true,
        }
    }
}
