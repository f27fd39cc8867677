//! Drawn letters bound into one file, for printing: each page as it was drawn, byte for byte, with its tags.
//!
//! The letters' structure trees become branches of one tree, each in its own language, so that the file is read aloud as
//! well as the letters are. What is lost is the claim to PDF/A and PDF/UA, which a file makes about itself and which this
//! one, made for paper, does not repeat; each letter's own file keeps it.

use domain::{
    digest::sha256_hex,
    port::{Bound, Placed},
};
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, dictionary};

use crate::RenderError;

/// A4 in points: what a blank page is.
const A4_PT: [f32; 2] = [595.275_6, 841.889_8];

/// What pages may take from the tree above them.
const INHERITED: [&[u8]; 4] = [b"MediaBox", b"CropBox", b"Resources", b"Rotate"];

/// Binds letters in this order; on paper printed on both sides each begins on a front.
///
/// # Errors
/// [`RenderError::Unreadable`] when one of them is no drawn letter.
pub fn bind(letters: &[Vec<u8>], both_sides: bool) -> Result<Bound, RenderError> {
    let mut binder = Binder::new();
    for letter in letters {
        if both_sides && binder.pages.len() % 2 == 1 {
            binder.blank();
        }
        binder.add(letter).map_err(|error| RenderError::Unreadable(error.to_string()))?;
    }
    binder.finish()
}

struct Binder {
    file: Document,
    root: ObjectId,
    tree: ObjectId,
    pages: Vec<ObjectId>,
    places: Vec<Placed>,
    /// Top elements of the structure tree.
    branches: Vec<Object>,
    /// The parent tree: number and entry, alternating.
    parents: Vec<Object>,
    next_parent: i64,
    roles: Dictionary,
    language: Option<Object>,
}

impl Binder {
    fn new() -> Self {
        let mut file = Document::with_version("1.7");
        let (root, tree) = (file.new_object_id(), file.new_object_id());
        Self {
            file,
            root,
            tree,
            pages: Vec::new(),
            places: Vec::new(),
            branches: Vec::new(),
            parents: Vec::new(),
            next_parent: 0,
            roles: Dictionary::new(),
            language: None,
        }
    }

    fn blank(&mut self) {
        let [width, height] = A4_PT;
        let page = dictionary! {
            "Type" => "Page",
            "Parent" => self.root,
            "MediaBox" => vec![0.into(), 0.into(), Object::Real(width), Object::Real(height)],
            "Resources" => Dictionary::new(),
        };
        let id = self.file.add_object(page);
        self.pages.push(id);
    }

    fn add(&mut self, letter: &[u8]) -> Result<(), lopdf::Error> {
        let mut letter = Document::load_mem(letter)?;
        letter.renumber_objects_with(self.file.max_id + 1);
        let pages: Vec<ObjectId> = letter.get_pages().into_values().collect();
        self.tags(&mut letter)?;
        for page in &pages {
            for key in INHERITED {
                if let Some(value) = inherited(&letter, *page, key) {
                    letter.get_dictionary_mut(*page)?.set(key, value);
                }
            }
            letter.get_dictionary_mut(*page)?.set("Parent", self.root);
        }
        let place = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.places.push(Placed { first_page: place(self.pages.len() + 1), pages: place(pages.len()) });
        self.pages.extend(pages);
        self.file.max_id = letter.max_id;
        let kept = letter.objects.into_iter().filter(|(_, object)| !stays_behind(object));
        self.file.objects.extend(kept);
        Ok(())
    }

    /// Makes the letter's structure tree a branch of ours.
    fn tags(&mut self, letter: &mut Document) -> Result<(), lopdf::Error> {
        let catalog = letter.catalog()?.clone();
        let language = catalog.get(b"Lang").ok().cloned();
        self.language = self.language.take().or_else(|| language.clone());
        let Ok(tree) = catalog.get(b"StructTreeRoot").and_then(Object::as_reference) else { return Ok(()) };
        let tree = letter.get_dictionary(tree)?.clone();
        let first = self.next_parent;
        for object in letter.objects.values_mut() {
            shift_parents(object, first);
        }
        if let Ok(parents) = tree.get_deref(b"ParentTree", letter).and_then(Object::as_dict) {
            numbers(letter, parents, first, &mut self.parents)?;
        }
        self.next_parent = self.parents.chunks(2).filter_map(|pair| pair[0].as_i64().ok()).max().map_or(first, |last| last + 1);
        if let Ok(roles) = tree.get_deref(b"RoleMap", letter).and_then(Object::as_dict) {
            self.roles.extend(roles);
        }
        let top = match tree.get_deref(b"K", letter)? {
            Object::Array(several) => several.clone(),
            _ => vec![tree.get(b"K")?.clone()],
        };
        for branch in &top {
            let element = letter.get_dictionary_mut(branch.as_reference()?)?;
            element.set("P", self.tree);
            if let Some(language) = language.clone() {
                element.set("Lang", language);
            }
        }
        self.branches.extend(top);
        Ok(())
    }

    fn finish(mut self) -> Result<Bound, RenderError> {
        let kids: Vec<Object> = self.pages.iter().map(|page| Object::Reference(*page)).collect();
        let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
        self.file.objects.insert(self.root, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
        let parents = self.file.add_object(dictionary! { "Nums" => self.parents });
        let mut tree = dictionary! {
            "Type" => "StructTreeRoot",
            "K" => self.branches,
            "ParentTree" => parents,
            "ParentTreeNextKey" => self.next_parent,
        };
        if !self.roles.is_empty() {
            tree.set("RoleMap", self.roles);
        }
        self.file.objects.insert(self.tree, tree.into());
        let mut catalog = dictionary! {
            "Type" => "Catalog",
            "Pages" => self.root,
            "StructTreeRoot" => self.tree,
            "MarkInfo" => dictionary! { "Marked" => true },
            "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true, "PrintScaling" => "None" },
        };
        if let Some(language) = self.language {
            catalog.set("Lang", language);
        }
        let catalog = self.file.add_object(catalog);
        self.file.trailer.set("Root", catalog);
        let title = Object::String(format!("{} letters", self.places.len()).into_bytes(), StringFormat::Literal);
        let info = self.file.add_object(dictionary! { "Title" => title });
        self.file.trailer.set("Info", info);
        let mut bytes = Vec::new();
        self.file.save_to(&mut bytes).map_err(|error| RenderError::Unreadable(error.to_string()))?;
        let pages = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        Ok(Bound { sha256: sha256_hex(&bytes), bytes, pages, places: self.places })
    }
}

/// What a page has, or takes from the nearest node above it that has it.
fn inherited(letter: &Document, page: ObjectId, key: &[u8]) -> Option<Object> {
    let mut node = letter.get_dictionary(page).ok()?;
    // A tree of pages is a few levels deep; a file that loops is not followed for ever.
    for _ in 0..16 {
        if let Ok(value) = node.get(key) {
            return Some(value.clone());
        }
        node = letter.get_dictionary(node.get(b"Parent").ok()?.as_reference().ok()?).ok()?;
    }
    None
}

/// The letter's own roots; the file has its own.
fn stays_behind(object: &Object) -> bool {
    let kind = match object {
        Object::Dictionary(dictionary) => dictionary.get_type(),
        Object::Stream(stream) => stream.dict.get_type(),
        _ => return false,
    };
    kind.is_ok_and(|kind| matches!(kind, b"Catalog" | b"Pages" | b"StructTreeRoot" | b"Metadata" | b"OutputIntent"))
}

/// Places in the parent tree begin at zero in each letter.
fn shift_parents(object: &mut Object, by: i64) {
    let dictionary = match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &mut stream.dict,
        _ => return,
    };
    for key in [b"StructParents".as_slice(), b"StructParent"] {
        if let Ok(Object::Integer(number)) = dictionary.get_mut(key) {
            *number += by;
        }
    }
}

/// Collects the entries of a number tree.
fn numbers(letter: &Document, node: &Dictionary, first: i64, into: &mut Vec<Object>) -> Result<(), lopdf::Error> {
    if let Ok(entries) = node.get_deref(b"Nums", letter).and_then(Object::as_array) {
        for pair in entries.chunks_exact(2) {
            into.extend([Object::Integer(pair[0].as_i64()? + first), pair[1].clone()]);
        }
    }
    if let Ok(kids) = node.get_deref(b"Kids", letter).and_then(Object::as_array) {
        for kid in kids {
            numbers(letter, letter.get_dictionary(kid.as_reference()?)?, first, into)?;
        }
    }
    Ok(())
}
