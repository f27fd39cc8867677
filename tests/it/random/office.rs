//! What people in the creditor's office do with cases, letters, tasks and debtors.

use chrono::Days;
use domain::{
    Change,
    case::{Selection, approve, decline, hold, resume, withdraw},
    claim::{Waived, waive},
    debtor::set_exemption,
    delivery::{Resolution, lift, resolve},
    letter::{Consent, decide_consent, mark_posted, reissue, send_statement_in},
    print, task,
};
use entity::{
    CaseStatus, Channel, CloseReason, DeliveryStatus, HoldReason, LetterStatus, PrintBatchStatus, Scoped, WorkTaskStatus, print_batch,
    suppression,
};

use super::life::{Life, no_fault};

impl Life<'_> {
    pub(super) async fn office_acts(&self) {
        match self.chance.below(16) {
            0 | 1 => self.pause().await,
            2 => self.go_on().await,
            3 | 4 => self.approve().await,
            5..=7 => self.consent(&[Consent::Granted, Consent::Granted, Consent::Refused]).await,
            8 => self.tasks().await,
            9 => self.repair().await,
            10 => self.post().await,
            11 => self.lift().await,
            12 => self.exempt().await,
            13 => self.print().await,
            14 => self.state().await,
            _ => self.end().await,
        }
    }

    async fn pause(&self) {
        let Some(case) = self.some_case().await else { return };
        let until = self.world.today(&self.of) + Days::new(self.chance.next() % 20);
        let reason = *self.chance.pick(&[HoldReason::Paused, HoldReason::Disputed, HoldReason::Promised]);
        no_fault(hold(&self.world.env, self.viewer(), case.id, reason, until, "", None).await);
    }

    async fn go_on(&self) {
        let Some(case) = self.some_case().await else { return };
        no_fault(resume(&self.world.env, self.viewer(), case.id, None).await);
    }

    pub(super) async fn approve(&self) {
        for case in self.world.cases(&self.of).await.iter().filter(|c| c.status == CaseStatus::Proposed) {
            no_fault(approve(&self.world.env, self.viewer(), &Selection::Ids(vec![case.id])).await);
        }
    }

    pub(super) async fn consent(&self, answers: &[Consent]) {
        for letter in self.world.letters(&self.of).await.iter().filter(|l| l.status == LetterStatus::AwaitingConsent) {
            no_fault(decide_consent(&self.world.env, self.viewer(), letter.id, *self.chance.pick(answers)).await);
        }
    }

    pub(super) async fn tasks(&self) {
        for task in self.world.tasks(&self.of).await.iter().filter(|t| t.status == WorkTaskStatus::Open) {
            if self.chance.below(2) == 0 {
                no_fault(task::complete(&self.world.env, self.viewer(), task.id, "reached").await);
            } else {
                no_fault(task::skip(&self.world.env, self.viewer(), task.id, "no phone").await);
            }
        }
    }

    /// A person looks after what the machine must not decide.
    pub(super) async fn repair(&self) {
        let env = &self.world.env;
        for row in self.world.deliveries(&self.of).await.iter().filter(|d| d.status == DeliveryStatus::Unknown) {
            let arrived = self.world.postbox.effects().iter().any(|e| e.delivery == row.id);
            let resolution = if arrived { Resolution::WasSent } else { Resolution::SendAgain };
            no_fault(resolve(env, self.viewer(), row.id, resolution).await);
        }
        for letter in self.world.letters(&self.of).await.iter().filter(|l| l.status == LetterStatus::Failed) {
            no_fault(reissue(env, self.viewer(), letter.id).await);
        }
    }

    pub(super) async fn post(&self) {
        for letter in self.world.letters(&self.of).await.iter().filter(|l| l.status == LetterStatus::Sending) {
            no_fault(mark_posted(&self.world.env, self.viewer(), letter.id, self.world.today(&self.of)).await);
        }
    }

    pub(super) async fn lift(&self) {
        for row in suppression::Entity::of(self.of.tenant()).all(&self.world.env.db).await.unwrap() {
            no_fault(lift(&self.world.env, self.viewer(), row.id).await);
        }
    }

    async fn exempt(&self) {
        let debtors = self.world.debtors(&self.of).await;
        let until = Some(self.world.today(&self.of) + Days::new(10)).filter(|_| self.chance.below(2) == 0);
        let exempt = self.chance.below(2) == 0;
        no_fault(set_exemption(&self.world.env, self.viewer(), self.chance.pick(&debtors).id, exempt, "a friend", until).await);
    }

    /// Letters are printed together, and posted or given up.
    async fn print(&self) {
        let env = &self.world.env;
        no_fault(print::create(env, self.viewer(), &print::Choice::All, false).await);
        let rows = print_batch::Entity::of(self.of.tenant()).all(&env.db).await.unwrap();
        for batch in rows.iter().filter(|b| b.status == PrintBatchStatus::Open) {
            no_fault(print::document(env, self.of.tenant(), batch.id).await);
            match self.chance.below(3) {
                0 => no_fault(print::cancel(env, self.viewer(), batch.id).await),
                1 => no_fault(print::mark_posted(env, self.viewer(), batch.id, self.world.today(&self.of)).await),
                _ => {}
            }
        }
    }

    /// A statement of account is asked for.
    async fn state(&self) {
        let Some(case) = self.some_case().await else { return };
        let by = *self.chance.pick(&[None, Some(Channel::Email), Some(Channel::Post)]);
        let mut change = Change::begin(&self.world.env, self.of.tenant(), self.viewer().actor()).await.unwrap();
        let asked = send_statement_in(&mut change, self.viewer(), case.id, by).await;
        if asked.is_ok() {
            change.commit().await.unwrap();
        }
        no_fault(asked);
    }

    /// Charges are given up; now and then a whole case.
    async fn end(&self) {
        let Some(case) = self.some_case().await else { return };
        match self.chance.below(6) {
            0 => no_fault(withdraw(&self.world.env, self.viewer(), case.id, CloseReason::Withdrawn, "", None).await),
            1 => no_fault(decline(&self.world.env, self.viewer(), &Selection::Ids(vec![case.id]), None).await),
            _ => no_fault(waive(&self.world.env, self.viewer(), case.id, &Waived::All, "small").await),
        }
    }
}
