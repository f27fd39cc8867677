//! `dunwell demo`: sample tenants on an embedded database, stand-ins of their accounting systems, a clock that can be
//! moved, an outbox instead of channels, and everything else exactly as in `serve`.

mod control;
mod join;
mod samples;
mod seed;
mod stand_ins;
pub mod tour;
mod under_way;

use std::{path::Path, sync::Arc};

use anyhow::Context;
use chrono::{Days, NaiveTime, TimeDelta};
use domain::{
    Clock, Viewer,
    calendar::{self, ContactHours, Openings, Place},
};
use entity::{Role, TenantId, tenant};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use join::Joiner;
use stand_ins::StandIns;

use crate::{
    banner,
    cli::DemoArgs,
    clock::MachineClock,
    config::Config,
    pages,
    serve::{self, Extras},
    start::{self, Started},
    stop,
};

/// How long the tokens of `demo.json` are valid: far longer than a demo runs.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::days(365);

/// How long the printed sign-in link works.
const LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// The demo begins within so many days: longer than Christmas and New Year with their weekends.
const MOST_CLOSED_DAYS: u64 = 14;

/// The hour at which the demo's first day starts, where the first tenant is.
const START_HOUR: u32 = 10;

/// Runs until it is told to stop.
///
/// # Errors
///
/// When something cannot be opened.
pub async fn run(mut config: Config, args: &DemoArgs) -> anyhow::Result<()> {
    let stop = stop::token()?;
    config.graphiql = true;
    config.listen.clone_from(&args.listen);
    if config.database_url.is_none() && config.data == Config::default().data {
        config.data = temporary_folder()?;
    }
    let listener = serve::bind(&config.listen)?;
    let url = serve::public_url(&config, listener.local_addr()?);
    let clock = MachineClock::default();
    let stand_ins = StandIns::start(&mut config, &clock, first_morning(&clock)?, &url).await?;
    let started = start::open_at(&config, true, clock).await?;
    let control = Arc::new(control::Control::new(started.jobs.clone(), started.clock.clone()));
    stand_ins.keep(&config.data)?;
    let people = Box::pin(settle(&started, &control, &Joiner { stand_ins: &stand_ins, url: &url })).await?;
    write_description(&config.data, &url, &people, &stand_ins)?;
    let owner = people.first().context("the demo has a tenant")?;
    let link = sign_in_link(&started, owner, &url).await?;
    let extras = Extras {
        demo: Some(control),
        graphiql: Some(tour::graphiql(&started, owner.tenant.id, &owner.tokens[0].1).await?),
        outbox: Some(pages::outbox::Settings::new(started.env(), started.outbox.clone(), owner.tokens[0].1.clone())),
    };
    let server = serve::server(&config, &started, listener, &url, extras, &stop)?;
    let mut more = vec![
        ("outbox", format!("{url}/outbox")),
        ("sign in", link),
        ("tokens", config.data.join("demo.json").display().to_string()),
        ("clock", started.clock.now().format("%A %F %H:%M UTC").to_string()),
    ];
    more.extend(stand_ins.urls().into_iter().map(|(name, url)| (name, format!("{url} (stand-in; pay there what is owed)"))));
    banner::print(&config, &started, &url, &more);
    serve::until_stopped(server, Some(&started), &stop).await
}

/// Fills an empty demo on its first morning, or takes up the clock and the connections of an earlier run.
async fn settle(started: &Started, control: &control::Control, joiner: &Joiner<'_>) -> anyhow::Result<Vec<People>> {
    control.restore().await?;
    if tenants(started).await?.is_empty() {
        control.start_at(joiner.stand_ins.began_at()).await?;
        Box::pin(seed::fill(started.env(), joiner)).await?;
        return people(started).await;
    }
    let people = people(started).await?;
    for tenant in &people {
        joiner.again(started.env(), &tenant.owner).await?;
    }
    Ok(people)
}

fn temporary_folder() -> anyhow::Result<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("dunwell-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Ten in the morning of the first tenant's next business day, or now when that is business time already.
fn first_morning(clock: &MachineClock) -> anyhow::Result<chrono::DateTime<chrono::Utc>> {
    let first = &samples::SAMPLES[0];
    let zone = calendar::zone(first.time_zone)?;
    let openings = Openings::new(ContactHours::default(), Place::of(None, None, first.country, zone), true);
    let now = clock.now();
    let hour = NaiveTime::from_hms_opt(START_HOUR, 0, 0).context("an hour of the day")?;
    let today = calendar::local_date(zone, now);
    let morning = |day| calendar::instant(zone, day, hour);
    (0..MOST_CLOSED_DAYS)
        .filter_map(|n| today.checked_add_days(Days::new(n)))
        .map(morning)
        .find(|at| *at >= now && openings.is_open(*at))
        .context("a fortnight has a business day")
}

/// One tenant of the demo with bearer tokens of its people.
struct People {
    tenant: tenant::Model,
    owner: Viewer,
    tokens: Vec<(&'static str, String)>,
}

#[expect(clippy::disallowed_methods, reason = "the demo's own tenants")]
async fn tenants(started: &Started) -> anyhow::Result<Vec<tenant::Model>> {
    Ok(tenant::Entity::find().order_by_asc(tenant::Column::Id).all(&started.env().db).await?)
}

async fn people(started: &Started) -> anyhow::Result<Vec<People>> {
    let keys = api::auth::Keys::new(&started.signing_key);
    let mut all = Vec::new();
    for tenant in tenants(started).await? {
        let mut tokens = Vec::new();
        let mut owner = None;
        for (role, word) in [(Role::Owner, "OWNER"), (Role::Accountant, "ACCOUNTANT"), (Role::Viewer, "VIEWER")] {
            let viewer = member(started, tenant.id, role).await?;
            owner = owner.or(Some(viewer));
            tokens.push((word, api::auth::issue(started.env(), &keys, &viewer, None, TOKEN_LIFETIME)?));
        }
        all.push(People { owner: owner.context("a tenant has an owner")?, tenant, tokens });
    }
    Ok(all)
}

async fn member(started: &Started, tenant: TenantId, role: Role) -> anyhow::Result<Viewer> {
    use entity::{Scoped, membership};
    use sea_orm::{ColumnTrait, QueryFilter};
    let found = membership::Entity::of(tenant).filter(membership::Column::Role.eq(role)).one(&started.env().db).await?;
    let found = found.with_context(|| format!("no {role:?} in the tenant {tenant}"))?;
    Ok(Viewer { tenant, user: found.user_id, role })
}

/// Writes `demo.json`: what scripts and front-ends need to talk to the demo.
fn write_description(folder: &Path, url: &str, people: &[People], stand_ins: &StandIns) -> anyhow::Result<()> {
    let tenants: Vec<_> = people
        .iter()
        .map(|p| {
            let tokens: serde_json::Map<_, _> = p.tokens.iter().map(|(role, token)| ((*role).to_owned(), json!(token))).collect();
            json!({ "id": api::graphql::id::encode(p.tenant.id).to_string(), "name": p.tenant.name, "country": p.tenant.country, "tokens": tokens })
        })
        .collect();
    let stand_ins: serde_json::Map<_, _> = stand_ins.urls().into_iter().map(|(name, url)| (name.to_owned(), json!(url))).collect();
    let description = json!({ "url": url, "tenants": tenants, "agency": { "tokens": {} }, "standIns": stand_ins });
    let path = folder.join("demo.json");
    let partial = folder.join("demo.json.partial");
    std::fs::write(&partial, serde_json::to_vec_pretty(&description)?).with_context(|| format!("cannot write {}", partial.display()))?;
    std::fs::rename(&partial, &path).with_context(|| format!("cannot write {}", path.display()))
}

async fn sign_in_link(started: &Started, people: &People, url: &str) -> anyhow::Result<String> {
    let token = domain::identity::link::create(started.env(), people.tenant.id, people.owner.user, LINK_LIFETIME).await?;
    Ok(format!("{url}/graphiql#sign-in={token}"))
}
