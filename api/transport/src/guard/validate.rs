//! Validation against the schema: the rules of the specification's section 5, in agreement with its reference
//! implementation. apollo-compiler knows most of them; what it lets through is checked beside it.

use apollo_compiler::{
    Schema,
    ast::{Definition, Document},
    diagnostic::{Diagnostic, ToCliReport},
    validation::{DiagnosticData, DiagnosticList, Valid},
};

use super::{lex::Tokens, lists, literals, subscriptions};
use crate::fault::{Code, Fault};

pub(super) fn validate(schema: &Valid<Schema>, document: &Document, tokens: &Tokens, most: usize) -> Result<(), Vec<Fault>> {
    let mut faults = match document.to_executable_validate(schema) {
        Ok(_) => Vec::new(),
        Err(refused) => {
            let counted = refused.errors.iter().filter(|diagnostic| !is_about_subscriptions(diagnostic.error));
            faults_of(counted, Code::ValidationFailed, tokens, most)
        }
    };
    if faults.is_empty() {
        if !document.definitions.iter().any(|definition| matches!(definition, Definition::OperationDefinition(_))) {
            faults.push(Fault::new(Code::ValidationFailed, "The document holds no operation."));
        }
        faults.extend(conflicting_lists(schema, document, tokens, most));
        faults.extend(subscriptions::check(document, tokens));
        faults.extend(literals::check(schema, document, tokens));
        faults.truncate(most);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Conflicts between lists that begin alike.
fn conflicting_lists(schema: &Valid<Schema>, document: &Document, tokens: &Tokens, most: usize) -> Vec<Fault> {
    let Some(refused) = lists::as_objects(document).and_then(|document| document.to_executable_validate(schema).err()) else {
        return Vec::new();
    };
    let conflicts = refused.errors.iter().filter(|diagnostic| diagnostic.error.unstable_error_name() == Some("ConflictingFieldArgument"));
    faults_of(conflicts, Code::ValidationFailed, tokens, most)
}

/// The rule about subscriptions is [`subscriptions`]' own: the library counts a field selected twice as two.
fn is_about_subscriptions(error: &DiagnosticData) -> bool {
    error.unstable_error_name().is_some_and(|name| name.starts_with("SubscriptionUses"))
}

/// Diagnostics as faults: the short message only, without the labels that explain the schema around it.
pub(super) fn faults(diagnostics: &DiagnosticList, code: Code, tokens: &Tokens, most: usize) -> Vec<Fault> {
    faults_of(diagnostics.iter(), code, tokens, most)
}

fn faults_of<'a>(
    diagnostics: impl Iterator<Item = Diagnostic<'a, DiagnosticData>>,
    code: Code,
    tokens: &Tokens,
    most: usize,
) -> Vec<Fault> {
    let fault = |diagnostic: Diagnostic<'_, DiagnosticData>| {
        let at = diagnostic.error.location().map(|span| tokens.position(span.offset()));
        Fault::new(code, diagnostic.error.to_string()).at(at)
    };
    diagnostics.take(most).map(fault).collect()
}
