//! Twilio's signature: base64 of HMAC-SHA1 over the address as it was called, and of a form also all of its fields,
//! sorted by name, name and value without anything between them. Of a JSON body the address holds the SHA-256
//! (<https://www.twilio.com/docs/usage/security>).

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use url::Url;

/// The field of the address that holds the body's hash.
const BODY_HASH: &str = "bodySHA256";

/// Whether a call was signed with the token.
pub(super) fn is_signed(token: &str, url: &str, body: &[u8], signature: Option<&str>) -> bool {
    let Some(told) = signature.and_then(|text| STANDARD.decode(text.trim()).ok()) else { return false };
    let Ok(parsed) = Url::parse(url) else { return false };
    // Without a token anybody could sign.
    if token.is_empty() {
        return false;
    }
    let hash = parsed.query_pairs().find(|(name, _)| name == BODY_HASH).map(|(_, value)| value.into_owned());
    let fields = match hash {
        Some(hash) if !is_hash(&hash, body) => return false,
        Some(_) => String::new(),
        None => fields(body),
    };
    spellings(&parsed, url).iter().any(|spelling| {
        let Ok(mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else { return false };
        mac.chain_update(spelling).chain_update(&fields).verify_slice(&told).is_ok()
    })
}

/// The form's fields, sorted; of one that comes several times each value once, sorted.
fn fields(body: &[u8]) -> String {
    let mut sorted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        sorted.entry(name.into_owned()).or_default().insert(value.into_owned());
    }
    sorted.iter().flat_map(|(name, values)| values.iter().map(move |value| format!("{name}{value}"))).collect()
}

/// The signature over the address that holds it is what is secret, not the hash.
fn is_hash(hash: &str, body: &[u8]) -> bool {
    let told: Option<Vec<u8>> =
        hash.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    told.is_some_and(|told| told == Sha256::digest(body).as_slice())
}

/// The address with and without its port: Twilio signs now one, now the other.
fn spellings(parsed: &Url, url: &str) -> Vec<String> {
    let mut found = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return found };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let Some(port) = parsed.port_or_known_default() else { return found };
    match authority.strip_suffix(&format!(":{port}")) {
        Some(bare) => found.push(format!("{scheme}://{bare}{path}")),
        None => found.push(format!("{scheme}://{authority}:{port}{path}")),
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const FORM: &str = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212";
    const SIGNED: &str = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";

    fn sign(token: &str, text: &str) -> String {
        STANDARD.encode(Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap().chain_update(text).finalize().into_bytes())
    }

    #[test]
    fn the_documented_form_is_believed_and_nothing_near_it() {
        assert!(is_signed("12345", URL, FORM.as_bytes(), Some(SIGNED)));
        let shuffled: Vec<&str> = FORM.split('&').rev().collect();
        assert!(is_signed("12345", URL, shuffled.join("&").as_bytes(), Some(SIGNED)), "sorted by name");
        for (token, url, body, signature) in [
            ("12346", URL, FORM, Some(SIGNED)),
            ("", URL, FORM, Some(SIGNED)),
            ("12345", "https://mycompany.com/myapp.php?foo=1&bar=3", FORM, Some(SIGNED)),
            ("12345", URL, "Digits=1234", Some(SIGNED)),
            ("12345", URL, FORM, Some("")),
            ("12345", URL, FORM, Some("not base64")),
            ("12345", URL, FORM, None),
            ("12345", "nonsense", FORM, Some(SIGNED)),
        ] {
            assert!(!is_signed(token, url, body.as_bytes(), signature), "{token} {url} {body} {signature:?}");
        }
    }

    #[test]
    fn a_port_in_the_address_may_be_signed_or_not() {
        let with = sign("12345", "https://mycompany.com:443/x?a=1Digits1");
        let without = sign("12345", "https://mycompany.com/x?a=1Digits1");
        for url in ["https://mycompany.com/x?a=1", "https://mycompany.com:443/x?a=1"] {
            assert!(is_signed("12345", url, b"Digits=1", Some(&with)), "{url}");
            assert!(is_signed("12345", url, b"Digits=1", Some(&without)), "{url}");
        }
        let odd = sign("12345", "https://mycompany.com:8443/x");
        assert!(is_signed("12345", "https://mycompany.com:8443/x", b"", Some(&odd)));
        assert!(!is_signed("12345", "https://mycompany.com/x", b"", Some(&odd)), "another port is another address");
    }

    #[test]
    fn a_field_that_repeats_counts_once_for_each_value() {
        let signature = sign("12345", "https://a.example/xMediaUrl1Url2");
        assert!(!is_signed("12345", "https://a.example/x", b"Media=Url2&Media=Url1", Some(&signature)));
        let signature = sign("12345", "https://a.example/xMediaUrl1MediaUrl2");
        assert!(is_signed("12345", "https://a.example/x", b"Media=Url2&Media=Url1&Media=Url2", Some(&signature)));
    }

    #[test]
    fn of_a_json_body_the_address_holds_the_hash() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{URL}&bodySHA256={hash}");
        let signature = sign("12345", &url);
        assert_eq!(signature, "a9nBmqA0ju/hNViExpshrM61xv4=", "the provider's own vector");
        assert!(is_signed("12345", &url, body, Some(&signature)));
        assert!(!is_signed("12345", &url, b"{}", Some(&signature)), "another body");
        assert!(!is_signed("12345", URL, body, Some(&signature)));
    }
}
