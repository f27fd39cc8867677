//! Several letters as one file: each page as it was, where it should be, with its tags.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../samples/mod.rs"]
mod samples;

use std::collections::BTreeSet;

use domain::{
    letter::{LetterFacts, LetterKind, compose},
    port::Placed,
};
use letters::{RenderError, Renderer, bind};
use lopdf::{Document, Object, ObjectId};

fn drawn(letters: &[LetterFacts]) -> Vec<Vec<u8>> {
    let renderer = Renderer::new(Vec::new()).unwrap();
    letters.iter().map(|facts| renderer.render(&compose(facts).unwrap()).unwrap().bytes).collect()
}

/// One page, two pages, one page.
fn three() -> Vec<Vec<u8>> {
    drawn(&[
        samples::numbered(samples::english(LetterKind::Reminder), 1),
        samples::german(LetterKind::FinalDemand),
        samples::numbered(samples::english(LetterKind::LetterOfDemand), 3),
    ])
}

fn content(document: &Document) -> Vec<Vec<u8>> {
    document.page_iter().map(|page| document.get_page_content(page)).collect()
}

#[test]
fn pages_are_those_of_the_letters_in_their_order() {
    let letters = three();
    let bound = bind(&letters, false).unwrap();
    let file = Document::load_mem(&bound.bytes).unwrap();
    let expected: Vec<_> = letters.iter().flat_map(|letter| content(&Document::load_mem(letter).unwrap())).collect();
    assert_eq!(content(&file), expected);
    assert_eq!(bound.pages, 4);
    let place = |first_page, pages| Placed { first_page, pages };
    assert_eq!(bound.places, [place(1, 1), place(2, 2), place(4, 1)]);
    let text = file.extract_text(&[2, 3]).unwrap();
    assert!(text.contains("Letzte Mahnung") && !text.contains("Ngā"), "{text}");
}

#[test]
fn on_both_sides_each_letter_begins_on_a_front() {
    let bound = bind(&three(), true).unwrap();
    let starts: Vec<u32> = bound.places.iter().map(|place| place.first_page).collect();
    assert_eq!(starts, [1, 3, 5]);
    let file = Document::load_mem(&bound.bytes).unwrap();
    assert_eq!(file.get_pages().len(), 5);
    assert!(content(&file)[1].is_empty());
    assert_eq!(bound.pages, 5);
}

#[test]
fn the_same_letters_give_the_same_bytes() {
    let letters = three();
    assert_eq!(bind(&letters, true).unwrap(), bind(&letters, true).unwrap());
    assert_ne!(bind(&letters, true).unwrap().sha256, bind(&letters[..2], true).unwrap().sha256);
}

/// The page of each element below one, found through the tags alone.
fn pages_below(file: &Document, element: &Object, pages: &mut BTreeSet<ObjectId>) {
    let Ok((_, Object::Dictionary(element))) = file.dereference(element) else { return };
    pages.extend(element.get(b"Pg").and_then(Object::as_reference));
    match element.get_deref(b"K", file) {
        Ok(Object::Array(kids)) => kids.iter().for_each(|kid| pages_below(file, kid, pages)),
        Ok(kid @ Object::Dictionary(_)) => pages_below(file, kid, pages),
        _ => {}
    }
}

#[test]
fn every_letter_is_a_branch_of_one_tree_of_tags_in_its_own_language() {
    let bound = bind(&three(), true).unwrap();
    let file = Document::load_mem(&bound.bytes).unwrap();
    let tree = file.catalog().unwrap().get_deref(b"StructTreeRoot", &file).unwrap().as_dict().unwrap();
    let branches = tree.get(b"K").unwrap().as_array().unwrap();
    assert_eq!(branches.len(), 3);
    let pages: Vec<ObjectId> = file.page_iter().collect();
    for (branch, (language, own)) in branches.iter().zip([("en", vec![0]), ("de", vec![2, 3]), ("en", vec![4])]) {
        let dictionary = file.dereference(branch).unwrap().1.as_dict().unwrap();
        assert_eq!(dictionary.get(b"Lang").unwrap().as_str().unwrap(), language.as_bytes());
        let mut below = BTreeSet::new();
        pages_below(&file, branch, &mut below);
        assert_eq!(below, own.into_iter().map(|page: usize| pages[page]).collect());
    }
}

#[test]
fn each_page_leads_back_to_its_own_tags() {
    let bound = bind(&three(), false).unwrap();
    let file = Document::load_mem(&bound.bytes).unwrap();
    let tree = file.catalog().unwrap().get_deref(b"StructTreeRoot", &file).unwrap().as_dict().unwrap();
    let parents = tree.get_deref(b"ParentTree", &file).unwrap().as_dict().unwrap().get(b"Nums").unwrap().as_array().unwrap();
    let keys: Vec<i64> = parents.chunks(2).map(|pair| pair[0].as_i64().unwrap()).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    for page in file.page_iter() {
        let number = file.get_dictionary(page).unwrap().get(b"StructParents").unwrap().as_i64().unwrap();
        let entry = &parents.chunks(2).find(|pair| pair[0].as_i64().unwrap() == number).unwrap()[1];
        let elements = file.dereference(entry).unwrap().1.as_array().unwrap();
        let mut pages = BTreeSet::new();
        for element in elements {
            pages_below(&file, element, &mut pages);
        }
        assert!(pages.contains(&page), "{pages:?} without {page:?}");
    }
}

#[test]
fn what_is_no_letter_is_refused() {
    assert!(matches!(bind(&[b"no file".to_vec()], false), Err(RenderError::Unreadable(_))));
}
