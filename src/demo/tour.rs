//! The tour of the README as GraphiQL's tabs: the same five operations, ready to run.

use crate::pages::graphiql::{Settings, Tab};

/// The operations, in order; the README shows the same files.
const TABS: [(&str, &str); 5] = [
    ("1 Proposals", include_str!("tour/1-proposals.graphql")),
    ("2 Approve", include_str!("tour/2-approve.graphql")),
    ("3 Watch", include_str!("tour/3-watch.graphql")),
    ("4 A week later", include_str!("tour/4-a-week-later.graphql")),
    ("5 Payment", include_str!("tour/5-payment.graphql")),
];

/// GraphiQL with the tour, signed in as the first tenant's owner.
pub fn graphiql(token: &str) -> Settings {
    Settings {
        token: Some(token.to_owned()),
        tabs: TABS.iter().map(|(name, query)| Tab { name: (*name).to_owned(), query: (*query).to_owned(), variables: None }).collect(),
    }
}
