//! The shape that an operation's answer must have: its response keys in order, each with its type, fragments merged.
//!
//! Made once per document; [`crate::complete`] holds answers against it. Types of one response key may differ between
//! the members of a union, but validation saw to it that they agree in lists and nullability, which is all that counts.

use std::collections::HashMap;

use apollo_compiler::{
    Node, Schema,
    ast::{Definition, Document, FragmentDefinition, OperationDefinition, Selection, Type},
};
use async_graphql::{Name, indexmap::IndexMap};

/// The fields of an object.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) fields: IndexMap<Name, Slot>,
}

impl Shape {
    /// How many fields it has, at all depths.
    pub(super) fn slots(&self) -> usize {
        self.fields.values().map(|slot| 1 + slot.shape.slots()).sum()
    }
}

/// One field: its type, and its own fields when it has any.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
}

/// Makes the shapes of a document's operations.
pub(super) struct Shaper<'a> {
    schema: &'a Schema,
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
}

impl<'a> Shaper<'a> {
    pub(super) fn new(schema: &'a Schema, document: &'a Document) -> Self {
        let fragments = document.definitions.iter().filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), &**fragment)),
            _ => None,
        });
        Self { schema, fragments: fragments.collect() }
    }

    pub(super) fn shape(&self, operation: &Node<OperationDefinition>) -> Shape {
        let mut shape = Shape::default();
        if let Some(root) = self.schema.root_operation(operation.operation_type) {
            self.add(root.as_str(), &operation.selection_set, &mut shape);
        }
        shape
    }

    fn add(&self, parent: &str, selections: &[Selection], shape: &mut Shape) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    let Ok(definition) = self.schema.type_field(parent, field.name.as_str()) else { continue };
                    let key = Name::new(field.alias.as_ref().unwrap_or(&field.name).as_str());
                    let slot = shape.fields.entry(key).or_insert_with(|| Slot { ty: definition.ty.clone(), shape: Shape::default() });
                    self.add(definition.ty.inner_named_type().as_str(), &field.selection_set, &mut slot.shape);
                }
                Selection::InlineFragment(inline) => {
                    let parent = inline.type_condition.as_ref().map_or(parent, |name| name.as_str());
                    self.add(parent, &inline.selection_set, shape);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) {
                        self.add(fragment.type_condition.as_str(), &fragment.selection_set, shape);
                    }
                }
            }
        }
    }
}
