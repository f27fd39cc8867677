//! The first walk over a file: is it a table, how is it spelt, what do its cells tell about dates and amounts, how many
//! rows has it. Nothing is taken over before it ends, so a file that breaks in its last row changes nothing.

use domain::{
    RefusalCode,
    import::{Delimiter, Field, ImportRequest},
    money,
    port::{Blob, SourceError},
};

use super::{
    MAX_ROWS,
    charset::{self, Charset},
    delimiter,
    evidence::{DateEvidence, MarkEvidence},
    header::{self, Columns},
    pieces::{self, TableError},
    refused,
    table::{Layout, TableReader},
};

/// Bytes from which encoding and delimiter are guessed.
const HEAD_BYTES: usize = 64 * 1024;
/// Rows that are kept for suggestions and samples.
const SAMPLE_ROWS: usize = 50;
const DATES: [Field; 4] = [Field::IssuedOn, Field::DueOn, Field::PaidOn, Field::PaymentDate];
const AMOUNTS: [Field; 3] = [Field::Total, Field::Outstanding, Field::PaymentAmount];

/// What was learned of a file.
#[derive(Debug)]
pub(super) struct Survey {
    pub layout: Layout,
    pub columns: Columns,
    pub samples: Vec<Vec<String>>,
    pub dates: DateEvidence,
    pub marks: MarkEvidence,
    /// Whether an amount may have three decimals.
    pub three_decimals: bool,
    /// Rows below the header, blank ones not counted.
    pub rows: u64,
}

/// Walks over the whole file. What is ASCII up to a byte that is not UTF-8 is taken for Windows-1252; what had letters of
/// UTF-8 before that byte is damaged and refused, rather than turned into other letters.
pub(super) async fn survey(blob: &dyn Blob, request: &ImportRequest, currency: &str) -> Result<Survey, SourceError> {
    let head = head(blob).await?;
    refuse_known_formats(&head)?;
    let guess = charset::guess(&head, request.encoding);
    match walk(blob, &head, guess.charset, guess.bom, request, currency).await {
        Err(TableError::Misspelt { beyond_ascii: false, .. }) if guess.may_be_windows => {
            Ok(walk(blob, &head, Charset::Windows1252, 0, request, currency).await?)
        }
        done => Ok(done?),
    }
}

async fn walk(
    blob: &dyn Blob,
    head: &[u8],
    charset: Charset,
    bom: usize,
    request: &ImportRequest,
    currency: &str,
) -> Result<Survey, TableError> {
    let layout = layout(head, head.len() as u64 >= blob.size(), charset, bom, request)?;
    let mut reader = TableReader::new(layout);
    let header = if reader.next(blob).await? { reader.cells().iter().map(str::to_owned).collect() } else { Vec::new() };
    let samples = sample(&mut reader, blob).await?;
    let columns = columns(&header, &samples, request)?;
    let mut survey = Survey {
        layout,
        three_decimals: money::minor_digits(currency) == Some(3),
        columns,
        samples: Vec::new(),
        dates: DateEvidence::default(),
        marks: MarkEvidence::default(),
        rows: 0,
    };
    let watched = Watched::of(&survey.columns);
    for row in &samples {
        watched.observe(&mut survey, &|index| row.get(index).map_or("", String::as_str));
    }
    survey.samples = samples;
    while reader.next(blob).await? {
        let cells = reader.cells();
        if !cells.is_blank() {
            watched.observe(&mut survey, &|index| cells.get(index));
        }
        if survey.rows > MAX_ROWS {
            return Err(refused(RefusalCode::LimitExceeded, format!("the file has more than {MAX_ROWS} rows: split it")).into());
        }
    }
    if survey.rows == 0 {
        return Err(empty("the file has a header but no rows").into());
    }
    Ok(survey)
}

async fn sample(reader: &mut TableReader, blob: &dyn Blob) -> Result<Vec<Vec<String>>, TableError> {
    let mut rows = Vec::new();
    while rows.len() < SAMPLE_ROWS && reader.next(blob).await? {
        let cells = reader.cells();
        if !cells.is_blank() {
            rows.push(cells.iter().map(str::to_owned).collect());
        }
    }
    Ok(rows)
}

fn columns(names: &[String], samples: &[Vec<String>], request: &ImportRequest) -> Result<Columns, SourceError> {
    if request.mapping.is_empty() {
        header::mapped(names, &header::suggest(names, samples))
    } else {
        header::mapped(names, &request.mapping)
    }
}

/// The columns that tell how the file spells.
struct Watched {
    dates: Vec<usize>,
    amounts: Vec<usize>,
    currency: Option<usize>,
}

impl Watched {
    fn of(columns: &Columns) -> Self {
        Self { dates: columns.all(&DATES), amounts: columns.all(&AMOUNTS), currency: columns.of(Field::Currency) }
    }

    fn observe<'a>(&self, survey: &mut Survey, cell: &dyn Fn(usize) -> &'a str) {
        survey.rows += 1;
        self.dates.iter().for_each(|column| survey.dates.observe(*column, cell(*column)));
        self.amounts.iter().for_each(|column| survey.marks.observe(*column, cell(*column)));
        let currency = self.currency.map_or("", cell);
        if !survey.three_decimals && !currency.is_empty() {
            survey.three_decimals = money::minor_digits(&currency.to_ascii_uppercase()) == Some(3);
        }
    }
}

async fn head(blob: &dyn Blob) -> Result<Vec<u8>, SourceError> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES {
        match blob.read(head.len() as u64).await? {
            Some(piece) if !piece.is_empty() => head.extend(piece),
            _ => break,
        }
    }
    if head.is_empty() {
        return Err(empty("the file is empty"));
    }
    head.truncate(HEAD_BYTES);
    Ok(head)
}

fn layout(head: &[u8], whole: bool, charset: Charset, bom: usize, request: &ImportRequest) -> Result<Layout, TableError> {
    let text = decode(head.get(bom..).unwrap_or_default(), charset, whole)?;
    if text.trim().is_empty() {
        return Err(empty("the file is empty").into());
    }
    refuse_markup(&text)?;
    let (hinted, hint_len) = delimiter::hint(&text).map_or((None, 0), |(delimiter, len)| (Some(delimiter), len));
    let (line, rest) = text.split_at(hint_len);
    let found = delimiter::find(rest, whole);
    let delimiter = request.delimiter.or(hinted).or(found).ok_or_else(one_column)?;
    let header = rest.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !header.as_bytes().contains(&delimiter::byte(delimiter)) {
        return Err(if found.is_some() { other_delimiter(delimiter) } else { one_column() }.into());
    }
    Ok(Layout { charset, delimiter, start: bom as u64 + charset.source_len(line.as_bytes()) })
}

/// The head as text; a character cut at its end is left off.
fn decode(bytes: &[u8], charset: Charset, whole: bool) -> Result<String, TableError> {
    let mut decoder = charset.decoder();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(4 * bytes.len() + 16));
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, whole);
    if matches!(result, encoding_rs::DecoderResult::Malformed(..)) {
        return Err(TableError::Misspelt { charset, near: charset.source_len(text.as_bytes()), beyond_ascii: !text.is_ascii() });
    }
    if text.contains('\0') {
        return Err(pieces::zero_bytes().into());
    }
    Ok(text)
}

fn refuse_known_formats(head: &[u8]) -> Result<(), SourceError> {
    const FORMATS: [(&[u8], &str); 11] = [
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a spreadsheet (xlsx, ods) or ZIP archive"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook (xls)"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1F\x8B", "a compressed file (gzip)"),
        (b"7z\xBC\xAF", "a compressed file (7z)"),
        (b"SQLite format 3", "a database"),
        (b"{\\rtf", "a text document (RTF)"),
    ];
    match FORMATS.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, what)) => {
            Err(refused(RefusalCode::NotATable, format!("the file is {what}, not a table as text: save it as CSV and try again")))
        }
        None => Ok(()),
    }
}

fn refuse_markup(text: &str) -> Result<(), SourceError> {
    let start = text.trim_start();
    let what = match start.as_bytes() {
        [b'<', ..] => "an HTML or XML document",
        [b'{', ..] | [b'[', b'{' | b'[', ..] => "a JSON document",
        _ => return Ok(()),
    };
    Err(refused(RefusalCode::NotATable, format!("the file is {what}, not a table: save it as CSV and try again")))
}

fn one_column() -> SourceError {
    refused(RefusalCode::NotATable, "the file is not a table: its first line has no columns separated by comma, semicolon, tab or |")
}

fn other_delimiter(said: Delimiter) -> SourceError {
    let said = char::from(delimiter::byte(said));
    refused(RefusalCode::NotATable, format!("the file's columns are not separated by {said:?}: choose another delimiter"))
}

fn empty(message: &str) -> SourceError {
    refused(RefusalCode::EmptyFile, message)
}
