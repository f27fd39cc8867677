//! The claim on a day, pure: invoices, payments, credit notes, fees, fixed sums and interest in the order of their days,
//! settled by the country's order.
//!
//! Rules that hold in every country:
//! - Interest is simple, on principal only: never on interest, never on costs (BGB § 289).
//! - Interest runs through the day on which money arrives, and the claim of a day holds that day's interest: who pays on
//!   a day what is claimed on it owes nothing.
//! - A line ends where the rate changes and where money arrives. An invoice's lines add up to its exact interest, rounded
//!   once.
//! - A credit note lessens the invoice from the start, and so does what the books say is settled without telling when:
//!   nobody told that the sum was ever owed, so it bears no interest.
//! - A payment is on the invoice that the books put it on. It settles costs, interest and that invoice in the country's
//!   order, never another invoice; what it is more than the invoice asked for settles what is owed beside.
//! - Money that is dated after the day of the claim counts, because the books count it; the interest until that day stays.
//! - Giving up takes away what is open on that day, after the day's money: what was paid stays paid.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{ChargeId, ChargeKind, InvoiceId, PaymentKind};

use super::lines::{Calculation, Charged, Gap, Input, Line, LineKind, Open, Owed, State};
use crate::law::{Accrual, InterestLine, Part, RatePeriod, Slice, TooLarge, kept_rate};

/// Computes the claim of a day.
///
/// # Errors
///
/// [`TooLarge`] when a sum leaves the range of amounts.
pub fn state(input: &Input, as_of: NaiveDate) -> Result<State, TooLarge> {
    let mut run = Run::new(input, as_of)?;
    for (day, events) in days(input, as_of) {
        run.accrue(day)?;
        events.charges.into_iter().for_each(|charge| run.charge(charge));
        for (invoice, amount) in events.paid {
            run.pay(invoice, amount, day)?;
        }
        run.receive(events.received, day)?;
        for charge in events.waived {
            run.waive_charge(charge, day)?;
        }
        run.waive_interest(events.waived_interest, day)?;
    }
    run.accrue(as_of)?;
    run.finish()
}

/// What happens on one day; the same whatever order it is told in.
#[derive(Default)]
struct Events<'a> {
    charges: Vec<&'a Charged>,
    /// By invoice, so that a payment in two parts is one payment.
    paid: BTreeMap<(NaiveDate, InvoiceId), i128>,
    received: i128,
    waived: Vec<&'a Charged>,
    waived_interest: i128,
}

fn days(input: &Input, as_of: NaiveDate) -> BTreeMap<NaiveDate, Events<'_>> {
    let after = as_of.succ_opt().unwrap_or(as_of);
    let mut days: BTreeMap<NaiveDate, Events<'_>> = BTreeMap::new();
    for charge in &input.charges {
        days.entry(charge.on.min(after)).or_default().charges.push(charge);
        if let Some(waived_on) = charge.waived_on {
            days.entry(waived_on.max(charge.on).min(after)).or_default().waived.push(charge);
        }
    }
    for waiver in &input.waivers {
        days.entry(waiver.on.min(after)).or_default().waived_interest += i128::from(waiver.amount_minor);
    }
    for paid in input.payments.iter().filter(|paid| paid.kind == PaymentKind::Payment) {
        if let Some(invoice) = input.invoices.iter().find(|invoice| invoice.id == paid.invoice) {
            let paid_so_far = days.entry(paid.on.min(after)).or_default().paid.entry((invoice.due_on, invoice.id)).or_default();
            *paid_so_far += i128::from(paid.amount_minor);
        }
    }
    for received in &input.received {
        days.entry(received.on.min(after)).or_default().received += i128::from(received.amount_minor);
    }
    for events in days.values_mut() {
        events.charges.sort_by_key(|charge| (charge.on, charge.id));
        events.waived.sort_by_key(|charge| (charge.on, charge.id));
    }
    days
}

/// One invoice under way.
struct Account<'a> {
    owed: &'a Owed,
    /// Open by the order of settlement.
    open: i128,
    /// Open by the books.
    booked: i128,
    /// The first day whose interest is not in a line yet.
    next: Option<NaiveDate>,
    /// The rates that hold for it; none when no interest is claimed.
    rates: Option<Vec<RatePeriod>>,
    /// Its interest, exact.
    running: Accrual,
}

/// A charge under way.
struct Item {
    id: ChargeId,
    kind: ChargeKind,
    open: i128,
}

struct Run<'a> {
    input: &'a Input,
    as_of: NaiveDate,
    accounts: Vec<Account<'a>>,
    items: Vec<Item>,
    interest_open: i128,
    principal_lines: Vec<Line>,
    lines: Vec<Line>,
    gaps: Vec<Gap>,
}

impl<'a> Run<'a> {
    fn new(input: &'a Input, as_of: NaiveDate) -> Result<Self, TooLarge> {
        let mut invoices: Vec<&Owed> = input.invoices.iter().collect();
        invoices.sort_by_key(|invoice| (invoice.due_on, invoice.id));
        let mut run = Self {
            input,
            as_of,
            accounts: Vec::with_capacity(invoices.len()),
            items: Vec::new(),
            interest_open: 0,
            principal_lines: Vec::new(),
            lines: Vec::new(),
            gaps: Vec::new(),
        };
        for owed in invoices {
            let principal = run.open_account(owed)?;
            let rates = input.rates.as_ref().map(|rates| rates_of(owed, rates, input.fixed_at_start));
            let running = Accrual::default();
            run.accounts.push(Account { owed, open: principal, booked: principal, next: owed.interest_from, rates, running });
        }
        Ok(run)
    }

    /// Writes an invoice's own lines; returns what of it was owed in money.
    fn open_account(&mut self, owed: &Owed) -> Result<i128, TooLarge> {
        let line = |kind, on, amount: i128| -> Result<Line, TooLarge> {
            Ok(Line { kind, invoice: Some(owed.id), charge: None, on, amount_minor: narrow(amount)?, calculation: None })
        };
        self.principal_lines.push(line(LineKind::Principal, Some(owed.due_on), owed.total_minor.into())?);
        let mut reducing: Vec<_> = self.input.payments.iter().filter(|paid| paid.invoice == owed.id).collect();
        reducing.sort_by_key(|paid| (paid.on, paid.id));
        let (credits, payments): (Vec<_>, Vec<_>) = reducing.into_iter().partition(|paid| paid.kind == PaymentKind::CreditNote);
        let mut left = i128::from(owed.total_minor);
        for credit in credits {
            let amount = i128::from(credit.amount_minor).min(left);
            left -= amount;
            self.principal_lines.push(line(LineKind::CreditNote, Some(credit.on), -amount)?);
        }
        let paid: i128 = payments.iter().map(|paid| i128::from(paid.amount_minor)).sum();
        // What is settled by the books alone.
        let unexplained = ((left - paid).max(0) - i128::from(owed.outstanding_minor)).max(0);
        let principal = left - unexplained;
        let mut left = principal;
        for payment in payments {
            let amount = i128::from(payment.amount_minor).min(left);
            left -= amount;
            self.principal_lines.push(line(LineKind::Payment, Some(payment.on), -amount)?);
        }
        let kind = if owed.given_up { LineKind::WriteOff } else { LineKind::Payment };
        self.principal_lines.push(line(kind, None, -unexplained)?);
        self.principal_lines.retain(|line| line.amount_minor != 0 || line.kind == LineKind::Principal);
        Ok(principal)
    }

    /// Writes the interest of all days through `last` that is not written yet.
    fn accrue(&mut self, last: NaiveDate) -> Result<(), TooLarge> {
        let last = last.min(self.as_of);
        for account in &mut self.accounts {
            let Some(first) = account.next.filter(|first| *first <= last) else { continue };
            let Some(rates) = account.rates.as_deref() else { continue };
            account.next = last.succ_opt();
            if account.open == 0 {
                continue;
            }
            let to = last.succ_opt().unwrap_or(last);
            let slice = Slice { from: first, to, principal_minor: narrow(account.open)? };
            let stretch = account.running.add(slice, rates, self.input.day_count)?;
            self.gaps.extend(stretch.gaps.iter().map(|gap| Gap { first: gap.start, last: day_before(gap.end) }));
            for told in stretch.lines.iter().filter(|told| told.amount_minor > 0) {
                self.interest_open += i128::from(told.amount_minor);
                self.lines.push(interest_line(account.owed.id, told));
            }
        }
        Ok(())
    }

    fn charge(&mut self, charge: &Charged) {
        self.items.push(Item { id: charge.id, kind: charge.kind, open: charge.amount_minor.into() });
        self.lines.push(Line {
            kind: if charge.kind == ChargeKind::Fee { LineKind::Fee } else { LineKind::FixedSum },
            invoice: charge.invoice,
            charge: Some(charge.id),
            on: Some(charge.on),
            amount_minor: charge.amount_minor,
            calculation: None,
        });
    }

    /// Money on an invoice.
    fn pay(&mut self, invoice: (NaiveDate, InvoiceId), amount: i128, on: NaiveDate) -> Result<(), TooLarge> {
        let Some(index) = self.accounts.iter().position(|account| (account.owed.due_on, account.owed.id) == invoice) else {
            return Ok(());
        };
        let booked = amount.min(self.accounts[index].booked);
        self.accounts[index].booked -= booked;
        let mut left = amount;
        for bucket in self.input.order {
            match bucket {
                Part::Costs => self.settle_costs(&mut left),
                Part::Interest => take(&mut self.interest_open, &mut left),
                Part::Principal => take(&mut self.accounts[index].open, &mut left),
            }
        }
        self.beside(amount - left - booked, Some(invoice.1), on)
    }

    /// Money for what is owed beside the invoices: it never makes less of an invoice open than the books say.
    fn receive(&mut self, amount: i128, on: NaiveDate) -> Result<(), TooLarge> {
        let mut left = amount;
        for bucket in self.input.order {
            match bucket {
                Part::Costs => self.settle_costs(&mut left),
                Part::Interest => take(&mut self.interest_open, &mut left),
                Part::Principal => self.settle_beyond(&mut left),
            }
        }
        self.beside(amount - left, None, on)
    }

    /// Settles what is open of invoices beyond what the books say.
    fn settle_beyond(&mut self, left: &mut i128) {
        for account in &mut self.accounts {
            let mut beyond = account.open - account.booked;
            let before = beyond;
            take(&mut beyond, left);
            account.open -= before - beyond;
        }
    }

    /// What is open of a charge is given up.
    fn waive_charge(&mut self, charge: &Charged, on: NaiveDate) -> Result<(), TooLarge> {
        let Some(item) = self.items.iter_mut().find(|item| item.id == charge.id) else { return Ok(()) };
        let open = std::mem::take(&mut item.open);
        self.waiver(open, charge.invoice, Some(charge.id), on)
    }

    /// Interest is given up, then principal that money was taken from for interest and costs.
    fn waive_interest(&mut self, amount: i128, on: NaiveDate) -> Result<(), TooLarge> {
        let mut left = amount;
        take(&mut self.interest_open, &mut left);
        self.settle_beyond(&mut left);
        self.waiver(amount - left, None, None, on)
    }

    fn waiver(&mut self, amount: i128, invoice: Option<InvoiceId>, charge: Option<ChargeId>, on: NaiveDate) -> Result<(), TooLarge> {
        if amount > 0 {
            let (kind, amount_minor) = (LineKind::Waiver, narrow(-amount)?);
            self.lines.push(Line { kind, invoice, charge, on: Some(on), amount_minor, calculation: None });
        }
        Ok(())
    }

    fn settle_costs(&mut self, left: &mut i128) {
        self.items.iter_mut().for_each(|item| take(&mut item.open, left));
    }

    fn beside(&mut self, amount: i128, invoice: Option<InvoiceId>, on: NaiveDate) -> Result<(), TooLarge> {
        if amount > 0 {
            let amount_minor = narrow(-amount)?;
            let kind = LineKind::ChargePayment;
            self.lines.push(Line { kind, invoice, charge: None, on: Some(on), amount_minor, calculation: None });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<State, TooLarge> {
        let of = |kind| self.items.iter().filter(|item| item.kind == kind).map(|item| item.open).sum::<i128>();
        let open = Open {
            principal_minor: narrow(self.accounts.iter().map(|account| account.open).sum())?,
            interest_minor: narrow(self.interest_open)?,
            fees_minor: narrow(of(ChargeKind::Fee))?,
            fixed_sums_minor: narrow(of(ChargeKind::FixedSum))?,
        };
        let total = [open.principal_minor, open.interest_minor, open.fees_minor, open.fixed_sums_minor].map(i128::from).iter().sum();
        let books: i128 = self.accounts.iter().map(|account| account.booked).sum();
        let (total, books_minor) = (narrow(total)?, narrow(books)?);
        let open_charges = self.items.iter().map(|item| Ok((item.id, narrow(item.open)?))).collect::<Result<_, TooLarge>>()?;
        let mut lines = self.principal_lines;
        lines.append(&mut self.lines);
        let (charges_minor, missing) = (total - books_minor, joined(self.gaps));
        Ok(State { lines, open, books_minor, charges_minor, open_charges, missing })
    }
}

fn interest_line(invoice: InvoiceId, told: &InterestLine) -> Line {
    let (first, last) = (told.from, day_before(told.to));
    let InterestLine { principal_minor, rate_ppm: ppm, days, year_days, amount_minor, .. } = *told;
    let calculation = Some(Calculation { principal_minor, ppm, first, last, days, year_days });
    Line { kind: LineKind::Interest, invoice: Some(invoice), charge: None, on: Some(last), amount_minor, calculation }
}

/// The rates of one invoice: those of the table, or for good the one of its first day, if that is known.
fn rates_of(owed: &Owed, rates: &[RatePeriod], fixed_at_start: bool) -> Vec<RatePeriod> {
    match owed.interest_from.filter(|_| fixed_at_start) {
        Some(began) => kept_rate(rates, began),
        None => rates.to_vec(),
    }
}

/// The day before another, or the first day there is.
fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// Takes as much as there is and as is left.
fn take(open: &mut i128, left: &mut i128) {
    let part = (*open).min(*left).max(0);
    *open -= part;
    *left -= part;
}

fn narrow(amount: i128) -> Result<i64, TooLarge> {
    i64::try_from(amount).map_err(|_| TooLarge)
}

/// Gaps of several invoices as few stretches.
fn joined(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by_key(|gap| (gap.first, gap.last));
    let mut joined: Vec<Gap> = Vec::new();
    for gap in gaps {
        match joined.last_mut() {
            Some(last) if gap.first <= last.last.succ_opt().unwrap_or(last.last) => last.last = last.last.max(gap.last),
            _ => joined.push(gap),
        }
    }
    joined
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
