//! The schema, put together.

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};
use domain::Env;
use transport::Scales;

use super::{
    mutation::{Mutation, MutationPayload, idempotent},
    query::Query,
    seal::CursorKey,
    subscription::Subscription,
};
use crate::{
    ApiSettings,
    auth::{Keys, link::Links, sign_in::Attempts, standing::Standings},
    settings::ReturnOrigins,
    tail::EventTail,
};

/// The schema of the product.
pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// Most that one operation may cost; a list of lists of a hundred is more.
pub const MAX_COST: usize = 20_000;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    transport::tuned(Schema::build(Query::default(), Mutation::default(), Subscription))
        .directive(idempotent)
        .register_output_type::<MutationPayload>()
        .limit_complexity(MAX_COST)
}

/// The schema over the surroundings of the use cases; `tail` feeds its subscriptions.
pub fn schema(env: Env, tail: EventTail, settings: &ApiSettings) -> AppSchema {
    let keys = Keys::new(&settings.signing_key);
    let mut builder = builder()
        .data(env)
        .data(tail)
        .data(Links::new(&keys, &settings.public_url))
        .data(ReturnOrigins::of(settings))
        .data(CursorKey::new(keys.cursors))
        .data(Attempts::default())
        .data(Arc::new(Standings::default()))
        .data(keys);
    if let Some(demo) = &settings.demo {
        builder = builder.data(Arc::clone(demo));
    }
    builder.finish()
}

/// Says what an operation costs that the schema refuses.
pub(crate) fn scales() -> Scales {
    Scales::new(builder(), MAX_COST)
}

/// The schema as text, sorted so that it differs only when it changes.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    builder().finish().sdl_with_options(options)
}
