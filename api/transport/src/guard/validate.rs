//! Validation against the schema: the rules of the specification's section 5, in agreement with its reference
//! implementation. apollo-compiler knows most of them; what it lets through is checked beside it.

use apollo_compiler::{
    Schema,
    ast::{Definition, Document},
    diagnostic::ToCliReport,
    validation::{DiagnosticList, Valid},
};

use super::{lex::Tokens, one_of};
use crate::fault::{Code, Fault};

pub(super) fn validate(
    schema: &Valid<Schema>,
    document: &Document,
    tokens: &Tokens,
    most: usize,
) -> Result<(), Vec<Fault>> {
    if let Err(refused) = document.to_executable_validate(schema) {
        return Err(faults(&refused.errors, Code::ValidationFailed, tokens, most));
    }
    let mut faults = Vec::new();
    if !document.definitions.iter().any(|definition| matches!(definition, Definition::OperationDefinition(_))) {
        faults.push(Fault::new(Code::ValidationFailed, "The document holds no operation."));
    }
    one_of::check(schema, document, tokens, &mut faults);
    faults.truncate(most);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Diagnostics as faults: the short message only, without the labels that explain the schema around it.
pub(super) fn faults(diagnostics: &DiagnosticList, code: Code, tokens: &Tokens, most: usize) -> Vec<Fault> {
    diagnostics
        .iter()
        .take(most)
        .map(|diagnostic| {
            let at = diagnostic.error.location().map(|span| tokens.position(span.offset()));
            Fault::new(code, diagnostic.error.to_string()).at(at)
        })
        .collect()
}
