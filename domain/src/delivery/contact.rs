//! By which ways a debtor can be reached: syntax of addresses and numbers, before any provider is asked.

use std::str::FromStr;

use entity::{Channel, debtor};
use phonenumber::{Mode, Type, country};

/// Whether an e-mail address is a plain one that every server takes: one `@`, an unquoted local part of at most 64
/// ASCII characters, a domain of dotted labels, at most 254 in all (RFC 5321 § 4.5.3.1).
pub fn email_usable(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let dots = |s: &str| s.starts_with('.') || s.ends_with('.') || s.contains("..");
    address.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(atom)
        && !dots(local)
        && domain.contains('.')
        && domain.split('.').all(label)
        && domain.rsplit('.').next().is_some_and(|tld| tld.len() >= 2 && !tld.chars().all(|c| c.is_ascii_digit()))
}

/// Country codes that belong to no country (ITU-T E.164): freephone, shared cost, satellites, networks, premium rate.
const NO_COUNTRY: [u16; 9] = [800, 808, 870, 878, 881, 882, 883, 888, 979];

/// A phone number as E.164, when a short message may go there: possible in its country and not a premium, shared-cost
/// or short number, which would cost the creditor money (toll fraud).
///
/// # Errors
///
/// A sentence for people.
pub fn phone_usable(number: &str, debtor_country: Option<&str>, tenant_country: &str) -> Result<String, String> {
    let country = country::Id::from_str(debtor_country.unwrap_or(tenant_country)).ok();
    let parsed = phonenumber::parse(country, number).map_err(|_| "the phone number cannot be read".to_owned())?;
    if NO_COUNTRY.contains(&parsed.country().code()) {
        return Err("short messages do not go to satellite and international service numbers".into());
    }
    if !phonenumber::is_valid(&parsed) {
        return Err("the phone number does not exist in its country's plan".into());
    }
    match parsed.number_type(&phonenumber::metadata::DATABASE) {
        Type::PremiumRate | Type::SharedCost | Type::ShortCode | Type::TollFree | Type::Emergency | Type::StandardRate | Type::Carrier => {
            Err("short messages do not go to service numbers".into())
        }
        Type::FixedLine => Err("the phone number is a landline, which takes no short messages".into()),
        _ => Ok(parsed.format().mode(Mode::E164).to_string()),
    }
}

/// Whether there is a postal address: a street, a town and a country line of their own.
pub fn address_usable(debtor: &debtor::Model) -> bool {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
    given(&debtor.line1) && given(&debtor.city)
}

/// The ways by which a debtor can be reached, as far as its data tells.
pub fn reachable(debtor: &debtor::Model, tenant_country: &str) -> Vec<Channel> {
    let email = debtor.email.as_deref().is_some_and(email_usable);
    let phone = debtor.phone.as_deref().is_some_and(|phone| phone_usable(phone, debtor.country.as_deref(), tenant_country).is_ok());
    [(email, Channel::Email), (phone, Channel::Sms), (address_usable(debtor), Channel::Post)]
        .into_iter()
        .filter_map(|(possible, channel)| possible.then_some(channel))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_usable_and_tricks_are_not() {
        for good in ["a@b.nz", "accounts+nz@example.co.nz", "o'brien@example.com", "x_y@xn--bcher-kva.example"] {
            assert!(email_usable(good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b.nz",
            "a@",
            "a@b",
            "a@b..nz",
            ".a@b.nz",
            "a.@b.nz",
            "a b@c.nz",
            "a@b.nz\r\nBcc: x@y.nz",
            "\"a\"@b.nz",
            "a@b.nz,c@d.nz",
            "Name <a@b.nz>",
            "a@-b.nz",
            "a@b.1",
            "a@[127.0.0.1]",
            "ä@b.nz",
            "a@b@c.nz",
            &long,
        ] {
            assert!(!email_usable(bad), "{bad:?}");
        }
    }

    #[test]
    fn mobile_numbers_become_e164_and_costly_or_impossible_ones_are_refused() {
        assert_eq!(phone_usable("021 123 4567", Some("NZ"), "NZ").as_deref(), Ok("+64211234567"));
        assert_eq!(phone_usable("0151 23456789", None, "DE").as_deref(), Ok("+4915123456789"));
        assert_eq!(phone_usable("+47 406 12 345", Some("NZ"), "NZ").as_deref(), Ok("+4740612345"));
        for bad in ["+49 900 1234567", "+881 6 1234 5678", "12", "not a number", "+64 9 123 4567 89 12", "", "0900 12345"] {
            assert!(phone_usable(bad, Some("NZ"), "NZ").is_err(), "{bad:?}");
        }
    }
}
