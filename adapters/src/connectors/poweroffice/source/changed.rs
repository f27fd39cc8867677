//! Customers that changed since the mark: news of debtors that are known. GO does not count a new address as a change of
//! its customer; the nightly look at everything finds those.

use domain::port::{Page, Record, SourceError};

use super::{
    super::{position::Stage, position::stamp, wire::Customer},
    Going,
    ledger::in_order,
    list::PAGE_SIZE,
    read::read,
};

impl Going {
    pub(super) async fn changed_customers(&mut self, page: &mut Page) -> Result<(), SourceError> {
        let after = self.position.after.map(stamp).unwrap_or_default();
        let (number, size) = (self.position.page.to_string(), PAGE_SIZE.to_string());
        let order = "LastChangedDateTimeOffset";
        let query =
            [("lastChangedDateTimeOffsetGreaterThan", after.as_str()), ("OrderBy", order), ("PageNumber", &number), ("PageSize", &size)];
        let raws = self.client.list(&["Customers"], &query).await?;
        let customers: Vec<Customer> = read(&raws, &mut page.problems);
        let full = raws.len() >= PAGE_SIZE;
        let last = in_order("Customers", full, customers.iter().map(|customer| customer.last_changed_date_time_offset.0))?;
        self.people.learn(&self.client, &customers, &mut page.problems).await?;
        let debtors = customers.iter().filter_map(|customer| self.people.get(customer.id));
        page.records.extend(debtors.map(|debtor| Record { debtor: Some(debtor.clone()), ..Record::default() }));
        self.position.rows_done += raws.len() as u64;
        if !self.position.pass(full, last) {
            self.position.go(Stage::End, None);
        }
        Ok(())
    }
}
