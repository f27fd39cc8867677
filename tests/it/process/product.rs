//! Processes of the product: where their data is, how they are started, waited for, stopped and killed.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use testdb::{Backend, TestDb};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::client::Client;

/// Longer than anything but a hang: other tests build and run beside this one.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Pause between two looks at something that no event tells us about.
pub const LOOK: Duration = Duration::from_millis(15);

/// What signs sessions where processes share a database.
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The executable under test.
pub fn binary() -> PathBuf {
    if let Some(built) = option_env!("CARGO_BIN_EXE_dunwell") {
        return built.into();
    }
    if let Ok(named) = std::env::var("DUNWELL_BIN") {
        return named.into();
    }
    // This program is target/PROFILE/deps/it-…
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(2).unwrap().join("dunwell")
}

/// The repository that this program was built from.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap().to_owned()
}

/// A folder with the settings of the processes that run in it.
pub struct Installation {
    folder: TempDir,
    database: Option<TestDb>,
    settings: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Asserts that the command refused with one line that says all of these.
    pub fn refused_saying(&self, words: &[&str]) {
        assert!(!self.status.success(), "{self:?}");
        let line = self.stderr.lines().find(|line| line.starts_with("dunwell: "));
        let line = line.unwrap_or_else(|| panic!("no line for a person: {self:?}"));
        for word in words {
            assert!(line.contains(word), "{word:?} is not in {line:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }
}

impl Installation {
    /// On the embedded database, or on an empty database of the tests' cluster.
    pub async fn on(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::embedded(),
            Backend::Postgres => {
                let database = TestDb::postgres().await;
                let url = database.url().to_owned();
                let mut installation = Self::embedded().with("DATABASE_URL", &url).with("DUNWELL_SECRET_KEY", KEY);
                installation.database = Some(database);
                installation
            }
        }
    }

    /// On the embedded database.
    pub fn embedded() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None, settings: Vec::new() }
    }

    /// With one more environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The database on the cluster.
    pub fn database(&self) -> &TestDb {
        self.database.as_ref().expect("an installation on PostgreSQL")
    }

    /// A command that sees these settings and nothing of ours.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        let keep = ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"];
        command.env_clear().envs(keep.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder()).arg("--data").arg(self.data()).args(arguments).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_told(arguments, "").await
    }

    /// The same with something on its standard input.
    pub async fn run_told(&self, arguments: &[&str], input: &str) -> Finished {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the executable is built: cargo build -p dunwell");
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the command ends").unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Finished { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// A command that must succeed; answers what it printed.
    pub async fn done(&self, arguments: &[&str]) -> String {
        let finished = self.run(arguments).await;
        assert!(finished.status.success(), "{arguments:?}: {finished:?}");
        finished.stdout
    }

    /// Starts a process without waiting for it.
    pub fn start(&self, arguments: &[&str]) -> Process {
        let log = tempfile::Builder::new().prefix("log-").tempdir_in(self.folder()).unwrap().keep();
        let file = |name: &str| Stdio::from(std::fs::File::create(log.join(name)).unwrap());
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err"));
        let child = command.spawn().expect("the executable is built: cargo build -p dunwell");
        Process { child, log, url: String::new() }
    }

    /// Starts something that serves, on a port that is free, and waits until it does.
    pub async fn serve(&self, arguments: &[&str]) -> Process {
        let mut process = self.start(&[arguments, &["--listen", "127.0.0.1:0"]].concat());
        process.until_ready().await;
        process
    }

    /// Starts `work` and waits until it says that it runs.
    pub async fn work(&self) -> Process {
        let mut process = self.start(&["work"]);
        process.until_said("runs jobs on").await;
        process
    }
}

/// A running process; it is killed with this value.
pub struct Process {
    child: Child,
    log: PathBuf,
    url: String,
}

impl Process {
    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Speaks to it as nobody.
    pub fn client(&self) -> Client {
        Client::nobody(self.url())
    }

    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.log.join("out")).unwrap()
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.log.join("err")).unwrap()
    }

    /// Waits for a line on its standard output; answers the line.
    pub async fn until_said(&mut self, words: &str) -> String {
        let began = Instant::now();
        loop {
            let ended = self.child.try_wait().unwrap();
            if let Some(line) = self.stdout().lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(ended.is_none(), "ended with {ended:?} before it said {words:?}: {}", self.stderr());
            assert!(began.elapsed() < PATIENCE, "did not say {words:?}: {}", self.stderr());
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn until_ready(&mut self) {
        self.until_said("Ctrl-C").await;
        let said = self.stdout();
        // Behind a proxy the world's address is another one.
        let line = said.lines().find(|line| line.contains("listens on")).or(said.lines().find(|line| line.contains("/graphql")));
        let address = line.unwrap().split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        address.trim_end_matches("/graphql").clone_into(&mut self.url);
        let began = Instant::now();
        while !self.client().get("/readyz").await.is_ok_and(|answer| answer.status == 200) {
            assert!(began.elapsed() < PATIENCE, "not ready: {}", self.stderr());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// kill -9: no last words.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let number = self.child.id().expect("it still runs").to_string();
        let sent = std::process::Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &number]).status().unwrap();
        assert!(sent.success(), "the signal {name} was not sent");
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the process ends").unwrap()
    }
}
