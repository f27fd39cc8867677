//! Literals and the variables in them, each with the type expected at its place: the rules that apollo-compiler leaves
//! out or checks at the outermost value only.
//!
//! An input field is given once; `@oneOf` objects get exactly one field; a variable fits the place it is used in, however
//! deep in lists and objects, also when it is used from a fragment.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Name, Node, Schema,
    ast::{Argument, Definition, DirectiveList, Document, Selection, Type, Value, VariableDefinition},
    schema::{ExtendedType, InputObjectType, InputValueDefinition},
};

use super::lex::Tokens;
use crate::fault::{Code, Fault};

/// Whether an input object takes exactly one field.
pub(super) fn is_one_of(definition: &InputObjectType) -> bool {
    definition.directives.has("oneOf")
}

/// Checks a document that is otherwise valid.
pub(super) fn check(schema: &Schema, document: &Document, tokens: &Tokens) -> Vec<Fault> {
    let mut walk = Walk { schema, tokens, faults: Vec::new(), scope: Scope::default() };
    let mut operations = Vec::new();
    let mut fragments = HashMap::new();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                walk.variables(&operation.variables);
                walk.directives(&operation.directives);
                let root = schema.root_operation(operation.operation_type);
                walk.selections(root.map(Name::as_str), &operation.selection_set);
                operations.push((&operation.variables, std::mem::take(&mut walk.scope)));
            }
            Definition::FragmentDefinition(fragment) => {
                walk.directives(&fragment.directives);
                walk.selections(Some(fragment.type_condition.as_str()), &fragment.selection_set);
                fragments.insert(fragment.name.as_str(), std::mem::take(&mut walk.scope));
            }
            _ => {}
        }
    }
    let mut faults = walk.faults;
    for (variables, scope) in &operations {
        check_usages(variables, scope, &fragments, tokens, &mut faults);
    }
    faults
}

/// Checks an operation's variables in everything it reaches.
fn check_usages(
    variables: &[Node<VariableDefinition>],
    scope: &Scope<'_>,
    fragments: &HashMap<&str, Scope<'_>>,
    tokens: &Tokens,
    faults: &mut Vec<Fault>,
) {
    let mut seen = HashSet::new();
    let mut open = vec![scope];
    while let Some(scope) = open.pop() {
        for usage in &scope.usages {
            let declared = variables.iter().find(|variable| variable.name == *usage.variable);
            if declared.is_some_and(|variable| !usage.allows(variable)) {
                let message = format!("The variable \"${}\" does not fit where {} is expected.", usage.variable, usage.expected);
                let at = usage.variable.location().map(|span| tokens.position(span.offset()));
                faults.push(Fault::new(Code::ValidationFailed, message).at(at));
            }
        }
        let spreads = scope.spreads.iter().filter(|name| seen.insert(**name));
        open.extend(spreads.filter_map(|name| fragments.get(name)));
    }
}

/// What one definition says itself.
#[derive(Default)]
struct Scope<'a> {
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// A variable at a place.
struct Usage<'a> {
    variable: &'a Name,
    expected: &'a Type,
    /// The place has a value when the variable brings none.
    has_default: bool,
    /// The place is the field of a `@oneOf` object, where null is no choice.
    one_of: bool,
}

impl Usage<'_> {
    fn allows(&self, variable: &VariableDefinition) -> bool {
        let ty = &variable.ty;
        if self.one_of && !ty.is_non_null() {
            return false;
        }
        if !self.expected.is_non_null() || ty.is_non_null() {
            return ty.is_assignable_to(self.expected);
        }
        let default = variable.default_value.as_ref().is_some_and(|value| !value.is_null());
        (default || self.has_default) && ty.is_assignable_to(&self.expected.clone().nullable())
    }
}

struct Walk<'a> {
    schema: &'a Schema,
    tokens: &'a Tokens,
    faults: Vec<Fault>,
    scope: Scope<'a>,
}

impl<'a> Walk<'a> {
    fn variables(&mut self, variables: &'a [Node<VariableDefinition>]) {
        for variable in variables {
            self.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                self.value(Some(&*variable.ty), default, false, false);
            }
        }
    }

    fn selections(&mut self, parent: Option<&'a str>, selections: &'a [Selection]) {
        let Some(parent) = parent else { return };
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    let Ok(definition) = self.schema.type_field(parent, field.name.as_str()) else { continue };
                    self.arguments(&definition.arguments, &field.arguments);
                    self.selections(Some(definition.ty.inner_named_type().as_str()), &field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    let parent = inline.type_condition.as_ref().map_or(parent, |name| name.as_str());
                    self.selections(Some(parent), &inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    self.scope.spreads.push(spread.fragment_name.as_str());
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        for directive in directives {
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&definition.arguments, &directive.arguments);
            }
        }
    }

    fn arguments(&mut self, defined: &'a [Node<InputValueDefinition>], given: &'a [Node<Argument>]) {
        for argument in given {
            let definition = defined.iter().find(|definition| definition.name == argument.name);
            let has_default = definition.is_some_and(|definition| definition.default_value.is_some());
            self.value(definition.map(|definition| &*definition.ty), &argument.value, has_default, false);
        }
    }

    fn value(&mut self, ty: Option<&'a Type>, value: &'a Node<Value>, has_default: bool, one_of: bool) {
        match &**value {
            Value::Variable(variable) => {
                if let Some(expected) = ty {
                    self.scope.usages.push(Usage { variable, expected, has_default, one_of });
                }
            }
            Value::List(items) => {
                let item_type = ty.filter(|ty| ty.is_list()).map(Type::item_type);
                for item in items {
                    self.value(item_type, item, false, false);
                }
            }
            Value::Object(fields) => self.object(ty, value, fields),
            _ => {}
        }
    }

    fn object(&mut self, ty: Option<&'a Type>, value: &Node<Value>, fields: &'a [(Name, Node<Value>)]) {
        let mut names = HashSet::new();
        if let Some((twice, _)) = fields.iter().find(|(name, _)| !names.insert(name.as_str())) {
            self.refuse(value, format!("The input field \"{twice}\" is given more than once."));
        }
        let definition = match ty.map(|ty| self.schema.types.get(ty.inner_named_type())) {
            Some(Some(ExtendedType::InputObject(definition))) => Some(definition),
            _ => None,
        };
        let one_of = definition.is_some_and(|definition| is_one_of(definition));
        if one_of && !matches!(fields, [(_, only)] if !only.is_null()) {
            self.refuse(value, "Exactly one field of this input must be given, and not null.".to_owned());
        }
        for (name, field) in fields {
            let input = definition.and_then(|definition| definition.fields.get(name));
            let has_default = input.is_some_and(|input| input.default_value.is_some());
            self.value(input.map(|input| &*input.ty), field, has_default, one_of);
        }
    }

    fn refuse(&mut self, value: &Node<Value>, message: String) {
        let at = value.location().map(|span| self.tokens.position(span.offset()));
        self.faults.push(Fault::new(Code::ValidationFailed, message).at(at));
    }
}
