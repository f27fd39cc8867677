//! What is printed at start: what was opened and where.

use crate::{
    config::{Config, PostProvider},
    start::Started,
};

/// Prints it.
pub fn print(config: &Config, started: &Started, url: &str, more: &[(&str, String)]) {
    let channel = |set: bool| if set { "provider" } else { "outbox folder" };
    println!("dunwell {} is up", env!("CARGO_PKG_VERSION"));
    let mut lines = vec![("API", format!("{url}/graphql")), ("live", format!("{url}/graphql/stream (SSE), WebSocket on /graphql"))];
    if config.graphiql {
        lines.push(("GraphiQL", format!("{url}/graphiql")));
    }
    lines.push(("database", started.database.clone()));
    lines.push(("data folder", config.data.display().to_string()));
    lines.push(("e-mail", channel(config.smtp.is_some()).into()));
    lines.push(("SMS", channel(config.twilio.is_some()).into()));
    lines.push(("post", channel(config.post.provider != PostProvider::None).into()));
    for (name, value) in lines.iter().map(|(n, v)| (*n, v.as_str())).chain(more.iter().map(|(n, v)| (*n, v.as_str()))) {
        println!("  {name:<12} {value}");
    }
    println!("  stop with Ctrl-C");
}
