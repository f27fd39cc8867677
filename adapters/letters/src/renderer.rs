//! From a composed letter to the bytes of its PDF.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Datelike, NaiveDate};
use domain::{digest::sha256_hex, letter::LetterDocument};
use typst::{
    Library, LibraryExt, comemo,
    diag::SourceDiagnostic,
    foundations::{Bytes, Datetime, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::{RenderError, fonts::Fonts, ruler::Ruler, sheet::Sheet, world::LetterWorld};

/// Most pages of one letter.
pub const MAX_PAGES: usize = 100;

/// Longest single text. Composed letters stay far below; hostile ones would keep a core busy for seconds.
pub const MAX_TEXT_BYTES: usize = 16_000;

/// How often the layout's cache is swept, in letters of all threads. Sweeping is global, so doing it after each letter
/// would throw away what another thread has only begun to use.
const SWEEP_EVERY: usize = 8;
/// What is not used for so many sweeps is dropped: what all letters share stays, the rest cannot pile up.
const SWEEPS_UNUSED: usize = 1;

const TEMPLATE: &str = include_str!("letter.typ");

/// A letter as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256_hex: String,
}

/// Draws letters. Made once (tens of milliseconds), shared by reference among all threads.
pub struct Renderer {
    fonts: Fonts,
    ruler: Ruler,
    library: LazyHash<Library>,
    template: Source,
    data_id: FileId,
    code_id: FileId,
    standards: PdfStandards,
    drawn: AtomicUsize,
}

impl Renderer {
    /// A renderer with the fonts of the program and additional ones, tried after them.
    ///
    /// # Errors
    /// [`RenderError::UnreadableFont`] when an additional font is not a font.
    pub fn new(extra_fonts: Vec<Vec<u8>>) -> Result<Self, RenderError> {
        let fonts = Fonts::new(extra_fonts)?;
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|refusal| RenderError::Layout(refusal.message().to_string()))?;
        Ok(Self {
            ruler: Ruler::new(&fonts),
            fonts,
            library: LazyHash::new(Library::default()),
            template: Source::new(file_id("/letter.typ")?, TEMPLATE.to_owned()),
            data_id: file_id("/letter.json")?,
            code_id: file_id("/code.svg")?,
            standards,
            drawn: AtomicUsize::new(0),
        })
    }

    /// Draws the letter. The same letter always gives the same bytes.
    ///
    /// # Errors
    /// [`RenderError`] when a character has no glyph, the address does not fit the window, or the letter is too long.
    pub fn render(&self, letter: &LetterDocument) -> Result<Pdf, RenderError> {
        self.check_texts(letter)?;
        let timestamp = timestamp(letter.dated_on)?;
        let mut sheet = Sheet::new(letter, &self.fonts, &self.ruler)?;
        let pdf = self.draw(&mut sheet).and_then(|document| self.export(letter, &document, timestamp));
        self.sweep();
        pdf
    }

    fn sweep(&self) {
        if self.drawn.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            comemo::evict(SWEEPS_UNUSED);
        }
    }

    /// The characters of a text that no font has, each once: what would make [`Self::render`] fail later.
    pub fn missing_glyphs(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for char in text.chars() {
            if !self.fonts.covers(char) && !missing.contains(&char) {
                missing.push(char);
            }
        }
        missing
    }

    fn check_texts(&self, letter: &LetterDocument) -> Result<(), RenderError> {
        if letter.texts().any(|text| text.len() > MAX_TEXT_BYTES) {
            return Err(RenderError::TextTooLong);
        }
        let missing = letter.texts().flat_map(str::chars).find(|char| !self.fonts.covers(*char));
        missing.map_or(Ok(()), |char| Err(RenderError::MissingGlyph { char }))
    }

    /// Nearly every letter has one page and is laid out once; only longer ones are laid out again with their number of
    /// pages, which keeps page counting (and its extra passes) out of the common case.
    fn draw(&self, sheet: &mut Sheet<'_>) -> Result<PagedDocument, RenderError> {
        let document = self.layout(sheet)?;
        let pages = document.pages().len();
        if pages > MAX_PAGES {
            return Err(RenderError::TooManyPages(pages));
        }
        if pages == sheet.total_pages {
            return Ok(document);
        }
        sheet.total_pages = pages;
        self.layout(sheet)
    }

    fn layout(&self, sheet: &Sheet<'_>) -> Result<PagedDocument, RenderError> {
        let data = serde_json::to_vec(sheet).map_err(|error| RenderError::Layout(error.to_string()))?;
        let world = LetterWorld {
            library: &self.library,
            fonts: &self.fonts,
            template: &self.template,
            data_id: self.data_id,
            data: Bytes::new(data),
            code_id: self.code_id,
            code: sheet.code.clone(),
        };
        typst::compile(&world).output.map_err(|errors| first_message(&errors))
    }

    fn export(&self, letter: &LetterDocument, document: &PagedDocument, timestamp: Timestamp) -> Result<Pdf, RenderError> {
        let options = PdfOptions {
            ident: Smart::Custom(format!("{} {}", letter.title, letter.dated_on)),
            creator: Smart::Custom(Some("Dunwell".to_owned())),
            timestamp: Some(timestamp),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        let bytes = typst_pdf::pdf(document, &options).map_err(|errors| first_message(&errors))?;
        Ok(Pdf { sha256_hex: sha256_hex(&bytes), pages: document.pages().len(), bytes })
    }
}

fn file_id(path: &str) -> Result<FileId, RenderError> {
    let path = VirtualPath::new(path).map_err(|_invalid| RenderError::Layout(format!("{path} is no path")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn timestamp(date: NaiveDate) -> Result<Timestamp, RenderError> {
    let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
    let (Ok(month), Ok(day), 1..=9999) = (month, day, date.year()) else { return Err(RenderError::Date) };
    Datetime::from_ymd_hms(date.year(), month, day, 0, 0, 0).map(Timestamp::new_utc).ok_or(RenderError::Date)
}

fn first_message(errors: &[SourceDiagnostic]) -> RenderError {
    RenderError::Layout(errors.first().map_or_else(String::new, |error| error.message.to_string()))
}

#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "window_tests.rs"]
mod windows;
