//! A subscription has one root field, which is no introspection and does not come and go with a variable. Fields are
//! counted as execution collects them: a response key twice is one field, and what `@skip(if: true)` drops is none.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, OperationType, Selection, Value};

use super::lex::Tokens;
use crate::fault::{Code, Fault};

pub(super) fn check(document: &Document, tokens: &Tokens) -> Vec<Fault> {
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), &**fragment)),
        _ => None,
    });
    let fragments = fragments.collect();
    let mut faults = Vec::new();
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else { continue };
        if operation.operation_type != OperationType::Subscription {
            continue;
        }
        let mut root = Root { fragments: &fragments, seen: HashSet::new(), keys: HashSet::new(), wrong: None };
        root.collect(&operation.selection_set);
        if let Some(message) = root.verdict() {
            let at = operation.location().map(|span| tokens.position(span.offset()));
            faults.push(Fault::new(Code::ValidationFailed, message).at(at));
        }
    }
    faults
}

struct Root<'a> {
    fragments: &'a HashMap<&'a str, &'a FragmentDefinition>,
    seen: HashSet<&'a str>,
    keys: HashSet<&'a str>,
    wrong: Option<&'static str>,
}

impl<'a> Root<'a> {
    fn verdict(self) -> Option<&'static str> {
        self.wrong.or_else(|| (self.keys.len() > 1).then_some("A subscription has one root field."))
    }

    fn collect(&mut self, selections: &'a [Selection]) {
        for selection in selections {
            let directives = match selection {
                Selection::Field(field) => &field.directives,
                Selection::InlineFragment(inline) => &inline.directives,
                Selection::FragmentSpread(spread) => &spread.directives,
            };
            if !self.included(directives) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    if field.name.starts_with("__") {
                        self.wrong = Some("A subscription's root field is no introspection.");
                    }
                    self.keys.insert(field.alias.as_ref().unwrap_or(&field.name).as_str());
                }
                Selection::InlineFragment(inline) => self.collect(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if let (true, Some(fragment)) = (self.seen.insert(name), self.fragments.get(name)) {
                        self.collect(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn included(&mut self, directives: &DirectiveList) -> bool {
        for (name, dropped_when) in [("skip", true), ("include", false)] {
            let condition = directives.get(name).and_then(|directive| directive.specified_argument_by_name("if"));
            match condition.map(|value| &**value) {
                Some(Value::Variable(_)) => {
                    self.wrong = Some("A subscription's root field does not depend on a variable.");
                }
                Some(Value::Boolean(value)) if *value == dropped_when => return false,
                _ => {}
            }
        }
        true
    }
}
