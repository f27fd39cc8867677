//! The samples as tables.

/// A contact.
pub struct ContactRow {
    pub name: &'static str,
    pub person: (&'static str, &'static str),
    pub email: &'static str,
    /// Kind, country, area and number, in the free forms that people use.
    pub phones: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// Kind, attention, line, second line, city, region, postal code, country.
    pub addresses: &'static [[&'static str; 8]],
    pub mark: Mark,
}

/// What is special about a contact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    /// Asked to be forgotten.
    Gdpr,
    /// Has somebody in accounts who gets a copy.
    Accounts(&'static str, &'static str, &'static str),
}

/// An invoice.
pub struct InvoiceRow {
    /// Position of the contact in its table.
    pub contact: usize,
    /// Days from today to the due date; negative when overdue.
    pub due_in: i64,
    /// With tax, in cents.
    pub total: i64,
    pub description: &'static str,
    pub reference: &'static str,
    pub state: State,
}

/// What happened to an invoice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Draft,
    Submitted,
    Voided,
    /// So many cents came in; whether the bank's statement shows them.
    PartPaid(i64, bool),
    /// All came in; whether the bank's statement shows it.
    Paid(bool),
    /// So many cents were credited by a credit note.
    Credited(i64),
    /// So many cents were left over from elsewhere.
    Overpaid(i64),
    /// So many cents had come in before.
    Prepaid(i64),
    /// The debtor promised to pay in so many days.
    Promised(i64),
    /// A bill of a supplier's.
    Bill,
}

use Mark::{Accounts, Gdpr};
use State::{Bill, Credited, Draft, Open, Overpaid, Paid, PartPaid, Prepaid, Promised, Submitted, Voided};

pub const NZ_CONTACTS: &[ContactRow] = &[
    ContactRow {
        name: "Te Awa Kitchens Limited",
        person: ("Aroha", "Tāwhiri"),
        email: "accounts@teawakitchens.example.co.nz",
        phones: &[("DEFAULT", "64", "(09)", "555 0142"), ("MOBILE", "64", "021", "555-0177"), ("FAX", "64", "9", "5550143")],
        addresses: &[
            ["POBOX", "Accounts Payable", "PO Box 10-442", "", "Tāmaki Makaurau Auckland", "", "1143", "New Zealand"],
            ["STREET", "", "18 Quay Lane", "Unit 4", "Auckland", "", "1010", "New Zealand"],
        ],
        mark: Accounts("Hēmi", "Parata", "hemi@teawakitchens.example.co.nz"),
    },
    ContactRow {
        name: "Whānau Builders 2019 Limited",
        person: ("Wiremu", "Ngata"),
        email: "office@whanaubuilders.example.co.nz",
        phones: &[("MOBILE", "", "", "027 555 0190"), ("DDI", "+64", "7", "555 0191")],
        addresses: &[["POBOX", "", "PO Box 3301", "", "Kirikiriroa Hamilton", "Waikato", "3240", "New Zealand"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "Harbour View Motel",
        person: ("Joan", "Fairweather"),
        email: "joan@harbourview.example.co.nz",
        phones: &[("DEFAULT", "64", "3", "555 0118"), ("OFFICE", "", "", "0800 555 011")],
        addresses: &[["STREET", "", "2 Marine Parade", "", "Picton", "Marlborough", "7220", "New Zealand"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "Ōtaki Organics",
        person: ("Māia", "Rangi"),
        email: "maia@otakiorganics.example.co.nz",
        phones: &[("MOBILE", "64", "22", "5550133")],
        addresses: &[["POBOX", "Māia Rangi", "RD 1", "", "Ōtaki", "", "5581", "New Zealand"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "Sione Fale Construction",
        person: ("Sione", "Fale"),
        email: "",
        phones: &[("MOBILE", "64", "21", "555 0125")],
        addresses: &[["POBOX", "", "PO Box 58-090", "Botany", "Auckland", "", "2163", "New Zealand"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "D. & R. O'Brien Partnership",
        person: ("Declan", "O'Brien"),
        email: "declan@obrien.example.co.nz",
        phones: &[("DEFAULT", "64", "04", "555-0166")],
        addresses: &[["STREET", "", "77 Tinakori Road", "", "Te Whanganui-a-Tara Wellington", "", "6011", "New Zealand"]],
        mark: Mark::None,
    },
    ContactRow { name: "Private client (removed)", person: ("", ""), email: "", phones: &[], addresses: &[], mark: Gdpr },
    ContactRow {
        name: "Southern Timber Supplies Limited",
        person: ("Grant", "McKay"),
        email: "sales@southerntimber.example.co.nz",
        phones: &[("OFFICE", "64", "3", "555 0199")],
        addresses: &[["POBOX", "", "PO Box 77", "", "Invercargill", "Southland", "9840", "New Zealand"]],
        mark: Mark::None,
    },
];

pub const NZ_INVOICES: &[InvoiceRow] = &[
    row(0, -120, 1_840_250, "Fitted cabinets, stage 2", "PO 4471", Open),
    row(0, -62, 460_000, "Benchtops, oak", "PO 4502", PartPaid(200_000, true)),
    row(0, -31, 96_715, "Hinges and runners", "PO 4519", Open),
    row(0, 9, 230_000, "Pantry doors", "PO 4533", Open),
    row(1, -95, 1_207_500, "Stair, rimu, 14 treads", "Lot 7", Promised(-3)),
    row(1, -45, 345_000, "Window frames", "Lot 7", Open),
    row(1, -14, 57_500, "Call-out and repair", "Lot 9", Open),
    row(1, 0, 115_000, "Door jambs", "Lot 9", Open),
    row(2, -74, 287_500, "Reception desk", "Disputed: colour is not as agreed, see e-mail", Open),
    row(2, -5, 32_200, "Key cabinet", "", Open),
    row(3, -33, 68_900, "Market stall, folding", "", PartPaid(30_000, false)),
    row(3, -21, 41_400, "Crates, 20", "", Open),
    row(3, -88, 172_500, "Shelving", "", Credited(34_500)),
    row(4, -52, 920_000, "Roof trusses", "", Open),
    row(4, -38, 138_000, "Roof trusses, variation 1", "VAR-1", Overpaid(20_000)),
    row(4, -7, 74_750, "Delivery to site", "", Open),
    row(5, -40, 517_500, "Bookcases, built in", "", Prepaid(150_000)),
    row(5, -28, 23_000, "Touch-up of varnish", "", Open),
    row(5, -66, 201_250, "Window seat", "", Paid(true)),
    row(6, -90, 80_500, "Bathroom vanity", "", Open),
    row(1, -110, 402_500, "Deck, kwila", "Lot 5", Paid(false)),
    row(2, -60, 64_400, "Bar stools, 4", "", Voided),
    row(3, 20, 92_000, "Display bench", "", Draft),
    row(5, 14, 310_500, "Kitchen island", "", Submitted),
    row(7, -12, 655_500, "Kiln-dried pine", "Our order 812", Bill),
];

pub const AU_CONTACTS: &[ContactRow] = &[
    ContactRow {
        name: "Ironbark Strata Management Pty Ltd",
        person: ("Priya", "Raman"),
        email: "ap@ironbarkstrata.example.com.au",
        phones: &[("DEFAULT", "61", "(02)", "5550 1180"), ("MOBILE", "", "", "0491 570 156")],
        addresses: &[["POBOX", "Accounts", "GPO Box 1170", "", "Sydney", "NSW", "2001", "Australia"]],
        mark: Accounts("Liam", "Chen", "liam@ironbarkstrata.example.com.au"),
    },
    ContactRow {
        name: "Coolabah Café",
        person: ("Zoë", "Marinos"),
        email: "zoe@coolabahcafe.example.com.au",
        phones: &[("MOBILE", "61", "", "491 570 157")],
        addresses: &[["STREET", "", "9 Smith Street", "", "Fitzroy", "VIC", "3065", "Australia"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "Redgum Civil Pty Ltd",
        person: ("Bruce", "Halloran"),
        email: "bruce@redgumcivil.example.com.au",
        phones: &[("OFFICE", "+61", "7", "5550 0144"), ("FAX", "61", "7", "5550 0145")],
        addresses: &[["POBOX", "", "Locked Bag 12", "", "Toowoomba", "QLD", "4350", "Australia"]],
        mark: Mark::None,
    },
    ContactRow {
        name: "St Brigid's Primary School",
        person: ("Margaret", "Doyle"),
        email: "bursar@stbrigids.example.edu.au",
        phones: &[("DDI", "61", "3", "5550 0102")],
        addresses: &[["POBOX", "The Bursar", "PO Box 40", "", "Ballarat", "VIC", "3350", "Australia"]],
        mark: Mark::None,
    },
];

pub const AU_INVOICES: &[InvoiceRow] = &[
    row(0, -101, 1_320_000, "Switchboard replacement, tower B", "WO 20931", Open),
    row(0, -44, 198_000, "Emergency lighting test", "WO 21007", Open),
    row(0, -32, 88_550, "Lift lobby lights", "WO 21044", PartPaid(44_275, true)),
    row(0, 12, 110_000, "Smoke alarms, annual", "WO 21090", Open),
    row(1, -58, 74_800, "Coffee machine circuit", "", Open),
    row(1, -16, 27_500, "Sign repair", "", Promised(4)),
    row(1, -35, 46_200, "Exhaust fan", "", Paid(true)),
    row(2, -80, 2_475_000, "Site power, stage 1", "RC-77", PartPaid(1_000_000, true)),
    row(2, -50, 990_000, "Site power, stage 2", "RC-78", Open),
    row(2, -20, 330_000, "Generator hire", "RC-81", Open),
    row(2, -3, 55_000, "Test and tag", "RC-83", Open),
    row(3, -70, 143_000, "Hall lighting", "Disputed: two fittings missing", Open),
    row(3, -30, 61_600, "Bell system", "", Credited(11_000)),
    row(3, 25, 220_000, "Data cabling, library", "", Open),
    row(1, -64, 38_500, "Call-out after hours", "", Voided),
];

const fn row(contact: usize, due_in: i64, total: i64, description: &'static str, reference: &'static str, state: State) -> InvoiceRow {
    InvoiceRow { contact, due_in, total, description, reference, state }
}
