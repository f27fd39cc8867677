//! What a pack must keep besides its shape: every number has its ground, times do not overlap, sums rise.

use chrono::NaiveDate;

use super::pack::{Ground, Pack, Standing};

/// What is wrong with a pack, in words; empty when it is sound.
pub(super) fn check(pack: &Pack) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |wrong: bool, what: &str| {
        if wrong {
            faults.push(what.to_owned());
        }
    };
    fault(!pack.revision.starts_with(&format!("{}-", pack.country)), "the revision does not begin with the country");
    for (what, ground) in grounds(pack) {
        fault(ground.standing != Standing::Ours && !sourced(&ground.source), &format!("{what} has no source"));
        fault(ground.standing == Standing::Proposed && what != "note", &format!("{what} is not in force"));
        fault(ground.from.zip(ground.last).is_some_and(|(from, last)| from > last), &format!("{what} ends before it begins"));
    }
    for rule in &pack.contact {
        let sound = rule.windows.iter().all(|w| w.from < w.to && !w.weekdays.is_empty() && w.weekdays.iter().all(|d| (1..=7).contains(d)));
        fault(!sound || rule.windows.is_empty(), "a window of contact is empty");
    }
    let rates = &pack.interest.rates;
    fault(rates.iter().any(|row| !sourced(std::slice::from_ref(&row.source))), "a rate has no source");
    fault(overlap(rates.iter().map(|row| (Some(row.from), Some(row.last)))), "rates overlap or are out of order");
    fault(
        rates.is_empty() != (pack.interest.margin_ppm == super::pack::Charged::default()),
        "rates without margins or margins without rates",
    );
    for rule in &pack.fee {
        fault(overlap(rule.amounts.iter().map(|row| (Some(row.from), row.last))), "fees overlap or are out of order");
        fault(rule.amounts.iter().any(|row| row.minor <= 0 || !sourced(std::slice::from_ref(&row.source))), "a fee has no sum or source");
    }
    for rule in &pack.fixed_sum {
        fault(overlap(rule.amounts.iter().map(|row| (row.from, row.last))), "fixed sums overlap or are out of order");
        for row in &rule.amounts {
            let rising = row.tiers.windows(2).all(|pair| pair[0].from_minor < pair[1].from_minor && pair[0].minor < pair[1].minor);
            let whole = row.tiers.first().is_some_and(|tier| tier.from_minor == 0 && tier.minor > 0);
            fault(!rising || !whole || !sourced(std::slice::from_ref(&row.source)), "a fixed sum has gaps or no source");
        }
    }
    for rule in &pack.forbidden_words {
        fault(!rule.is_sound(), "forbidden words of a language without wording, none at all, or one that nothing can match");
    }
    let [a, b, c] = pack.settlement.order;
    fault(a == b || b == c || a == c, "a part is settled twice");
    faults
}

/// Whether there are pages, and each is an address.
fn sourced(pages: &[String]) -> bool {
    !pages.is_empty() && pages.iter().all(|page| page.starts_with("https://"))
}

/// Whether times overlap or stand out of order.
fn overlap(times: impl Iterator<Item = (Option<NaiveDate>, Option<NaiveDate>)>) -> bool {
    let times: Vec<_> = times.collect();
    let backwards = times.iter().any(|(from, last)| from.zip(*last).is_some_and(|(from, last)| from > last));
    backwards || times.windows(2).any(|pair| pair[0].1.zip(pair[1].0).is_none_or(|(last, from)| last >= from))
}

/// The grounds of all rules, each with what it is the ground of.
pub(super) fn grounds(pack: &Pack) -> impl Iterator<Item = (&'static str, &Ground)> {
    let single = [("interest", &pack.interest.ground), ("settlement", &pack.settlement.ground)];
    single
        .into_iter()
        .chain(pack.contact.iter().map(|rule| ("contact", &rule.ground)))
        .chain(pack.notice.iter().map(|rule| ("notice", &rule.ground)))
        .chain(pack.fee.iter().map(|rule| ("fee", &rule.ground)))
        .chain(pack.fixed_sum.iter().map(|rule| ("fixed sum", &rule.ground)))
        .chain(pack.contents.iter().map(|rule| ("contents", &rule.ground)))
        .chain(pack.forbidden_words.iter().map(|rule| ("forbidden words", &rule.ground)))
        .chain(pack.announcement.iter().map(|rule| ("announcement", &rule.ground)))
        .chain(pack.limitation.iter().map(|rule| ("limitation", &rule.ground)))
        .chain(pack.retention.iter().map(|rule| ("retention", &rule.ground)))
        .chain(pack.sms_sender.iter().map(|rule| ("sms sender", &rule.ground)))
        .chain(pack.note.iter().map(|rule| ("note", &rule.ground)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::pack;

    #[test]
    fn a_number_without_its_page_is_found() {
        let mut bad = pack("NO").unwrap().clone();
        assert_eq!(check(&bad), [""; 0]);
        bad.interest.rates[0].source.clear();
        bad.contact[0].ground.source.clear();
        assert_eq!(check(&bad), ["contact has no source", "a rate has no source"]);
    }

    #[test]
    fn a_rate_for_a_day_that_has_one_is_found() {
        let mut bad = pack("DE").unwrap().clone();
        bad.interest.rates[1].last = bad.interest.rates[2].from;
        assert_eq!(check(&bad), ["rates overlap or are out of order"]);
    }

    #[test]
    fn what_is_proposed_is_no_rule() {
        let mut bad = pack("NO").unwrap().clone();
        bad.contact[0].ground.standing = Standing::Proposed;
        assert_eq!(check(&bad), ["contact is not in force"]);
        assert_eq!(bad.contact_on("2026-11-22".parse().unwrap()), None);
    }
}
