//! Fields of one response key must have equal arguments; apollo-compiler compares lists up to the shorter one's end, so
//! that `[1]` equals `[1, 2]`. Objects it compares in full. So documents with lists are checked once more with each list
//! written as an object of its items; of what is then said, only the conflicts count.

use apollo_compiler::{
    Name, Node,
    ast::{Argument, Definition, Document, Selection, Value},
};

/// The document with lists written as objects, when there is more than one to compare.
pub(super) fn as_objects(document: &Document) -> Option<Document> {
    let mut rewritten = document.clone();
    let mut lists = 0;
    for definition in &mut rewritten.definitions {
        match definition {
            Definition::OperationDefinition(operation) => selections(&mut operation.make_mut().selection_set, &mut lists),
            Definition::FragmentDefinition(fragment) => selections(&mut fragment.make_mut().selection_set, &mut lists),
            _ => {}
        }
    }
    (lists > 1).then_some(rewritten)
}

fn selections(selections: &mut [Selection], lists: &mut usize) {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                let field = field.make_mut();
                arguments(&mut field.arguments, lists);
                self::selections(&mut field.selection_set, lists);
            }
            Selection::InlineFragment(inline) => self::selections(&mut inline.make_mut().selection_set, lists),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn arguments(arguments: &mut [Node<Argument>], lists: &mut usize) {
    for argument in arguments {
        value(argument.make_mut().value.make_mut(), lists);
    }
}

fn value(value: &mut Value, lists: &mut usize) {
    match value {
        Value::List(items) => {
            *lists += 1;
            let named = std::mem::take(items).into_iter().enumerate().map(|(index, mut item)| {
                self::value(item.make_mut(), lists);
                (Name::new_unchecked(&format!("_{index}")), item)
            });
            let named = named.collect();
            *value = Value::Object(named);
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| self::value(field.make_mut(), lists)),
        _ => {}
    }
}
