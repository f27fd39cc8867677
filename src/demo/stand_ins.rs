//! The demo's accounting systems: stand-ins of Xero, Xentral and PowerOffice GO in this process, spoken to over real
//! HTTP and keeping the product's moved clock. A provider that the configuration names is left alone.
//!
//! A restart on the same folder finds them at the same addresses with the same records: those of the demo's first
//! morning. What people did on their pages is forgotten with the process.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::Clock;
use sandbox::{Options, Provider, Running};
use serde::{Deserialize, Serialize};

use crate::{clock::MachineClock, config::Config, stand_in};

/// Where a restart finds when and where they began, in the data folder.
const FILE: &str = "stand-ins.json";

/// The stand-ins that run.
pub struct StandIns {
    running: Vec<(Provider, Running)>,
    kept: Kept,
}

/// What a restart needs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    /// The demo's first morning, which the records are dated from.
    began_at: DateTime<Utc>,
    /// The port of each.
    ports: BTreeMap<String, u16>,
}

impl StandIns {
    /// Starts one for each provider that is not configured, points the configuration at them, and leaves the clock at
    /// the demo's first morning. `product` is how browsers reach the product.
    ///
    /// # Errors
    ///
    /// When no port is free, or the file of an earlier run is none of ours.
    pub async fn start(config: &mut Config, clock: &MachineClock, first: DateTime<Utc>, product: &str) -> anyhow::Result<Self> {
        let kept = read(&config.data)?.unwrap_or(Kept { began_at: first, ports: BTreeMap::new() });
        clock.set_offset((kept.began_at - clock.machine()).num_seconds());
        let mut all = Self { running: Vec::new(), kept };
        if config.xero.is_none() {
            let options = options(clock, product);
            let app = options.app.clone();
            let url = all.serve(Provider::Xero, options).await?;
            config.xero = Some(stand_in::xero(&url, &app, product));
        }
        all.serve(Provider::Xentral, options(clock, product)).await?;
        config.xentral.allowed_hosts.extend(all.get(Provider::Xentral).map(|running| running.addr.to_string()));
        if config.poweroffice.is_none() {
            let url = all.serve(Provider::PowerOffice, options(clock, product)).await?;
            config.poweroffice = Some(stand_in::poweroffice(&url, product));
        }
        Ok(all)
    }

    /// Serves one where it was before, or on a free port; answers its address.
    async fn serve(&mut self, provider: Provider, options: Options) -> anyhow::Result<String> {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let before = self.kept.ports.get(provider.name()).copied().unwrap_or(0);
        let running = match sandbox::serve(provider, at(before), options.clone()).await {
            Err(_) if before != 0 => sandbox::serve(provider, at(0), options).await,
            other => other,
        };
        let running = running.with_context(|| format!("cannot serve a stand-in of {provider}"))?;
        self.kept.ports.insert(provider.name().to_owned(), running.addr.port());
        let url = running.url();
        self.running.push((provider, running));
        Ok(url)
    }

    /// Lets a restart on the same folder find them again.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(FILE);
        std::fs::write(&path, serde_json::to_vec_pretty(&self.kept)?).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The demo's first morning.
    pub fn began_at(&self) -> DateTime<Utc> {
        self.kept.began_at
    }

    /// The stand-in of a provider, unless the configuration names the real one.
    pub fn get(&self, provider: Provider) -> Option<&Running> {
        self.running.iter().find(|(which, _)| *which == provider).map(|(_, running)| running)
    }

    /// The address of each, which is also its control page.
    pub fn urls(&self) -> Vec<(&'static str, String)> {
        self.running.iter().map(|(provider, running)| (provider.name(), running.url())).collect()
    }
}

fn options(clock: &MachineClock, product: &str) -> Options {
    let told = clock.clone();
    let mut options = Options { auto_consent: true, ..Options::default() }.with_clock(move || told.now());
    // The real Xero takes no http but on `localhost`; the demo listens where it was told.
    options.app.redirect_uris = vec![format!("{product}/integrations/xero/callback")];
    options
}

fn read(folder: &Path) -> anyhow::Result<Option<Kept>> {
    let path = folder.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).with_context(|| format!("{} is not a file of ours", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
