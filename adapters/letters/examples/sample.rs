//! Writes sample letters as PDF files: `cargo run -p letters --example sample -- OUT_DIR`.

#[path = "../samples/mod.rs"]
mod samples;

use std::{error::Error, fs, path::PathBuf, time::Instant};

use domain::letter::{LetterFacts, LetterKind, compose};
use letters::Renderer;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sample OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let renderer = Renderer::new(Vec::new())?;
    for (name, facts) in letters() {
        let started = Instant::now();
        let pdf = renderer.render(&compose(&facts)?)?;
        let file = out.join(format!("{name}.pdf"));
        fs::write(&file, &pdf.bytes)?;
        println!("{} · {} pages · {} bytes · {:?}", file.display(), pdf.pages, pdf.bytes.len(), started.elapsed());
    }
    Ok(())
}

fn letters() -> Vec<(String, LetterFacts)> {
    let kinds = LetterKind::ALL.into_iter();
    let english = kinds.clone().map(|kind| (format!("en-{}", kind.as_str()), samples::english(kind)));
    let german = kinds.map(|kind| (format!("de-{}", kind.as_str()), samples::german(kind)));
    let scripts = samples::NAMES.iter().enumerate().map(|(number, (name, country))| {
        let mut facts = samples::english(LetterKind::Reminder);
        (*name).clone_into(&mut facts.debtor.name);
        (*country).clone_into(&mut facts.debtor.country);
        (format!("script-{number:02}"), facts)
    });
    let norwegian = LetterKind::ALL.into_iter().map(|kind| (format!("nb-{}", kind.as_str()), samples::norwegian(kind)));
    let mut letters: Vec<_> = english.chain(german).chain(norwegian).chain(scripts).collect();
    letters.extend([1, 12, 60, 80].map(|count| (format!("en-{count}-lines"), samples::many_lines(count))));
    letters.push(("de-extremes".to_owned(), extremes()));
    letters.push(("en-grouped".to_owned(), samples::grouped()));
    letters.push(("de-annex".to_owned(), samples::with_annex()));
    letters.push(("en-long-names".to_owned(), samples::long_names(samples::english(LetterKind::FinalDemand))));
    letters.push(("de-long-names".to_owned(), samples::long_names(samples::german(LetterKind::FinalDemand))));
    letters
}

/// Long names, unbreakable words and very large amounts.
fn extremes() -> LetterFacts {
    let mut facts = samples::german(LetterKind::FinalDemand);
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mit beschränkter Haftung"
        .clone_into(&mut facts.creditor.name);
    facts.creditor.email = format!("{}@{}.example", "buchhaltung".repeat(4), "gesellschaft".repeat(4));
    "Wirtschaftsprüfungs- und Steuerberatungsgesellschaft Müller-Lüdenscheidt, Klöbner & Partner".clone_into(&mut facts.debtor.name);
    facts.lines[0].invoice_number = Some("W".repeat(90));
    facts.lines[0].amount_minor += 9_000_000_000_000_000;
    facts.outstanding_minor += 9_000_000_000_000_000;
    facts
}
