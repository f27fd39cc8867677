//! Measures a document's shape with each fragment measured once: what it would expand to, how deep, how wide.
//!
//! A fragment bomb doubles with every level when it is walked; here each fragment costs one visit, and counts saturate.
//! A fragment inside itself counts as nothing: validation refuses the cycle afterwards.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition, Selection};

use super::lex::Tokens;
use crate::{
    fault::{Code, Fault},
    limits::Limits,
};

/// Introspection may nest this many lists less one; each more multiplies the answer by the size of the schema.
const INTROSPECTION_LISTS: usize = 3;

/// What later stages want to know.
pub(super) struct Shape {
    pub(super) introspects: bool,
}

/// The size of a selection set with its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: u64,
    root_fields: usize,
    depth: usize,
    /// Nested lists of the introspection types, by name.
    lists: usize,
}

pub(super) fn measure(document: &Document, tokens: &Tokens, limits: &Limits) -> Result<Shape, Fault> {
    let mut meter = Meter::default();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => meter.count_operation(operation),
            Definition::FragmentDefinition(fragment) => {
                meter.fragments.entry(fragment.name.as_str()).or_insert(Fragment::Unmeasured(fragment));
                meter.count(&fragment.directives, &fragment.selection_set);
            }
            _ => {}
        }
    }
    meter.refuse_written(limits)?;
    let mut total = 0_u64;
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else { continue };
        let size = meter.size(&operation.selection_set);
        total = total.saturating_add(size.selections);
        let at = operation.location().map(|span| tokens.position(span.offset()));
        refuse_expanded(size, total, limits).map_err(|fault| fault.at(at))?;
    }
    if meter.introspection_explodes {
        return Err(Fault::new(Code::IntrospectionDepthLimit, "Introspection nests too many lists."));
    }
    Ok(Shape { introspects: meter.introspects })
}

fn exceed(code: Code, what: &str, limit: impl std::fmt::Display) -> Fault {
    Fault::new(code, format!("The document has more than {limit} {what}."))
}

fn refuse_expanded(size: Size, total: u64, limits: &Limits) -> Result<(), Fault> {
    if total > limits.selections {
        return Err(exceed(Code::SelectionLimit, "selections once its fragments are expanded", limits.selections));
    }
    if size.depth > limits.depth {
        return Err(Fault::new(Code::DepthLimit, format!("The document nests fields deeper than {}.", limits.depth)));
    }
    if size.root_fields > limits.root_fields {
        return Err(exceed(Code::RootFieldLimit, "fields at its root", limits.root_fields));
    }
    Ok(())
}

enum Fragment<'a> {
    Unmeasured(&'a FragmentDefinition),
    Measuring,
    Measured(Size),
}

#[derive(Default)]
struct Meter<'a> {
    fragments: HashMap<&'a str, Fragment<'a>>,
    operations: usize,
    aliases: usize,
    directives: usize,
    introspects: bool,
    introspection_explodes: bool,
}

impl<'a> Meter<'a> {
    fn count_operation(&mut self, operation: &'a OperationDefinition) {
        self.operations += 1;
        self.directives += operation.variables.iter().map(|variable| variable.directives.len()).sum::<usize>();
        self.count(&operation.directives, &operation.selection_set);
    }

    /// Counts what is written, each place once.
    fn count(&mut self, directives: &DirectiveList, selections: &'a [Selection]) {
        self.directives += directives.len();
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.alias.is_some());
                    self.introspects |= matches!(field.name.as_str(), "__schema" | "__type");
                    self.count(&field.directives, &field.selection_set);
                }
                Selection::InlineFragment(inline) => self.count(&inline.directives, &inline.selection_set),
                Selection::FragmentSpread(spread) => self.directives += spread.directives.len(),
            }
        }
    }

    fn refuse_written(&self, limits: &Limits) -> Result<(), Fault> {
        if self.operations > limits.operations {
            return Err(exceed(Code::OperationLimit, "operations", limits.operations));
        }
        if self.aliases > limits.aliases {
            return Err(exceed(Code::AliasLimit, "aliases", limits.aliases));
        }
        if self.directives > limits.directives {
            return Err(exceed(Code::DirectiveLimit, "directives", limits.directives));
        }
        Ok(())
    }

    fn size(&mut self, selections: &'a [Selection]) -> Size {
        let mut sum = Size::default();
        for selection in selections {
            let one = self.size_of(selection);
            sum.selections = sum.selections.saturating_add(one.selections);
            sum.root_fields = sum.root_fields.saturating_add(one.root_fields);
            sum.depth = sum.depth.max(one.depth);
            sum.lists = sum.lists.max(one.lists);
        }
        sum
    }

    fn size_of(&mut self, selection: &'a Selection) -> Size {
        let mut size = match selection {
            Selection::Field(field) => {
                let within = self.size(&field.selection_set);
                let name = field.name.as_str();
                let list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
                let lists = within.lists + usize::from(list);
                self.introspection_explodes |= matches!(name, "__schema" | "__type") && lists >= INTROSPECTION_LISTS;
                Size { root_fields: 1, depth: within.depth.saturating_add(1), lists, ..within }
            }
            Selection::InlineFragment(inline) => self.size(&inline.selection_set),
            Selection::FragmentSpread(spread) => self.fragment(spread.fragment_name.as_str()),
        };
        size.selections = size.selections.saturating_add(1);
        size
    }

    fn fragment(&mut self, name: &str) -> Size {
        let Some((name, state)) = self.fragments.get_key_value(name) else { return Size::default() };
        let (name, definition) = match state {
            Fragment::Measured(size) => return *size,
            Fragment::Measuring => return Size::default(),
            Fragment::Unmeasured(definition) => (*name, *definition),
        };
        self.fragments.insert(name, Fragment::Measuring);
        let size = self.size(&definition.selection_set);
        self.fragments.insert(name, Fragment::Measured(size));
        size
    }
}
