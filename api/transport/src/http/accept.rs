//! Chooses the media type of an answer from the `Accept` header.

use actix_web::http::header::{self, HeaderMap};

/// What can be produced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: for clients older than the specification; the default.
    Json,
    /// `application/graphql-response+json`: statuses mean something.
    GraphqlResponse,
    /// `text/event-stream`.
    EventStream,
}

impl Media {
    /// The media type as written, without parameters.
    pub(crate) fn essence(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::EventStream => "text/event-stream",
        }
    }

    /// The `Content-Type` of an answer.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }
}

/// What a plain answer may be; the first one when the client does not mind.
pub(crate) const ANSWERS: &[Media] = &[Media::Json, Media::GraphqlResponse];
/// What an event stream may be.
pub(crate) const STREAMS: &[Media] = &[Media::EventStream];

/// The offered type that the client likes best; of equals the one it names first. `None` when it takes none of them.
pub(crate) fn negotiate(headers: &HeaderMap, offered: &[Media]) -> Option<Media> {
    let mut ranges = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        ranges.extend(value.to_str().unwrap_or_default().split(',').filter_map(Range::parse));
    }
    if ranges.is_empty() {
        return headers.get(header::ACCEPT).is_none().then(|| offered.first().copied()).flatten();
    }
    let mut best: Option<(u16, usize, Media)> = None;
    for media in offered {
        let Some((quality, place)) = preference(&ranges, media.essence()) else { continue };
        let better = best.is_none_or(|(most, first, _)| quality > most || (quality == most && place < first));
        if quality > 0 && better {
            best = Some((quality, place, *media));
        }
    }
    best.map(|(_, _, media)| media)
}

/// The quality and place of the most specific range that covers a type.
fn preference(ranges: &[Range<'_>], essence: &str) -> Option<(u16, usize)> {
    let covering = ranges.iter().enumerate().filter(|(_, range)| range.covers(essence));
    covering.max_by_key(|(place, range)| (range.specificity(), std::cmp::Reverse(*place))).map(|(place, range)| (range.quality, place))
}

struct Range<'a> {
    essence: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    /// Reads one range; one with a foreign charset, or that is no range at all, counts as absent.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next().filter(|essence| essence.contains('/'))?;
        let mut quality = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = thousandths(value.trim())?,
                "charset" if !super::body::is_utf8(value) => return None,
                _ => {}
            }
        }
        Some(Self { essence, quality })
    }

    fn specificity(&self) -> u8 {
        match self.essence.split_once('/') {
            Some(("*", _)) => 0,
            Some((_, "*")) => 1,
            _ => 2,
        }
    }

    fn covers(&self, essence: &str) -> bool {
        match self.essence.split_once('/') {
            Some(("*", "*")) => true,
            Some((kind, "*")) => essence.split_once('/').is_some_and(|(own, _)| own.eq_ignore_ascii_case(kind)),
            _ => self.essence.eq_ignore_ascii_case(essence),
        }
    }
}

/// `0`, `0.5`, `1.000` in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1_000 + fraction).min(1_000))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn chosen(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        negotiate(&headers, ANSWERS)
    }

    #[test]
    fn json_is_the_default() {
        assert_eq!(negotiate(&HeaderMap::new(), ANSWERS), Some(Media::Json));
        for accept in ["*/*", "application/*", "text/html, */*;q=0.1", "APPLICATION/JSON"] {
            assert_eq!(chosen(accept), Some(Media::Json), "{accept}");
        }
    }

    #[test]
    fn the_clients_order_and_qualities_decide() {
        let both = "application/graphql-response+json, application/json";
        assert_eq!(chosen(both), Some(Media::GraphqlResponse));
        assert_eq!(chosen("application/json, application/graphql-response+json"), Some(Media::Json));
        assert_eq!(chosen("application/json;q=0.9, application/graphql-response+json"), Some(Media::GraphqlResponse));
        assert_eq!(chosen("application/json;q=0, */*"), Some(Media::GraphqlResponse));
        assert_eq!(chosen("application/graphql-response+json; charset=\"UTF-8\", */*;q=0.1"), Some(Media::GraphqlResponse));
    }

    #[test]
    fn what_cannot_be_made_is_not_promised() {
        for accept in ["text/html", "application/json;q=0", "application/json; charset=utf-16", "nonsense", "", "a/b;q=9"] {
            assert_eq!(chosen(accept), None, "{accept}");
        }
    }
}
