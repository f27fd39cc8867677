//! By which ways a debtor can be reached: syntax of addresses and numbers, before any provider is asked.

use std::str::FromStr;

use entity::{Channel, debtor};
use phonenumber::{Mode, PhoneNumber, Type, country};

use super::{Home, Unusable};
use crate::letter::recipient_of;

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
    mobile(number, debtor_country, tenant_country).map(|parsed| e164(&parsed))
}

/// The same, when the creditor's short messages also go to the number's country.
///
/// # Errors
///
/// A sentence for people.
pub fn sms_usable(number: &str, debtor_country: Option<&str>, home: &Home) -> Result<String, String> {
    let parsed = mobile(number, debtor_country, &home.country)?;
    let country = parsed.country().id().map(|id| id.as_ref().to_owned());
    match country.filter(|country| home.reaches(country)) {
        Some(_) => Ok(e164(&parsed)),
        None => Err("short messages do not go to the number's country unless the settings allow it".into()),
    }
}

fn e164(number: &PhoneNumber) -> String {
    number.format().mode(Mode::E164).to_string()
}

fn mobile(number: &str, debtor_country: Option<&str>, tenant_country: &str) -> Result<PhoneNumber, String> {
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
        _ => Ok(parsed),
    }
}

/// Whether there is a postal address: a street, a town and a country line of their own.
pub fn address_usable(debtor: &debtor::Model) -> bool {
    let given = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
    given(&debtor.line1) && given(&debtor.city)
}

/// Where a debtor is reached by one way, as far as its data tells: e-mail address, number in E.164, or the postal
/// address in one line.
pub fn contact(channel: Channel, debtor: &debtor::Model, home: &Home) -> Option<String> {
    match channel {
        Channel::Email => debtor.email.clone().filter(|address| email_usable(address)),
        Channel::Sms => debtor.phone.as_deref().and_then(|phone| sms_usable(phone, debtor.country.as_deref(), home).ok()),
        Channel::Post => address_usable(debtor).then(|| {
            let window = recipient_of(debtor, &home.country);
            std::iter::once(window.name).chain(window.address_lines).chain([window.country]).collect::<Vec<_>>().join(", ")
        }),
    }
}

/// The ways by which a debtor can be reached, as far as its data tells and nothing said that an address is of no use.
pub fn reachable(debtor: &debtor::Model, home: &Home, unusable: &Unusable) -> Vec<Channel> {
    let usable = |channel: &Channel| contact(*channel, debtor, home).is_some_and(|address| unusable.of(*channel, &address).is_none());
    [Channel::Email, Channel::Sms, Channel::Post].into_iter().filter(usable).collect()
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
        let home = Home { country: "NZ".into(), sms_countries: vec!["NO".into()] };
        assert_eq!(sms_usable("021 123 4567", None, &home).as_deref(), Ok("+64211234567"));
        assert_eq!(sms_usable("406 12 345", Some("NO"), &home).as_deref(), Ok("+4740612345"));
        assert!(sms_usable("0151 23456789", Some("DE"), &home).is_err_and(|why| why.contains("country")));
        assert!(sms_usable("+1 809 234 5678", Some("US"), &home).is_err(), "+1 is many countries");
        for bad in ["+49 900 1234567", "+881 6 1234 5678", "12", "not a number", "+64 9 123 4567 89 12", "", "0900 12345"] {
            assert!(phone_usable(bad, Some("NZ"), "NZ").is_err(), "{bad:?}");
        }
    }
}
