//! What PDF/UA-1 (ISO 14289-1) asks of every letter and a machine can check, asked from the finished file by another
//! library than the one that wrote it: nothing is trusted because the file claims it.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../samples/mod.rs"]
mod samples;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use domain::letter::{LetterFacts, LetterKind, compose};
use letters::Renderer;
use lopdf::{
    Dictionary, Document, Object, ObjectId,
    content::{Content, Operation},
};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(Vec::new()).unwrap());

/// Every kind in every language, and every part that a letter may have.
fn letters() -> Vec<LetterFacts> {
    let kinds = LetterKind::ALL.into_iter();
    let mut letters: Vec<_> = kinds.flat_map(|kind| [samples::english(kind), samples::german(kind), samples::norwegian(kind)]).collect();
    letters.extend([samples::many_lines(1), samples::many_lines(60), samples::grouped(), samples::with_annex()]);
    letters.push(samples::long_names(samples::german(LetterKind::FinalDemand)));
    // Joined letters, reordered ones, and those that share code points with others.
    for (name, country) in samples::NAMES.into_iter().filter(|(_, country)| ["AE", "IN", "JP"].contains(country)) {
        let mut facts = samples::english(LetterKind::Reminder);
        name.clone_into(&mut facts.debtor.name);
        country.clone_into(&mut facts.debtor.country);
        letters.push(facts);
    }
    letters
}

/// One test of all letters: drawing them takes longer than looking at them.
#[test]
fn every_letter_can_be_read_aloud_from_beginning_to_end() {
    for facts in letters() {
        let letter = compose(&facts).unwrap();
        let pdf = RENDERER.render(&letter).unwrap();
        let file = Document::load_mem(&pdf.bytes).unwrap();
        let name = format!("{} in {:?} to {}", facts.kind.as_str(), facts.language, facts.debtor.name);
        the_file_says_what_it_is_in_which_language_and_under_which_title(&file, &letter.title, &name);
        headings_tables_and_pictures_can_be_read_aloud(&file, &name);
        every_row_of_the_table_has_four_columns(&file, &name);
        all_that_is_painted_is_told_or_named_an_ornament_and_told_once(&file, &name);
        every_glyph_has_its_character(&file, &name);
    }
}

/// A node of the tree of tags.
struct Node<'a> {
    role: String,
    element: &'a Dictionary,
    page: Option<ObjectId>,
}

/// All elements in reading order, and the marked contents that they hold: page and number.
#[derive(Default)]
struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    held: Vec<(ObjectId, i64)>,
}

impl<'a> Tree<'a> {
    fn of(file: &'a Document) -> Self {
        let root = file.catalog().unwrap().get_deref(b"StructTreeRoot", file).unwrap().as_dict().unwrap();
        let mut tree = Self::default();
        tree.walk(file, root.get(b"K").unwrap(), None);
        tree
    }

    fn walk(&mut self, file: &'a Document, kid: &'a Object, page: Option<ObjectId>) {
        match file.dereference(kid).unwrap().1 {
            Object::Array(kids) => kids.iter().for_each(|kid| self.walk(file, kid, page)),
            Object::Integer(number) => self.held.push((page.unwrap(), *number)),
            Object::Dictionary(element) => {
                let page = element.get(b"Pg").and_then(Object::as_reference).ok().or(page);
                if let Ok(number) = element.get(b"MCID") {
                    self.held.push((page.unwrap(), number.as_i64().unwrap()));
                    return;
                }
                let role = element.get(b"S").and_then(Object::as_name).map(|role| String::from_utf8_lossy(role).into_owned());
                self.nodes.push(Node { role: role.unwrap(), element, page });
                if let Ok(kids) = element.get(b"K") {
                    self.walk(file, kids, page);
                }
            }
            other => panic!("{other:?} among the tags"),
        }
    }

    fn of_role(&self, role: &str) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(move |node| node.role == role)
    }
}

/// An attribute of an element, wherever among its attribute objects.
fn attribute<'a>(file: &'a Document, element: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let attributes = match element.get_deref(b"A", file).ok()? {
        Object::Array(several) => several.iter().collect(),
        one => vec![one],
    };
    attributes.into_iter().find_map(|one| file.dereference(one).ok()?.1.as_dict().ok()?.get(key).ok())
}

fn the_file_says_what_it_is_in_which_language_and_under_which_title(file: &Document, title: &str, name: &str) {
    let catalog = file.catalog().unwrap();
    assert!(catalog.get_deref(b"MarkInfo", file).unwrap().as_dict().unwrap().get(b"Marked").unwrap().as_bool().unwrap(), "{name}");
    let view = catalog.get_deref(b"ViewerPreferences", file).unwrap().as_dict().unwrap();
    assert!(view.get(b"DisplayDocTitle").unwrap().as_bool().unwrap(), "{name}");
    assert!(matches!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"en" | b"de" | b"nb"), "{name}");
    let metadata = catalog.get_deref(b"Metadata", file).unwrap().as_stream().unwrap();
    let xmp = String::from_utf8(metadata.get_plain_content().unwrap()).unwrap();
    assert!(xmp.contains("pdfuaid:part>1<"), "{name}");
    let written = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let told = xmp.split_once("<dc:title>").and_then(|(_, rest)| rest.split_once("</dc:title>")).unwrap().0;
    assert!(told.contains(&written), "{told} instead of {written}");
    let annotated = file.page_iter().any(|page| file.get_dictionary(page).unwrap().has(b"Annots"));
    assert!(!annotated && !file.is_encrypted(), "{name}");
}

fn headings_tables_and_pictures_can_be_read_aloud(file: &Document, name: &str) {
    let tree = Tree::of(file);
    let headings: Vec<&str> =
        tree.nodes.iter().map(|node| node.role.as_str()).filter(|role| matches!(role.as_bytes(), [b'H', b'1'..=b'6'])).collect();
    assert!(headings[0] == "H1" && headings[1..].iter().all(|role| *role == "H2"), "{name}: {headings:?}");
    assert_eq!(tree.of_role("Table").count(), 1, "{name}");
    let mut ids = BTreeSet::new();
    for head in tree.of_role("TH") {
        assert!(attribute(file, head.element, b"Scope").is_some(), "{name}: a heading of nothing");
        ids.insert(head.element.get(b"ID").unwrap().as_str().unwrap());
    }
    for cell in tree.of_role("TD") {
        let heads = attribute(file, cell.element, b"Headers").unwrap().as_array().unwrap();
        assert!(!heads.is_empty() && heads.iter().all(|head| ids.contains(head.as_str().unwrap())), "{name}: {heads:?}");
    }
    for figure in tree.of_role("Figure") {
        let alt = lopdf::decode_text_string(figure.element.get(b"Alt").unwrap()).unwrap();
        assert!(!alt.trim().is_empty() && figure.page.is_some(), "{name}");
    }
    let known = ["Document", "P", "H1", "H2", "Table", "THead", "TBody", "TFoot", "TR", "TH", "TD", "Figure", "Span", "Div"];
    assert!(
        tree.nodes.iter().all(|node| known.contains(&node.role.as_str())),
        "{name}: {:?}",
        tree.nodes.iter().map(|node| &node.role).collect::<BTreeSet<_>>()
    );
}

fn every_row_of_the_table_has_four_columns(file: &Document, name: &str) {
    let tree = Tree::of(file);
    let mut rows: Vec<i64> = Vec::new();
    for node in &tree.nodes {
        match node.role.as_str() {
            "TR" => rows.push(0),
            "TH" | "TD" => *rows.last_mut().unwrap() += attribute(file, node.element, b"ColSpan").map_or(1, |span| span.as_i64().unwrap()),
            _ => {}
        }
    }
    assert!(rows.len() > 2 && rows.iter().all(|columns| *columns == 4), "{name}: {rows:?}");
}

/// What a page paints outside any mark, and the numbers of its marked contents.
#[derive(Default)]
struct Painted {
    loose: Vec<String>,
    numbers: Vec<i64>,
}

impl Painted {
    fn read(file: &Document, page: ObjectId) -> Self {
        let properties = file.get_dictionary(page).unwrap().get_deref(b"Resources", file).and_then(Object::as_dict);
        let properties = properties.and_then(|resources| resources.get_deref(b"Properties", file)).and_then(Object::as_dict).ok();
        let (mut painted, mut marks) = (Self::default(), Vec::new());
        for Operation { operator, operands } in Content::decode(&file.get_page_content(page)).unwrap().operations {
            match operator.as_str() {
                "BMC" => marks.push(operands[0].as_name().unwrap() == b"Artifact"),
                "BDC" => {
                    let list = match &operands[1] {
                        Object::Name(name) => properties.unwrap().get_deref(name, file).unwrap().as_dict().unwrap(),
                        inline => inline.as_dict().unwrap(),
                    };
                    let number = list.get(b"MCID").and_then(Object::as_i64).ok();
                    painted.numbers.extend(number);
                    marks.push(number.is_some() || operands[0].as_name().unwrap() == b"Artifact");
                }
                "EMC" => assert!(marks.pop().is_some(), "a mark ends that never began"),
                "Tj" | "TJ" | "'" | "\"" | "S" | "s" | "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "sh" | "Do" | "BI"
                    if !marks.iter().any(|marked| *marked) =>
                {
                    painted.loose.push(operator);
                }
                _ => {}
            }
        }
        assert!(marks.is_empty(), "a mark never ends");
        painted
    }
}

fn all_that_is_painted_is_told_or_named_an_ornament_and_told_once(file: &Document, name: &str) {
    let tree = Tree::of(file);
    let mut painted = BTreeMap::new();
    for page in file.page_iter() {
        let Painted { loose, numbers } = Painted::read(file, page);
        assert!(loose.is_empty(), "{name}: {loose:?} without a tag");
        for number in numbers {
            *painted.entry((page, number)).or_insert(0) += 1;
        }
    }
    let held: BTreeSet<_> = tree.held.iter().copied().collect();
    assert_eq!(held.len(), tree.held.len(), "{name}: something is told twice");
    assert_eq!(held, painted.keys().copied().collect::<BTreeSet<_>>(), "{name}: tags and page differ");
    assert!(painted.values().all(|times| *times == 1), "{name}: a number is used twice");
}

fn every_glyph_has_its_character(file: &Document, name: &str) {
    let fonts = file.objects.values().filter_map(|object| object.as_dict().ok());
    let fonts: Vec<_> = fonts.filter(|font| font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0")).collect();
    assert!(!fonts.is_empty() && fonts.iter().all(|font| font.has(b"ToUnicode")), "{name}");
}

#[test]
fn head_sender_and_recipient_are_paragraphs_of_their_own() {
    let facts = samples::english(LetterKind::Reminder);
    let pdf = RENDERER.render(&compose(&facts).unwrap()).unwrap();
    let file = Document::load_mem(&pdf.bytes).unwrap();
    let tree = Tree::of(&file);
    let roles: Vec<&str> = tree.nodes.iter().map(|node| node.role.as_str()).take(7).collect();
    assert_eq!(roles, ["Document", "P", "P", "P", "P", "H1", "P"]);
}
