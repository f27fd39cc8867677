//! Letters on paper, printed and posted by a provider: [`pingen`] in Europe, [`lob`] in the United States. Each takes
//! the finished PDF over HTTP under the delivery's id, so that a hand-over whose answer got lost is found again, and
//! tells later by webhooks what became of it, read by its herald.
//!
//! What a provider would refuse is refused here, before anything is uploaded: [`paper`] counts pages and bytes and looks
//! where on the first page there is ink, [`Limits`] says how much may be sent and to which countries.

#[cfg(test)]
mod fixture;
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
