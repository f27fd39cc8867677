//! Whose address a request comes from. Behind a proxy every request is the proxy's; it tells for whom in `X-Forwarded-For`,
//! which anybody may write: only what a trusted proxy added to it is believed.

use std::{collections::HashSet, net::IpAddr};

use actix_web::{HttpRequest, http::header::HeaderMap};

/// The caller's address: the peer's own, or what the nearest trusted proxies say it is.
pub(crate) fn peer(request: &HttpRequest, trusted: &HashSet<IpAddr>) -> Option<IpAddr> {
    request.peer_addr().map(|address| behind(address.ip(), request.headers(), trusted))
}

/// Each proxy appends the address that it was asked from: read from the end, the first that is no proxy of ours.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &HashSet<IpAddr>) -> IpAddr {
    let mut nearest = peer.to_canonical();
    if !trusted.contains(&nearest) {
        return nearest;
    }
    let told: Vec<&str> =
        headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    for address in told.iter().rev().map_while(|text| address(text.trim())) {
        nearest = address;
        if !trusted.contains(&address) {
            break;
        }
    }
    nearest
}

/// An address, as some proxies write it with its port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.parse::<IpAddr>().or_else(|_| text.parse().map(|address: std::net::SocketAddr| address.ip()));
    plain.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap()).into();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(value).unwrap());
        }
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_who_it_is_whatever_it_says() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_says_whom_it_was_asked_by() {
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 10.0.0.2"]), "198.51.100.1", "through two of ours");
    }

    #[test]
    fn what_the_caller_wrote_itself_is_not_believed() {
        assert_eq!(seen("10.0.0.1", &["127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.2", "198.51.100.1, 10.0.0.2"]), "198.51.100.1", "headers count in their order");
    }

    #[test]
    fn where_nothing_readable_is_said_it_is_the_proxys_own() {
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[""]), "10.0.0.1");
    }
}
