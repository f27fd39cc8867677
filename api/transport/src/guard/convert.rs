//! Turns a validated syntax tree into the executor's own, so that the document that was judged is the one that runs: the
//! executor's parser, which reads strings and numbers differently, never sees it.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    Node, Schema,
    ast::{self, Definition, Document},
};
use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        BaseType, Directive, Field, FragmentDefinition, FragmentSpread, InlineFragment, OperationDefinition, OperationType, Selection,
        SelectionSet, Type, TypeCondition, VariableDefinition,
    },
};
use async_graphql_value::Value;
use serde_json::Number;

use super::{
    lex::Tokens,
    plan::{Kind, Operation, Plan},
    shape::{Shape, Shaper},
};

pub(super) fn plan(schema: &Schema, document: &Document, tokens: &Tokens, introspects: bool) -> Plan {
    let converter = Converter { tokens };
    let shaper = Shaper::new(schema, document);
    let mut operations = Vec::new();
    let mut fragments = HashMap::new();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                operations.push(converter.operation(operation, shaper.shape(operation)));
            }
            Definition::FragmentDefinition(fragment) => {
                fragments.insert(Name::new(fragment.name.as_str()), converter.fragment(fragment));
            }
            _ => {}
        }
    }
    Plan { operations, fragments, introspects }
}

/// A literal as the executor's value. Numbers out of any range became a validation error before.
pub(super) fn value(value: &ast::Value) -> Value {
    match value {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(name) => Value::Enum(Name::new(name.as_str())),
        ast::Value::Variable(name) => Value::Variable(Name::new(name.as_str())),
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Float(number) => self::number(number.as_str()),
        ast::Value::Int(number) => self::number(number.as_str()),
        ast::Value::Boolean(boolean) => Value::Boolean(*boolean),
        ast::Value::List(items) => Value::List(items.iter().map(|item| self::value(item)).collect()),
        ast::Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (Name::new(name.as_str()), self::value(field))).collect())
        }
    }
}

/// A number too long for JSON's keeps its digits as a string: right for an ID, refused by everything else.
fn number(text: &str) -> Value {
    let parsed: Option<Number> = text.parse().ok();
    match parsed {
        Some(number) if number.is_f64() && !text.contains(['.', 'e', 'E']) => Value::String(text.to_owned()),
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

struct Converter<'a> {
    tokens: &'a Tokens,
}

impl Converter<'_> {
    fn pos<T>(&self, node: &Node<T>) -> Pos {
        node.location().map_or_else(Pos::default, |span| self.tokens.position(span.offset()))
    }

    fn name(&self, name: &apollo_compiler::Name) -> Positioned<Name> {
        let pos = name.location().map_or_else(Pos::default, |span| self.tokens.position(span.offset()));
        Positioned::new(Name::new(name.as_str()), pos)
    }

    fn operation(&self, operation: &Node<ast::OperationDefinition>, shape: Shape) -> Operation {
        let (kind, ty) = match operation.operation_type {
            ast::OperationType::Query => (Kind::Query, OperationType::Query),
            ast::OperationType::Mutation => (Kind::Mutation, OperationType::Mutation),
            ast::OperationType::Subscription => (Kind::Subscription, OperationType::Subscription),
        };
        let pos = self.pos(operation);
        let definition = OperationDefinition {
            ty,
            variable_definitions: operation.variables.iter().map(|variable| self.variable(variable)).collect(),
            directives: self.directives(&operation.directives),
            selection_set: self.selections(&operation.selection_set, pos),
        };
        Operation {
            name: operation.name.as_ref().map(ToString::to_string),
            kind,
            variables: operation.variables.clone(),
            definition: Positioned::new(definition, pos),
            shape: Arc::new(shape),
        }
    }

    fn variable(&self, variable: &Node<ast::VariableDefinition>) -> Positioned<VariableDefinition> {
        let default_value =
            variable.default_value.as_ref().and_then(|default| Some(Positioned::new(value(default).into_const()?, self.pos(default))));
        let definition = VariableDefinition {
            name: self.name(&variable.name),
            var_type: Positioned::new(variable_type(&variable.ty), self.pos(&variable.ty)),
            directives: self.directives(&variable.directives),
            default_value,
        };
        Positioned::new(definition, self.pos(variable))
    }

    fn fragment(&self, fragment: &Node<ast::FragmentDefinition>) -> Positioned<FragmentDefinition> {
        let pos = self.pos(fragment);
        let definition = FragmentDefinition {
            type_condition: self.type_condition(&fragment.type_condition),
            directives: self.directives(&fragment.directives),
            selection_set: self.selections(&fragment.selection_set, pos),
        };
        Positioned::new(definition, pos)
    }

    fn type_condition(&self, name: &apollo_compiler::Name) -> Positioned<TypeCondition> {
        let on = self.name(name);
        let pos = on.pos;
        Positioned::new(TypeCondition { on }, pos)
    }

    fn selections(&self, selections: &[ast::Selection], pos: Pos) -> Positioned<SelectionSet> {
        let items = selections.iter().map(|selection| self.selection(selection)).collect();
        Positioned::new(SelectionSet { items }, pos)
    }

    fn selection(&self, selection: &ast::Selection) -> Positioned<Selection> {
        match selection {
            ast::Selection::Field(field) => {
                let pos = self.pos(field);
                Positioned::new(Selection::Field(Positioned::new(self.field(field, pos), pos)), pos)
            }
            ast::Selection::FragmentSpread(spread) => {
                let pos = self.pos(spread);
                let node =
                    FragmentSpread { fragment_name: self.name(&spread.fragment_name), directives: self.directives(&spread.directives) };
                Positioned::new(Selection::FragmentSpread(Positioned::new(node, pos)), pos)
            }
            ast::Selection::InlineFragment(inline) => {
                let pos = self.pos(inline);
                let node = InlineFragment {
                    type_condition: inline.type_condition.as_ref().map(|name| self.type_condition(name)),
                    directives: self.directives(&inline.directives),
                    selection_set: self.selections(&inline.selection_set, pos),
                };
                Positioned::new(Selection::InlineFragment(Positioned::new(node, pos)), pos)
            }
        }
    }

    fn field(&self, field: &Node<ast::Field>, pos: Pos) -> Field {
        Field {
            alias: field.alias.as_ref().map(|alias| self.name(alias)),
            name: self.name(&field.name),
            arguments: self.arguments(&field.arguments),
            directives: self.directives(&field.directives),
            selection_set: self.selections(&field.selection_set, pos),
        }
    }

    fn directives(&self, directives: &ast::DirectiveList) -> Vec<Positioned<Directive>> {
        let directive = |node: &Node<ast::Directive>| {
            let directive = Directive { name: self.name(&node.name), arguments: self.arguments(&node.arguments) };
            Positioned::new(directive, self.pos(node))
        };
        directives.iter().map(directive).collect()
    }

    fn arguments(&self, arguments: &[Node<ast::Argument>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        arguments
            .iter()
            .map(|argument| (self.name(&argument.name), Positioned::new(value(&argument.value), self.pos(&argument.value))))
            .collect()
    }
}

fn variable_type(ty: &ast::Type) -> Type {
    let (base, nullable) = match ty {
        ast::Type::Named(name) => (BaseType::Named(Name::new(name.as_str())), true),
        ast::Type::NonNullNamed(name) => (BaseType::Named(Name::new(name.as_str())), false),
        ast::Type::List(item) => (BaseType::List(Box::new(variable_type(item))), true),
        ast::Type::NonNullList(item) => (BaseType::List(Box::new(variable_type(item))), false),
    };
    Type { base, nullable }
}
