//! Queries as Xentral reads them: filters are deep objects in an array, `filter[0][key]=…&filter[0][op]=…`.

/// Names and values of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    filters: usize,
}

impl Query {
    /// Adds a parameter.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.pairs.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a parameter when there is a value.
    pub(super) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a condition on one value.
    pub(super) fn whose(self, key: &str, operator: &str, value: impl Into<String>) -> Self {
        let (next, at) = self.condition(key, operator);
        next.with(&format!("filter[{at}][value]"), value)
    }

    /// Adds the condition that a field has one of these values.
    pub(super) fn whose_is_in<'v>(self, key: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        let (next, at) = self.condition(key, "in");
        let name = format!("filter[{at}][value][]");
        values.into_iter().fold(next, |query, value| query.with(&name, value))
    }

    /// For the client.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn condition(mut self, key: &str, operator: &str) -> (Self, usize) {
        let at = self.filters;
        self.filters += 1;
        (self.with(&format!("filter[{at}][key]"), key).with(&format!("filter[{at}][op]"), operator), at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_numbered_deep_objects() {
        let query = Query::default()
            .whose_is_in("id", ["7", "9"])
            .whose("updatedAt", "greaterThan", "x")
            .with("perPage", "5")
            .with_some("cursor", None);
        let written: Vec<String> = query.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            written,
            [
                "filter[0][key]=id",
                "filter[0][op]=in",
                "filter[0][value][]=7",
                "filter[0][value][]=9",
                "filter[1][key]=updatedAt",
                "filter[1][op]=greaterThan",
                "filter[1][value]=x",
                "perPage=5",
            ]
        );
    }
}
