//! The executable: the only place where the rooms meet. It reads the configuration, opens the database, hands the real
//! clock, connectors, channels and renderer to the product, and runs it. No rule lives here.

mod admin;
mod banner;
mod cli;
mod clock;
mod config;
mod demo;
mod heralds;
mod keys;
mod listen;
mod lock;
mod migrate;
mod outside;
mod pages;
mod post;
mod providers;
mod serve;
mod stand_in;
mod start;
mod stop;
mod trusted;
mod work;

use clap::Parser;

use cli::{Cli, Command};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    match Box::pin(run(cli)).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // The one line that a person reads; the chain says what was tried.
            eprintln!("dunwell: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        anyhow::bail!("another TLS provider was installed first");
    }
    if let Command::Schema = cli.command {
        print!("{}", api::sdl());
        return Ok(());
    }
    if let Command::Sandbox(args) = &cli.command {
        return stand_in::run(args).await;
    }
    let config = config::load(&cli)?;
    config::init_log(&config);
    start::law_rates(&config)?;
    match cli.command {
        Command::Serve(args) => serve::run(&config, &args).await,
        Command::Work => work::run(&config).await,
        Command::Demo(args) => Box::pin(demo::run(config, &args)).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Admin(command) => admin::run(&config, command).await,
        Command::Schema | Command::Sandbox(_) => Ok(()),
    }
}
