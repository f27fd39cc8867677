//! The configuration: typed, documented where it is defined, read once at start. `DATABASE_URL` decides about the
//! database; everything else is `DUNWELL_…` in the environment (`DUNWELL_SMTP__HOST` for `[smtp] host`) or
//! `dunwell.toml`. A secret may be given as a value or, with `_file` behind its name, as a path.

mod post;
mod providers;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use config::Source;
use serde::Deserialize;

pub use post::{Lob, LobSender, Pingen, Post, PostEnvironment, PostProvider, PostSpeed};
pub use providers::{Amili, PowerOffice, Xentral, Xero};

use crate::cli::{Cli, Command};

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Config {
    /// Where the database is; from `DATABASE_URL`. None: a SQLite file in the data folder.
    #[serde(skip)]
    pub database_url: Option<String>,
    /// Folder of the embedded database, the outbox and the keys.
    pub data: PathBuf,
    /// Where `serve` listens: host and port.
    pub listen: String,
    /// How the world reaches this server; in links. None: `http://` and the address listened on.
    pub public_url: Option<String>,
    /// Web origins that may use the API from browsers, besides the public URL's own.
    pub allowed_origins: Vec<String>,
    /// Addresses of proxies in front of this server: what they say in `X-Forwarded-For` is believed when attempts to sign in
    /// are counted. Without them all callers behind a proxy share one address, and its limits.
    pub trusted_proxies: Vec<IpAddr>,
    /// 32 bytes in hexadecimal that sign sessions and links. None: made at first start and kept in the data folder;
    /// must be given on PostgreSQL, where many processes share it.
    pub secret_key: Option<String>,
    /// The same as a file.
    pub secret_key_file: Option<PathBuf>,
    /// 32 bytes in hexadecimal that seal the keys of providers at rest. None: derived from the secret key.
    pub vault_key: Option<String>,
    /// The same as a file.
    pub vault_key_file: Option<PathBuf>,
    /// Keys that sealed before, until `dunwell admin reseal` ran.
    pub vault_old_keys: Vec<String>,
    /// Serve GraphiQL at `/graphiql`. Off unless `demo` runs.
    pub graphiql: bool,
    /// Answer introspection: what the schema is, which is no secret; GraphiQL and code generators need it.
    pub introspection: bool,
    /// A file, or a folder of files, of documents that clients may ask for by their ids. None: there are none.
    pub trusted_documents: Option<PathBuf>,
    /// Serve these documents and no others.
    pub trusted_documents_only: bool,
    /// Live connections (WebSocket and SSE) that one person may have open at once in this process.
    pub connections_per_person: usize,
    /// What is logged: `info`, `debug`, or filters like `domain=debug,info`.
    pub log: String,
    /// Log as JSON lines instead of text.
    pub log_json: bool,
    /// Folder of further fonts (TTF, OTF) for scripts that the built-in ones lack.
    pub fonts: Option<PathBuf>,
    /// File of figures that are added to the countries' rule packs: base rates, limits of fees, fixed sums, each with the
    /// page that says so. The same for every process of a database.
    pub law_rates: Option<PathBuf>,
    /// Do not migrate at start; from `--no-migrate`.
    #[serde(skip)]
    pub no_migrate: bool,
    /// The mail server. None: e-mails go to the outbox folder.
    pub smtp: Option<Smtp>,
    /// The SMS provider. None: short messages go to the outbox folder.
    pub twilio: Option<Twilio>,
    /// Who prints and posts letters.
    pub post: Post,
    /// Xero. None: it cannot be connected.
    pub xero: Option<Xero>,
    /// Xentral.
    pub xentral: Xentral,
    /// PowerOffice GO. None: it cannot be connected.
    pub poweroffice: Option<PowerOffice>,
    /// Amili.
    pub amili: Amili,
    /// Names that are no setting. In the environment they may be somebody else's; in the file they are refused.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, config::Value>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: None,
            data: PathBuf::from("dunwell-data"),
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            secret_key: None,
            secret_key_file: None,
            vault_key: None,
            vault_key_file: None,
            vault_old_keys: Vec::new(),
            graphiql: false,
            introspection: true,
            trusted_documents: None,
            trusted_documents_only: false,
            connections_per_person: 200,
            log: "info".into(),
            log_json: false,
            fonts: None,
            law_rates: None,
            no_migrate: false,
            smtp: None,
            twilio: None,
            post: Post::default(),
            xero: None,
            xentral: Xentral::default(),
            poweroffice: None,
            amili: Amili::default(),
            unknown: BTreeMap::new(),
        }
    }
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Host name; also what its certificate must say.
    pub host: String,
    /// Port; 587 for STARTTLS, 465 for implicit TLS.
    #[serde(default)]
    pub port: Option<u16>,
    /// `starttls` (default), `implicit`, or `none` for a server on this machine.
    #[serde(default)]
    pub tls: Tls,
    /// Login; none for servers that need none.
    #[serde(default)]
    pub username: Option<String>,
    /// Password.
    #[serde(default)]
    pub password: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The address that mails come from; answers go to the creditor.
    pub from: String,
    /// Where mails come back to, e.g. `bounces@letters.example`: each gets an address of its own, `bounces+ID@…`. None: to `from`.
    #[serde(default)]
    pub bounce_address: Option<String>,
    /// What the mail server shows when it hands over what came back (`POST /webhooks/mail`, `Authorization: Bearer …`).
    /// None: nothing is taken there.
    #[serde(default)]
    pub bounce_secret: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub bounce_secret_file: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Plain at first, then upgraded; refused when the server does not.
    #[default]
    #[serde(rename = "starttls")]
    Upgraded,
    /// TLS from the first byte.
    Implicit,
    /// Not protected.
    None,
}

/// The SMS provider, of Twilio's shape.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// Where its API is.
    #[serde(default = "twilio_url")]
    pub base_url: String,
    /// Account.
    pub account_sid: String,
    /// Its token.
    #[serde(default)]
    pub auth_token: Option<String>,
    /// The same as a file.
    #[serde(default)]
    pub auth_token_file: Option<PathBuf>,
    /// Sender: a number in E.164 or a registered name.
    pub from: String,
}

fn twilio_url() -> String {
    "https://api.twilio.com".into()
}

/// Reads the configuration.
///
/// # Errors
///
/// A file that is no TOML, or a setting that does not fit, named.
pub fn load(cli: &Cli) -> anyhow::Result<Config> {
    let file = config::File::from(cli.config.as_path()).format(config::FileFormat::Toml).required(false);
    let in_file = file.collect().with_context(|| format!("cannot read {}", cli.config.display()))?;
    let read = config::Config::builder()
        .add_source(file)
        .add_source(
            config::Environment::with_prefix("DUNWELL")
                .prefix_separator("_")
                .separator("__")
                .try_parsing(true)
                .list_separator(",")
                .with_list_parse_key("allowed_origins")
                .with_list_parse_key("trusted_proxies")
                .with_list_parse_key("vault_old_keys"),
        )
        .build()
        .with_context(|| format!("cannot read {}", cli.config.display()))?;
    let mut loaded: Config = read.try_deserialize().context("the configuration does not fit")?;
    if let Some(name) = loaded.unknown.keys().find(|name| in_file.contains_key(*name)) {
        bail!("{}: there is no setting {name}", cli.config.display());
    }
    loaded.database_url = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    if let Some(url) = &loaded.database_url
        && !(url.starts_with("postgres://") || url.starts_with("postgresql://") || url.starts_with("sqlite:"))
    {
        bail!("DATABASE_URL must start with postgres:// or sqlite:");
    }
    if let Some(data) = &cli.data {
        loaded.data.clone_from(data);
    }
    loaded.no_migrate = cli.no_migrate;
    if let Command::Serve(args) = &cli.command
        && let Some(listen) = &args.listen
    {
        loaded.listen.clone_from(listen);
    }
    Ok(loaded)
}

/// A secret given as a value or as a file.
///
/// # Errors
///
/// When both are given, or the file cannot be read.
pub fn secret(what: &str, value: Option<&String>, file: Option<&Path>) -> anyhow::Result<Option<String>> {
    match (value, file) {
        (Some(_), Some(_)) => bail!("{what} is given twice: as a value and as a file"),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {what} from {}", path.display()))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (None, None) => Ok(None),
    }
}

/// Starts the log on standard error.
pub fn init_log(config: &Config) {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let quiet = [
        "apalis=warn",
        "apalis_core=warn",
        "apalis_sqlite=warn",
        "apalis_postgres=warn",
        "sqlx=warn",
        "sea_orm_migration=warn",
        "actix_server=warn",
    ];
    let filter = quiet.iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive);
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    // Only a second call could fail, and there is none.
    let _ = if config.log_json { log.json().try_init() } else { log.compact().try_init() };
}
