//! Everything a template can reach: itself, the data of one letter, its payment code, the fonts. No files, no packages, no network, no
//! clock.

use typst::{
    Library, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};

use crate::fonts::Fonts;

/// The world of one letter.
pub struct LetterWorld<'a> {
    /// The layout language's own definitions.
    pub library: &'a LazyHash<Library>,
    /// All fonts.
    pub fonts: &'a Fonts,
    /// The template.
    pub template: &'a Source,
    /// The name under which the template reads the data.
    pub data_id: FileId,
    /// The letter as JSON.
    pub data: Bytes,
    /// The name under which it reads the payment code.
    pub code_id: FileId,
    /// The payment code as a drawing, where the letter has one.
    pub code: Option<Bytes>,
}

impl World for LetterWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.code {
            _ if id == self.data_id => Ok(self.data.clone()),
            Some(code) if id == self.code_id => Ok(code.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
