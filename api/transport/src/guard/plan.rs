//! A document that was let in, in the form that execution needs.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{Node, ast};
use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition},
};

use super::{shape::Shape, specialise};
use crate::fault::{Code, Fault};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Query,
    Mutation,
    Subscription,
}

/// One operation of a document.
pub(crate) struct Operation {
    pub(crate) name: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) variables: Vec<Node<ast::VariableDefinition>>,
    pub(super) definition: Positioned<OperationDefinition>,
    pub(crate) shape: Arc<Shape>,
}

/// A valid document within all limits.
pub(crate) struct Plan {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: HashMap<Name, Positioned<FragmentDefinition>>,
    /// Whether `__schema` or `__type` is selected anywhere, fragments included.
    pub(crate) introspects: bool,
}

impl Plan {
    /// What the shapes of all operations hold: a small document can have a large one.
    pub(super) fn slots(&self) -> usize {
        self.operations.iter().map(|operation| operation.shape.slots()).sum()
    }

    /// The operation that a request means.
    pub(crate) fn operation(&self, name: Option<&str>) -> Result<&Operation, Fault> {
        let refuse = |message: String| Fault::new(Code::OperationResolutionFailure, message);
        match (name, self.operations.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(refuse("The document holds several operations; name one in operationName.".to_owned())),
            (Some(name), all) => all
                .iter()
                .find(|operation| operation.name.as_deref() == Some(name))
                .ok_or_else(|| refuse(format!("Unknown operation named \"{name}\"."))),
        }
    }

    /// The document that is executed: the one operation and all fragments, fitted to the variables.
    pub(crate) fn executable(&self, operation: &Operation, variables: &Variables) -> ExecutableDocument {
        let mut definition = operation.definition.clone();
        let mut fragments = self.fragments.clone();
        specialise::specialise(&mut definition.node, &mut fragments, variables);
        ExecutableDocument { operations: DocumentOperations::Single(definition), fragments }
    }
}
