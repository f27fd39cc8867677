//! Draws a composed letter as a PDF: one A4 layout for every kind and language, tagged for screen readers, ready for a
//! window envelope, byte for byte the same whenever it is drawn again.
//!
//! [`Renderer`] is made once and shared by all threads. It knows nothing but the letter it is given and the fonts that
//! are part of the program: a letter cannot name a file, a package or the network, and its texts are values, never
//! source. Words and figures are made in `domain::letter`; sending happens elsewhere. A change of looks belongs into
//! `letter.typ`, a further script into `fonts.rs`.

mod bind;
mod code;
mod error;
mod fit;
mod fonts;
mod port;
mod renderer;
mod ruler;
mod sheet;
mod world;

pub use bind::bind;
pub use error::RenderError;
pub use renderer::{MAX_PAGES, MAX_TEXT_BYTES, Pdf, Renderer};
