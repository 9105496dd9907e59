//! Links: from a value to others, by a key and the resource it is a key of.

use std::{borrow::Cow, sync::Arc};

use futures_util::future::BoxFuture;

use super::{ArgumentDecl, Call, Erased, LinkTarget, Shared, Target, view};
use crate::{
    graph::{
        batch::{Batch, Linked},
        error::Error,
        pagination::not_a_cursor,
    },
    upstream::{Calls, Resource, Session},
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

/// A link's way from parents to targets.
pub(in crate::graph) trait LinkSource: Send + Sync {
    /// Follows the link from all `parents` at once.
    fn follow<'a>(&'a self, parents: &'a [&'a Erased], call: &'a Call<'a>)
    -> BoxFuture<'a, Linked>;
}

/// Loads keys of one resource, and puts the targets of each value where they belong.
pub(super) async fn load<R: Resource>(
    session: &Arc<Session>,
    batch: Batch<R::Key>,
    unknown: Option<fn() -> Error>,
    put: impl Fn(Arc<R::Value>, &mut Vec<Shared>),
) -> Linked {
    let (keys, mut wanted) = batch.split();
    let (loaded, stale) = session.load_marked::<R>(&keys).await;
    for (key, found) in loaded.into_iter().enumerate() {
        let found = found.map_err(Error::from);
        let known = found.and_then(|found| match (found, unknown) {
            (None, Some(unknown)) => Err(unknown()),
            (found, _) => Ok(found),
        });
        wanted.found(key, known, &put);
    }
    for (key, reading) in stale {
        wanted.label(key, reading);
    }
    wanted.linked()
}

type KeyOf<V, K> = Box<dyn Fn(&V, &Call<'_>) -> Result<Option<K>, Error> + Send + Sync>;
/// Puts the targets that a parent holds at the end of the list; false if it does not hold them.
type EmbedOf<V> = Box<dyn Fn(&V, &mut Vec<Shared>) -> bool + Send + Sync>;
/// Puts the targets of a loaded value at the end of the list.
type PutOf<T> = Box<dyn Fn(Arc<T>, &mut Vec<Shared>) + Send + Sync>;

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
    put: PutOf<R::Value>,
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
                put: Box::new(|value, targets| targets.push(value)),
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
        self.source.put = Box::new(move |value, targets| {
            targets.extend(part(&value).map(|part| part as Shared));
        });
        self
    }

    /// Shows a list that the loaded value holds.
    pub fn each<T: Send + Sync + 'static>(
        mut self,
        parts: impl Fn(&R::Value) -> Vec<Arc<T>> + Send + Sync + 'static,
    ) -> Self {
        self.list = true;
        self.source.put = Box::new(move |value, targets| {
            targets.extend(parts(&value).into_iter().map(|part| part as Shared));
        });
        self
    }

    /// Takes the target out of the parent where the parent holds it: no call is needed then.
    pub fn or_embedded<T: Send + Sync + 'static>(
        mut self,
        embedded: impl for<'a> Fn(&'a V) -> Option<Cow<'a, [Arc<T>]>> + Send + Sync + 'static,
    ) -> Self {
        self.source.embedded = Some(Box::new(move |parent, targets| {
            let Some(parts) = embedded(parent) else {
                return false;
            };
            targets.extend(parts.iter().map(|part| Arc::clone(part) as Shared));
            true
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
            put: Box::new(|value, targets| targets.push(value)),
        }));
        self
    }
}

impl<V: Send + Sync + 'static, R: Resource> TypedLink<V, R> {
    /// What the link says of one parent.
    fn add(&self, parent: &Erased, call: &Call<'_>, batch: &mut Batch<R::Key>) {
        let Some(parent) = view::<V>(parent) else {
            return batch.add_nothing();
        };
        let embedded = self.embedded.as_ref();
        if embedded.is_some_and(|put| batch.add_here(|targets| put(parent, targets))) {
            return;
        }
        match (self.key)(parent, call).transpose() {
            Some(key) => batch.add_key(key),
            None => batch.add_nothing(),
        }
    }
}

impl<V: Send + Sync + 'static, R: Resource> LinkSource for TypedLink<V, R> {
    fn follow<'a>(
        &'a self,
        parents: &'a [&'a Erased],
        call: &'a Call<'a>,
    ) -> BoxFuture<'a, Linked> {
        let mut batch = Batch::of(parents.len());
        for parent in parents {
            self.add(*parent, call, &mut batch);
        }
        Box::pin(load::<R>(call.session, batch, self.unknown, &self.put))
    }
}
