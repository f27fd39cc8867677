//! Which URLs may be called. The check reads the URL only and needs no network, so that a bad address is refused when
//! it is saved; what its name resolves to is checked again at each connection by the resolver.

use std::{net::IpAddr, str::FromStr};

use reqwest::Url;

use super::{
    address::is_public,
    error::{HttpError, SetupError},
};

/// The port of HTTPS.
const HTTPS_PORT: u16 = 443;

/// Below this, ports belong to the system's services: none but [`HTTPS_PORT`] is a web server of ours to call.
const FIRST_FREE_PORT: u16 = 1024;

/// Above it: SOCKS, SQL Server, Oracle, NFS, Docker, etcd, `MySQL`, RDP, PostgreSQL, AMQP, VNC, `CouchDB`, X11, Redis, IRC,
/// Cassandra, Kafka, Elasticsearch, Prometheus, kubelet, memcached, `MongoDB`, SAP's message server.
const SERVICE_PORTS: [u16; 26] = [
    1080, 1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3600, 5432, 5672, 5900, 5984, 6000, 6379, 6667, 9042, 9090, 9092, 9200,
    9300, 10250, 11211, 27017,
];

/// Whose URLs are let through.
#[derive(Debug, Clone)]
pub(super) enum Gate {
    /// The operator's: any host, with or without TLS.
    Open,
    /// Users': public hosts over TLS, and those that the operator allowed.
    Guarded(Vec<AllowedHost>),
}

/// How a URL that was let through is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// To any address.
    Anywhere,
    /// To public addresses only.
    PublicOnly,
}

/// A host that users may name although it is not public, or is called without TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AllowedHost {
    host: String,
    /// None for all ports.
    port: Option<u16>,
}

impl FromStr for AllowedHost {
    type Err = SetupError;

    fn from_str(text: &str) -> Result<Self, SetupError> {
        let bad = || SetupError::BadHost(text.to_owned());
        if text.is_empty()
            || text.contains(['/', '\\', '?', '#', '@'])
            || text.contains(|char: char| char.is_whitespace() || char.is_control())
        {
            return Err(bad());
        }
        let read = |scheme: &str| Url::parse(&format!("{scheme}://{text}/")).map_err(|_| bad());
        // Each scheme hides its own default port.
        let (http, https) = (read("http")?, read("https")?);
        let host = http.host_str().map(bare).ok_or_else(bad)?.to_owned();
        Ok(Self { host, port: http.port().or(https.port()) })
    }
}

impl AllowedHost {
    fn matches(&self, host: &str, url: &Url) -> bool {
        self.host == host && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl Gate {
    /// Lets a URL through, or says in words for people why not.
    pub(super) fn check(&self, url: &Url) -> Result<Pass, HttpError> {
        let host = url.host_str().map(bare).filter(|host| !host.is_empty()).ok_or_else(|| blocked("the address names no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(blocked("an address with a user name or password in it is not called"));
        }
        if !matches!(url.scheme(), "https" | "http") {
            return Err(blocked("the address must begin with https://"));
        }
        match self {
            Self::Open => Ok(Pass::Anywhere),
            Self::Guarded(allowed) if allowed.iter().any(|entry| entry.matches(host, url)) => Ok(Pass::Anywhere),
            Self::Guarded(_) => check_public(url, host).map(|()| Pass::PublicOnly),
        }
    }
}

fn check_public(url: &Url, host: &str) -> Result<(), HttpError> {
    if url.scheme() != "https" {
        return Err(blocked("the address must begin with https://"));
    }
    let port = url.port_or_known_default().unwrap_or(HTTPS_PORT);
    if port != HTTPS_PORT && (port < FIRST_FREE_PORT || SERVICE_PORTS.contains(&port)) {
        return Err(blocked(&format!("port {port} is not one of a web server")));
    }
    if !is_public_host(host) {
        return Err(blocked(&format!("{host} is not a public address")));
    }
    Ok(())
}

/// Without a dot a name belongs to the local network; `localhost` and what is below it, to this machine.
fn is_public_host(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => is_public(address),
        Err(_) => host.contains('.') && !host.ends_with(".localhost"),
    }
}

/// A name without the dot of its root: `localhost.` is `localhost`.
fn bare(host: &str) -> &str {
    host.trim_end_matches('.')
}

fn blocked(why: &str) -> HttpError {
    HttpError::Blocked(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(allowed: &[&str]) -> Gate {
        Gate::Guarded(allowed.iter().map(|entry| entry.parse().unwrap()).collect())
    }

    fn check(gate: &Gate, url: &str) -> Option<Pass> {
        gate.check(&Url::parse(url).unwrap()).ok()
    }

    #[test]
    fn public_hosts_pass_and_are_resolved_to_public_addresses() {
        for url in [
            "https://api.xero.com/api.xro/2.0",
            "https://example.xentral.biz",
            "https://example.com.",
            "https://example.com:8443",
            "https://1.1.1.1",
            "https://[2606:4700::1111]",
            "https://xn--mller-kva.example",
        ] {
            assert_eq!(check(&guarded(&[]), url), Some(Pass::PublicOnly), "{url}");
        }
    }

    #[test]
    fn no_spelling_of_a_private_address_passes() {
        for url in [
            "https://127.0.0.1",
            "https://0.0.0.0",
            "https://0",
            "https://127.1",
            "https://0x7f.1",
            "https://0x7f000001",
            "https://2130706433",
            "https://017700000001",
            "https://0177.0.0.1",
            "https://127.0.0.1.",
            "https://%31%32%37.0.0.1",
            "https://１２７.0.0.1",
            "https://127。0。0。1",
            "https://①②⑦.⓪.⓪.①",
            "https://[::1]",
            "https://[::]",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[::ffff:127.0.0.1]",
            "https://[::ffff:7f00:1]",
            "https://[::127.0.0.1]",
            "https://[64:ff9b::127.0.0.1]",
            "https://[2002:7f00:1::]",
            "https://169.254.169.254",
            "https://10.0.0.1",
            "https://172.16.0.1",
            "https://192.168.1.1",
            "https://100.64.0.1",
            "https://[fc00::1]",
            "https://[fe80::1]",
            "https://224.0.0.1",
            "https://255.255.255.255",
            "https://localhost",
            "https://LOCALHOST",
            "https://localhost.",
            "https://localhost..",
            "https://ｌｏｃａｌｈｏｓｔ",
            "https://a.localhost",
            "https://a.localhost.",
            "https://intranet",
            "https://metadata",
            "https://loc\talhost",
        ] {
            assert_eq!(check(&guarded(&[]), url), None, "{url}");
        }
    }

    #[test]
    fn no_other_scheme_user_or_port_passes() {
        for url in [
            "http://example.com",
            "file:///etc/passwd",
            "file://example.com/x",
            "gopher://example.com",
            "ftp://example.com",
            "ws://example.com",
            "data:text/plain,x",
            "javascript:alert(1)",
            "unix:/run/x.sock",
            "https://user@example.com",
            "https://user:pass@example.com",
            "https://:pass@example.com",
            "https://example.com:22",
            "https://example.com:25",
            "https://example.com:80",
            "https://example.com:5432",
            "https://example.com:6379",
            "https://example.com:0",
        ] {
            assert_eq!(check(&guarded(&[]), url), None, "{url}");
        }
        // What stands before the @ is no host.
        assert_eq!(check(&guarded(&["example.com"]), "https://example.com@127.0.0.1"), None);
    }

    #[test]
    fn an_allowed_host_passes_on_its_port_only() {
        let gate = guarded(&["localhost:8080", "Books.Example", "[::1]:81", "127.0.0.1:80", "10.1.2.3:443"]);
        for url in [
            "http://localhost:8080/x",
            "https://localhost:8080",
            "http://localhost.:8080",
            "http://books.example",
            "https://books.example:5432",
            "http://[::1]:81",
            "http://127.0.0.1",
            "http://127.1",
            "https://10.1.2.3",
        ] {
            assert_eq!(check(&gate, url), Some(Pass::Anywhere), "{url}");
        }
        for url in [
            "http://localhost",
            "http://localhost:8081",
            "http://a.books.example",
            "http://books.example.com",
            "http://[::1]",
            "https://127.0.0.1",
            "http://10.1.2.3",
            "http://user@books.example",
            "ftp://books.example",
        ] {
            assert_eq!(check(&gate, url), None, "{url}");
        }
    }

    #[test]
    fn an_allowed_host_and_port_does_not_open_the_hosts_other_ports() {
        let gate = guarded(&["books.example:8080"]);
        assert_eq!(check(&gate, "https://books.example"), Some(Pass::PublicOnly), "the name is still only resolved to public addresses");
    }

    #[test]
    fn an_allowed_host_is_a_host_and_perhaps_a_port() {
        for text in [
            "",
            " ",
            "https://example.com",
            "example.com/path",
            "user@example.com",
            "example.com:99999",
            "example.com:x",
            "a b",
            "a?b",
            "*",
        ] {
            let read: Result<AllowedHost, _> = text.parse();
            if text == "*" {
                assert_eq!(check(&Gate::Guarded(read.into_iter().collect()), "http://localhost"), None, "a star is no wildcard");
            } else {
                assert_eq!(read, Err(SetupError::BadHost(text.into())));
            }
        }
    }

    #[test]
    fn the_operators_addresses_pass_but_for_users_and_odd_schemes() {
        for url in ["http://127.0.0.1:9000", "https://localhost", "http://intranet/x"] {
            assert_eq!(check(&Gate::Open, url), Some(Pass::Anywhere), "{url}");
        }
        for url in ["https://user:pass@example.com", "file:///etc/passwd", "gopher://example.com"] {
            assert_eq!(check(&Gate::Open, url), None, "{url}");
        }
    }
}
