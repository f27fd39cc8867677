//! Lists of GO: numbers as its filters take them, and lists read to their end.

use std::collections::BTreeSet;

use domain::port::SourceError;
use serde_json::value::RawValue;

use super::super::client::Client;

/// Records of one page of a list.
pub const PAGE_SIZE: usize = 1_000;

/// Longest list of numbers in an address, in characters as encoded: addresses of two thousand pass everywhere.
const MAX_LIST: usize = 1_500;

/// Most numbers of one list, so that one page answers it.
const MAX_NUMBERS: usize = PAGE_SIZE;

/// Most pages of one list that is read to its end: a list beyond is none that its filter should give.
const MAX_PAGES: usize = 1_000;

/// Writes numbers as GO's filters take them, neighbours as ranges, in as few lists as fit.
pub fn lists(numbers: &BTreeSet<i64>) -> Vec<String> {
    let (mut lists, mut list, mut held, mut width) = (Vec::new(), String::new(), 0, 0);
    for (first, last) in runs(numbers) {
        let count = usize::try_from(last - first + 1).unwrap_or(MAX_NUMBERS);
        let item = if first == last { first.to_string() } else { format!("{first}-{last}") };
        if held > 0 && (held + count > MAX_NUMBERS || width + item.len() + 3 > MAX_LIST) {
            lists.push(std::mem::take(&mut list));
            (held, width) = (0, 0);
        }
        if held > 0 {
            list.push(',');
        }
        list.push_str(&item);
        held += count;
        // A comma takes three characters in an address.
        width += item.len() + 3;
    }
    if held > 0 {
        lists.push(list);
    }
    lists
}

/// Runs of neighbours, none longer than a page. A range wants a number of at least zero: a minus sign would be read as one.
fn runs(numbers: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &number in numbers.iter().filter(|number| **number >= 0) {
        match runs.last_mut() {
            Some((first, last)) if *last + 1 == number && number - *first < 1_000 => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

impl Client {
    /// Reads a list to its end, in a fixed order; without one for what fits a page.
    pub async fn all(&self, segments: &[&str], query: &[(&str, &str)], order: &str) -> Result<Vec<Box<RawValue>>, SourceError> {
        let size = PAGE_SIZE.to_string();
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let number = page.to_string();
            let paging = [("PageNumber", number.as_str()), ("PageSize", size.as_str()), ("OrderBy", order)];
            let paging = if order.is_empty() { &paging[..2] } else { &paging[..] };
            let got = self.list(segments, &[query, paging].concat()).await?;
            let full = got.len() >= PAGE_SIZE;
            all.extend(got);
            if !full {
                return Ok(all);
            }
        }
        Err(SourceError::Broken(format!("PowerOffice GO, {}: the list does not end", segments.join("/"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_ranges_and_lists_stay_short() {
        assert!(lists(&BTreeSet::new()).is_empty());
        assert_eq!(lists(&BTreeSet::from([5, 7, 8, 9, 11])), ["5,7-9,11"]);
        let odd: BTreeSet<i64> = (0..3_000).map(|number| 10_001 + 2 * number).collect();
        let written = lists(&odd);
        assert!(written.iter().all(|list| list.len() + 2 * list.matches(',').count() <= MAX_LIST), "as encoded");
        let read: BTreeSet<i64> = written.iter().flat_map(|list| list.split(',')).map(|number| number.parse().unwrap()).collect();
        assert_eq!(read, odd);
    }

    #[test]
    fn no_list_is_answered_by_more_than_a_page() {
        assert_eq!(lists(&(1..=2_500).collect()), ["1-1000", "1001-2000", "2001-2500"]);
        assert_eq!(lists(&BTreeSet::from([-3, 4])), ["4"], "a minus sign would be read as a range");
    }
}
