//! Letters on paper, printed and posted by a provider: [`pingen`] in Europe, [`lob`] in the United States. Each takes
//! the finished PDF over HTTP under the delivery's id, so that a hand-over whose answer got lost is found again, and
//! tells later by webhooks what became of it, read by its herald.
//!
//! What a provider would refuse is refused here, before anything is uploaded: [`paper`] counts pages and bytes and looks
//! where on the first page there is ink, [`Limits`] says how much may be sent and to which countries.

pub mod lob;
mod paper;
pub mod pingen;
mod signature;

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};
use domain::port::{Outgoing, Postal, SendError};
use entity::Channel;

use self::paper::Paper;
use super::SettingsError;
use crate::http::{Answer, HttpError, Url, header::DATE, retry_after};

/// Pages of a letter at most, unless set: what the windowed envelope of every provider takes folded.
pub const USUAL_MAX_PAGES: usize = 12;

/// Longest wait for one answer. Four of them and an upload are far shorter than the lease of a hand-over.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// Longest wait for an upload.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(50);

/// Bytes of an answer that are read at most.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// An address of the provider's from the settings. Letters hold personal data: TLS, or this machine.
fn endpoint(setting: &'static str, text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text.trim_end_matches('/')).map_err(|error| SettingsError::new(setting, error.to_string()))?;
    let host = url.host_str().unwrap_or_default();
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(SettingsError::new(setting, "letters hold personal data: https, or http to this machine only"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::new(setting, "keys belong into their own settings, not into the address"));
    }
    Ok(url)
}

/// The address of something below another.
fn below(url: &Url, path: &[&str]) -> Url {
    let mut url = url.clone();
    // Addresses of the web always have segments.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// What may be sent, within what the provider takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Pages of a letter at most: each costs.
    pub max_pages: usize,
    /// Countries that letters may go to, ISO 3166-1 alpha-2; empty: all that the provider serves.
    pub countries: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pages: USUAL_MAX_PAGES, countries: Vec::new() }
    }
}

/// A letter that may be handed over.
struct Letter<'a> {
    pdf: &'a [u8],
    paper: Paper,
    postal: &'a Postal,
}

impl Limits {
    /// Looks at a letter before anything is uploaded; `pages` and `bytes` are what the provider itself takes.
    fn check<'a>(&self, outgoing: &'a Outgoing, pages: impl Fn(&str) -> usize, bytes: usize) -> Result<Letter<'a>, SendError> {
        if outgoing.channel != Channel::Post {
            return Err(rejected("NOT_PAPER", "only letters on paper are printed and posted"));
        }
        let (Some((_, pdf)), Some(postal)) = (&outgoing.pdf, &outgoing.postal) else {
            return Err(rejected("PDF_MISSING", "there is no PDF or no postal address to post"));
        };
        if !self.countries.is_empty() && !self.countries.iter().any(|country| country.eq_ignore_ascii_case(&postal.country)) {
            return Err(rejected("COUNTRY_NOT_SERVED", &format!("letters by post do not go to {}", postal.country)));
        }
        if pdf.len() > bytes {
            return Err(rejected("PDF_TOO_LARGE", &format!("the PDF has {} bytes; the provider takes {bytes}", pdf.len())));
        }
        let paper = Paper::read(pdf).map_err(|why| rejected("PDF_UNREADABLE", why))?;
        let most = self.max_pages.min(pages(&postal.country));
        if paper.pages > most {
            let message = format!("the letter has {} pages; at most {most} are posted", paper.pages);
            return Err(rejected("TOO_MANY_PAGES", &message));
        }
        Ok(Letter { pdf, paper, postal })
    }
}

fn rejected(code: &str, message: &str) -> SendError {
    SendError::Rejected { code: code.to_owned(), message: message.to_owned() }
}

fn later(message: String) -> SendError {
    SendError::Transient { message, retry_after: None }
}

/// What a call that has no effect means when it has no usable answer: nothing was sent.
fn nothing_sent(error: &HttpError) -> SendError {
    let wait = if let HttpError::RateLimited(seconds) = error { Some(Duration::from_secs(*seconds)) } else { None };
    SendError::Transient { message: error.to_string(), retry_after: wait }
}

/// The wait that a 429 asks for.
fn throttled(answer: &Answer) -> SendError {
    let wait = Duration::from_secs(retry_after(&answer.headers, told_time(answer).unwrap_or_default()));
    SendError::Transient { message: format!("{} asks to wait", answer.host), retry_after: Some(wait) }
}

/// The answering machine's clock, which is as good as ours for what it says about waits and about its own rows.
fn told_time(answer: &Answer) -> Option<DateTime<Utc>> {
    let text = answer.headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
pub(crate) mod fixture {
    use domain::port::{Outgoing, Postal, PostalParts};
    use entity::Channel;
    use lopdf::{
        Document, Object, Stream,
        content::{Content, Operation},
        dictionary,
    };

    /// Width and height of A4 in points.
    pub(crate) const A4: (f64, f64) = (595.28, 841.89);

    /// Where an address stands, in millimetres from the upper left corner.
    pub(crate) const IN_WINDOW: [(f64, f64); 3] = [(25.0, 65.0), (25.0, 70.0), (25.0, 75.0)];

    /// A PDF with text at some places of its first page, drawn as our letters are: in millimetres' points, upside down.
    pub(crate) fn pdf(pages: usize, sheet: (f64, f64), texts: &[(f64, f64)]) -> Vec<u8> {
        #[expect(clippy::cast_possible_truncation, reason = "PDF has no longer numbers")]
        let real = |number: f64| Object::Real(number as f32);
        let mut document = Document::with_version("1.7");
        let tree = document.new_object_id();
        let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
        let mut kids = Vec::new();
        for page in 0..pages {
            let flip = [1.0, 0.0, 0.0, -1.0, 0.0, sheet.1].map(real).to_vec();
            let mut operations = vec![Operation::new("q", vec![]), Operation::new("cm", flip)];
            for (across, down) in texts.iter().filter(|_| page == 0) {
                let place = [1.0, 0.0, 0.0, -1.0, across * 72.0 / 25.4, down * 72.0 / 25.4].map(real).to_vec();
                operations.extend([
                    Operation::new("BT", vec![]),
                    Operation::new("Tf", vec!["F1".into(), real(10.0)]),
                    Operation::new("Tm", place),
                    Operation::new("Tj", vec![Object::string_literal("Jane Doe")]),
                    Operation::new("ET", vec![]),
                ]);
            }
            operations.push(Operation::new("Q", vec![]));
            let content = Content { operations }.encode().unwrap();
            let content = document.add_object(Stream::new(dictionary! {}, content));
            kids.push(document.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content }).into());
        }
        let count = i64::try_from(pages).unwrap();
        document.objects.insert(
            tree,
            dictionary! {
                "Type" => "Pages",
                "Kids" => kids,
                "Count" => count,
                "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
                "MediaBox" => vec![0.into(), 0.into(), real(sheet.0), real(sheet.1)],
            }
            .into(),
        );
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
        document.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    /// A letter on paper to a country.
    pub(crate) fn outgoing(number: u128, country: &str) -> Outgoing {
        let mut outgoing = crate::delivery::fixture::outgoing(number);
        outgoing.channel = Channel::Post;
        outgoing.recipient = "Jane Doe, 210 King St, San Francisco".into();
        outgoing.pdf = Some((format!("letter-{number}.pdf"), pdf(1, A4, &IN_WINDOW)));
        outgoing.postal = Some(Postal {
            name: "Jane Doe".into(),
            country: country.into(),
            parts: Some(PostalParts {
                line1: "210 King St".into(),
                line2: None,
                postal_code: Some("94107".into()),
                city: "San Francisco".into(),
                region: Some("CA".into()),
            }),
        });
        outgoing
    }
}
