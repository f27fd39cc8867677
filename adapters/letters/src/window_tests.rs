//! What is seen through the windows of envelopes, and what stays white for those who print on our pages: asked from the
//! layout itself, glyph by glyph.

use domain::letter::{Language, LetterDocument, LetterFacts, LetterKind, compose};
use typst::layout::{Frame, FrameItem, Point, Rect};

use super::*;

/// Left, right, upper and lower end in millimetres from the upper left corner of the sheet.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

const fn area(left: f64, right: f64, top: f64, bottom: f64) -> Area {
    Area { left, right, top, bottom }
}

impl Area {
    fn of(rect: Rect, at: Point) -> Self {
        let [one, other] = [rect.min + at, rect.max + at];
        let ends = |a: typst::layout::Abs, b: typst::layout::Abs| (a.min(b).to_mm(), a.max(b).to_mm());
        let ((left, right), (top, bottom)) = (ends(one.x, other.x), ends(one.y, other.y));
        Self { left, right, top, bottom }
    }

    fn touches(self, other: Self) -> bool {
        self.left < other.right && self.right > other.left && self.top < other.bottom && self.bottom > other.top
    }

    /// Whether it is wholly within the other.
    fn lies_in(self, other: Self) -> bool {
        let slack = 0.01;
        let across = self.left >= other.left - slack && self.right <= other.right + slack;
        across && self.top >= other.top - slack && self.bottom <= other.bottom + slack
    }

    /// Where A4 is on US Letter paper after it was made smaller: middle to middle.
    fn on_us_letter(self) -> Self {
        let scale = 279.4 / 297.0;
        let across = (215.9 - 210.0 * scale) / 2.0;
        area(self.left * scale + across, self.right * scale + across, self.top * scale, self.bottom * scale)
    }
}

/// Something that is printed: words, or a line, a shape, a picture.
struct Ink {
    text: Option<String>,
    area: Area,
}

fn ink(frame: &Frame, origin: Point, out: &mut Vec<Ink>) {
    for (position, item) in frame.items() {
        let at = origin + *position;
        match item {
            FrameItem::Group(group) => ink(&group.frame, at, out),
            FrameItem::Text(text) if text.text.trim().is_empty() => {}
            FrameItem::Text(text) => out.push(Ink { text: Some(text.text.to_string()), area: Area::of(text.bbox(), at) }),
            FrameItem::Shape(shape, _) => out.push(Ink { text: None, area: Area::of(shape.bbox(true), at) }),
            FrameItem::Image(_, size, _) => {
                out.push(Ink { text: None, area: Area::of(Rect::from_pos_size(Point::zero(), *size), at) });
            }
            FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}

/// A letter with all that is printed on each of its pages.
fn drawn(renderer: &Renderer, facts: &LetterFacts) -> (LetterDocument, Vec<Vec<Ink>>) {
    let letter = compose(facts).expect("composes");
    let mut sheet = Sheet::new(&letter, &renderer.fonts, &renderer.ruler).expect("fits");
    let document = renderer.draw(&mut sheet).expect("is laid out");
    let page = |page: &typst_layout::Page| {
        let mut found = Vec::new();
        ink(&page.frame, Point::zero(), &mut found);
        found
    };
    let pages = document.pages().iter().map(page).collect();
    (letter, pages)
}

/// Who looks at the address through what.
struct Window {
    name: &'static str,
    /// Where the recipient has to stand.
    address: Area,
    /// What can be seen through it; nothing but the recipient and the small line above.
    shows: Area,
    /// Where others print on the first page.
    white: Option<Area>,
}

const WINDOWS: [Window; 2] = [
    Window {
        // Form B: the window 85 by 45 mm at 20/45 mm, the recipient in its lowest 27.3 mm, 5 mm from its left end, which
        // some characters overhang.
        name: "DIN 5008",
        address: area(24.7, 105.0, 62.7, 90.0),
        shows: area(20.0, 105.0, 45.0, 90.0),
        white: None,
    },
    Window {
        // help.pingen.com, letter standards: address 85.5 by 25.5 mm at 22/60 mm, postage 89.5 by 20 mm at 20/40 mm. Text
        // down to 92 mm is taken for an address that is too long by the check before an upload.
        name: "Pingen, window on the left",
        address: area(22.0, 107.5, 60.0, 85.5),
        shows: area(22.0, 107.5, 60.0, 92.0),
        white: Some(area(20.0, 109.5, 40.0, 60.0)),
    },
];

/// The border that printers and Pingen want white on every page.
const BORDERLESS: Area = area(6.0, 204.0, 6.0, 291.0);

/// Lob puts the address on a sheet of its own; of ours it wants an eighth of an inch white all around, once it is scaled to
/// US Letter (help.lob.com, artboard layout).
const LOB: Area = area(3.175, 212.725, 3.175, 276.225);

/// Letters in every language to the longest addresses there are: of six lines, of wide and of tall characters, abroad.
fn letters() -> Vec<LetterFacts> {
    let of = |language| match language {
        Language::En => samples::english(LetterKind::FinalDemand),
        Language::De => samples::german(LetterKind::FinalDemand),
        Language::Nb => samples::norwegian(LetterKind::CollectionNotice),
    };
    let six = ["Wirtschaftsprüfungs- und Steuerberatungsgesellschaft Müller-Lüdenscheidt", "Ångström Ōtaki Ếcole ŷjgpq"];
    let mut letters = Vec::new();
    for language in Language::ALL {
        for name in six {
            let mut long = of(language);
            name.clone_into(&mut long.debtor.name);
            long.debtor.attention = Some("Frau Dr. Änne Weißgerber-von Hohenlohe".to_owned());
            long.debtor.address_lines =
                ["Gebäude 7, Hinterhaus, Aufgang C", "Prenzlauer Straße 107 a", "17268 Templin"].map(str::to_owned).to_vec();
            "AE".clone_into(&mut long.debtor.country);
            letters.push(long);
        }
        let mut wide = of(language);
        wide.debtor.name = "W".repeat(40);
        wide.creditor.name = "W".repeat(150);
        wide.creditor.email = format!("{}@example.org", "i".repeat(200));
        letters.push(wide);
        for (name, country) in samples::NAMES {
            let mut script = of(language);
            name.clone_into(&mut script.debtor.name);
            script.debtor.attention = None;
            country.clone_into(&mut script.debtor.country);
            letters.push(script);
        }
    }
    letters
}

fn is_of_address(letter: &LetterDocument, text: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|char| *char != '\u{200b}').collect::<String>();
    let text = plain(text.trim());
    letter.recipient.iter().any(|line| plain(line).contains(&text))
}

#[test]
fn the_address_stands_in_every_window_and_nothing_else_does() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    for facts in letters() {
        let (letter, pages) = drawn(&renderer, &facts);
        let who = (&letter.recipient[0], letter.language);
        for Window { name, address, shows, white } in &WINDOWS {
            let mut lines = 0;
            for Ink { text, area } in &pages[0] {
                let of_address = text.as_deref().is_some_and(|text| is_of_address(&letter, text)) && area.left < 105.0 && area.top < 95.0;
                if of_address && area.top > 62.0 {
                    lines += 1;
                    assert!(area.lies_in(*address), "{name}: {text:?} at {area:?} of {who:?}");
                } else if area.touches(*shows) {
                    let sender = text.is_some() && area.bottom < address.top.max(62.7) + 0.01;
                    assert!(sender, "{name}: {text:?} at {area:?} shows beside {who:?}");
                }
                if let Some(white) = white {
                    assert!(!area.touches(*white), "{name}: {text:?} at {area:?} where postage is printed");
                }
            }
            assert!(lines >= letter.recipient.len(), "{name}: {lines} pieces of {:?}", letter.recipient);
        }
    }
}

#[test]
fn the_border_of_every_page_stays_white() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let mut letters = letters();
    letters.extend([samples::many_lines(60), samples::grouped(), samples::with_annex(), samples::long_names(samples::grouped())]);
    for facts in letters {
        let (letter, pages) = drawn(&renderer, &facts);
        for Ink { text, area } in pages.iter().flatten() {
            assert!(area.lies_in(BORDERLESS), "{text:?} at {area:?} of {:?}", letter.recipient);
            assert!(area.on_us_letter().lies_in(LOB), "Lob: {text:?} at {area:?}");
        }
    }
}

#[test]
fn who_sends_mail_back_finds_the_address_whatever_the_name_is() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let (_, pages) = drawn(&renderer, &samples::long_names(samples::english(LetterKind::FinalDemand)));
    let senders = pages[0].iter().filter(|ink| ink.area.top > 59.0 && ink.area.bottom < 62.9 && ink.area.left < 105.0);
    let line: String = senders.filter_map(|ink| ink.text.clone()).collect();
    assert!(line.starts_with("Kōwhai Timber") && line.ends_with("… · 1 Quay Street · Auckland 1010 · New Zealand"), "{line}");
}

#[test]
fn no_words_stand_on_other_words() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let mut letters = letters();
    letters.extend([samples::many_lines(12), samples::grouped(), samples::with_annex()]);
    letters.extend([samples::english, samples::german, samples::norwegian].map(|of| samples::long_names(of(LetterKind::Reminder))));
    for facts in letters {
        for page in drawn(&renderer, &facts).1 {
            let words: Vec<_> = page.iter().filter_map(|ink| Some((ink.text.as_deref()?, ink.area))).collect();
            for (index, (one, place)) in words.iter().enumerate() {
                // Marks of one line may reach into the next; lines do not.
                let core = |area: Area| Area { top: area.top + 0.9, bottom: area.bottom - 0.9, ..area };
                let over =
                    words[index + 1..].iter().find(|(_, other)| core(*place).touches(core(*other)) && place.top + 0.5 < other.bottom);
                assert!(over.is_none(), "{one:?} at {place:?} and {over:?}");
            }
        }
    }
}

#[test]
fn a_total_never_stands_alone() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    // A first page holds twelve lines of these.
    for count in 10..16 {
        let (_, pages) = drawn(&renderer, &samples::many_lines(count));
        let has = |page: &[Ink], words: &str| page.iter().any(|ink| ink.text.as_deref().is_some_and(|text| text.contains(words)));
        let page = pages.iter().find(|page| has(page, "Amount outstanding")).expect("a total");
        assert!(has(page, &format!("INV-{count:05}")), "the total of {count} lines stands without the last of them");
    }
}

#[test]
fn each_case_of_a_group_is_named_again_on_the_next_page() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let (_, pages) = drawn(&renderer, &samples::grouped());
    let heads = |page: &[Ink]| -> Vec<String> {
        let text = page.iter().filter_map(|ink| ink.text.clone());
        text.filter(|text| text.starts_with("Reference C-")).collect()
    };
    let found: Vec<_> = pages.iter().map(|page| heads(page)).collect();
    assert_eq!(
        found,
        [vec!["Reference C-2026-1042", "Reference C-2026-1050"], vec!["Reference C-2026-1050", "Reference C-2026-1051"], vec![]]
    );
}
