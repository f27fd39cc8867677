//! A schema with one of everything that validation has rules about, and resolvers that misbehave on request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Context, Enum, Error, ErrorExtensions, ID, InputObject, Interface, Object, OneofObject, Result, Scalar, ScalarType, Schema,
    SimpleObject, Subscription, Union, Value,
};
use futures_util::{Stream, StreamExt, stream};
use transport::{Scales, TraceId};

pub type TestSchema = Schema<Query, Mutation, Feeds>;

/// What resolvers touch and tests look at.
#[derive(Clone, Default)]
pub struct State {
    pub changes: Arc<AtomicI64>,
    pub open_feeds: Arc<AtomicI64>,
}

/// Put into each operation by the gate.
pub struct Viewer(pub String);

/// Most that an operation may cost.
pub const MAX_COST: usize = 5_000;

pub fn schema(state: State) -> TestSchema {
    transport::tuned(Schema::build(Query, Mutation, Feeds)).limit_complexity(MAX_COST).data(state).finish()
}

pub fn scales() -> Scales {
    Scales::new(transport::tuned(Schema::build(Query, Mutation, Feeds)), MAX_COST)
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Red,
    Green,
    Blue,
}

/// A date as text, to have a scalar that can refuse.
pub struct Day(String);

#[Scalar]
impl ScalarType for Day {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match value {
            Value::String(text) if text.len() == 10 => Ok(Self(text)),
            other => Err(async_graphql::InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(InputObject)]
pub struct PetFilter {
    name: Option<String>,
    colours: Option<Vec<Colour>>,
    #[graphql(default = 3)]
    legs: i32,
    owner: Option<Box<OwnerFilter>>,
}

#[derive(InputObject)]
pub struct OwnerFilter {
    name: String,
    pet: Option<Box<PetFilter>>,
}

#[derive(OneofObject)]
pub enum PetBy {
    Id(ID),
    Name(String),
}

#[derive(SimpleObject, Clone)]
pub struct Dog {
    id: ID,
    name: String,
    barks: bool,
    legs: i32,
    weight: f64,
}

#[derive(SimpleObject, Clone)]
pub struct Cat {
    id: ID,
    name: String,
    lives: i32,
    legs: Option<i32>,
    weight: f64,
}

#[derive(SimpleObject, Clone)]
pub struct Human {
    name: String,
    pets: Vec<Pet>,
}

#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "&ID"), field(name = "name", ty = "&String"), field(name = "weight", ty = "&f64"))]
pub enum Pet {
    Dog(Dog),
    Cat(Cat),
}

#[derive(Union, Clone)]
pub enum Being {
    Dog(Dog),
    Human(Human),
}

fn rex() -> Dog {
    Dog { id: "1".into(), name: "Rex".to_owned(), barks: true, legs: 4, weight: 12.5 }
}

fn tom() -> Cat {
    Cat { id: "2".into(), name: "Tom".to_owned(), lives: 9, legs: Some(4), weight: 4.0 }
}

pub struct Nest(i32);

#[Object]
impl Nest {
    async fn value(&self) -> i32 {
        self.0
    }
    async fn nest(&self) -> Nest {
        Nest(self.0 + 1)
    }
    #[graphql(complexity = "100_usize.saturating_mul(child_complexity)")]
    async fn nests(&self) -> Vec<Nest> {
        vec![Nest(self.0 + 1)]
    }
}

/// Fails where it is asked to.
pub struct Trouble(i32);

#[Object]
#[allow(clippy::unused_async, reason = "resolvers are async")]
impl Trouble {
    async fn fine(&self) -> i32 {
        self.0
    }
    async fn maybe(&self) -> Result<Option<i32>> {
        Err(refusal())
    }
    /// Fails for 1 only.
    async fn surely(&self) -> Result<i32> {
        if self.0 == 1 { Err(refusal()) } else { Ok(1) }
    }
    async fn inner(&self) -> Trouble {
        Trouble(self.0)
    }
}

fn refusal() -> Error {
    Error::new("Not yours.").extend_with(|_, extensions| extensions.set("code", "FORBIDDEN"))
}

pub struct Query;

#[Object]
#[allow(clippy::unused_async, reason = "resolvers are async")]
impl Query {
    async fn dog(&self, id: Option<ID>) -> Option<Dog> {
        id.is_none_or(|id| id == "1").then(rex)
    }
    async fn pet(&self, #[graphql(default)] cat: bool) -> Pet {
        if cat { Pet::Cat(tom()) } else { Pet::Dog(rex()) }
    }
    async fn pets(&self, #[graphql(default = 10)] first: i32, filter: Option<PetFilter>) -> Vec<Pet> {
        let skipped = usize::from(filter.is_some_and(|filter| filter.legs > 4));
        let first = usize::try_from(first).unwrap_or(0);
        [Pet::Dog(rex()), Pet::Cat(tom())].into_iter().skip(skipped).take(first).collect()
    }
    async fn find(&self, by: PetBy) -> Option<Pet> {
        match by {
            PetBy::Id(id) => (id == "1").then(|| Pet::Dog(rex())),
            PetBy::Name(name) => (name == "Tom").then(|| Pet::Cat(tom())),
        }
    }
    async fn being(&self) -> Being {
        Being::Human(Human { name: "Ann".to_owned(), pets: vec![Pet::Dog(rex())] })
    }
    async fn human(&self) -> Human {
        Human { name: "Ann".to_owned(), pets: vec![Pet::Cat(tom())] }
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn maybe(&self, text: Option<String>) -> Option<String> {
        text
    }
    async fn add(&self, a: i32, #[graphql(default = 1)] b: i32) -> Option<i32> {
        a.checked_add(b)
    }
    async fn float(&self, x: f64) -> f64 {
        x
    }
    async fn not(&self, flag: bool) -> bool {
        !flag
    }
    async fn same(&self, id: ID) -> ID {
        id
    }
    async fn colour(&self, colour: Colour) -> Colour {
        colour
    }
    async fn ids(&self, list: Vec<ID>) -> Vec<ID> {
        list
    }
    async fn matrix(&self, rows: Vec<Vec<i32>>) -> i32 {
        rows.into_iter().flatten().sum()
    }
    async fn day(&self, day: Day) -> Day {
        day
    }
    async fn nest(&self) -> Nest {
        Nest(0)
    }
    async fn viewer(&self, ctx: &Context<'_>) -> String {
        ctx.data_opt::<Viewer>().map_or_else(|| "nobody".to_owned(), |viewer| viewer.0.clone())
    }
    async fn trace_id(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<TraceId>()?.to_string())
    }
    async fn secret_failure(&self) -> Result<Option<i32>> {
        Err(Error::new("connection to db.internal:5432 refused"))
    }
    async fn refused(&self) -> Result<Option<i32>> {
        Err(refusal())
    }
    async fn hopeless(&self) -> Result<i32> {
        Err(refusal())
    }
    async fn trouble(&self) -> Option<Trouble> {
        Some(Trouble(1))
    }
    async fn troubles(&self) -> Vec<Option<Trouble>> {
        vec![Some(Trouble(1)), Some(Trouble(2))]
    }
    async fn strict(&self) -> Option<Vec<Trouble>> {
        Some(vec![Trouble(2), Trouble(1)])
    }
    async fn panics(&self) -> i32 {
        "five".parse().expect("connection to db.internal:5432 refused")
    }
    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_hours(1)).await;
        1
    }
}

pub struct Mutation;

#[Object]
#[allow(clippy::unused_async, reason = "resolvers are async")]
impl Mutation {
    async fn change(&self, ctx: &Context<'_>, #[graphql(default = 1)] by: i64) -> Result<i64> {
        Ok(ctx.data::<State>()?.changes.fetch_add(by, Ordering::SeqCst) + by)
    }
    async fn rename(&self, filter: PetFilter) -> Option<String> {
        filter.name
    }
}

pub struct Feeds;

/// Counts a feed as open until it is dropped.
struct Open(Arc<AtomicI64>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn open(ctx: &Context<'_>) -> Open {
    let counter = ctx.data_unchecked::<State>().open_feeds.clone();
    counter.fetch_add(1, Ordering::SeqCst);
    Open(counter)
}

#[Subscription]
#[allow(clippy::unused_async, reason = "resolvers are async")]
impl Feeds {
    /// 1, 2, … and then the end.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    /// One number, then silence.
    async fn silence(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + use<> {
        let open = open(ctx);
        stream::once(async { 1 }).chain(stream::pending()).map(move |n| {
            let _ = &open;
            n
        })
    }
    /// A number every few milliseconds, for ever.
    async fn ticks(&self, ctx: &Context<'_>, #[graphql(default = 20)] millis: u64) -> impl Stream<Item = i32> + use<> {
        let open = open(ctx);
        stream::unfold((0, open), move |(n, open)| async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Some((n, (n + 1, open)))
        })
    }
    /// Large messages, as fast as they are taken.
    async fn flood(&self, ctx: &Context<'_>, bytes: usize) -> impl Stream<Item = String> + use<> {
        let open = open(ctx);
        stream::unfold(open, move |open| async move {
            tokio::task::yield_now().await;
            Some(("x".repeat(bytes), open))
        })
    }
    async fn lines(&self) -> impl Stream<Item = String> {
        stream::iter(["one\ntwo\r\nthree\u{2028}\r\r\n\nevent: complete".to_owned()])
    }
    async fn viewer(&self, ctx: &Context<'_>) -> impl Stream<Item = String> + use<> {
        let viewer = ctx.data_opt::<Viewer>().map_or_else(|| "nobody".to_owned(), |viewer| viewer.0.clone());
        stream::iter([viewer])
    }
    async fn failing(&self) -> Result<impl Stream<Item = Result<i32>>> {
        Ok(stream::iter([Ok(1), Err(Error::new("connection to db.internal:5432 refused"))]))
    }
    async fn panicking(&self) -> impl Stream<Item = i32> {
        stream::iter([1]).chain(stream::once(async { panic!("connection to db.internal:5432 refused") }))
    }
    async fn refused(&self) -> Result<impl Stream<Item = i32>> {
        Err::<stream::Empty<i32>, _>(refusal())
    }
}
