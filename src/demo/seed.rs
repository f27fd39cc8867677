//! Filling an empty demo: tenants, people, what their accounting systems hold, and invoices of a file through the very
//! import that a creditor uses.

use std::fmt::Write;

use anyhow::Context;
use chrono::{Days, NaiveDate};
use domain::{
    Env, Viewer, calendar,
    identity::{NewUser, user::add},
    import::{self, ImportRequest, StartImport},
    integration, sync,
    tenant::{self, BankDetails, NewTenant, TenantChanges},
};
use entity::{ConsentMode, Role, TenantId, UserId};
use indicatif::ProgressBar;

use super::{
    join::Joiner,
    samples::{Debtor, SAMPLES, Sample},
    under_way,
};

/// The people of each tenant.
pub const PEOPLE: [(Role, &str, &str); 3] =
    [(Role::Owner, "owner", "Owner"), (Role::Accountant, "accountant", "Accountant"), (Role::Viewer, "viewer", "Viewer")];

/// Fills the database; each sample is one step of the bar.
///
/// # Errors
///
/// When a use case refuses, which would be a bug of the samples.
pub async fn fill(env: &Env, joiner: &Joiner<'_>) -> anyhow::Result<()> {
    let bar = ProgressBar::new(SAMPLES.len() as u64 * 3);
    for sample in &SAMPLES {
        bar.set_message(sample.name);
        let viewer = settle_in(env, sample).await.with_context(|| format!("the sample tenant {}", sample.name))?;
        bar.inc(1);
        // Before the file: its cases are the newest then, at the top of the lists.
        Box::pin(joiner.connect(env, &viewer, sample.country))
            .await
            .with_context(|| format!("the accounting system of {}", sample.name))?;
        bar.inc(1);
        Box::pin(import(env, &viewer, sample)).await.with_context(|| format!("the sample invoices of {}", sample.name))?;
        under_way::begin(env, &viewer, sample).await.with_context(|| format!("what {} has begun", sample.name))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Makes the tenant with its people and settings.
async fn settle_in(env: &Env, sample: &Sample) -> anyhow::Result<Viewer> {
    let id = tenant::create(
        env,
        &NewTenant {
            name: sample.name.into(),
            country: sample.country.into(),
            time_zone: sample.time_zone.into(),
            language: sample.language.into(),
            currency: sample.currency.into(),
            email: sample.email.into(),
        },
    )
    .await?;
    let owner = people(env, id, sample).await?;
    let viewer = Viewer { tenant: id, user: owner, role: Role::Owner };
    let changes = TenantChanges {
        legal_name: Some(sample.legal_name.into()),
        registration_number: Some(sample.registration_number.into()),
        phone: Some(sample.phone.into()),
        address_lines: Some(sample.address.iter().map(|line| (*line).to_owned()).collect()),
        bank: Some(BankDetails {
            account_name: sample.legal_name.into(),
            iban: sample.iban.map(Into::into),
            bic: sample.bic.map(Into::into),
            local_account: sample.local_account.map(Into::into),
            ..BankDetails::default()
        }),
        automatic_actions: Some(true),
        consent_mode: Some(if sample.ask_each_letter { ConsentMode::EachLetter } else { ConsentMode::Automatic }),
        ..TenantChanges::default()
    };
    tenant::update(env, &viewer, &changes).await?;
    Ok(viewer)
}

async fn people(env: &Env, tenant: TenantId, sample: &Sample) -> anyhow::Result<UserId> {
    let domain_name = sample.email.split_once('@').map_or("example.org", |(_, domain)| domain);
    let mut owner = None;
    for (role, local, name) in PEOPLE {
        let user = add(env, &NewUser { tenant, email: format!("{local}@{domain_name}"), name: name.into(), password: None, role }).await?;
        owner = owner.or(Some(user));
    }
    owner.context("a tenant has an owner")
}

async fn import(env: &Env, viewer: &Viewer, sample: &Sample) -> anyhow::Result<()> {
    let integration = integration::create_csv(env, viewer, "Invoices by file").await?;
    let today = calendar::local_date(calendar::zone(sample.time_zone)?, env.now());
    let file = csv(sample, today)?;
    let upload = import::create(env, viewer, "invoices.csv", file.len() as u64).await?;
    let mut writer = import::writer(env, viewer, upload.id).await?;
    writer.write(file.as_bytes()).await?;
    writer.finish().await?;
    let start = StartImport { integration: integration.id, upload: upload.id, request: ImportRequest::default(), save_mapping: true };
    let run = import::start(env, viewer, start).await?;
    sync::run(env, viewer.tenant, run.id).await?;
    Ok(())
}

/// The sample's invoices as a file that an accounting system might export.
fn csv(sample: &Sample, today: NaiveDate) -> anyhow::Result<String> {
    let mut text = String::from(
        "Invoice number,Title,Issue date,Due date,Total,Currency,Customer ID,Customer name,Email,Phone,Street,Postal code,City,Country\n",
    );
    for (number, debtor) in (1..).zip(invoiced(sample)) {
        let due = if debtor.overdue >= 0 {
            today - Days::new(debtor.overdue.unsigned_abs())
        } else {
            today + Days::new(debtor.overdue.unsigned_abs())
        };
        let issued = due - Days::new(20);
        writeln!(
            text,
            "{}-{number:04},\"{}\",{issued},{due},{},{},{},\"{}\",{},{},\"{}\",{},{},{}",
            sample.country,
            debtor.title,
            debtor.amount,
            sample.currency,
            debtor.id,
            debtor.name,
            debtor.email,
            debtor.phone,
            debtor.line1,
            debtor.postal_code,
            debtor.city,
            sample.country,
        )?;
    }
    Ok(text)
}

/// Who has an invoice in the file.
fn invoiced(sample: &Sample) -> impl Iterator<Item = &'static Debtor> {
    sample.under_way.iter().chain(sample.debtors)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn each_sample_has_invoices_that_are_eligible_and_some_that_are_not() {
        for sample in &SAMPLES {
            assert!(sample.debtors.iter().any(|d| d.overdue >= 30), "{}", sample.name);
            let lines = csv(sample, "2026-11-23".parse().unwrap()).unwrap();
            assert_eq!(lines.lines().count(), invoiced(sample).count() + 1);
        }
        assert!(SAMPLES.iter().flat_map(|s| s.debtors).any(|d| d.overdue < 30));
    }
}
