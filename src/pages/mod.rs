//! The two web pages that Dunwell serves itself: [`graphiql`] to try the API, and [`outbox`], where the demo shows what
//! left the building. Both work without the internet; their files are under `assets/` and part of the executable.
//!
//! What must not live here: rules, or anything that the API does not offer to everybody. The pages are clients of
//! `/graphql` like any other; only the outbox reads the folder that the demo's messages lie in.
//!
//! Next: `scripts/graphiql` bundles GraphiQL.

mod asset;
pub mod graphiql;
pub mod outbox;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, CacheControl, CacheDirective, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};

/// A page, or data for it: never kept by a browser, never guessed to be something else, bound to its policy.
fn answer(content_type: &'static str, policy: &'static str, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(CacheControl(vec![CacheDirective::NoStore]))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(body.into())
}

/// A header of an answer, for the pages' tests.
#[cfg(test)]
fn header_text(headers: &actix_web::http::header::HeaderMap, name: &str) -> String {
    headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap().to_owned()
}
