//! Decides about a document before anything is executed: limits, syntax, validity. The verdict is kept per document.
//!
//! Order matters, cheapest and safest first: bytes, tokens and nesting ([`lex`]), then the grammar ([`syntax`]) and the parser, then shape with each
//! fragment measured once ([`measure`]), then validation against the schema ([`validate`]), then the form that the
//! executor takes ([`convert`]), which each request fits to its variables ([`specialise`]). Nothing here runs a resolver, and nothing recurses deeper than the lexer allowed.

pub(crate) mod coerce;
mod convert;
mod describe;
mod lex;
mod lists;
mod literal;
mod literals;
mod measure;
mod plan;
mod shape;
mod specialise;
mod subscriptions;
mod syntax;
mod validate;

use std::sync::Arc;

use apollo_compiler::{Schema, parser::Parser, validation::Valid};
pub(crate) use plan::{Kind, Plan};
pub(crate) use shape::Shape;

use crate::{
    fault::{Code, Fault},
    limits::Limits,
    weighed::{self, Weighed},
};

/// All kept verdicts together weigh at most this: tokens and answer fields of a good document, faults of a bad one. A token
/// costs a few hundred bytes.
const WEIGHT: usize = 200_000;

/// A document's way in, or the reasons why not.
pub(crate) type Verdict = Result<Arc<Plan>, Arc<[Fault]>>;

/// Judges documents against one schema.
pub(crate) struct Guard {
    schema: Valid<Schema>,
    /// Good ones because parsing costs, bad ones because attackers repeat themselves.
    verdicts: Weighed<Verdict>,
}

impl Guard {
    pub(crate) fn new(schema: Valid<Schema>, limits: &Limits) -> Self {
        Self { schema, verdicts: Weighed::new(limits.cached_documents, WEIGHT) }
    }

    pub(crate) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// The verdict on a document, from the cache when it was seen before.
    pub(crate) fn judge(&self, source: &str, limits: &Limits) -> Verdict {
        if source.len() > limits.query_bytes {
            let message = format!("The document is longer than {} bytes.", limits.query_bytes);
            return Err([Fault::new(Code::DocumentTooLarge, message)].into());
        }
        let key = weighed::key(source);
        if let Some(verdict) = self.verdicts.get(&key) {
            return verdict;
        }
        let (verdict, weight) = self.examine(source, limits);
        self.verdicts.put(key, verdict.clone(), weight);
        verdict
    }

    fn examine(&self, source: &str, limits: &Limits) -> (Verdict, usize) {
        let tokens = match lex::lex(source, limits) {
            Ok(tokens) => tokens,
            Err(fault) => return (Err([fault].into()), 1),
        };
        match self.examine_tokens(source, &tokens, limits) {
            Ok(plan) => {
                let weight = tokens.len() + plan.slots();
                (Ok(Arc::new(plan)), weight)
            }
            Err(faults) => {
                let weight = faults.len();
                (Err(faults.into()), weight)
            }
        }
    }

    fn examine_tokens(&self, source: &str, tokens: &lex::Tokens, limits: &Limits) -> Result<Plan, Vec<Fault>> {
        syntax::check(source, tokens).map_err(|fault| vec![fault])?;
        let document = Parser::new()
            .parse_ast(describe::without_descriptions(source, tokens), "document")
            .map_err(|broken| validate::faults(&broken.errors, Code::ParseFailed, tokens, limits.errors))?;
        let shape = measure::measure(&document, tokens, limits).map_err(|fault| vec![fault])?;
        validate::validate(&self.schema, &document, tokens, limits.errors)?;
        Ok(convert::plan(&self.schema, &document, tokens, shape.introspects))
    }
}
