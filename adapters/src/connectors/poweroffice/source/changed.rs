//! Customers that changed since the mark: news of debtors that are known. GO does not count a new address as a change of
//! its customer; the nightly look at everything finds those.

use domain::port::{Page, Record, SourceError};

use super::{
    super::{
        position::{Stage, stamp},
        wire::Customer,
    },
    Going,
    list::PAGE_SIZE,
    read::read,
};

impl Going {
    /// One page of them. Counting pages loses nobody here: a customer that changes again stays among those that changed
    /// since the mark, so the list only grows while it is read.
    pub(super) async fn changed_customers(&mut self, page: &mut Page) -> Result<(), SourceError> {
        let after = self.position.after.map(stamp).unwrap_or_default();
        let (number, size) = (self.position.page.to_string(), PAGE_SIZE.to_string());
        let query = [("lastChangedDateTimeOffsetGreaterThan", after.as_str()), ("PageNumber", &number), ("PageSize", &size)];
        let raws = self.client.list(&["Customers"], &query).await?;
        let customers: Vec<Customer> = read(&raws, &mut page.problems);
        self.people.learn(&self.client, &customers, &mut page.problems).await?;
        let debtors = customers.iter().filter_map(|customer| self.people.get(customer.id));
        page.records.extend(debtors.map(|debtor| Record { debtor: Some(debtor.clone()), ..Record::default() }));
        self.position.rows_done += raws.len() as u64;
        if raws.len() < PAGE_SIZE {
            self.position.go(Stage::End, None);
        } else {
            self.position.page += 1;
        }
        Ok(())
    }
}
