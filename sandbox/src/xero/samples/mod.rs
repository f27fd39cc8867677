//! What a stand-in Xero holds at first: two organisations under one sign-in, one of New Zealand and one of Australia,
//! with invoices that are some days overdue by the stand-in's clock; and as many invented ones as a load test wants.
//! The people and businesses are invented; ids come from the stand-in's seed.

mod build;
mod load;
mod tables;

use crate::{
    frame::Frame,
    xero::books::{Books, Organisation},
};

/// The books of the two organisations.
pub fn books(frame: &Frame) -> Vec<Books> {
    let [mut first, mut second] = organisations(frame).map(Books::new);
    if frame.options.samples {
        build::fill(&mut first, frame, tables::NZ_CONTACTS, tables::NZ_INVOICES);
        build::fill(&mut second, frame, tables::AU_CONTACTS, tables::AU_INVOICES);
    }
    load::fill(&mut first, frame);
    vec![first, second]
}

fn organisations(frame: &Frame) -> [Organisation; 2] {
    [
        Organisation {
            id: frame.chance.uuid(),
            name: "Kōwhai Joinery".to_owned(),
            legal_name: "Kōwhai Joinery Limited".to_owned(),
            country: "NZ",
            currency: "NZD",
            time_zone: "NEWZEALANDSTANDARDTIME",
            short_code: "!kWj8R".to_owned(),
            registration_number: "9429000000000".to_owned(),
            tax_percent: 15,
            tax_type: "OUTPUT2",
        },
        Organisation {
            id: frame.chance.uuid(),
            name: "Bluegum Electrical".to_owned(),
            legal_name: "Bluegum Electrical Pty Ltd".to_owned(),
            country: "AU",
            currency: "AUD",
            time_zone: "AUSEASTERNSTANDARDTIME",
            short_code: "!bG2mE".to_owned(),
            registration_number: "000000019".to_owned(),
            tax_percent: 10,
            tax_type: "OUTPUT",
        },
    ]
}
