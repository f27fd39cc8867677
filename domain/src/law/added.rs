//! Figures that an operator adds to the packs between two releases: base rates, limits of fees, fixed sums. They have the
//! shape of the packs' own and are held to the same checks: each names the page that says so, none takes the place of one
//! that is there. Rules are not added, only the figures of rules.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    check::check,
    pack::{FeeAmount, Pack, RateRow, SumAmount},
};
use crate::digest::hex;

/// The highest base rate that is taken, in millionths a year: 36 %. Not law: a guard against a slip of the comma.
const MAX_PPM: u32 = 360_000;

/// The longest that a base rate is taken for, in days: they are set for half-years, some for years.
const MAX_DAYS: i64 = 366;

/// What an operator's file holds of one country.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Figures {
    /// Base rates.
    rates: Vec<RateRow>,
    /// Limits of the country's reminder fee.
    fees: Vec<FeeAmount>,
    /// The country's fixed sums.
    fixed_sums: Vec<SumAmount>,
}

/// What is wrong with an operator's figures, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct BadFigures(pub(super) Vec<String>);

/// Adds the figures to the packs; returns how many were not in them. One that is in them already, the same, is passed
/// over: a later release knows it too.
pub(super) fn add(packs: &mut [Pack], text: &str) -> Result<usize, BadFigures> {
    let read: BTreeMap<String, Figures> = toml::from_str(text).map_err(|error| BadFigures(vec![error.to_string()]))?;
    let (mut added, mut faults) = (0, Vec::new());
    for (country, figures) in read {
        match packs.iter_mut().find(|pack| pack.country == country) {
            Some(pack) => added += add_to(pack, figures, &mut faults),
            None => faults.push(format!("{country}: no pack of that country, by its code in capitals")),
        }
    }
    if faults.is_empty() { Ok(added) } else { Err(BadFigures(faults)) }
}

fn add_to(pack: &mut Pack, figures: Figures, faults: &mut Vec<String>) -> usize {
    let mut new = Vec::new();
    let mut fault = |what: String| faults.push(format!("{}: {what}", pack.country));
    for row in &figures.rates {
        if row.ppm > MAX_PPM || (row.last - row.from).num_days() > MAX_DAYS {
            fault(format!("the rate from {} is above {MAX_PPM} millionths or for more than {MAX_DAYS} days", row.from));
        }
    }
    merge(&mut pack.interest.rates, figures.rates, "rate", &mut new, &mut fault);
    match pack.fee.as_mut_slice() {
        [rule] => merge(&mut rule.amounts, figures.fees, "fee", &mut new, &mut fault),
        _ if figures.fees.is_empty() => {}
        _ => fault("no rule about fees that a limit belongs to".to_owned()),
    }
    match pack.fixed_sum.as_mut_slice() {
        [rule] => merge(&mut rule.amounts, figures.fixed_sums, "fixed sum", &mut new, &mut fault),
        _ if figures.fixed_sums.is_empty() => {}
        _ => fault("no rule about fixed sums that a sum belongs to".to_owned()),
    }
    check(pack).into_iter().for_each(fault);
    if !new.is_empty() {
        // What was decided by other figures bears another revision.
        let digest = Sha256::digest(new.join("\n"));
        pack.revision = format!("{}+{}", pack.revision, hex(&digest[..4]));
    }
    new.len()
}

/// A figure that holds for a time.
trait Dated: std::fmt::Debug {
    fn from(&self) -> Option<NaiveDate>;
    fn last(&self) -> Option<NaiveDate>;
    /// Says the same, whatever page says so.
    fn same(&self, other: &Self) -> bool;
    fn mark(&mut self);
}

fn merge<T: Dated>(into: &mut Vec<T>, figures: Vec<T>, what: &str, new: &mut Vec<String>, fault: &mut impl FnMut(String)) {
    for mut row in figures {
        if into.iter().any(|known| known.same(&row)) {
            continue;
        }
        let ends = |row: &T| row.last().unwrap_or(NaiveDate::MAX);
        if let Some(known) = into.iter().find(|known| known.from() <= Some(ends(&row)) && row.from() <= Some(ends(known))) {
            let day = |day: Option<NaiveDate>| day.map_or("ever".to_owned(), |day| day.to_string());
            fault(format!("the {what} from {} overlaps the one from {} that is there already", day(row.from()), day(known.from())));
        }
        row.mark();
        new.push(format!("{row:?}"));
        into.push(row);
    }
    into.sort_by_key(Dated::from);
}

impl Dated for RateRow {
    fn from(&self) -> Option<NaiveDate> {
        Some(self.from)
    }
    fn last(&self) -> Option<NaiveDate> {
        Some(self.last)
    }
    fn same(&self, other: &Self) -> bool {
        (self.from, self.last, self.ppm) == (other.from, other.last, other.ppm)
    }
    fn mark(&mut self) {
        self.by_operator = true;
    }
}

impl Dated for FeeAmount {
    fn from(&self) -> Option<NaiveDate> {
        Some(self.from)
    }
    fn last(&self) -> Option<NaiveDate> {
        self.last
    }
    fn same(&self, other: &Self) -> bool {
        (self.from, self.last, self.minor) == (other.from, other.last, other.minor)
    }
    fn mark(&mut self) {
        self.by_operator = true;
    }
}

impl Dated for SumAmount {
    fn from(&self) -> Option<NaiveDate> {
        self.from
    }
    fn last(&self) -> Option<NaiveDate> {
        self.last
    }
    fn same(&self, other: &Self) -> bool {
        (self.from, self.last, &self.tiers) == (other.from, other.last, &other.tiers)
    }
    fn mark(&mut self) {
        self.by_operator = true;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::packs::built_in;

    const HALF_YEAR: &str = r#"
        [DE]
        rates = [{ from = "2026-07-01", last = "2026-12-31", ppm = 12_700, source = "https://www.bundesbank.example/base-rate" }]
        [NO]
        fees = [{ from = "2026-01-01", last = "2026-12-31", minor = 3_700, source = "https://law.example/fee" }]
        fixed_sums = [{ from = "2026-07-01", last = "2026-12-31", tiers = [{ from_minor = 0, minor = 45_000 }], source = "https://law.example/sum" }]
    "#;

    fn of<'a>(packs: &'a [Pack], country: &str) -> &'a Pack {
        packs.iter().find(|pack| pack.country == country).unwrap()
    }

    #[test]
    fn figures_join_their_tables_marked_and_change_the_revision() {
        let mut packs = built_in();
        assert_eq!(add(&mut packs, HALF_YEAR), Ok(3));
        let german = of(&packs, "DE");
        let last = german.interest.rates.last().unwrap();
        assert_eq!((last.from.to_string().as_str(), last.ppm, last.by_operator), ("2026-07-01", 12_700, true));
        assert!(german.interest.rates[..german.interest.rates.len() - 1].iter().all(|row| !row.by_operator));
        assert!(german.revision.starts_with("DE-2026-11+") && german.revision.len() == 19, "{}", german.revision);
        assert_eq!((of(&packs, "NO").fee[0].amounts.len(), of(&packs, "NO").fixed_sum[0].amounts.last().unwrap().by_operator), (2, true));
        assert_eq!(of(&packs, "GB"), of(&built_in(), "GB"), "nothing was added there");
        // Another figure is another revision, the same one the same.
        let revision = |text: &str| {
            let mut packs = built_in();
            add(&mut packs, text).unwrap();
            of(&packs, "DE").revision.clone()
        };
        assert_eq!(revision(HALF_YEAR), german.revision);
        assert_ne!(revision(&HALF_YEAR.replace("12_700", "12_800")), german.revision);
    }

    #[test]
    fn a_figure_that_a_release_knows_by_now_is_passed_over() {
        let mut packs = built_in();
        let known = r#"[DE]
            rates = [{ from = "2026-01-01", last = "2026-06-30", ppm = 12_700, source = "https://elsewhere.example" }]"#;
        assert_eq!(add(&mut packs, known), Ok(0));
        assert_eq!(packs, built_in());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let row = |country: &str, from: &str, last: &str, ppm: &str, source: &str| {
            format!(r#"{country}.rates = [{{ from = "{from}", last = "{last}", ppm = {ppm}, source = "{source}" }}]"#)
        };
        let page = "https://law.example";
        for (text, says) in [
            (row("DE", "2026-04-01", "2026-09-30", "12_800", page), "DE: the rate from 2026-04-01 overlaps the one from 2026-01-01"),
            (row("DE", "2026-01-01", "2026-06-30", "12_800", page), "DE: the rate from 2026-01-01 overlaps the one from 2026-01-01"),
            (row("DE", "2026-07-01", "2026-12-31", "12_700", ""), "DE: a rate has no source"),
            (row("DE", "2026-07-01", "2026-12-31", "12_700", "a colleague"), "DE: a rate has no source"),
            (row("DE", "2026-07-01", "2026-12-31", "1_270_000", page), "DE: the rate from 2026-07-01 is above 360000 millionths"),
            (row("DE", "2026-07-01", "2036-12-31", "12_700", page), "or for more than 366 days"),
            (row("DE", "2026-12-31", "2026-07-01", "12_700", page), "DE: rates overlap or are out of order"),
            (row("DE", "2026-07-01", "2026-12-31", "-1", page), "ppm"),
            (row("DE", "2026-07-32", "2026-12-31", "1", page), "from"),
            (row("AU", "2026-07-01", "2026-12-31", "12_700", page), "AU: rates without margins"),
            (row("FR", "2026-07-01", "2026-12-31", "12_700", page), "FR: no pack of that country"),
            (r#"DE.fees = [{ from = "2026-07-01", minor = 500, source = "https://law.example" }]"#.to_owned(), "DE: no rule about fees"),
            ("DE.rate = []".to_owned(), "unknown field `rate`"),
            ("DE.rates = [{ by_operator = false }]".to_owned(), "unknown field `by_operator`"),
            ("not a table".to_owned(), "TOML"),
        ] {
            let error = add(&mut built_in(), &text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
