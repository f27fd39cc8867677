//! Addresses that must not be used: what came back for good, and what a debtor does not want. The rule is about the
//! address, not the debtor: a new address from the accounting system is simply another one. Only a person lifts it, or
//! the debtor who stopped short messages.

use entity::{Channel, DebtorId, DeliveryId, Scoped, SuppressionId, SuppressionReason, TenantId, debtor, delivery, suppression};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use super::{Home, contact};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Longest reason that is kept, in characters.
const MAX_DETAIL: usize = 500;

/// The suppressions in force over some addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unusable(Vec<suppression::Model>);

impl Unusable {
    /// Of rows that were read already; those that were lifted do not count.
    pub fn new(rows: Vec<suppression::Model>) -> Self {
        Self(rows.into_iter().filter(|row| row.lifted_at.is_none()).collect())
    }

    /// Why an address must not be used; none when it may.
    pub fn of(&self, channel: Channel, address: &str) -> Option<&suppression::Model> {
        let address = spelled(channel, address);
        self.0.iter().find(|row| row.channel == channel && row.address == address)
    }

    /// All of them.
    pub fn into_rows(self) -> Vec<suppression::Model> {
        self.0
    }
}

/// The one spelling in which addresses are compared.
pub fn spelled(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Sms => address.to_owned(),
        // Servers may tell capitals apart before the @; none that matters does, and people do not.
        Channel::Email | Channel::Post => address.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(),
    }
}

/// The addresses of a debtor in that spelling.
pub fn addresses(debtor: &debtor::Model, home: &Home) -> Vec<String> {
    [Channel::Email, Channel::Sms, Channel::Post]
        .into_iter()
        .filter_map(|channel| Some(spelled(channel, &contact::contact(channel, debtor, home)?)))
        .collect()
}

/// Which addresses of a debtor must not be used.
///
/// # Errors
///
/// When the database refuses.
pub async fn unusable(db: &impl ConnectionTrait, tenant: TenantId, debtor: &debtor::Model, home: &Home) -> Result<Unusable> {
    in_force(db, tenant, &addresses(debtor, home)).await
}

/// The suppressions in force over addresses, in the spelling of [`addresses`].
///
/// # Errors
///
/// When the database refuses.
pub async fn in_force(db: &impl ConnectionTrait, tenant: TenantId, addresses: &[String]) -> Result<Unusable> {
    if addresses.is_empty() {
        return Ok(Unusable::default());
    }
    let select = suppression::Entity::of(tenant)
        .filter(suppression::Column::Address.is_in(addresses.iter().cloned()))
        .filter(suppression::Column::LiftedAt.is_null());
    Ok(Unusable(select.order_by_asc(suppression::Column::Id).all(db).await?))
}

/// What teaches us not to use an address.
#[derive(Debug, Clone)]
pub(super) struct Lesson<'a> {
    pub(super) channel: Channel,
    pub(super) address: &'a str,
    pub(super) reason: SuppressionReason,
    pub(super) detail: Option<&'a str>,
    pub(super) debtor: Option<DebtorId>,
    pub(super) delivery: Option<DeliveryId>,
}

/// Suppresses an address; nothing when it is already.
pub(super) async fn suppress(change: &mut Change<'_>, lesson: &Lesson<'_>) -> Result<()> {
    let row = suppression::Model {
        tenant_id: change.tenant,
        id: change.env.new_id::<SuppressionId>(),
        channel: lesson.channel,
        address: spelled(lesson.channel, lesson.address),
        reason: lesson.reason,
        detail: lesson.detail.map(|text| text.chars().filter(|c| !c.is_control()).take(MAX_DETAIL).collect()),
        debtor_id: lesson.debtor,
        delivery_id: lesson.delivery,
        created_at: change.now,
        lifted_at: None,
        lifted_by: None,
    };
    let id = row.id;
    // Two cases of one debtor may learn it at the same time; the index lets one in.
    let insert = suppression::Entity::insert_many([row.into_active_model().reset_all()]);
    let written = insert.on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(&change.tx).await?;
    if written > 0 {
        let mut happened = Happened::new(kind::CONTACT_SUPPRESSED).subject(id.0).with("reason", serde_json::to_value(lesson.reason)?);
        if let Some(debtor) = lesson.debtor {
            happened = happened.debtor(debtor);
        }
        change.record(happened.with("channel", serde_json::to_value(lesson.channel)?));
    }
    Ok(())
}

/// Lets an address be used again. Who unsubscribed, opted out or complained did so for a reason: the person who lifts
/// it answers for having heard otherwise.
///
/// # Errors
///
/// A refusal: unknown, lifted already, not allowed.
pub async fn lift(env: &Env, viewer: &Viewer, id: SuppressionId) -> Result<suppression::Model> {
    viewer.require(Action::EditDebtors)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let found = suppression::Entity::of(viewer.tenant).filter(suppression::Column::Id.eq(id)).lock_exclusive().one(&change.tx).await?;
    let row = found.ok_or_else(|| Refusal::not_found("suppression").at("id"))?;
    if row.lifted_at.is_some() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this address may be used already").at("id").into());
    }
    let row = lift_row(&mut change, row, Some(viewer)).await?;
    change.commit().await?;
    Ok(row)
}

pub(super) async fn lift_row(change: &mut Change<'_>, mut row: suppression::Model, by: Option<&Viewer>) -> Result<suppression::Model> {
    row.lifted_at = Some(change.now);
    row.lifted_by = by.map(|viewer| viewer.user);
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    let mut happened = Happened::new(kind::CONTACT_LIFTED).subject(row.id.0).with("channel", serde_json::to_value(row.channel)?);
    if let Some(debtor) = row.debtor_id {
        happened = happened.debtor(debtor);
    }
    change.record(happened);
    Ok(row)
}

/// A person who sends again to an address that came back says that it is right after all. What a debtor does not want
/// is not lifted by the way.
pub(super) async fn lift_mistaken(change: &mut Change<'_>, viewer: &Viewer, row: &delivery::Model) -> Result<()> {
    let found = in_force(&change.tx, change.tenant, &[spelled(row.channel, &row.recipient)]).await?;
    let Some(found) = found.of(row.channel, &row.recipient) else { return Ok(()) };
    if !matches!(found.reason, SuppressionReason::Bounced | SuppressionReason::Returned) {
        let message = format!("this address must not be used: {}; lift that first", why_suppressed(found.reason));
        return Err(Refusal::new(RefusalCode::ContactSuppressed, message).at("id").into());
    }
    lift_row(change, found.clone(), Some(viewer)).await?;
    Ok(())
}

/// Which refusal at hand-over says that the address itself is of no use.
pub(super) fn blames_address(channel: Channel, code: &str) -> Option<SuppressionReason> {
    match (channel, code) {
        (Channel::Email, "MAILBOX_UNKNOWN" | "MAILBOX_DISABLED" | "DOMAIN_UNKNOWN" | "ADDRESS_INVALID")
        | (Channel::Sms, "NUMBER_INVALID") => Some(SuppressionReason::Bounced),
        (Channel::Sms, "OPTED_OUT") => Some(SuppressionReason::OptedOut),
        _ => None,
    }
}

/// The reason as a clause for people.
pub const fn why_suppressed(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::Bounced => "what was sent there came back",
        SuppressionReason::Unsubscribed => "the debtor ended e-mails to it",
        SuppressionReason::OptedOut => "the debtor stopped short messages to it",
        SuppressionReason::Complaint => "the debtor marked a mail as unwanted",
        SuppressionReason::Returned => "paper came back from it",
    }
}
