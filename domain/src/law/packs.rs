//! The packs that this program carries, with what its operator adds: fixed once, before anything asks for them.

use std::sync::OnceLock;

use super::{
    added::{BadFigures, add},
    check::check,
    pack::Pack,
};

const SOURCES: [(&str, &str); 5] = [
    ("AU", include_str!("packs/au.toml")),
    ("DE", include_str!("packs/de.toml")),
    ("GB", include_str!("packs/gb.toml")),
    ("NO", include_str!("packs/no.toml")),
    ("NZ", include_str!("packs/nz.toml")),
];

static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();

pub(super) fn built_in() -> Vec<Pack> {
    SOURCES.iter().map(|(country, text)| read(country, text)).collect()
}

/// Adds an operator's figures (TOML, see `law/added.rs`) to the packs of this process, for its whole life: at its start,
/// before any decision. Every process of a database must be given the same. Returns how many figures are new.
///
/// # Errors
///
/// Figures that do not fit, named; or packs that were asked already without them.
pub fn extend(figures: &str) -> Result<usize, BadFigures> {
    let mut packs = built_in();
    let added = add(&mut packs, figures)?;
    if *PACKS.get_or_init(|| packs.clone()) == packs { Ok(added) } else { Err(BadFigures(vec!["the packs are in use already".into()])) }
}

/// The packs are part of the program: one that cannot be read must not collect by no rules at all, so the program
/// stops. A test reads them all.
#[expect(clippy::panic, reason = "a broken pack is a broken build; going on without law would be worse")]
fn read(country: &str, text: &str) -> Pack {
    let pack: Pack = toml::from_str(text).unwrap_or_else(|error| panic!("the rule pack of {country}: {error}"));
    let faults = check(&pack);
    assert!(faults.is_empty() && pack.country == country, "the rule pack of {country}: {faults:?}");
    pack
}

/// The rules of a country; none where this program knows none.
pub fn pack(country: &str) -> Option<&'static Pack> {
    packs().iter().find(|pack| pack.country == country)
}

/// All packs, by country.
pub fn packs() -> &'static [Pack] {
    PACKS.get_or_init(built_in)
}

/// The edition that a decision stores: `none` where there is no pack.
pub fn revision(country: &str) -> &'static str {
    pack(country).map_or("none", |pack| &pack.revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_is_read_and_sound() {
        assert_eq!(packs().iter().map(|pack| pack.country.as_str()).collect::<Vec<_>>(), ["AU", "DE", "GB", "NO", "NZ"]);
        assert_eq!(revision("NO"), "NO-2026-11-22");
        assert_eq!(revision("FR"), "none");
        assert_eq!(pack("no"), None);
    }
}
