//! Files of the pages, in the executable. A browser keeps them by their version, a digest of their bytes.

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CacheControl, CacheDirective, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS},
    web,
};

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Below the page's own path.
    pub name: &'static str,
    /// With its charset.
    pub content_type: &'static str,
    /// What it contains.
    pub bytes: &'static [u8],
}

impl Asset {
    /// Names these bytes: it changes when they do.
    fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.bytes.hash(&mut hasher);
        format!("\"{:016x}\"", hasher.finish())
    }

    /// Serves the file at its name, to be asked again each time, and answered 304 when nothing changed.
    pub fn resource(self) -> actix_web::Resource {
        let version = self.version();
        web::resource(self.name).route(web::get().to(move |request: HttpRequest| {
            let answer = self.answer(&request, &version);
            async move { answer }
        }))
    }

    fn answer(&self, request: &HttpRequest, version: &str) -> HttpResponse {
        let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        // A compressing server marks the version as weak.
        if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == version)) {
            return HttpResponse::NotModified().insert_header((ETAG, version)).finish();
        }
        HttpResponse::Ok()
            .content_type(self.content_type)
            .insert_header((ETAG, version))
            .insert_header(CacheControl(vec![CacheDirective::NoCache]))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(self.bytes)
    }
}
