//! The process that answers as the description says.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// It takes four seconds on a machine with nothing else to do.
const MOST_TO_START: Duration = Duration::from_mins(2);

/// Xero's own description, with the provider's licence in it.
pub const DESCRIPTION: &str = include_str!("xero.yaml");

/// A running Prism, ended when it is dropped.
pub struct Prism {
    pub url: String,
    _child: Child,
}

impl Prism {
    /// Answers by the description in a file.
    pub async fn serve(description: &Path) -> Self {
        let packages = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/node/node_modules");
        let program = packages.join("@stoplight/prism-cli/dist/index.js");
        assert!(program.is_file(), "tests/node/node_modules has no Prism: run `npm ci --prefix tests/node`");
        let mut child = Command::new("node")
            .arg(program)
            // A process of its own for the server would outlive this one.
            .args(["mock", "--no-multiprocess", "--host", "127.0.0.1", "--port", "0"])
            .arg(description)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is not installed: install Node 20 or newer");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let url = timeout(MOST_TO_START, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(url) = listening(&line) {
                    return Some(url);
                }
                said.push(line);
            }
            None
        });
        let url = url.await.expect("Prism does not listen in time");
        let url = url.unwrap_or_else(|| panic!("Prism ended:\n{}", said.join("\n")));
        // Nobody reads on, but a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url, _child: child }
    }
}

/// The address in the line that says so.
fn listening(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Prism is listening on ")?;
    Some(rest.chars().take_while(char::is_ascii_graphic).collect())
}
