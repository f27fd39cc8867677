//! The page behind the link with which a debtor ends e-mails. Opening it changes nothing, since programs open links to
//! look for harm; its button, and the mail program's own (RFC 8058), post to the same address.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use domain::delivery;
use entity::DeliveryId;
use serde::Deserialize;

use super::{Shared, reply};
use crate::graphql::id::decode;

/// What stands behind the question mark.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Proof {
    s: String,
}

/// What the page says.
struct Words {
    title: &'static str,
    ask: &'static str,
    button: &'static str,
    done: &'static str,
    goes_on: &'static str,
}

const ENGLISH: Words = Words {
    title: "End e-mails",
    ask: "Do you want no more e-mails about this claim to your address?",
    button: "End e-mails",
    done: "No more e-mails go to your address.",
    goes_on: "The claim itself stands: further letters reach you by post or text message. \
              To settle or dispute it, answer to the sender of the letter.",
};

const GERMAN: Words = Words {
    title: "E-Mails beenden",
    ask: "Möchten Sie zu dieser Forderung keine E-Mails mehr an Ihre Adresse erhalten?",
    button: "E-Mails beenden",
    done: "An Ihre Adresse gehen keine E-Mails mehr.",
    goes_on: "Die Forderung selbst bleibt bestehen: Weitere Schreiben erreichen Sie per Post oder Textnachricht. \
              Um sie zu begleichen oder ihr zu widersprechen, wenden Sie sich an den Absender des Schreibens.",
};

const NORWEGIAN: Words = Words {
    title: "Avslutt e-post",
    ask: "Vil du ikke lenger ha e-post om dette kravet til adressen din?",
    button: "Avslutt e-post",
    done: "Det sendes ikke mer e-post til adressen din.",
    goes_on: "Selve kravet består: Videre brev kommer i posten eller som tekstmelding. \
              For å gjøre opp eller bestride kravet, svar avsenderen av brevet.",
};

/// As plain as a letter, and legible on a phone.
const STYLE: &str = "body{margin:0;background:#f2f3f1;color:#1a1d1c;font:1.06rem/1.5 system-ui,sans-serif}\
    main{max-width:34rem;margin:8vh auto;padding:1.5rem 2rem;background:#fff;border:1px solid #d5d8d4;border-radius:10px}\
    h1{font-size:1.4rem;margin:.5rem 0}button{font:inherit;font-weight:600;padding:.7rem 1.3rem;border:0;border-radius:8px;\
    background:#0b5a5e;color:#fff}";

/// Shows the page.
pub(super) async fn get(shared: web::Data<Shared>, id: web::Path<String>, proof: Option<web::Query<Proof>>) -> HttpResponse {
    let Some(id) = opened(&shared, &id, proof) else { return reply::bad_link() };
    match delivery::unsubscribe_language(&shared.env, id).await {
        Ok(Some(language)) => {
            let words = words(&language);
            let form = format!("<p>{}</p><form method=\"post\"><button>{}</button></form>", words.ask, words.button);
            page(&language, words, &form)
        }
        Ok(None) => reply::bad_link(),
        Err(error) => reply::of(error),
    }
}

/// Ends e-mails to the address; the body is not looked at.
pub(super) async fn post(shared: web::Data<Shared>, id: web::Path<String>, proof: Option<web::Query<Proof>>) -> HttpResponse {
    let Some(id) = opened(&shared, &id, proof) else { return reply::bad_link() };
    if let Err(error) = delivery::unsubscribe(&shared.env, id).await {
        return reply::of(error);
    }
    match delivery::unsubscribe_language(&shared.env, id).await {
        Ok(Some(language)) => {
            let words = words(&language);
            page(&language, words, &format!("<p>{}</p>", words.done))
        }
        Ok(None) => reply::bad_link(),
        Err(error) => reply::of(error),
    }
}

fn opened(shared: &Shared, id: &str, proof: Option<web::Query<Proof>>) -> Option<DeliveryId> {
    let id = decode::<DeliveryId>(id)?;
    shared.links.opens_unsubscribe(id, &proof?.s).then_some(id)
}

fn words(language: &str) -> &'static Words {
    match language.split('-').next() {
        Some("de") => &GERMAN,
        Some("nb" | "nn" | "no") => &NORWEGIAN,
        _ => &ENGLISH,
    }
}

fn page(language: &str, words: &Words, body: &str) -> HttpResponse {
    let language: String = language.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').collect();
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{body}<p>{goes_on}</p></main></html>",
        title = words.title,
        goes_on = words.goes_on,
    );
    HttpResponse::build(StatusCode::OK)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("x-robots-tag", "noindex"))
        .body(html)
}
