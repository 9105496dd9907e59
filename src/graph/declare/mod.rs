//! How the graph's types are declared.
//!
//! A declaration is data. An [`Entity`] is a view over one Rust type: a *leaf* field is a pure
//! function of the value, an *object* field shows a part of the value, and a *link* is a key plus
//! the resource it is a key of. Nothing here calls an upstream by itself: a link is
//! followed from all values of a level at once, through the session's loader.
//!
//! The GraphQL type of a leaf follows from the Rust type its function returns, so a declaration
//! cannot promise what the code does not give.

mod entity;
mod link;
mod root;

use std::{any::Any, sync::Arc};

use async_graphql::Value;
use futures_util::future::BoxFuture;
use indexmap::IndexMap;

use super::{
    arguments::Arguments,
    error::Error,
    leaf::{Definitions, TypeName},
};
use crate::upstream::{Calls, Session, StaleReading};

pub use entity::Entity;
pub use link::Link;
pub(in crate::graph) use link::{LinkDecl, LinkSource};
pub(in crate::graph) use root::NodeSource;
pub use root::{Graph, InterfaceDecl, MUTATION, QUERY};

/// A value of some declared type, seen without its type.
pub type Erased = dyn Any + Send + Sync;
/// A value of some declared type that can be held on to.
pub type Shared = Arc<Erased>;

/// What a field function is told beside the value: the field's arguments and the caller's session.
pub struct Call<'a> {
    /// The field's arguments, with variables filled in.
    pub arguments: &'a Arguments,
    /// The request.
    pub session: &'a Arc<Session>,
}

/// One declared object type.
pub struct EntityDecl {
    pub(in crate::graph) name: &'static str,
    pub(in crate::graph) description: &'static str,
    pub(in crate::graph) fields: IndexMap<&'static str, FieldDecl>,
    pub(in crate::graph) interfaces: Vec<&'static str>,
    pub(in crate::graph) completion: Option<Completion>,
}

/// One declared field.
pub struct FieldDecl {
    pub(in crate::graph) description: &'static str,
    pub(in crate::graph) ty: String,
    pub(in crate::graph) arguments: Vec<ArgumentDecl>,
    pub(in crate::graph) source: Source,
}

/// One declared argument of a field.
pub struct ArgumentDecl {
    pub(in crate::graph) name: &'static str,
    pub(in crate::graph) description: &'static str,
    pub(in crate::graph) ty: String,
    pub(in crate::graph) default: Option<Value>,
    pub(in crate::graph) define: fn(&mut Definitions),
}

impl ArgumentDecl {
    /// An argument of the Rust type `T`.
    pub fn new<T: TypeName>(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            ty: T::reference(),
            default: None,
            define: T::define,
        }
    }

    /// Gives the argument a default value.
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }
}

/// Reads a leaf of a value.
pub(in crate::graph) trait LeafSource: Send + Sync {
    /// The leaf; `None` is null.
    fn value(&self, value: &Erased) -> Option<Value>;
    /// Writes the leaf as JSON, or says that it is null; see [`super::leaf::Leaf::write`].
    fn write(&self, value: &Erased, out: &mut Vec<u8>) -> bool;
}

pub(in crate::graph) type ReadLeaf = Box<dyn LeafSource>;

/// Where a field's value comes from.
pub(in crate::graph) enum Source {
    Leaf {
        read: ReadLeaf,
        /// Only a complete value can answer; see [`Completion`].
        complete: bool,
    },
    Object {
        project: Project,
        target: Target,
        list: bool,
    },
    Link(LinkDecl),
    Mutation(MutationDecl),
}

/// The declared type of a field's value.
#[derive(Clone, Copy)]
pub(in crate::graph) enum Target {
    /// Always this object type.
    Object(&'static str),
    /// An interface: the function names the object type of a value.
    Interface(&'static str, fn(&Erased) -> &'static str),
}

impl Target {
    pub(in crate::graph) fn name(&self) -> &'static str {
        match self {
            Self::Object(name) | Self::Interface(name, _) => name,
        }
    }
}

/// The declared type that a link leads to: an object type's name, or an interface.
pub struct LinkTarget(pub(in crate::graph) Target);

impl From<&'static str> for LinkTarget {
    fn from(name: &'static str) -> Self {
        Self(Target::Object(name))
    }
}

impl LinkTarget {
    /// An interface over values of `T`; the function names a value's object type.
    pub const fn interface(name: &'static str, object_type: fn(&Erased) -> &'static str) -> Self {
        Self(Target::Interface(name, object_type))
    }
}

/// How a value that knows only part of itself (a row of a list, a snapshot inside another
/// answer) becomes whole.
#[derive(Clone)]
pub(in crate::graph) struct Completion {
    pub(in crate::graph) is_complete: Arc<dyn Fn(&Erased) -> bool + Send + Sync>,
    pub(in crate::graph) load: Arc<dyn LinkSource>,
    pub(in crate::graph) calls: Calls,
}

/// For each value of a level the whole behind it; none where the value is whole itself.
pub(in crate::graph) type Wholes = Vec<Option<Result<Option<Shared>, Error>>>;

impl Completion {
    /// Loads the whole of those values that are partial, and says which of them are stale.
    pub(in crate::graph) async fn complete(
        &self,
        values: &[&Erased],
        call: &Call<'_>,
    ) -> (Wholes, Vec<(usize, StaleReading)>) {
        let is_partial = |at: &usize| !(self.is_complete)(values[*at]);
        let partial: Vec<usize> = (0..values.len()).filter(is_partial).collect();
        let parents: Vec<&Erased> = partial.iter().map(|at| values[*at]).collect();
        let linked = self.load.follow(&parents, call).await;
        let mut wholes: Wholes = vec![None; values.len()];
        let mut stale = Vec::new();
        for (value, place) in partial.into_iter().zip(&linked.places) {
            wholes[value] = linked.first(place);
            stale.extend(linked.staleness(place).map(|reading| (value, reading)));
        }
        (wholes, stale)
    }
}

/// Upstream names of input fields (`carrier.company.id`) and the GraphQL arguments they come from.
pub type Blame = &'static [(&'static str, &'static [&'static str])];

pub(in crate::graph) type MutationRun = Box<
    dyn for<'a> Fn(&'a Arc<Session>, &'a Arguments) -> BoxFuture<'a, Result<Shared, Error>>
        + Send
        + Sync,
>;

pub(in crate::graph) struct MutationDecl {
    pub(in crate::graph) target: Target,
    pub(in crate::graph) run: MutationRun,
}

/// A part of a value, or several; none if it is missing, and an error if it cannot be read.
pub(in crate::graph) type Project =
    Box<dyn for<'a> Fn(&'a Erased) -> Result<Option<Vec<&'a Erased>>, Error> + Send + Sync>;

/// The value behind an erased one; a declaration only ever meets its own type.
fn view<V: 'static>(value: &Erased) -> Option<&V> {
    value.downcast_ref()
}
