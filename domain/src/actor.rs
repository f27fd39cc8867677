//! Who asks, and what each role may do. The tenant of a [`Viewer`] comes from the session, never from input.

use entity::{ActorKind, Role, TenantId, UserId};

use crate::error::{Refusal, RefusalCode, Result};

/// A signed-in person in one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The wall of everything that the viewer sees.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// What the person may do there.
    pub role: Role,
}

/// Who made a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Dunwell itself, on a schedule or a policy.
    System,
    /// A signed-in person.
    User(UserId),
    /// The accounting system, through a sync or an import.
    Provider,
}

impl Actor {
    /// What kind of actor the event row names.
    pub fn kind(self) -> ActorKind {
        match self {
            Self::System => ActorKind::System,
            Self::User(_) => ActorKind::User,
            Self::Provider => ActorKind::Provider,
        }
    }

    /// The person, if it was one.
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::System | Self::Provider => None,
        }
    }
}

/// What a role may or may not do; the one list of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See the tenant's records.
    Read,
    /// Approve and decline proposals, hold, resume and write off cases, decide on letters, record payments.
    WorkCases,
    /// Upload and import files, start runs.
    Import,
    /// Correct a debtor's contact, exempt a debtor.
    EditDebtors,
    /// Change the tenant's settings, policies and integrations.
    Configure,
}

impl Viewer {
    /// Whether the viewer's role includes the action.
    pub fn may(&self, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::WorkCases | Action::Import | Action::EditDebtors => matches!(self.role, Role::Owner | Role::Accountant),
            Action::Configure => matches!(self.role, Role::Owner),
        }
    }

    /// Refuses when the viewer's role does not include the action.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub fn require(&self, action: Action) -> Result<()> {
        if self.may(action) { Ok(()) } else { Err(Refusal::new(RefusalCode::Forbidden, "your role does not allow this").into()) }
    }

    /// The viewer as the one who made a change.
    pub fn actor(&self) -> Actor {
        Actor::User(self.user)
    }
}
