//! Which page sent a request, as browsers tell it, and what follows: who may read the answer, and what must be refused.
//!
//! Nothing here authenticates: tokens travel in a header that no foreign page can add without asking first. It closes the
//! two ways in that need no asking, a GET and a WebSocket.

use std::collections::HashSet;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderMap, HeaderValue},
};

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// Our own page, or no browser.
    Own,
    /// A page on the list.
    Allowed(String),
    /// Any other page.
    Foreign,
}

pub(crate) fn site(request: &HttpRequest, allowed: &HashSet<String>) -> Site {
    let headers = request.headers();
    let mut origins = headers.get_all(header::ORIGIN);
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return if headers.contains_key(header::ORIGIN) { Site::Foreign } else { Site::Own };
    };
    let Ok(origin) = origin.to_str() else { return Site::Foreign };
    let origin = origin.to_ascii_lowercase();
    if allowed.contains(&origin) {
        return Site::Allowed(origin);
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if same_host(&origin, &host.to_ascii_lowercase()) { Site::Own } else { Site::Foreign }
}

/// Whether an origin is the host that was asked. A default port may be left out on either side.
fn same_host(origin: &str, host: &str) -> bool {
    let (name, port) = match origin.split_once("://") {
        Some(("http", name)) => (name, ":80"),
        Some(("https", name)) => (name, ":443"),
        _ => return false,
    };
    !host.is_empty() && name.trim_end_matches(port) == host.trim_end_matches(port)
}

/// Whether a page of another site could have caused this GET unasked.
pub(crate) fn forgeable(headers: &HeaderMap, site: &Site) -> bool {
    let foreign = match site {
        Site::Allowed(_) => return false,
        Site::Foreign => true,
        Site::Own => headers.get("sec-fetch-site").is_some_and(|from| from == "cross-site" || from == "same-site"),
    };
    foreign && headers.get("graphql-require-preflight").is_none_or(HeaderValue::is_empty)
}

/// Lets a page on the list read the answer; never any page, never with credentials of the browser's own.
pub(crate) fn decorate(response: &mut HttpResponseBuilder, site: &Site) {
    if let Site::Allowed(origin) = site {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.as_str()));
        response.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after"));
    }
}

/// Answers a browser's question before a cross-site request.
pub(crate) fn preflight(site: &Site) -> HttpResponse {
    if !matches!(site, Site::Allowed(_)) {
        return HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "GET, POST"))
            .insert_header((header::VARY, "Origin"))
            .finish();
    }
    let mut response = HttpResponse::NoContent();
    decorate(&mut response, site);
    response
        .insert_header((header::VARY, "Origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept, x-request-id, graphql-require-preflight",
        ))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_host_is_our_own() {
        for (origin, host) in
            [("http://a.example", "a.example"), ("https://a.example", "a.example:443"), ("http://localhost:8080", "localhost:8080")]
        {
            assert!(same_host(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("null", "a.example"),
            ("https://a.example.evil", "a.example"),
            ("https://evil-a.example", "a.example"),
            ("https://a.example:8443", "a.example"),
            ("file://a.example", "a.example"),
            ("https://", ""),
        ] {
            assert!(!same_host(origin, host), "{origin} {host}");
        }
    }
}
