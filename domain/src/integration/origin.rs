//! Where a browser may be sent back to: addresses of ours only, by a list of origins. Pure.

use crate::error::{Refusal, RefusalCode};

/// Longest address, in bytes.
const MAX_BYTES: usize = 2_000;

/// Checks an address against the allowed origins (`https://app.example`, `http://localhost:3000`): https, or http on
/// this machine.
///
/// # Errors
///
/// `INVALID`.
pub(super) fn check(url: &str, allowed: &[String]) -> Result<(), Refusal> {
    let refuse = |message: &str| Refusal::new(RefusalCode::Invalid, message).at("returnUrl");
    let Some(origin) = origin(url) else {
        return Err(refuse("an https address is expected (http only for localhost)"));
    };
    let same = |listed: &&String| listed.trim_end_matches('/').eq_ignore_ascii_case(origin);
    allowed.iter().find(same).map(drop).ok_or_else(|| refuse("this server does not send browsers to that address"))
}

/// The origin of an address; none when it is no plain web address. Whatever browsers and parsers read differently
/// (names before an `@`, backslashes, control characters, blanks) is no plain address.
fn origin(url: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '@' | '"' | '<' | '>');
    if url.len() > MAX_BYTES || !url.chars().all(plain) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, port) = rest[..end].split_once(':').map_or((&rest[..end], None), |(host, port)| (host, Some(port)));
    let named = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let numbered = port.is_none_or(|port| port.parse::<u16>().is_ok() && port.bytes().all(|b| b.is_ascii_digit()));
    let here = matches!(host.to_ascii_lowercase().as_str(), "localhost" | "127.0.0.1");
    let safe = scheme.eq_ignore_ascii_case("https") || (scheme.eq_ignore_ascii_case("http") && here);
    (named && numbered && safe).then(|| &url[..scheme.len() + 3 + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_listed_origins_only() {
        let allowed = ["https://app.example".to_owned(), "http://localhost:3000/".into(), "http://app.example".into()];
        let good = [
            "https://app.example",
            "https://APP.example/a?b=c#d",
            "https://app.example?x",
            "http://localhost:3000/back",
            "HTTPS://app.example/",
        ];
        for url in good {
            assert_eq!(check(url, &allowed), Ok(()), "{url}");
        }
        let bad = [
            "",
            "/back",
            "javascript:alert(1)",
            "http://app.example/",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "https://evil.example/?https://app.example",
            "https://evil.example\\@app.example/",
            "https://app.example:444/",
            "https://app.example:+443/",
            "https://app.example\n/",
            "https:// app.example/",
            "http://localhost:3001/",
            "http://127.0.0.1:3000/",
            "//app.example/",
            "ftp://app.example/",
        ];
        for url in bad {
            assert!(check(url, &allowed).is_err(), "{url}");
        }
        assert!(check(&format!("https://app.example/{}", "a".repeat(2_000)), &allowed).is_err());
    }
}
