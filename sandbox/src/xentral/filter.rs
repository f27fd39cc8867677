//! Filters and orders as Xentral writes them in a query: deep objects in an array,
//! `filter[0][key]=paymentStatus&filter[0][op]=in&filter[0][value][]=pending`. Both versions have the same form but other
//! keys and operators. What is not written so is refused with the field's name, as the real system refuses it; how it
//! words the refusal of a filter is not documented.

use std::collections::BTreeMap;

use super::{
    customer::Customer,
    field::{Atom, Field, Kind},
    invoice::Invoice,
};

/// The pairs of a query, decoded.
pub type Pairs = Vec<(String, String)>;

/// What a query says that is not allowed: the field and the complaint.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// The parameter.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl Violation {
    /// A complaint about a parameter.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// What is compared how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equals,
    NotEquals,
    In,
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    LessThan,
    LessThanOrEquals,
    GreaterThan,
    GreaterThanOrEquals,
    IsNull,
    IsNotNull,
}

impl Op {
    fn parse(text: &str, api: Api) -> Option<Self> {
        Some(match (text, api) {
            ("equals", _) | ("is", Api::V1) => Self::Equals,
            ("notEquals", _) => Self::NotEquals,
            ("in", _) => Self::In,
            ("notIn", _) => Self::NotIn,
            ("contains", _) => Self::Contains,
            ("notContains", _) => Self::NotContains,
            ("startsWith", _) => Self::StartsWith,
            ("endsWith", _) => Self::EndsWith,
            ("lessThan", _) => Self::LessThan,
            ("greaterThan", _) => Self::GreaterThan,
            ("lessThanOrEquals", Api::V3) => Self::LessThanOrEquals,
            ("greaterThanOrEquals", Api::V3) => Self::GreaterThanOrEquals,
            ("isNull", Api::V3) => Self::IsNull,
            ("isNotNull", Api::V3) => Self::IsNotNull,
            _ => return None,
        })
    }

    /// Whether a field of this kind has the operator.
    fn suits(self, kind: Kind) -> bool {
        match self {
            Self::Equals | Self::NotEquals => true,
            Self::In | Self::NotIn => matches!(kind, Kind::Choice | Kind::Text | Kind::Number),
            Self::Contains | Self::NotContains | Self::StartsWith | Self::EndsWith => kind == Kind::Text,
            Self::LessThan | Self::LessThanOrEquals | Self::GreaterThan | Self::GreaterThanOrEquals => {
                matches!(kind, Kind::Number | Kind::Money | Kind::Date | Kind::Instant)
            }
            Self::IsNull | Self::IsNotNull => matches!(kind, Kind::Date | Kind::Instant),
        }
    }
}

/// The version of the API that a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// Keys and operators of v1.
    V1,
    /// Keys and operators of v3.
    V3,
}

/// One condition.
#[derive(Debug)]
struct Condition {
    field: Field,
    op: Op,
    texts: Vec<String>,
    numbers: Vec<i64>,
}

/// All conditions of a query; an invoice must meet each.
#[derive(Debug)]
pub struct Filter(Vec<Condition>);

#[derive(Default)]
struct Raw {
    key: Option<String>,
    op: Option<String>,
    values: Vec<String>,
}

impl Filter {
    /// Reads the conditions of a query.
    pub fn parse(pairs: &Pairs, api: Api) -> Result<Self, Violation> {
        let mut raw: BTreeMap<u32, Raw> = BTreeMap::new();
        for (name, value) in pairs {
            let Some(rest) = name.strip_prefix("filter") else { continue };
            let place = place(rest).ok_or_else(|| Violation::new(name, "This is not a filter of the form filter[0][key]."))?;
            let raw = raw.entry(place.0).or_default();
            match place.1 {
                "[key]" => raw.key = Some(value.clone()),
                "[op]" => raw.op = Some(value.clone()),
                part if is_value(part) => raw.values.push(value.clone()),
                _ => return Err(Violation::new(name, "A filter has a key, an op and a value.")),
            }
        }
        raw.into_iter().map(|(at, raw)| condition(at, raw, api)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an invoice meets all conditions.
    pub fn meets(&self, invoice: &Invoice, customer: &Customer) -> bool {
        self.0.iter().all(|condition| condition.meets(invoice, customer))
    }
}

/// Takes `[0][key]` apart.
fn place(rest: &str) -> Option<(u32, &str)> {
    let (at, part) = rest.strip_prefix('[')?.split_once(']')?;
    Some((at.parse().ok()?, part))
}

/// `[value]`, `[value][]` or `[value][3]`.
fn is_value(part: &str) -> bool {
    let Some(index) = part.strip_prefix("[value]") else { return false };
    let inner = index.strip_prefix('[').and_then(|index| index.strip_suffix(']'));
    index.is_empty() || inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_digit()))
}

fn condition(at: u32, raw: Raw, api: Api) -> Result<Condition, Violation> {
    let name = |part: &str| format!("filter.{at}.{part}");
    let key = raw.key.ok_or_else(|| Violation::new(name("key"), "The key is required."))?;
    let field = match api {
        Api::V1 => Field::of_v1(&key),
        Api::V3 => Field::of_v3(&key),
    };
    let field = field.ok_or_else(|| Violation::new(name("key"), format!("There is no filter by {key}.")))?;
    let op = raw.op.unwrap_or_default();
    let known = Op::parse(&op, api).filter(|op| op.suits(field.kind()));
    let op = known.ok_or_else(|| Violation::new(name("op"), format!("{key} has no operator {op:?}.")))?;
    if raw.values.is_empty() != matches!(op, Op::IsNull | Op::IsNotNull) {
        return Err(Violation::new(name("value"), "The number of values does not suit the operator."));
    }
    if raw.values.len() > 1 && !matches!(op, Op::In | Op::NotIn) {
        return Err(Violation::new(name("value"), "This operator takes one value."));
    }
    let numbers: Option<Vec<i64>> =
        if field.kind().is_text() { Some(Vec::new()) } else { raw.values.iter().map(|value| field.kind().number(value)).collect() };
    let numbers = numbers.ok_or_else(|| Violation::new(name("value"), format!("This is no value of {key}.")))?;
    Ok(Condition { field, op, texts: raw.values, numbers })
}

impl Condition {
    fn meets(&self, invoice: &Invoice, customer: &Customer) -> bool {
        match self.field.atom(invoice, customer) {
            Atom::Null => matches!(self.op, Op::IsNull | Op::NotEquals | Op::NotIn | Op::NotContains),
            Atom::Int(value) => self.meets_number(value),
            Atom::Text(value) => self.meets_text(value),
        }
    }

    fn meets_number(&self, value: i64) -> bool {
        let first = self.numbers.first().copied();
        match self.op {
            Op::Equals | Op::In => self.numbers.contains(&value),
            Op::NotEquals | Op::NotIn => !self.numbers.contains(&value),
            Op::LessThan => first.is_some_and(|first| value < first),
            Op::LessThanOrEquals => first.is_some_and(|first| value <= first),
            Op::GreaterThan => first.is_some_and(|first| value > first),
            Op::GreaterThanOrEquals => first.is_some_and(|first| value >= first),
            Op::IsNotNull => true,
            Op::IsNull | Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => false,
        }
    }

    fn meets_text(&self, value: &str) -> bool {
        let any = |test: fn(&str, &str) -> bool| self.texts.iter().any(|text| test(value, text));
        match self.op {
            Op::Equals | Op::In => any(|value, text| value == text),
            Op::NotEquals | Op::NotIn => !any(|value, text| value == text),
            Op::Contains => any(|value, text| value.contains(text)),
            Op::NotContains => !any(|value, text| value.contains(text)),
            Op::StartsWith => any(|value, text| value.starts_with(text)),
            Op::EndsWith => any(|value, text| value.ends_with(text)),
            Op::IsNotNull => true,
            Op::IsNull | Op::LessThan | Op::LessThanOrEquals | Op::GreaterThan | Op::GreaterThanOrEquals => false,
        }
    }
}

/// The order of a list: fields, each downwards or not. The id always comes last, so that the order is total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order(Vec<(Field, bool)>);

impl Order {
    /// Reads v3's `sort=-updatedAt,id`; without one the order is by id.
    pub fn of_v3(pairs: &Pairs) -> Result<Self, Violation> {
        let mut fields = Vec::new();
        for key in pairs.iter().filter(|(name, _)| name == "sort").flat_map(|(_, value)| value.split(',')) {
            let (down, name) = key.strip_prefix('-').map_or((false, key), |name| (true, name));
            let field = Field::sort_of_v3(name).ok_or_else(|| Violation::new("sort", format!("There is no sort by {name:?}.")))?;
            fields.push((field, down));
        }
        Ok(Self::total(fields))
    }

    /// Reads v1's `order[0][field]=date&order[0][dir]=asc`; without one the order is by id.
    pub fn of_v1(pairs: &Pairs) -> Result<Self, Violation> {
        let mut fields: BTreeMap<u32, (Option<Field>, bool)> = BTreeMap::new();
        for (name, value) in pairs {
            let Some(rest) = name.strip_prefix("order") else { continue };
            let wrong = || Violation::new(name, format!("{value:?} is not allowed here."));
            let (at, part) = place(rest).ok_or_else(wrong)?;
            let entry = fields.entry(at).or_default();
            match (part, value.as_str()) {
                ("[field]", key) => entry.0 = Some(Field::order_of_v1(key).ok_or_else(wrong)?),
                ("[dir]", "asc") => entry.1 = false,
                ("[dir]", "desc") => entry.1 = true,
                _ => return Err(wrong()),
            }
        }
        Ok(Self::total(fields.into_values().filter_map(|(field, down)| Some((field?, down))).collect()))
    }

    fn total(mut fields: Vec<(Field, bool)>) -> Self {
        if !fields.iter().any(|(field, _)| *field == Field::Id) {
            fields.push((Field::Id, false));
        }
        Self(fields)
    }

    /// Whether rows in the order in which they were made are already in this order.
    pub fn is_by_id(&self) -> bool {
        self.0 == [(Field::Id, false)]
    }

    /// What an invoice is sorted by, for a cursor.
    pub fn keys<'a>(&self, invoice: &'a Invoice, customer: &'a Customer) -> Vec<Atom<'a>> {
        self.0.iter().map(|(field, _)| field.atom(invoice, customer)).collect()
    }

    /// How one invoice stands to another's keys.
    pub fn compare(&self, left: (&Invoice, &Customer), right: &[Atom<'_>]) -> std::cmp::Ordering {
        let pairs = self.0.iter().zip(right).map(|((field, down), right)| {
            let ordering = field.atom(left.0, left.1).cmp(right);
            if *down { ordering.reverse() } else { ordering }
        });
        pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    }
}
