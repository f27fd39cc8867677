//! What creditors set: the switch, consent, limits, charges, policies.

use domain::{
    claim::{ChargeChanges, Residual},
    policy::{
        self, Draft, Ladder, Position, Price, Scope, archive, assign, direct_agency, move_cases, notice_first, reminder_to_handover,
        three_weekly_letters,
    },
    tenant::{self, ContactLimits, TenantChanges},
};
use entity::{CaseGrouping, ConsentMode, PolicyId, Scoped, escalation_policy};

use super::life::{Life, no_fault, notice_and_letters};
use crate::stories::{
    ahead::seven_ahead,
    tasks::{call_first, letter_call_letter},
};

impl Life<'_> {
    pub(super) async fn creditor_acts(&self) {
        match self.chance.below(9) {
            0 => self.switch().await,
            1 => self.mode().await,
            2 => self.limits().await,
            3 => self.charge().await,
            4 | 5 => self.move_case().await,
            6 => self.assign().await,
            7 => self.archive().await,
            _ => self.revise().await,
        }
    }

    async fn set(&self, changes: TenantChanges) {
        no_fault(tenant::update(&self.world.env, self.viewer(), &changes).await);
    }

    async fn switch(&self) {
        self.world.switch(&self.of, self.chance.below(3) > 0).await;
    }

    async fn mode(&self) {
        let mode = *self.chance.pick(&[ConsentMode::Automatic, ConsentMode::EachLetter]);
        let consent_days = Some(*self.chance.pick(&[1, 3, 14]));
        self.set(TenantChanges { consent_mode: Some(mode), consent_days, ..TenantChanges::default() }).await;
    }

    async fn limits(&self) {
        let contact_limits = ContactLimits {
            gap_days: Some(*self.chance.pick(&[0, 1, 1, 3])),
            per_week: Some(*self.chance.pick(&[0, 1, 2])),
            per_month: Some(*self.chance.pick(&[0, 3])),
        };
        self.set(TenantChanges {
            contact_limits,
            group_letters: Some(self.chance.below(2) == 0),
            skip_holidays: Some(self.chance.below(2) == 0),
            case_grouping: Some(*self.chance.pick(&[CaseGrouping::PerInvoice, CaseGrouping::PerInvoice, CaseGrouping::PerDebtor])),
            ..TenantChanges::default()
        })
        .await;
    }

    async fn charge(&self) {
        if self.charges() {
            let charges = ChargeChanges {
                fixed_sum: Some(self.chance.below(2) == 0),
                fees: Some(self.chance.below(2) == 0),
                residual: Some(*self.chance.pick(&[Residual::Keep, Residual::Waive])),
                ..ChargeChanges::default()
            };
            self.set(TenantChanges { charges: Some(charges), ..TenantChanges::default() }).await;
        }
    }

    /// Any ladder that is made, and now and then one that asks, or charges, acknowledges, or passes small sums over.
    fn some_ladder(&self) -> Ladder {
        let ladders = [
            three_weekly_letters(),
            reminder_to_handover(),
            letter_call_letter(),
            call_first(),
            notice_first(),
            notice_and_letters(),
            direct_agency(),
            seven_ahead(),
        ];
        let mut ladder = self.chance.pick(&ladders).clone();
        ladder.part_payment_letter = self.chance.below(2) == 0;
        let last = ladder.steps.len() - 1;
        match self.chance.below(5) {
            0 => ladder.steps[last].minimum = vec![Price { currency: self.land.currency.into(), minor: 100_00 }],
            1 => ladder.consent = Some(ConsentMode::EachLetter),
            2 => ladder.steps[0].consent = Some(ConsentMode::Automatic),
            3 => ladder.steps[0].fee = vec![Price { currency: self.land.currency.into(), minor: 5_00 }],
            _ => ladder.handover_after_days = None,
        }
        ladder
    }

    async fn some_policy(&self) -> PolicyId {
        let rows = escalation_policy::Entity::of(self.of.tenant()).all(&self.world.env.db).await.unwrap();
        self.chance.pick(&rows).id
    }

    async fn save(&self, id: Option<PolicyId>) {
        no_fault(policy::save(&self.world.env, self.viewer(), id, &Draft::new("Any", &self.some_ladder())).await);
    }

    async fn revise(&self) {
        let id = Some(self.some_policy().await).filter(|_| self.chance.below(3) > 0);
        self.save(id).await;
    }

    /// A policy is revised, and a case is moved to what it says now.
    async fn move_case(&self) {
        let policy = self.some_policy().await;
        self.save(Some(policy)).await;
        let Some(case) = self.some_case().await else { return };
        let position = *self.chance.pick(&[Position::KeepIndex, Position::KeepIndex, Position::Restart, Position::At(1)]);
        no_fault(move_cases(&self.world.env, self.viewer(), &[case.id], policy, position).await);
    }

    async fn assign(&self) {
        let debtors = self.world.debtors(&self.of).await;
        let scopes = [Scope::Tenant, Scope::Integration(self.of.integration), Scope::Debtor(self.chance.pick(&debtors).id)];
        let scope = *self.chance.pick(&scopes);
        let policy = Some(self.some_policy().await).filter(|_| self.chance.below(4) > 0);
        no_fault(assign(&self.world.env, self.viewer(), scope, policy).await);
    }

    async fn archive(&self) {
        let (id, other) = (self.some_policy().await, self.some_policy().await);
        no_fault(archive(&self.world.env, self.viewer(), id, Some(other)).await);
    }
}
