//! Fits a document to the variables of one request, as execution is specified, before the executor sees it.
//!
//! The executor asks a field twice that is selected twice – a mutation would happen twice –, takes a variable that was not
//! given for null, and knows nothing of defaults in `@skip` and `@include`. So here: conditions are decided, arguments
//! whose variable has no value are dropped, and fields of one response key are merged, at the root through fragments too.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{Directive, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

pub(super) fn specialise(operation: &mut OperationDefinition, fragments: &mut Fragments, variables: &Variables) {
    for fragment in fragments.values_mut() {
        fit(&mut fragment.node.selection_set.node, variables);
        merge(&mut fragment.node.selection_set.node);
    }
    let root = &mut operation.selection_set.node;
    fit(root, variables);
    let mut flat = Vec::new();
    flatten(std::mem::take(&mut root.items), fragments, &mut flat);
    root.items = flat;
    merge(root);
}

/// Decides conditions and drops what has no value.
fn fit(selections: &mut SelectionSet, variables: &Variables) {
    selections.items.retain(|selection| included(selection.node.directives(), variables));
    for selection in &mut selections.items {
        selection.node.directives_mut().retain(|directive| !is_condition(&directive.node));
        for directive in selection.node.directives_mut() {
            fit_arguments(&mut directive.node.arguments, variables);
        }
        match &mut selection.node {
            Selection::Field(field) => {
                fit_arguments(&mut field.node.arguments, variables);
                fit(&mut field.node.selection_set.node, variables);
            }
            Selection::InlineFragment(inline) => fit(&mut inline.node.selection_set.node, variables),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn is_condition(directive: &Directive) -> bool {
    matches!(directive.name.node.as_str(), "skip" | "include")
}

fn included(directives: &[Positioned<Directive>], variables: &Variables) -> bool {
    directives.iter().filter(|directive| is_condition(&directive.node)).all(|directive| {
        let condition = match directive.node.get_argument("if").map(|value| &value.node) {
            Some(Value::Boolean(value)) => *value,
            Some(Value::Variable(name)) => matches!(variables.get(name), Some(ConstValue::Boolean(true))),
            _ => false,
        };
        condition == (directive.node.name.node == "include")
    })
}

fn fit_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, variables: &Variables) {
    arguments.retain(|(_, value)| !is_absent(&value.node, variables));
    for (_, value) in arguments {
        fit_value(&mut value.node, variables);
    }
}

fn is_absent(value: &Value, variables: &Variables) -> bool {
    matches!(value, Value::Variable(name) if !variables.contains_key(name))
}

fn fit_value(value: &mut Value, variables: &Variables) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !is_absent(field, variables));
            fields.values_mut().for_each(|field| fit_value(field, variables));
        }
        Value::List(items) => {
            for item in items {
                if is_absent(item, variables) {
                    *item = Value::Null;
                }
                fit_value(item, variables);
            }
        }
        _ => {}
    }
}

/// Puts the content of fragments in their place. At the root that is always right: its type is known, and a fragment that
/// could not apply would not have been valid.
fn flatten(items: Vec<Positioned<Selection>>, fragments: &Fragments, flat: &mut Vec<Positioned<Selection>>) {
    for item in items {
        match item.node {
            Selection::InlineFragment(inline) if inline.node.directives.is_empty() => {
                flatten(inline.node.selection_set.node.items, fragments, flat);
            }
            Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    flatten(fragment.node.selection_set.node.items.clone(), fragments, flat);
                }
            }
            _ => flat.push(item),
        }
    }
}

/// Makes one of the fields that share a response key, with the selections of all of them.
fn merge(selections: &mut SelectionSet) {
    let mut places: HashMap<Name, usize> = HashMap::new();
    let mut merged: Vec<Positioned<Selection>> = Vec::with_capacity(selections.items.len());
    for item in selections.items.drain(..) {
        if let Selection::Field(field) = &item.node {
            let key = field.node.response_key().node.clone();
            if let Some(Selection::Field(first)) = places.get(&key).and_then(|place| merged.get_mut(*place)).map(|item| &mut item.node) {
                join(&mut first.node, &field.node);
                continue;
            }
            places.insert(key, merged.len());
        }
        merged.push(item);
    }
    for item in &mut merged {
        match &mut item.node {
            Selection::Field(field) => merge(&mut field.node.selection_set.node),
            Selection::InlineFragment(inline) => merge(&mut inline.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
    selections.items = merged;
}

fn join(first: &mut Field, second: &Field) {
    first.selection_set.node.items.extend_from_slice(&second.selection_set.node.items);
}
