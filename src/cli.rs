//! The commands and their flags. Flags win over the environment, the environment over `dunwell.toml`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Collects overdue invoices: syncs them, writes the letters, watches the payments.
#[derive(Debug, Parser)]
#[command(name = "dunwell", version, about, max_term_width = 100)]
pub struct Cli {
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = "dunwell.toml")]
    pub config: PathBuf,
    /// Folder of the embedded database, the outbox and the keys.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Do not migrate the database; refuse to start when it is not up to date.
    #[arg(long, global = true)]
    pub no_migrate: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API and run the jobs.
    Serve(ServeArgs),
    /// Run the jobs only; for further processes on PostgreSQL.
    Work,
    /// Serve sample tenants on an embedded database, with a clock that can be moved.
    Demo(DemoArgs),
    /// Bring the database up to date.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Serve a stand-in of a provider, to try connections against without an account there.
    Sandbox(SandboxArgs),
    /// Tenants, people, sign-in links, dead jobs.
    #[command(subcommand)]
    Admin(AdminCommand),
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Serve the API only; other processes run the jobs.
    #[arg(long)]
    pub no_jobs: bool,
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
}

/// Flags of `sandbox`.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// xero, xentral, poweroffice, amili, pingen or lob.
    #[arg(long)]
    pub provider: sandbox::Provider,
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 4010)]
    pub port: u16,
    /// Start without sample records.
    #[arg(long)]
    pub empty: bool,
    /// Never throttle; for benchmarks.
    #[arg(long)]
    pub no_limits: bool,
    /// Invent so many invoices besides the samples.
    #[arg(long, default_value_t = 0)]
    pub invoices: usize,
    /// Give consent at once, without asking a person.
    #[arg(long)]
    pub auto_consent: bool,
}

/// What an administrator does on the machine itself.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Add a tenant with its first owner, and print a sign-in link.
    TenantAdd {
        /// Trading name.
        #[arg(long)]
        name: String,
        /// ISO 3166-1 alpha-2, e.g. NZ.
        #[arg(long)]
        country: String,
        /// IANA time zone, e.g. Pacific/Auckland.
        #[arg(long)]
        time_zone: String,
        /// ISO 4217, e.g. NZD.
        #[arg(long)]
        currency: String,
        /// Language of letters: en, de or nb.
        #[arg(long, default_value = "en")]
        language: String,
        /// Whom debtors answer to.
        #[arg(long)]
        email: String,
        /// The owner's e-mail address.
        #[arg(long)]
        owner: String,
    },
    /// Add a person to a tenant, and print a sign-in link.
    UserAdd {
        /// The tenant's id, as `admin tenants` prints it.
        #[arg(long)]
        tenant: uuid::Uuid,
        /// Sign-in name.
        #[arg(long)]
        email: String,
        /// Shown to others.
        #[arg(long)]
        name: String,
        /// owner, accountant or viewer.
        #[arg(long)]
        role: String,
        /// Read a password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a new one-time sign-in link for a person.
    Link {
        /// The tenant's id.
        #[arg(long)]
        tenant: uuid::Uuid,
        /// Sign-in name.
        #[arg(long)]
        email: String,
    },
    /// List the tenants.
    Tenants,
    /// Show the queues and the dead jobs; revive one by its id.
    Jobs {
        /// Give this dead job another chance.
        #[arg(long, value_name = "ID")]
        revive: Option<String>,
    },
    /// Seal all keys of providers again with the current vault key; old vault keys are not needed afterwards.
    Reseal,
    /// Import a file of invoices or payments, with a progress bar.
    Import {
        /// The tenant's id.
        #[arg(long)]
        tenant: uuid::Uuid,
        /// Sign-in name of the person in whose name it is imported.
        #[arg(long)]
        email: String,
        /// The file.
        file: PathBuf,
    },
}
