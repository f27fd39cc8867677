//! `@idempotent(key:)`: the client's word for "this call, once". The directive itself does nothing; the mutations that
//! need a key read it from their own field and hand it to `domain::idempotency`, which keeps it in the transaction of
//! the effect. On any other field it would be a promise that nobody keeps, so it is refused there.

use async_graphql::{
    Context, CustomDirective, Directive, ErrorExtensions, ID, Name, ServerResult, Value, extensions::ResolveFut, indexmap::IndexMap,
};
use async_trait::async_trait;
use domain::{Refusal, RefusalCode, idempotency::Once};

use crate::graphql::error::bad_input;

/// The fields that take a key.
const KEYED: [&str; 7] =
    ["casesApprove", "caseWriteOff", "paymentRecord", "lettersConsent", "caseStatementSend", "importStart", "caseChargePaymentRegister"];

const NAME: &str = "idempotent";

struct Marked;

#[async_trait]
impl CustomDirective for Marked {
    async fn resolve_field(&self, ctx: &Context<'_>, resolve: ResolveFut<'_>) -> ServerResult<Option<Value>> {
        let field = ctx.field().name();
        if KEYED.contains(&field) {
            return resolve.await;
        }
        let message = format!("@idempotent is for {}; `{field}` takes no key", KEYED.join(", "));
        // With its path it is the field's own error; without one it would be taken for a request that was never begun.
        Err(ctx.set_error_path(bad_input(&message).extend().into_server_error(ctx.item.pos)))
    }
}

/// Makes the call take effect once: a repetition with the same key within 24 hours is answered with what the first call
/// did. The same key with other arguments is refused with `IDEMPOTENCY_KEY_REUSED`. Required where a description says so,
/// refused elsewhere.
#[Directive(location = "Field")]
#[expect(clippy::needless_pass_by_value, reason = "the macro hands it over; the field reads the key itself, beside its arguments")]
pub(crate) fn idempotent(
    #[graphql(desc = "1 to 255 printable ASCII characters, e.g. a UUID; yours alone.")] key: ID,
) -> impl CustomDirective {
    let _ = key;
    Marked
}

/// The call as its client named it.
///
/// # Errors
///
/// `IDEMPOTENCY_KEY_REQUIRED` without the directive; `INVALID` for a key of another form.
pub(super) fn call(ctx: &Context<'_>) -> domain::Result<Once> {
    let field = ctx.field();
    let unreadable = |error: async_graphql::ServerError| domain::Error::Bug(format!("reading a field's own arguments: {}", error.message));
    let directives = field.directives().map_err(unreadable)?;
    let required = || Refusal::new(RefusalCode::IdempotencyKeyRequired, "add @idempotent(key: \"…\") to the field").at("key");
    let directive = directives.iter().find(|directive| directive.name.node == NAME).ok_or_else(required)?;
    let key = match directive.get_argument("key").map(|value| &value.node) {
        Some(Value::String(key)) => key.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(required().into()),
    };
    let arguments = field.arguments().map_err(unreadable)?;
    Ok(Once::new(&key, field.name(), &in_one_spelling(arguments)?)?)
}

/// The arguments sorted, without what is null: the order in which a client writes them, and whether it writes a null or
/// leaves it out, is no other call.
fn in_one_spelling(arguments: Vec<(Name, Value)>) -> domain::Result<String> {
    let object = Value::Object(arguments.into_iter().collect());
    Ok(serde_json::to_string(&sorted(object))?)
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().filter(|(_, value)| *value != Value::Null).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect::<IndexMap<_, _>>())
        }
        Value::List(items) => Value::List(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use async_graphql::value;

    fn spelled(arguments: Value) -> String {
        let Value::Object(fields) = arguments else { panic!("an object") };
        in_one_spelling(fields.into_iter().collect()).unwrap()
    }

    #[test]
    fn order_and_nulls_do_not_make_another_call_but_values_do() {
        let one = spelled(value!({ "a": 1, "b": { "x": [1, 2], "y": null } }));
        assert_eq!(one, spelled(value!({ "b": { "x": [1, 2] }, "a": 1, "c": null })));
        assert_ne!(one, spelled(value!({ "a": 1, "b": { "x": [2, 1] } })));
    }
}
