//! How the graph's types are declared.
//!
//! A declaration is data. An [`Entity`] is a view over one Rust type: a *leaf* field is a pure
//! function of the value, an *object* field shows a part of the value, and a *link* is a key plus
//! the [`Resource`] it is a key of. Nothing here calls an upstream: the executor asks a link for
//! the keys of a whole list and loads them at once.
//!
//! The GraphQL type of a leaf follows from the Rust type its function returns, so a declaration
//! cannot promise what the code does not give.

use std::{any::Any, collections::BTreeMap, marker::PhantomData, sync::Arc};

use async_graphql::{Value, registry::MetaType};
use futures_util::future::BoxFuture;
use indexmap::IndexMap;

use super::{
    arguments::Arguments,
    error::Error,
    input::Input,
    leaf::{Definitions, Leaf, TypeName},
};
use crate::{
    ids::InvalidId,
    upstream::{Loaded, Resource, Session},
};

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
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) fields: IndexMap<&'static str, FieldDecl>,
    pub(super) interfaces: Vec<&'static str>,
    pub(super) completion: Option<Completion>,
}

/// One declared field.
pub struct FieldDecl {
    pub(super) description: &'static str,
    pub(super) ty: String,
    pub(super) arguments: Vec<ArgumentDecl>,
    pub(super) source: Source,
}

/// One declared argument of a field.
pub struct ArgumentDecl {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) ty: String,
    pub(super) default: Option<Value>,
    pub(super) define: fn(&mut Definitions),
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

/// Where a field's value comes from.
pub(super) enum Source {
    Leaf {
        read: Box<dyn Fn(&Erased) -> Option<Value> + Send + Sync>,
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
pub(super) enum Target {
    /// Always this object type.
    Object(&'static str),
    /// An interface: the function names the object type of a value.
    Interface(&'static str, fn(&Erased) -> &'static str),
}

pub(super) struct LinkDecl {
    pub(super) target: Target,
    pub(super) list: bool,
    pub(super) load: Arc<dyn LinkSource>,
    /// Used in place of `load` when the selection needs complete values.
    pub(super) load_complete: Option<Arc<dyn LinkSource>>,
}

/// A link's key, whose type only the link's own source knows; equal texts are equal keys.
pub(super) struct LinkKey {
    pub(super) text: String,
    key: Box<dyn Any + Send + Sync>,
}

impl LinkKey {
    pub(super) fn new<K: crate::upstream::Key>(key: K) -> Self {
        Self {
            text: key.to_string(),
            key: Box::new(key),
        }
    }

    pub(super) fn wrap<K: Send + Sync + 'static>(text: String, key: K) -> Self {
        Self {
            text,
            key: Box::new(key),
        }
    }

    pub(super) fn downcast<K: 'static>(self) -> Option<K> {
        self.key.downcast().ok().map(|key| *key)
    }
}

/// The targets of one key: none if the upstream does not know it. A link that is no list has at
/// most one.
pub(super) type Targets = Result<Option<Vec<Shared>>, Error>;

/// What a link says of one parent.
pub(super) enum Step {
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
pub(super) trait LinkSource: Send + Sync {
    fn step(&self, parent: &Erased, call: &Call<'_>) -> Result<Step, Error>;
    /// Loads the targets of all `keys` at once, in their order.
    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>>;
}

/// How a value that knows only part of itself (a row of a list, a snapshot inside another
/// answer) becomes whole.
#[derive(Clone)]
pub(super) struct Completion {
    pub(super) is_complete: Arc<dyn Fn(&Erased) -> bool + Send + Sync>,
    pub(super) load: Arc<dyn LinkSource>,
}

/// Upstream names of input fields (`carrier.company.id`) and the GraphQL arguments they come from.
pub type Blame = &'static [(&'static str, &'static [&'static str])];

pub(super) type MutationRun = Box<
    dyn for<'a> Fn(&'a Arc<Session>, &'a Arguments) -> BoxFuture<'a, Result<Shared, Error>>
        + Send
        + Sync,
>;

pub(super) struct MutationDecl {
    pub(super) target: Target,
    pub(super) run: MutationRun,
}

/// All declarations, by name.
#[derive(Default)]
pub struct Graph {
    pub(super) entities: BTreeMap<&'static str, EntityDecl>,
    pub(super) interfaces: BTreeMap<&'static str, InterfaceDecl>,
    pub(super) nodes: BTreeMap<&'static str, Arc<dyn NodeSource>>,
    pub(super) definitions: Definitions,
}

/// One declared interface.
pub struct InterfaceDecl {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The object type whose fields of these names are the interface's.
    pub(super) fields: Vec<&'static str>,
    pub(super) interfaces: Vec<&'static str>,
}

/// How a global id of one type is read back.
pub(super) trait NodeSource: Send + Sync {
    fn parse(&self, key: &str) -> Result<LinkKey, InvalidId>;
    fn is(&self, value: &Erased) -> bool;
    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>>;
}

/// Names of the root types.
pub const QUERY: &str = "Query";
/// See [`QUERY`].
pub const MUTATION: &str = "Mutation";

impl Graph {
    /// Adds an object type.
    pub fn entity<V: Send + Sync + 'static>(&mut self, entity: Entity<V>) {
        for define in entity.defines {
            define(&mut self.definitions);
        }
        self.entities.insert(entity.decl.name, entity.decl);
    }

    /// Adds an interface with the given fields of its object types.
    pub fn interface(
        &mut self,
        name: &'static str,
        description: &'static str,
        fields: &[&'static str],
        interfaces: &[&'static str],
    ) {
        self.interfaces.insert(
            name,
            InterfaceDecl {
                name,
                description,
                fields: fields.to_vec(),
                interfaces: interfaces.to_vec(),
            },
        );
    }

    /// Makes `type_name` readable by global id, as `R` with keys read by `parse`. `is` tells which
    /// values are of this type, where several types share one resource.
    pub fn node<R: Resource>(
        &mut self,
        type_name: &'static str,
        parse: fn(&str) -> Result<R::Key, InvalidId>,
        is: fn(&R::Value) -> bool,
    ) {
        self.nodes
            .insert(type_name, Arc::new(TypedNode::<R> { parse, is }));
    }

    /// Adds a root query field.
    pub fn query(&mut self, add: impl FnOnce(Entity<()>) -> Entity<()>) {
        self.extend(QUERY, "The root of all reads.", add);
    }

    /// Adds a root mutation field: `run` sends the write once, and its payload of type `P` is shown
    /// as the object type `payload`. `blame` leads from the upstream's names of input fields to
    /// GraphQL arguments, where they differ by more than their spelling.
    pub fn write<I, P, F>(
        &mut self,
        name: &'static str,
        description: &'static str,
        payload: &'static str,
        blame: Blame,
        run: F,
    ) where
        I: Input + TypeName + Send + Sync + 'static,
        P: Send + Sync + 'static,
        F: for<'a> Fn(&'a Arc<Session>, I) -> BoxFuture<'a, Result<P, Error>>
            + Send
            + Sync
            + 'static,
    {
        let run: MutationRun =
            Box::new(
                move |session, arguments| match arguments.get::<I>("input") {
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                    Ok(input) => {
                        let work = run(session, input);
                        Box::pin(async move {
                            let payload = work.await.map_err(|error| {
                                error.about_input(blame, &|field| {
                                    super::graph().has_input_field(&I::reference(), field)
                                })
                            })?;
                            Ok(Arc::new(payload) as Shared)
                        })
                    }
                },
            );
        let input = ArgumentDecl::new::<I>("input", "What to write.");
        (input.define)(&mut self.definitions);
        self.mutation(|root| {
            let source = Source::Mutation(MutationDecl {
                target: Target::Object(payload),
                run,
            });
            root.add(name, description, payload.to_owned(), vec![input], source)
        });
    }

    fn has_input_field(&self, reference: &str, field: &str) -> bool {
        match self.definitions.0.get(reference.trim_end_matches('!')) {
            Some(MetaType::InputObject { input_fields, .. }) => input_fields.contains_key(field),
            _ => false,
        }
    }

    /// Adds a root mutation field.
    fn mutation(&mut self, add: impl FnOnce(Entity<()>) -> Entity<()>) {
        self.extend(MUTATION, "The root of all writes. They run one after another, and each is sent to its upstream at most once.", add);
    }

    fn extend(
        &mut self,
        name: &'static str,
        description: &'static str,
        add: impl FnOnce(Entity<()>) -> Entity<()>,
    ) {
        let mut entity = Entity::new(name, description);
        if let Some(decl) = self.entities.remove(name) {
            entity.decl = decl;
        }
        self.entity(add(entity));
    }
}

struct TypedNode<R: Resource> {
    parse: fn(&str) -> Result<R::Key, InvalidId>,
    is: fn(&R::Value) -> bool,
}

impl<R: Resource> NodeSource for TypedNode<R> {
    fn parse(&self, key: &str) -> Result<LinkKey, InvalidId> {
        (self.parse)(key).map(LinkKey::new)
    }

    fn is(&self, value: &Erased) -> bool {
        view::<R::Value>(value).is_some_and(self.is)
    }

    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>> {
        load_typed::<R>(session, keys, |value| vec![value as Shared])
    }
}

/// Loads keys of one resource and shows each value as targets.
fn load_typed<'a, R: Resource>(
    session: &'a Arc<Session>,
    keys: Vec<LinkKey>,
    take: impl Fn(Arc<R::Value>) -> Vec<Shared> + Send + Sync + 'a,
) -> BoxFuture<'a, Vec<Targets>> {
    let keys: Vec<R::Key> = keys.into_iter().filter_map(LinkKey::downcast).collect();
    Box::pin(async move {
        let loaded: Vec<Loaded<R::Value>> = session.load_many::<R>(&keys).await;
        loaded
            .into_iter()
            .map(|result| result.map(|value| value.map(&take)).map_err(Error::from))
            .collect()
    })
}

/// A view over values of `V`: the fields of one object type.
pub struct Entity<V> {
    pub(super) decl: EntityDecl,
    defines: Vec<fn(&mut Definitions)>,
    view: PhantomData<fn(&V)>,
}

/// The value behind an erased one; a declaration only ever meets its own type.
fn view<V: 'static>(value: &Erased) -> Option<&V> {
    value.downcast_ref()
}

impl<V: Send + Sync + 'static> Entity<V> {
    /// An object type without fields.
    pub fn new(name: &'static str, description: &'static str) -> Self {
        Self {
            decl: EntityDecl {
                name,
                description,
                fields: IndexMap::new(),
                interfaces: Vec::new(),
                completion: None,
            },
            defines: Vec::new(),
            view: PhantomData,
        }
    }

    /// States that the type implements an interface.
    pub fn implements(mut self, interface: &'static str) -> Self {
        self.decl.interfaces.push(interface);
        self
    }

    /// States how a partial value becomes whole: through `R`, by the key of the value.
    /// Fields that need it are declared with [`Entity::complete_field`].
    pub fn completed_by<R: Resource<Value = V>>(
        mut self,
        is_complete: fn(&V) -> bool,
        key: fn(&V) -> R::Key,
    ) -> Self {
        let link = Link::<V, R>::to("", move |value: &V, _: &Call<'_>| Ok(Some(key(value))));
        self.decl.completion = Some(Completion {
            is_complete: Arc::new(move |value| view::<V>(value).is_some_and(is_complete)),
            load: Arc::new(link.source),
        });
        self
    }

    /// A leaf: a pure function of the value.
    pub fn field<T: Leaf>(
        self,
        name: &'static str,
        description: &'static str,
        read: impl Fn(&V) -> T + Send + Sync + 'static,
    ) -> Self {
        self.leaf(name, description, T::reference(), false, read)
    }

    /// A leaf that only a complete value can answer. It is nullable, because completing costs a
    /// call that can fail.
    pub fn complete_field<T: Leaf>(
        self,
        name: &'static str,
        description: &'static str,
        read: impl Fn(&V) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        self.leaf(name, description, Option::<T>::reference(), true, read)
    }

    fn leaf<T: Leaf>(
        mut self,
        name: &'static str,
        description: &'static str,
        ty: String,
        complete: bool,
        read: impl Fn(&V) -> T + Send + Sync + 'static,
    ) -> Self {
        self.defines.push(T::define);
        let read = Box::new(move |value: &Erased| {
            view::<V>(value).and_then(|value| read(value).into_value())
        });
        self.add(
            name,
            description,
            ty,
            Vec::new(),
            Source::Leaf { read, complete },
        )
    }

    /// A part of the value that is always there.
    pub fn object<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: &'static str,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> &'a T + Send + Sync + 'static,
    ) -> Self {
        let project = projection(move |value: &Erased| {
            view::<V>(value).map(|value| vec![project(value) as &Erased])
        });
        self.add(
            name,
            description,
            format!("{target}!"),
            Vec::new(),
            Source::Object {
                project,
                target: Target::Object(target),
                list: false,
            },
        )
    }

    /// A part of the value that may be missing.
    pub fn optional<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: &'static str,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> Option<&'a T> + Send + Sync + 'static,
    ) -> Self {
        let project = projection(move |value: &Erased| {
            view::<V>(value)
                .and_then(&project)
                .map(|part| vec![part as &Erased])
        });
        self.add(
            name,
            description,
            target.to_owned(),
            Vec::new(),
            Source::Object {
                project,
                target: Target::Object(target),
                list: false,
            },
        )
    }

    /// A list of parts of the value.
    pub fn objects<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: &'static str,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> &'a [T] + Send + Sync + 'static,
    ) -> Self {
        let project = projection(move |value: &Erased| {
            view::<V>(value)
                .map(|value| project(value).iter().map(|part| part as &Erased).collect())
        });
        self.add(
            name,
            description,
            format!("[{target}!]!"),
            Vec::new(),
            Source::Object {
                project,
                target: Target::Object(target),
                list: true,
            },
        )
    }

    /// A list of shared parts of the value.
    pub fn shared_objects<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: impl Into<LinkTarget>,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> &'a [Arc<T>] + Send + Sync + 'static,
    ) -> Self {
        let target = target.into().0;
        let project = projection(move |value: &Erased| {
            view::<V>(value).map(|value| {
                project(value)
                    .iter()
                    .map(|part| &**part as &Erased)
                    .collect()
            })
        });
        self.add(
            name,
            description,
            format!("[{}!]!", target.name()),
            Vec::new(),
            Source::Object {
                project,
                target,
                list: true,
            },
        )
    }

    /// A shared part of the value that may be missing.
    pub fn shared_object<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: impl Into<LinkTarget>,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> Option<&'a Arc<T>> + Send + Sync + 'static,
    ) -> Self {
        let target = target.into().0;
        let project = projection(move |value: &Erased| {
            view::<V>(value)
                .and_then(&project)
                .map(|part| vec![&**part as &Erased])
        });
        self.add(
            name,
            description,
            target.name().to_owned(),
            Vec::new(),
            Source::Object {
                project,
                target,
                list: false,
            },
        )
    }

    /// A link: a key plus the resource it is a key of.
    pub fn link<R: Resource>(
        mut self,
        name: &'static str,
        description: &'static str,
        link: Link<V, R>,
    ) -> Self {
        for argument in &link.arguments {
            self.defines.push(argument.define);
        }
        let ty = match (link.list, link.required_items) {
            (false, _) => link.target.name().to_owned(),
            (true, true) => format!("[{}!]", link.target.name()),
            (true, false) => format!("[{}]", link.target.name()),
        };
        let source = Source::Link(LinkDecl {
            target: link.target,
            list: link.list,
            load: Arc::new(link.source),
            load_complete: link.complete,
        });
        self.add(name, description, ty, link.arguments, source)
    }

    pub(super) fn add(
        mut self,
        name: &'static str,
        description: &'static str,
        ty: String,
        arguments: Vec<ArgumentDecl>,
        source: Source,
    ) -> Self {
        let field = FieldDecl {
            description,
            ty,
            arguments,
            source,
        };
        let replaced = self.decl.fields.insert(name, field);
        debug_assert!(
            replaced.is_none(),
            "{}.{name} is declared twice",
            self.decl.name
        );
        self
    }
}

type Project = Box<dyn for<'a> Fn(&'a Erased) -> Option<Vec<&'a Erased>> + Send + Sync>;

/// Names the higher-ranked type that a closure would otherwise not be inferred to have.
fn projection(
    project: impl for<'a> Fn(&'a Erased) -> Option<Vec<&'a Erased>> + Send + Sync + 'static,
) -> Project {
    Box::new(project)
}

impl Target {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Object(name) | Self::Interface(name, _) => name,
        }
    }
}

/// The declared type that a link leads to: an object type's name, or an interface.
pub struct LinkTarget(pub(super) Target);

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

type KeyOf<V, K> = Box<dyn Fn(&V, &Call<'_>) -> Result<Option<K>, Error> + Send + Sync>;
type EmbedOf<V> = Box<dyn Fn(&V) -> Option<Vec<Shared>> + Send + Sync>;
type TakeOf<T> = Arc<dyn Fn(Arc<T>) -> Vec<Shared> + Send + Sync>;

/// A link under construction: from a `V` to what `R` reads.
pub struct Link<V, R: Resource> {
    target: Target,
    list: bool,
    required_items: bool,
    arguments: Vec<ArgumentDecl>,
    source: TypedLink<V, R>,
    complete: Option<Arc<dyn LinkSource>>,
}

struct TypedLink<V, R: Resource> {
    key: KeyOf<V, R::Key>,
    embedded: Option<EmbedOf<V>>,
    take: TakeOf<R::Value>,
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
            required_items: true,
            arguments: Vec::new(),
            source: TypedLink {
                key: Box::new(key),
                embedded: None,
                take: Arc::new(|value| vec![value as Shared]),
            },
            complete: None,
        }
    }

    /// Shows a part of the loaded value in place of the value.
    pub fn showing<T: Send + Sync + 'static>(
        mut self,
        part: impl Fn(&R::Value) -> Option<Arc<T>> + Send + Sync + 'static,
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
}

impl<V: Send + Sync + 'static, R: Resource> Link<V, R> {
    /// Loads through `C` when the selection needs complete values, so that completing is not a
    /// second read.
    pub fn or_complete<C: Resource<Key = R::Key>>(
        mut self,
        key: impl Fn(&V, &Call<'_>) -> Result<Option<R::Key>, Error> + Send + Sync + 'static,
    ) -> Self {
        self.complete = Some(Arc::new(TypedLink::<V, C> {
            key: Box::new(key),
            embedded: None,
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
        load_typed::<R>(session, keys, move |value| take(value))
    }
}
