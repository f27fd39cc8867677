//! Addresses as Lob wants them: lengths, the state and the ZIP code of the United States, and what identifies a place
//! elsewhere. What does not fit is refused before it is sent: an envelope with half an address comes back.

use domain::port::{Postal, PostalParts, SendError};

use super::{LobSender, rejected};

/// Characters of a name, and of both address lines together within the United States, at most.
const MAX_NAME: usize = 40;
const MAX_LINES: usize = 50;

/// Characters of a line elsewhere at most.
const MAX_LINE: usize = 200;

/// The fields of an address.
pub(super) type Fields = Vec<(&'static str, String)>;

/// The fields of the recipient.
pub(super) fn recipient(postal: &Postal) -> Result<Fields, SendError> {
    let gone = || rejected("ADDRESS_CHANGED", "the debtor's address changed since the letter was written");
    let parts = postal.parts.as_ref().ok_or_else(gone)?;
    let mut fields = name(&postal.name)?;
    if postal.country == "US" {
        domestic(parts, &mut fields)?;
    } else {
        abroad(parts, &postal.country, &mut fields)?;
    }
    Ok(fields)
}

/// The fields of the sender.
pub(super) fn sender(sender: &LobSender) -> Fields {
    let mut fields = vec![("name", sender.name.clone()), ("address_line1", sender.line1.clone())];
    fields.extend(sender.line2.clone().map(|line2| ("address_line2", line2)));
    fields.extend([("address_city", sender.city.clone()), ("address_state", sender.state.clone()), ("address_zip", sender.zip.clone())]);
    fields.push(("address_country", "US".into()));
    fields
}

/// Whether a sender is one that Lob takes.
pub(super) fn is_sender(sender: &LobSender) -> bool {
    let given = [&sender.name, &sender.line1, &sender.city].into_iter().all(|text| !text.trim().is_empty());
    let state = sender.state.len() == 2 && sender.state.bytes().all(|byte| byte.is_ascii_alphabetic());
    given && sender.name.chars().count() <= MAX_NAME && state && is_zip(&sender.zip)
}

/// A name of up to two lines; the second is the field for companies, which Lob prints below the first.
fn name(name: &str) -> Result<Fields, SendError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() <= MAX_NAME {
        return Ok(vec![("name", name)]);
    }
    let breaks = name.char_indices().enumerate().filter(|(at, (_, char))| *at <= MAX_NAME && *char == ' ').last();
    let (first, second) = breaks.map_or((name.as_str(), ""), |(_, (at, _))| name.split_at(at));
    let second = second.trim_start();
    if second.is_empty() || second.chars().count() > MAX_NAME {
        return Err(rejected("ADDRESS_REFUSED", "the name does not fit on two lines of 40 characters"));
    }
    Ok(vec![("name", first.to_owned()), ("company", second.to_owned())])
}

fn domestic(parts: &PostalParts, fields: &mut Fields) -> Result<(), SendError> {
    let incomplete = |what: &str| rejected("ADDRESS_INCOMPLETE", &format!("an address in the United States needs {what}"));
    let line2 = parts.line2.clone().unwrap_or_default();
    if parts.line1.chars().count() + line2.chars().count() > MAX_LINES {
        return Err(rejected("ADDRESS_REFUSED", "the two address lines have more than 50 characters"));
    }
    let state = parts.region.as_deref().and_then(state).ok_or_else(|| incomplete("a state"))?;
    let zip = parts.postal_code.as_deref().map(str::trim).filter(|zip| is_zip(zip)).ok_or_else(|| incomplete("a ZIP code"))?;
    fields.push(("address_line1", parts.line1.clone()));
    fields.extend((!line2.is_empty()).then_some(("address_line2", line2)));
    fields.extend([("address_city", parts.city.clone()), ("address_state", state), ("address_zip", zip.to_owned())]);
    fields.push(("address_country", "US".into()));
    Ok(())
}

/// Elsewhere a place is identified by its postal code, or else by town and region: Lob's description takes one of the two.
fn abroad(parts: &PostalParts, country: &str, fields: &mut Fields) -> Result<(), SendError> {
    let line2 = parts.line2.clone().unwrap_or_default();
    let town = [Some(parts.city.as_str()), parts.region.as_deref().filter(|region| *region != parts.city)];
    let with_region = town.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if [&parts.line1, &line2, &with_region].into_iter().any(|line| line.chars().count() > MAX_LINE) {
        return Err(rejected("ADDRESS_REFUSED", "a line of the address is too long"));
    }
    fields.push(("address_line1", parts.line1.clone()));
    fields.extend((!line2.is_empty()).then_some(("address_line2", line2)));
    match (&parts.postal_code, &parts.region) {
        (Some(code), _) => fields.extend([("address_city", with_region), ("address_zip", code.clone())]),
        (None, Some(region)) => fields.extend([("address_city", parts.city.clone()), ("address_state", region.clone())]),
        (None, None) => return Err(rejected("ADDRESS_INCOMPLETE", "an address abroad needs a postal code or a region")),
    }
    fields.push(("address_country", country.to_owned()));
    Ok(())
}

fn is_zip(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        Some((five, four)) => digits(five, 5) && digits(four, 4),
        None => digits(text, 5),
    }
}

/// Two letters, from two letters or the state's name.
fn state(text: &str) -> Option<String> {
    let text = text.trim();
    let code = STATES.iter().find(|(code, name)| code.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text));
    code.map(|(code, _)| (*code).to_owned())
}

/// The states, the federal district and Puerto Rico by the codes of the postal service (USPS Publication 28, appendix B).
const STATES: [(&str, &str); 52] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DC", "District of Columbia"),
    ("DE", "Delaware"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("IA", "Iowa"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("MA", "Massachusetts"),
    ("MD", "Maryland"),
    ("ME", "Maine"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MO", "Missouri"),
    ("MS", "Mississippi"),
    ("MT", "Montana"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("NE", "Nebraska"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NV", "Nevada"),
    ("NY", "New York"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VA", "Virginia"),
    ("VT", "Vermont"),
    ("WA", "Washington"),
    ("WI", "Wisconsin"),
    ("WV", "West Virginia"),
    ("WY", "Wyoming"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> PostalParts {
        PostalParts {
            line1: "210 King St".into(),
            line2: None,
            postal_code: Some("94107".into()),
            city: "San Francisco".into(),
            region: Some("california".into()),
        }
    }

    fn of(country: &str, parts: PostalParts) -> Result<Fields, SendError> {
        recipient(&Postal { name: "Harry Zhang".into(), country: country.into(), parts: Some(parts) })
    }

    fn code(outcome: Result<Fields, SendError>) -> String {
        match outcome {
            Err(SendError::Rejected { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_in_the_united_states_has_its_state_by_two_letters() {
        let fields = of("US", parts()).unwrap();
        assert!(fields.contains(&("address_state", "CA".into())) && fields.contains(&("address_zip", "94107".into())));
        assert_eq!(code(of("US", PostalParts { region: None, ..parts() })), "ADDRESS_INCOMPLETE");
        assert_eq!(code(of("US", PostalParts { region: Some("Bavaria".into()), ..parts() })), "ADDRESS_INCOMPLETE");
        assert_eq!(code(of("US", PostalParts { postal_code: Some("9410".into()), ..parts() })), "ADDRESS_INCOMPLETE");
        assert_eq!(code(of("US", PostalParts { line2: Some("x".repeat(40)), ..parts() })), "ADDRESS_REFUSED");
    }

    #[test]
    fn elsewhere_a_place_is_named_by_its_code_or_its_region_but_not_both() {
        let abroad = |postal_code: Option<&str>, region: Option<&str>| {
            let parts =
                PostalParts { postal_code: postal_code.map(Into::into), city: "Sydney".into(), region: region.map(Into::into), ..parts() };
            of("AU", parts)
        };
        let by_code = abroad(Some("2000"), Some("NSW")).unwrap();
        assert!(by_code.contains(&("address_city", "Sydney NSW".into())) && by_code.iter().all(|(name, _)| *name != "address_state"));
        let by_region = abroad(None, Some("NSW")).unwrap();
        assert!(by_region.contains(&("address_state", "NSW".into())) && by_region.iter().all(|(name, _)| *name != "address_zip"));
        assert_eq!(code(abroad(None, None)), "ADDRESS_INCOMPLETE");
    }

    #[test]
    fn a_long_name_takes_two_lines_and_a_longer_one_is_refused() {
        let long = "Wirtschaftsprüfungsgesellschaft Müller Lüdenscheidt und Partner";
        let fields = name(long).unwrap();
        assert_eq!(fields[0].1, "Wirtschaftsprüfungsgesellschaft Müller");
        assert_eq!(fields[1], ("company", "Lüdenscheidt und Partner".into()));
        assert!(name(&"x".repeat(41)).is_err() && name(&format!("a {}", "x".repeat(41))).is_err());
        assert_eq!(name(&"x".repeat(40)).unwrap().len(), 1);
    }

    #[test]
    fn an_address_that_changed_since_the_letter_is_not_printed() {
        assert_eq!(code(recipient(&Postal { name: "A".into(), country: "US".into(), parts: None })), "ADDRESS_CHANGED");
    }
}
