//! Files as a source: what a person says about a file ([`ImportRequest`]), taking its bytes in ([`upload`]), looking
//! into it ([`preview`]) and starting the run that takes it over ([`start`]). Reading the file itself is the CSV
//! connector's work; taking records over is [`crate::sync`]'s.

mod blob;
mod preview;
mod request;
mod start;
mod upload;

pub use blob::StoredFile;
pub use preview::preview;
pub use request::{DateOrder, DecimalMark, Delimiter, Encoding, Field, ImportRequest, Selection};
pub use start::{StartImport, start, start_once};
pub use upload::{CHUNK_BYTES, MAX_FILE_BYTES, UploadWriter, create, writer};
