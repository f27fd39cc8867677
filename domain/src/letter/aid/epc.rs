//! The payment code that banking apps of the euro area scan (EPC069-12, version 002): account, amount and reference of
//! one SEPA credit transfer as text.

use iban::IbanLike;

/// Most bytes of the whole text.
pub const MAX_BYTES: usize = 331;
/// Most characters of the account holder's name.
const MAX_NAME_CHARS: usize = 70;
/// Most characters of a remittance text.
const MAX_TEXT_CHARS: usize = 140;
/// The largest amount: 999,999,999.99 euro.
const MAX_AMOUNT_MINOR: i64 = 99_999_999_999;

/// Countries of the European Economic Area: the payer's bank finds the BIC by itself.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT",
    "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];
/// The longest-standing other countries of the SEPA area (EPC409-09): the BIC must be given. Those that joined later are
/// left out until one is asked for; a letter without a code is as good as ever.
const SEPA_BEYOND: [&str; 6] = ["AD", "CH", "GB", "MC", "SM", "VA"];

/// What is paid to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epc<'a> {
    /// Holder of the account.
    pub name: &'a str,
    /// IBAN, with or without blanks.
    pub iban: &'a str,
    /// BIC, where known.
    pub bic: Option<&'a str>,
    /// ISO 4217; only `EUR` has a code.
    pub currency: &'a str,
    /// In cents.
    pub amount_minor: i64,
    /// What the payer quotes: a creditor reference of ISO 11649 goes where machines read it, anything else as text.
    pub reference: &'a str,
}

/// Why there is no code. None of these hinders a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EpcError {
    /// Another currency than euro.
    #[error("only euro amounts have a payment code")]
    NotEuro,
    /// Not an IBAN, or its check digits do not fit.
    #[error("the IBAN is not valid")]
    InvalidIban,
    /// An account outside the SEPA area.
    #[error("the account is not in the SEPA area")]
    OutsideSepa,
    /// An account outside the European Economic Area without BIC.
    #[error("an account outside the European Economic Area needs its BIC")]
    BicMissing,
    /// A BIC of another form.
    #[error("a BIC has 8 or 11 letters and digits")]
    InvalidBic,
    /// Nothing to pay, or more than the standard has digits for.
    #[error("the amount is outside 0.01 to 999,999,999.99")]
    Amount,
    /// No name, no reference, a line break in one of them, or one that is too long.
    #[error("name or reference cannot be written")]
    Text,
}

impl Epc<'_> {
    /// The text of the code.
    ///
    /// # Errors
    ///
    /// [`EpcError`] when this payment has none.
    pub fn payload(&self) -> Result<String, EpcError> {
        if self.currency != "EUR" {
            return Err(EpcError::NotEuro);
        }
        if !(1..=MAX_AMOUNT_MINOR).contains(&self.amount_minor) {
            return Err(EpcError::Amount);
        }
        let (iban, bic) = self.account()?;
        let name: String = text(self.name)?.chars().take(MAX_NAME_CHARS).collect();
        let amount = format!("EUR{}.{:02}", self.amount_minor / 100, self.amount_minor % 100);
        let (structured, free) = match super::rf::verified(self.reference) {
            Some(reference) => (reference, ""),
            None => (String::new(), text(self.reference)?),
        };
        if free.chars().count() > MAX_TEXT_CHARS {
            return Err(EpcError::Text);
        }
        let lines = ["BCD", "002", "1", "SCT", &bic, name.trim_end(), &iban, &amount, "", &structured, free];
        let payload = lines.join("\n");
        let payload = payload.trim_end_matches('\n');
        if payload.len() > MAX_BYTES { Err(EpcError::Text) } else { Ok(payload.to_owned()) }
    }

    fn account(&self) -> Result<(String, String), EpcError> {
        let plain: String = self.iban.split_whitespace().collect::<String>().to_uppercase();
        let iban: iban::Iban = plain.parse().map_err(|_invalid| EpcError::InvalidIban)?;
        let bic = self.bic.map(|bic| bic.trim().to_ascii_uppercase()).filter(|bic| !bic.is_empty());
        let country = &plain[..2];
        match &bic {
            Some(bic) if !matches!(bic.len(), 8 | 11) || !bic.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Err(EpcError::InvalidBic),
            _ if EEA.contains(&country) => Ok((iban.electronic_str().to_owned(), bic.unwrap_or_default())),
            _ if !SEPA_BEYOND.contains(&country) => Err(EpcError::OutsideSepa),
            None => Err(EpcError::BicMissing),
            Some(bic) => Ok((iban.electronic_str().to_owned(), bic.clone())),
        }
    }
}

/// A text of one line.
fn text(raw: &str) -> Result<&str, EpcError> {
    let line = raw.trim();
    if line.is_empty() || line.chars().any(char::is_control) { Err(EpcError::Text) } else { Ok(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED_CROSS: Epc<'_> = Epc {
        name: "Red Cross of Belgium",
        iban: "BE72000000001616",
        bic: Some("BPOTBEB1"),
        currency: "EUR",
        amount_minor: 100,
        reference: "Urgency fund",
    };

    #[test]
    fn the_guidelines_own_example_is_written_as_it_stands_there() {
        let expected = "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\n\nUrgency fund";
        assert_eq!(RED_CROSS.payload().as_deref(), Ok(expected));
    }

    #[test]
    fn a_creditor_reference_goes_where_machines_read_it() {
        let epc =
            Epc { reference: "RF18 5390 0754 7034", bic: None, iban: "de89 3704 0044 0532 0130 00", amount_minor: 482_165, ..RED_CROSS };
        let expected = "BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nDE89370400440532013000\nEUR4821.65\n\nRF18539007547034";
        assert_eq!(epc.payload().as_deref(), Ok(expected));
        let wrong = Epc { reference: "RF19539007547034", ..RED_CROSS };
        assert!(wrong.payload().unwrap().ends_with("EUR1.00\n\n\nRF19539007547034"));
    }

    #[test]
    fn what_no_bank_could_pay_has_no_code() {
        let gb = "GB33BUKB20201555555555";
        for (epc, expected) in [
            (Epc { currency: "NOK", ..RED_CROSS }, EpcError::NotEuro),
            (Epc { amount_minor: 0, ..RED_CROSS }, EpcError::Amount),
            (Epc { amount_minor: -5, ..RED_CROSS }, EpcError::Amount),
            (Epc { amount_minor: 100_000_000_000, ..RED_CROSS }, EpcError::Amount),
            (Epc { iban: "BE73000000001616", ..RED_CROSS }, EpcError::InvalidIban),
            (Epc { iban: "", ..RED_CROSS }, EpcError::InvalidIban),
            (Epc { iban: "é", ..RED_CROSS }, EpcError::InvalidIban),
            (Epc { iban: "TR330006100519786457841326", ..RED_CROSS }, EpcError::OutsideSepa),
            (Epc { iban: gb, bic: None, ..RED_CROSS }, EpcError::BicMissing),
            (Epc { bic: Some("BPOT"), ..RED_CROSS }, EpcError::InvalidBic),
            (Epc { name: " ", ..RED_CROSS }, EpcError::Text),
            (Epc { name: "Evil\nDE89370400440532013000", ..RED_CROSS }, EpcError::Text),
            (Epc { reference: "", ..RED_CROSS }, EpcError::Text),
            (Epc { reference: &"x".repeat(141), ..RED_CROSS }, EpcError::Text),
        ] {
            assert_eq!(epc.payload(), Err(expected), "{epc:?}");
        }
        assert!(Epc { iban: gb, bic: Some("BUKBGB22"), ..RED_CROSS }.payload().is_ok());
    }

    #[test]
    fn long_names_are_cut_between_characters_and_all_fits_the_code() {
        let name = "Ä".repeat(71);
        let payload = Epc { name: &name, ..RED_CROSS }.payload().unwrap();
        assert!(payload.contains(&format!("\n{}\n", "Ä".repeat(70))));
        let reference = "ü".repeat(140);
        assert_eq!(Epc { name: &name, reference: &reference, ..RED_CROSS }.payload(), Err(EpcError::Text));
    }
}
