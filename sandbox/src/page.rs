//! The control page at `/`: the frame that all stand-ins' pages extend, with the shared faults and the last calls. A
//! provider brings a template that says `{% extends "base.html" %}` and fills the block `content`; one that
//! posts webhooks includes `webhooks.html`, which lists its `deliveries`.

use actix_web::HttpResponse;
use minijinja::{Environment, Value, context, value::Serde};
use serde::Serialize;

use crate::frame::Frame;

/// How many of the last calls the page shows.
const CALLS_SHOWN: usize = 30;

/// The page of a stand-in: its own template, filled with what it shows, within the shared frame.
pub(crate) fn page(frame: &Frame, template: &str, shown: impl Serialize) -> HttpResponse {
    match rendered(frame, template, shown) {
        Ok(html) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html),
        Err(error) => HttpResponse::InternalServerError().body(format!("the page has an error: {error:#}")),
    }
}

fn rendered(frame: &Frame, template: &str, shown: impl Serialize) -> Result<String, minijinja::Error> {
    let mut pages = Environment::new();
    pages.add_template("base.html", include_str!("templates/base.html"))?;
    pages.add_template("webhooks.html", include_str!("templates/webhooks.html"))?;
    pages.add_template("page.html", template)?;
    let calls = frame.calls.all();
    let calls: Vec<_> = calls.iter().rev().take(CALLS_SHOWN).collect();
    let shared = context! {
        provider => frame.provider.name(),
        now => frame.now().format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        faults => frame.faults.lines(),
        calls => Value::from(Serde(&calls)),
        total => frame.calls.total(),
    };
    let shown = Value::from(Serde(&shown));
    pages.get_template("page.html")?.render(context! { ..shared, ..shown })
}
