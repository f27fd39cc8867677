//! The way of one request, shared by HTTP, sockets and streams: judge the document, choose the operation, coerce the
//! variables, equip it for the caller; and afterwards: tell request errors from results, and keep faults opaque.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Request, Response, ServerError, Value, Variables};

use crate::{
    complete,
    endpoint::Shared,
    fault::{Code, Fault},
    gate::{Admission, TraceId},
    guard::{Kind, Plan, Shape, coerce},
    params::Params,
};

/// What the executor says of a schema's own limits; it has no codes.
const TOO_COMPLEX: &str = "Query is too complex.";
const TOO_DEEP: &str = "Query is nested too deep.";

/// A request ready to run.
pub(crate) struct Prepared {
    pub(crate) request: Request,
    pub(crate) kind: Kind,
    pub(crate) expected: Expected,
}

/// What the answer is held against.
#[derive(Default)]
pub(crate) struct Expected {
    shape: Arc<Shape>,
    /// The operation, to be weighed should it be refused for its cost.
    asked: Option<Asked>,
}

/// An operation with its variables.
struct Asked {
    plan: Arc<Plan>,
    operation_name: Option<String>,
    variables: Variables,
}

impl Asked {
    /// Once more as a request, which only scales may be given: nobody asks it.
    fn request(&self) -> Option<Request> {
        let operation = self.plan.operation(self.operation_name.as_deref()).ok()?;
        let mut request = Request::new("").variables(self.variables.clone());
        request.set_parsed_query(self.plan.executable(operation, &self.variables));
        Some(request)
    }
}

impl Shared {
    /// Prepares a request. `permit` says whether the channel serves this kind of operation.
    pub(crate) fn prepare(
        &self,
        params: Params,
        admission: &Admission,
        trace: &TraceId,
        permit: impl FnOnce(Kind) -> Result<(), Fault>,
    ) -> Result<Prepared, Arc<[Fault]>> {
        let one = |fault: Fault| Arc::from([fault]);
        let found = self.documents.find(params.document, &self.limits).map_err(one)?;
        let plan = self.guard.judge(&found.text, &self.limits)?;
        if plan.introspects && !admission.introspection.unwrap_or(self.introspection) {
            return Err(one(Fault::new(Code::IntrospectionDisabled, "Introspection is off.")));
        }
        let operation = plan.operation(params.operation_name.as_deref()).map_err(one)?;
        permit(operation.kind).map_err(one)?;
        self.documents.register(&found);
        let variables = coerce::variables(self.guard.schema(), &operation.variables, params.variables).map_err(one)?;
        let executable = plan.executable(operation, &variables);
        let mut request = Request::new(&*found.text).variables(variables.clone());
        request.set_parsed_query(executable);
        request.data.insert(trace.clone());
        admission.equip(&mut request.data);
        let (kind, shape) = (operation.kind, Arc::clone(&operation.shape));
        let asked = Asked { plan, operation_name: params.operation_name, variables };
        Ok(Prepared { request, kind, expected: Expected { shape, asked: Some(asked) } })
    }

    /// Separates answers from refusals: `Err` when nothing was executed.
    pub(crate) fn finish(&self, mut response: Response, expected: &Expected, trace: &TraceId) -> Result<Response, Vec<Fault>> {
        let executed = response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        if !executed && !response.errors.is_empty() {
            return Err(response.errors.into_iter().map(|error| self.refusal(error, expected, trace)).collect());
        }
        response.data = complete::complete(response.data, &response.errors, &expected.shape);
        for error in &mut response.errors {
            settle(error, trace);
        }
        Ok(response)
    }

    fn refusal(&self, mut error: ServerError, expected: &Expected, trace: &TraceId) -> Fault {
        match error.message.as_str() {
            TOO_COMPLEX => self.too_expensive(expected),
            TOO_DEEP => Fault::new(Code::DepthLimit, error.message),
            _ => {
                settle(&mut error, trace);
                Fault::new(Code::Internal, error.message)
            }
        }
    }

    fn too_expensive(&self, expected: &Expected) -> Fault {
        let weighed = self.scales.as_ref().and_then(|scales| {
            let request = expected.asked.as_ref()?.request()?;
            Some((scales.cost(request)?, scales.limit()))
        });
        match weighed {
            Some((cost, limit)) => Fault::new(Code::QueryCost, format!("The operation costs {cost}, and at most {limit} is allowed."))
                .figure("cost", cost)
                .figure("limit", limit),
            None => Fault::new(Code::QueryCost, "The operation costs too much."),
        }
    }
}

/// Gives an error without a code one. What a resolver did not name is a fault: its text is for the log only.
fn settle(error: &mut ServerError, trace: &TraceId) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_some() {
        return;
    }
    if is_bad_input(&error.message) {
        extensions.set("code", Code::BadUserInput.as_str());
    } else {
        tracing::error!(trace_id = %trace, path = ?error.path, error = %error.message, "a resolver failed");
        extensions.set("code", Code::Internal.as_str());
        extensions.set("traceId", trace.0.as_ref());
        "Something went wrong on our side.".clone_into(&mut error.message);
    }
}

/// The executor's own words for a value that a custom scalar, an enum or a validator did not take.
fn is_bad_input(message: &str) -> bool {
    ["Failed to parse \"", "Expected input type \"", "Invalid value for argument"].iter().any(|beginning| message.starts_with(beginning))
}
