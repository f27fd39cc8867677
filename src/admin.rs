//! `dunwell admin`: what is done on the machine itself, before anybody can sign in.

use std::{io::BufRead, path::Path};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use domain::{
    Env, Viewer,
    identity::{self, NewUser},
    import::{self, ImportRequest, StartImport},
    sync,
    tenant::NewTenant,
};
use entity::{IntegrationStatus, Provider, Role, Scoped, TenantId, UploadId, UserId, integration, sync_run, tenant};
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tokio::io::AsyncReadExt;

use crate::{
    cli::AdminCommand,
    config::Config,
    start::{self, Started},
};

/// How long a sign-in link made here works.
const LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Runs one command.
///
/// # Errors
///
/// What went wrong, in one line.
pub async fn run(config: &Config, command: AdminCommand) -> anyhow::Result<()> {
    let started = start::open(config, false).await?;
    match command {
        AdminCommand::TenantAdd { name, country, time_zone, currency, language, email, owner } => {
            let new = NewTenant { name, country, time_zone, language, currency, email };
            let tenant = domain::tenant::create(started.env(), &new).await?;
            let user = add(&started, tenant, owner.clone(), owner, None, Role::Owner).await?;
            println!("tenant {tenant}");
            print_link(config, &started, tenant, user).await
        }
        AdminCommand::UserAdd { tenant, email, name, role, password_stdin } => {
            let role = match role.as_str() {
                "owner" => Role::Owner,
                "accountant" => Role::Accountant,
                "viewer" => Role::Viewer,
                _ => bail!("a role is owner, accountant or viewer"),
            };
            let password = if password_stdin { Some(first_line()?) } else { None };
            let user = add(&started, TenantId(tenant), email, name, password, role).await?;
            print_link(config, &started, TenantId(tenant), user).await
        }
        AdminCommand::Link { tenant, email } => {
            let viewer = member(&started, TenantId(tenant), &email).await?;
            print_link(config, &started, TenantId(tenant), viewer.user).await
        }
        AdminCommand::Tenants => tenants(&started).await,
        AdminCommand::Jobs { revive } => jobs(&started, revive).await,
        AdminCommand::Reseal => reseal(&started).await,
        AdminCommand::Import { tenant, email, file } => {
            let viewer = member(&started, TenantId(tenant), &email).await?;
            import_file(&started, &viewer, &file).await
        }
    }
}

async fn add(
    started: &Started,
    tenant: TenantId,
    email: String,
    name: String,
    password: Option<String>,
    role: Role,
) -> anyhow::Result<UserId> {
    Ok(identity::user::add(started.env(), &NewUser { tenant, email, name, password, role }).await?)
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn print_link(config: &Config, started: &Started, tenant: TenantId, user: UserId) -> anyhow::Result<()> {
    let token = identity::link::create(started.env(), tenant, user, LINK_LIFETIME).await?;
    let url = crate::serve::public_url(config, &config.listen);
    println!("sign-in token, for {} hours, once: {token}", LINK_LIFETIME.num_hours());
    println!("give it to the mutation sessionFromLink, or open {url}/graphiql#sign-in={token} where GraphiQL is served");
    Ok(())
}

async fn member(started: &Started, tenant: TenantId, email: &str) -> anyhow::Result<Viewer> {
    identity::member_by_email(&started.env().db, tenant, email)
        .await?
        .with_context(|| format!("{email} is no member of the tenant {tenant}"))
}

/// Seals everything again with the current key.
async fn reseal(started: &Started) -> anyhow::Result<()> {
    let resealed = domain::credential::reseal(started.env()).await?;
    println!("{} sealed again, {} cannot be opened with the keys at hand", resealed.done, resealed.unreadable);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "an administrator sees which tenants there are")]
async fn tenants(started: &Started) -> anyhow::Result<()> {
    for row in tenant::Entity::find().order_by_asc(tenant::Column::Name).all(&started.env().db).await? {
        println!("{}  {}  {}", row.id, row.country, row.name);
    }
    Ok(())
}

async fn jobs(started: &Started, revive: Option<String>) -> anyhow::Result<()> {
    let db = &started.env().db;
    if let Some(id) = revive {
        anyhow::ensure!(jobs::revive(db, &id).await?, "there is no dead job {id}");
        println!("{id} waits again");
        return Ok(());
    }
    for queue in jobs::counts(db).await? {
        println!(
            "{:<20} waiting {:>6}  running {:>6}  done {:>6}  dead {:>6}",
            queue.queue, queue.waiting, queue.running, queue.done, queue.dead
        );
    }
    for dead in jobs::dead_letters(db, 100).await? {
        println!("{}  {}  {} attempts  {}  {}", dead.id, dead.queue, dead.attempts, dead.died_at, dead.error);
    }
    Ok(())
}

/// Imports a file into the tenant's first active integration for files, with a progress bar.
async fn import_file(started: &Started, viewer: &Viewer, file: &Path) -> anyhow::Result<()> {
    let env = started.env();
    let select = integration::Entity::of(viewer.tenant).filter(integration::Column::Provider.eq(Provider::Csv));
    let integration = select.filter(integration::Column::Status.eq(IntegrationStatus::Active)).one(&env.db).await?;
    let integration = match integration {
        Some(found) => found,
        None => domain::integration::create_csv(env, viewer, "Files").await?,
    };
    let (upload, size) = upload(env, viewer, file).await?;
    let start = StartImport { integration: integration.id, upload, request: ImportRequest::default(), save_mapping: true };
    let run = import::start(env, viewer, start).await?;
    let bar = bar(size, "importing");
    let carried = tokio::spawn({
        let (env, tenant) = (env.clone(), viewer.tenant);
        async move { sync::run(&env, tenant, run.id).await }
    });
    while !carried.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let now = sync_run::Entity::of(viewer.tenant).filter(sync_run::Column::Id.eq(run.id)).one(&env.db).await?;
        bar.set_position(now.map_or(0, |row| u64::try_from(row.bytes_done).unwrap_or(0)));
    }
    carried.await??;
    bar.finish_and_clear();
    let done =
        sync_run::Entity::of(viewer.tenant).filter(sync_run::Column::Id.eq(run.id)).one(&env.db).await?.context("the run is gone")?;
    if let Some(error) = done.error_message {
        bail!("{}: {error}", file.display());
    }
    println!(
        "{} invoices: {} new, {} updated, {} unchanged; {} payments; {} rows with problems; {} cases proposed",
        done.invoices_seen,
        done.invoices_new,
        done.invoices_updated,
        done.invoices_unchanged,
        done.payments_new,
        done.rows_failed,
        done.cases_proposed
    );
    Ok(())
}

/// Reads a file into an upload; its size in bytes goes with it.
async fn upload(env: &Env, viewer: &Viewer, file: &Path) -> anyhow::Result<(UploadId, u64)> {
    let name = file.file_name().map_or_else(|| "import.csv".into(), |n| n.to_string_lossy().into_owned());
    let mut source = tokio::fs::File::open(file).await.with_context(|| format!("cannot read {}", file.display()))?;
    let size = source.metadata().await?.len();
    let upload = import::create(env, viewer, &name, size).await?;
    let bar = bar(size, "reading");
    let mut writer = import::writer(env, viewer, upload.id).await?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = source.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        writer.write(&buffer[..read]).await?;
        bar.inc(read as u64);
    }
    writer.finish().await?;
    bar.finish_and_clear();
    Ok((upload.id, size))
}

fn bar(bytes: u64, what: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:<10} {wide_bar} {bytes}/{total_bytes} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes).with_style(style).with_message(what)
}
