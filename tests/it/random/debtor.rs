//! What debtors do, and what is heard of them: money, the books, providers' news.

use domain::{
    Change,
    claim::{receive_in, reverse_received},
    debtor::{ContactChanges, update_contact},
    delivery::{heard, told, unsubscribe},
    payment::{NewPayment, record, reverse},
    port::receipt::{DeliveryNews, Inbound, NewsOf, Trouble},
};
use entity::{Channel, DeliveryStatus, NewsKind, PaymentSource, Scoped, SuppressionReason, charge_payment, delivery};

use super::life::{Life, no_fault};
use crate::{postbox::Answer, sheet::Payment};

/// Invoices that the books know at most.
const MOST_INVOICES: usize = 6;

impl Life<'_> {
    pub(super) async fn debtor_acts(&mut self) {
        match self.chance.below(11) {
            0 => self.pay_by_hand().await,
            1 => self.take_back().await,
            2 | 3 => self.pay_by_file().await,
            4 => self.edit().await,
            5 => self.buy().await,
            6 => self.trouble(),
            7 => self.news().await,
            8 => self.answer().await,
            9 => self.moves_away().await,
            _ => self.pay_charges().await,
        }
    }

    async fn pay_by_hand(&self) {
        let Some(case) = self.some_case().await else { return };
        let amount_minor = *self.chance.pick(&[1, 10_00, case.outstanding_minor, case.outstanding_minor / 2]);
        let received_on = self.world.today(&self.of);
        let new = NewPayment { case: case.id, amount_minor, currency: self.land.currency.into(), received_on, reference: None };
        no_fault(record(&self.world.env, self.viewer(), &new).await);
    }

    async fn take_back(&self) {
        let payments = self.world.payment_rows(&self.of).await;
        let by_hand: Vec<_> = payments.iter().filter(|p| p.source == PaymentSource::Manual).collect();
        if !by_hand.is_empty() {
            no_fault(reverse(&self.world.env, self.viewer(), self.chance.pick(&by_hand).id, "bounced").await);
        }
    }

    async fn pay_by_file(&mut self) {
        let invoice = self.chance.pick(&self.books).number.clone();
        let id = format!("{invoice}-{}", self.chance.below(2));
        let amount = *self.chance.pick(&["20.00", "60.00", "150.00"]);
        let mut payment = Payment::new(&invoice, &id, amount);
        payment.reconciled = self.chance.below(4) > 0;
        payment.reversed = self.chance.below(3) == 0;
        payment.kind = (*self.chance.pick(&["payment", "payment", "payment", "credit note"])).into();
        self.give_payment(payment).await;
    }

    /// Money for what is owed beside the invoices, or such money goes away again.
    async fn pay_charges(&self) {
        let Some(case) = self.some_case().await.filter(|_| self.charges()) else { return };
        let rows = charge_payment::Entity::of(self.of.tenant()).all(&self.world.env.db).await.unwrap();
        if self.chance.below(3) == 0 && !rows.is_empty() {
            no_fault(reverse_received(&self.world.env, self.viewer(), self.chance.pick(&rows).id, "bounced").await);
            return;
        }
        let amount_minor = *self.chance.pick(&[1, 5_00, case.charges_minor]);
        let received_on = self.world.today(&self.of);
        let new = NewPayment { case: case.id, amount_minor, currency: self.land.currency.into(), received_on, reference: None };
        let mut change = Change::begin(&self.world.env, self.of.tenant(), self.viewer().actor()).await.unwrap();
        let received = receive_in(&mut change, self.viewer(), &new).await;
        if received.is_ok() {
            change.commit().await.unwrap();
        }
        no_fault(received);
    }

    /// The books change: another sum, a dispute, the end of one, a void, or only the same again.
    async fn edit(&mut self) {
        let at = self.chance.below(self.books.len());
        let total = *self.chance.pick(&["120.00", "150.00", "80.00"]);
        let state = *self.chance.pick(&["approved", "approved", "approved", "approved", "voided"]);
        self.books[at].total = total.into();
        self.books[at].state = state.into();
        self.books[at].disputed = self.chance.below(5) == 0;
        self.give_invoices().await;
    }

    /// Another invoice, of a debtor that there is already or of a new one.
    async fn buy(&mut self) {
        if self.books.len() < MOST_INVOICES {
            self.write_invoice();
            let last = self.books.pop().unwrap();
            let debtor = *self.chance.pick(&["Aroha Ltd", "Aroha Ltd", "Cedar Ltd"]);
            self.books.push(last.debtor(debtor));
        }
        self.give_invoices().await;
    }

    fn trouble(&self) {
        let answers = [Answer::Transient(None), Answer::Rejected, Answer::Unauthorised, Answer::LostBefore, Answer::LostAfter];
        self.world.postbox.answer(*self.chance.pick(&[Channel::Email, Channel::Email, Channel::Sms]), *self.chance.pick(&answers));
    }

    async fn some_delivery(&self, wanted: impl Fn(&delivery::Model) -> bool) -> Option<delivery::Model> {
        let rows: Vec<_> = self.world.deliveries(&self.of).await.into_iter().filter(wanted).collect();
        (!rows.is_empty()).then(|| self.chance.pick(&rows).clone())
    }

    /// A provider tells what became of something: also twice, late and of what it never had.
    async fn news(&self) {
        let nobody_has_it = [DeliveryStatus::Scheduled, DeliveryStatus::ReadyToPost, DeliveryStatus::Cancelled];
        let left = |row: &delivery::Model| !nobody_has_it.contains(&row.status);
        let Some(row) = self.some_delivery(left).await else { return };
        let kinds = [NewsKind::Delivered, NewsKind::Delayed, NewsKind::Bounced, NewsKind::Undelivered];
        let kind = *self.chance.pick(&kinds);
        let suppress = Some(SuppressionReason::Bounced).filter(|_| self.chance.below(2) == 0);
        let trouble = matches!(kind, NewsKind::Bounced | NewsKind::Undelivered);
        let trouble = trouble.then(|| Trouble { code: "MAILBOX_UNKNOWN".into(), message: "nobody here".into(), suppress });
        let word = format!("{kind:?}").to_lowercase();
        let news =
            DeliveryNews { of: NewsOf::Delivery(row.id), kind, trouble, mark: word.clone(), word, at: None, raw: serde_json::json!({}) };
        no_fault(told(&self.world.env, &news).await);
    }

    /// A debtor wants no e-mails or short messages any more, or wants them again.
    async fn answer(&self) {
        let Some(row) = self.some_delivery(|row| row.channel != Channel::Post).await else { return };
        if row.channel == Channel::Email {
            no_fault(unsubscribe(&self.world.env, row.id).await);
            return;
        }
        let text = *self.chance.pick(&["STOP", "START", "I paid yesterday"]);
        let id = format!("in-{}", self.chance.next());
        no_fault(heard(&self.world.env, &Inbound { from: row.recipient, id, text: text.into(), keyword: None }).await);
    }

    /// Another address, or none.
    async fn moves_away(&self) {
        let debtors = self.world.debtors(&self.of).await;
        let debtor = self.chance.pick(&debtors);
        let email = *self.chance.pick(&["a@example.com", "b@example.com", ""]);
        let changes = ContactChanges { email: Some(email.into()), ..ContactChanges::default() };
        no_fault(update_contact(&self.world.env, self.viewer(), debtor.id, &changes).await);
    }
}
