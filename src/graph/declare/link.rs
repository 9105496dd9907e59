//! Links: from a value to others, by a key and the resource it is a key of.

use std::{
    any::Any,
    hash::{Hash, Hasher},
    sync::Arc,
};

use futures_util::future::BoxFuture;

use super::{ArgumentDecl, Call, Erased, LinkTarget, Shared, Target, view};
use crate::{
    graph::{error::Error, pagination::not_a_cursor},
    upstream::{Calls, Resource, Session, StaleReading},
};

pub(in crate::graph) struct LinkDecl {
    pub(in crate::graph) target: Target,
    pub(in crate::graph) list: bool,
    pub(in crate::graph) load: Arc<dyn LinkSource>,
    /// Used in place of `load` when the selection needs complete values.
    pub(in crate::graph) load_complete: Option<Arc<dyn LinkSource>>,
    /// What loading takes.
    pub(in crate::graph) calls: Calls,
}

/// A link's key, whose type only the link's own source knows.
pub(in crate::graph) struct LinkKey(Box<dyn AnyKey>);

impl LinkKey {
    pub(in crate::graph) fn new<K: Eq + Hash + Send + Sync + 'static>(key: K) -> Self {
        Self(Box::new(key))
    }

    pub(in crate::graph) fn downcast<K: 'static>(self) -> Option<K> {
        self.0.into_any().downcast().ok().map(|key| *key)
    }
}

impl PartialEq for LinkKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(&*other.0)
    }
}

impl Eq for LinkKey {}

impl Hash for LinkKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash_into(state);
    }
}

/// A key of any type. Keys of different types are different.
trait AnyKey: Any + Send + Sync {
    fn is(&self, other: &dyn AnyKey) -> bool;
    fn hash_into(&self, state: &mut dyn Hasher);
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<K: Eq + Hash + Send + Sync + 'static> AnyKey for K {
    fn is(&self, other: &dyn AnyKey) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<K>().is_some_and(|other| self == other)
    }

    fn hash_into(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The targets of one key: none if the upstream does not know it.
pub(in crate::graph) type Targets = Result<Option<Found>, Error>;

/// What a key leads to. A link that is no list has at most one target.
#[derive(Clone)]
pub(in crate::graph) struct Found {
    pub(in crate::graph) targets: Vec<Shared>,
    /// It is served although it is no longer fresh.
    pub(in crate::graph) stale: Option<StaleReading>,
}

impl From<Vec<Shared>> for Found {
    fn from(targets: Vec<Shared>) -> Self {
        Self {
            targets,
            stale: None,
        }
    }
}

/// What a link says of one parent.
pub(in crate::graph) enum Step {
    /// It leads nowhere.
    Nothing,
    /// The parent holds the target itself.
    Here(Vec<Shared>),
    /// The target has to be loaded.
    Key(LinkKey),
    /// Each element of the list has a key of its own, or is refused.
    Keys(Vec<Result<LinkKey, Error>>),
}

/// A link's way from parents to targets.
pub(in crate::graph) trait LinkSource: Send + Sync {
    fn step(&self, parent: &Erased, call: &Call<'_>) -> Result<Step, Error>;
    /// Loads the targets of all `keys` at once, in their order.
    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>>;
}

/// Loads keys of one resource and shows each value as targets.
pub(super) fn load_typed<'a, R: Resource>(
    session: &'a Arc<Session>,
    keys: Vec<LinkKey>,
    take: impl Fn(Arc<R::Value>) -> Vec<Shared> + Send + Sync + 'a,
) -> BoxFuture<'a, Vec<Targets>> {
    let keys: Vec<R::Key> = keys.into_iter().filter_map(LinkKey::downcast).collect();
    Box::pin(async move {
        let (loaded, stale) = session.load_marked::<R>(&keys).await;
        let found = |value| Found::from(take(value));
        let mut all: Vec<Targets> = loaded
            .into_iter()
            .map(|result| result.map(|value| value.map(&found)).map_err(Error::from))
            .collect();
        for (at, reading) in stale {
            if let Ok(Some(found)) = &mut all[at] {
                found.stale = Some(reading);
            }
        }
        all
    })
}

type KeyOf<V, K> = Box<dyn Fn(&V, &Call<'_>) -> Result<Option<K>, Error> + Send + Sync>;
type EmbedOf<V> = Box<dyn Fn(&V) -> Option<Vec<Shared>> + Send + Sync>;
type TakeOf<T> = Arc<dyn Fn(Arc<T>) -> Vec<Shared> + Send + Sync>;

/// A link under construction: from a `V` to what `R` reads.
pub struct Link<V, R: Resource> {
    target: Target,
    list: bool,
    arguments: Vec<ArgumentDecl>,
    source: TypedLink<V, R>,
    complete: Option<Arc<dyn LinkSource>>,
}

struct TypedLink<V, R: Resource> {
    key: KeyOf<V, R::Key>,
    embedded: Option<EmbedOf<V>>,
    take: TakeOf<R::Value>,
    /// What it means that the resource does not know the key, if that is an error.
    unknown: Option<fn() -> Error>,
}

impl<V: Send + Sync + 'static, R: Resource> Link<V, R> {
    /// A link to the value itself. `key` may refuse the arguments, and says `None` where the link
    /// leads nowhere.
    pub fn to(
        target: impl Into<LinkTarget>,
        key: impl Fn(&V, &Call<'_>) -> Result<Option<R::Key>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            target: target.into().0,
            list: false,
            arguments: Vec::new(),
            source: TypedLink {
                key: Box::new(key),
                embedded: None,
                unknown: None,
                take: Arc::new(|value| vec![value as Shared]),
            },
            complete: None,
        }
    }

    /// The way from a value to the whole record with the same key.
    pub(super) fn by_key(key: fn(&V) -> R::Key) -> Arc<dyn LinkSource> {
        Arc::new(Self::to("", move |value: &V, _: &Call<'_>| Ok(Some(key(value)))).source)
    }

    /// The declared type of the field, its arguments, and what the executor needs.
    ///
    /// A page exists whatever the list holds, unless it is to begin after something unknown.
    pub(super) fn declare(mut self) -> (String, Vec<ArgumentDecl>, LinkDecl) {
        if self
            .arguments
            .iter()
            .any(|argument| argument.name == "after")
        {
            self.source.unknown = Some(not_a_cursor);
        }
        let name = self.target.name();
        let ty = if self.list {
            format!("[{name}!]")
        } else {
            name.to_owned()
        };
        let decl = LinkDecl {
            target: self.target,
            list: self.list,
            load: Arc::new(self.source),
            load_complete: self.complete,
            calls: R::CALLS,
        };
        (ty, self.arguments, decl)
    }

    /// Shows a part of the loaded value in place of the value.
    pub fn showing<T: Send + Sync + 'static>(
        mut self,
        part: impl Fn(&Arc<R::Value>) -> Option<Arc<T>> + Send + Sync + 'static,
    ) -> Self {
        self.source.take = Arc::new(move |value| {
            part(&value)
                .map(|part| part as Shared)
                .into_iter()
                .collect()
        });
        self
    }

    /// Shows a list that the loaded value holds.
    pub fn each<T: Send + Sync + 'static>(
        mut self,
        parts: impl Fn(&R::Value) -> Vec<Arc<T>> + Send + Sync + 'static,
    ) -> Self {
        self.list = true;
        self.source.take = Arc::new(move |value| {
            parts(&value)
                .into_iter()
                .map(|part| part as Shared)
                .collect()
        });
        self
    }

    /// Takes the target out of the parent where the parent holds it: no call is needed then.
    pub fn or_embedded<T: Send + Sync + 'static>(
        mut self,
        embedded: impl Fn(&V) -> Option<Vec<Arc<T>>> + Send + Sync + 'static,
    ) -> Self {
        self.source.embedded = Some(Box::new(move |parent| {
            embedded(parent).map(|parts| parts.into_iter().map(|part| part as Shared).collect())
        }));
        self
    }

    /// Adds an argument.
    pub fn argument(mut self, argument: ArgumentDecl) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Adds arguments.
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = ArgumentDecl>) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// Loads through `C` when the selection needs complete values, so that completing is not a
    /// second read.
    pub fn or_complete<C: Resource<Key = R::Key>>(
        mut self,
        key: impl Fn(&V, &Call<'_>) -> Result<Option<R::Key>, Error> + Send + Sync + 'static,
    ) -> Self {
        self.complete = Some(Arc::new(TypedLink::<V, C> {
            key: Box::new(key),
            embedded: None,
            unknown: None,
            take: Arc::new(|value| vec![value as Shared]),
        }));
        self
    }
}

impl<V: Send + Sync + 'static, R: Resource> LinkSource for TypedLink<V, R> {
    fn step(&self, parent: &Erased, call: &Call<'_>) -> Result<Step, Error> {
        let Some(parent) = view::<V>(parent) else {
            return Ok(Step::Nothing);
        };
        if let Some(here) = self.embedded.as_ref().and_then(|embedded| embedded(parent)) {
            return Ok(Step::Here(here));
        }
        Ok((self.key)(parent, call)?.map_or(Step::Nothing, |key| Step::Key(LinkKey::new(key))))
    }

    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>> {
        let take = Arc::clone(&self.take);
        let loaded = load_typed::<R>(session, keys, move |value| take(value));
        let Some(unknown) = self.unknown else {
            return loaded;
        };
        Box::pin(async move {
            let known =
                |targets: Targets| targets.and_then(|found| found.ok_or_else(unknown).map(Some));
            loaded.await.into_iter().map(known).collect()
        })
    }
}
