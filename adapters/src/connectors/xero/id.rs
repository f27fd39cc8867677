//! Xero's ids are UUIDs. Whatever else comes as an id was never Xero's: it is not put into an address.

/// Whether a text is a UUID in its usual spelling.
pub(super) fn is_id(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut groups = text.split('-');
    let fits = |length: usize, group: &str| group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    GROUPS.iter().all(|length| groups.next().is_some_and(|group| fits(*length, group))) && groups.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_ids() {
        assert!(is_id("7ef31b20-de17-4312-8382-412f869b1510"));
        assert!(is_id("7EF31B20-DE17-4312-8382-412F869B1510"));
        for text in [
            "",
            "INV-0001",
            "../Contacts",
            "7ef31b20de1743128382412f869b1510",
            "7ef31b20-de17-4312-8382-412f869b1510-",
            "7ef31b20-de17-4312-8382-412f869b151x",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
