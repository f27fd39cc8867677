//! What goes back when a request is refused: stable codes, short messages, one JSON shape for every channel.

use async_graphql::Pos;
use serde_json::{Value, json};

use crate::gate::TraceId;

/// Longest message sent, in bytes: a name of 60 KiB must not come back ten times.
const MESSAGE_BYTES: usize = 300;

/// The stable `extensions.code` of everything the transport itself refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is not a well-formed GraphQL request.
    BadRequest,
    /// The request body or message holds an array of requests.
    BatchingDisabled,
    /// The content type or encoding of the body is not supported.
    UnsupportedMediaType,
    /// No media type of `Accept` can be produced.
    NotAcceptable,
    /// The method, or a mutation over GET, is not allowed.
    MethodNotAllowed,
    /// The body is larger than [`Limits::body_bytes`](crate::Limits).
    BodyTooLarge,
    /// The body did not arrive in time, or the execution took too long.
    Timeout,
    /// The request comes from a foreign site.
    Forbidden,
    /// The credentials are missing or wrong.
    Unauthenticated,
    /// Too many attempts, or too many operations or connections at once.
    TooManyRequests,
    /// The request cannot be served now.
    Unavailable,
    /// A hash was sent in place of a document, and documents are not remembered here.
    PersistedQueryNotSupported,
    /// No document is known by this hash or id.
    PersistedQueryNotFound,
    /// A document came with a hash that is not its own.
    PersistedQueryMismatch,
    /// Only trusted documents are served, and this is none.
    DocumentNotTrusted,
    /// The document is larger than [`Limits::query_bytes`](crate::Limits).
    DocumentTooLarge,
    /// Too many tokens.
    TokenLimit,
    /// Nested too deep.
    DepthLimit,
    /// Too many aliases.
    AliasLimit,
    /// Too many operations.
    OperationLimit,
    /// Too many directives.
    DirectiveLimit,
    /// Too many fields at the root.
    RootFieldLimit,
    /// Too many selections once fragments are expanded.
    SelectionLimit,
    /// The operation costs more than the schema allows.
    QueryCost,
    /// Introspection nests lists so that its answer would explode.
    IntrospectionDepthLimit,
    /// Introspection is off.
    IntrospectionDisabled,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The named operation does not exist, or none was named among several.
    OperationResolutionFailure,
    /// A subscription where only queries and mutations are served.
    SubscriptionNotSupported,
    /// A value does not fit its type.
    BadUserInput,
    /// A fault on our side.
    Internal,
}

impl Code {
    /// The code as it stands in `extensions.code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::BatchingDisabled => "BATCHING_DISABLED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::Timeout => "TIMEOUT",
            Self::Forbidden => "FORBIDDEN",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::Unavailable => "UNAVAILABLE",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryMismatch => "PERSISTED_QUERY_MISMATCH",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::DocumentTooLarge => "DOCUMENT_TOO_LARGE",
            Self::TokenLimit => "TOKEN_LIMIT",
            Self::DepthLimit => "DEPTH_LIMIT",
            Self::AliasLimit => "ALIAS_LIMIT",
            Self::OperationLimit => "OPERATION_LIMIT",
            Self::DirectiveLimit => "DIRECTIVE_LIMIT",
            Self::RootFieldLimit => "ROOT_FIELD_LIMIT",
            Self::SelectionLimit => "SELECTION_LIMIT",
            Self::QueryCost => "QUERY_COST",
            Self::IntrospectionDepthLimit => "INTROSPECTION_DEPTH_LIMIT",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::SubscriptionNotSupported => "SUBSCRIPTION_NOT_SUPPORTED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// One reason for a refusal.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) at: Option<Pos>,
    /// Numbers for `extensions`, by name.
    pub(crate) figures: Vec<(&'static str, usize)>,
}

impl Fault {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MESSAGE_BYTES {
            let end = (0..=MESSAGE_BYTES).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
            message.truncate(end);
            message.push('…');
        }
        Self { code, message, at: None, figures: Vec::new() }
    }

    pub(crate) fn at(mut self, at: Option<Pos>) -> Self {
        self.at = at;
        self
    }

    /// A number that a client may reckon with.
    pub(crate) fn figure(mut self, name: &'static str, figure: usize) -> Self {
        self.figures.push((name, figure));
        self
    }

    fn to_json(&self, trace: &TraceId) -> Value {
        let mut extensions = json!({ "code": self.code.as_str(), "traceId": &*trace.0 });
        for (name, figure) in &self.figures {
            extensions[*name] = json!(figure);
        }
        let mut error = json!({ "message": self.message, "extensions": extensions });
        if let Some(at) = self.at {
            error["locations"] = json!([{ "line": at.line, "column": at.column }]);
        }
        error
    }
}

/// The `errors` of an answer without data.
pub(crate) fn errors_json(faults: &[Fault], trace: &TraceId) -> Value {
    faults.iter().map(|fault| fault.to_json(trace)).collect()
}
