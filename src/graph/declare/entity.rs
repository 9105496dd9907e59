//! Object types, built field by field.

use std::{marker::PhantomData, sync::Arc};

use async_graphql::Value;
use indexmap::IndexMap;

use super::{
    ArgumentDecl, Completion, EntityDecl, Erased, FieldDecl, LeafSource, Link, LinkTarget, Project,
    Source, Target, view,
};
use crate::{
    graph::leaf::{Definitions, Leaf, TypeName},
    upstream::{self, Resource},
};

/// A view over values of `V`: the fields of one object type.
pub struct Entity<V> {
    pub(in crate::graph) decl: EntityDecl,
    pub(super) defines: Vec<fn(&mut Definitions)>,
    view: PhantomData<fn(&V)>,
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
        self.decl.completion = Some(Completion {
            is_complete: Arc::new(move |value| view::<V>(value).is_some_and(is_complete)),
            load: Link::<V, R>::by_key(key),
            calls: R::CALLS,
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
        let read = Box::new(TypedLeaf {
            read,
            types: PhantomData,
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
        self.unread_object(name, target, description, move |value| Ok(project(value)))
    }

    /// A part that may be missing, is only read when it is asked for, and may turn out to be unreadable.
    pub fn unread_object<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: &'static str,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> Result<Option<&'a T>, Arc<upstream::Error>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let project: Project = Box::new(move |value: &Erased| {
            let Some(value) = view::<V>(value) else {
                return Ok(None);
            };
            Ok(project(value)?.map(|part| vec![part as &Erased]))
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
        self.unread_objects(name, target, description, move |value| Ok(project(value)))
    }

    /// A list of parts that are only read when they are asked for, and may turn out to be unreadable.
    pub fn unread_objects<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: &'static str,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> Result<&'a [T], Arc<upstream::Error>> + Send + Sync + 'static,
    ) -> Self {
        let project: Project = Box::new(move |value: &Erased| {
            let Some(value) = view::<V>(value) else {
                return Ok(None);
            };
            let parts = project(value)?.iter().map(|part| part as &Erased);
            Ok(Some(parts.collect()))
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

    /// A shared part of the value that is always there.
    pub fn shared<T: Send + Sync + 'static>(
        self,
        name: &'static str,
        target: impl Into<LinkTarget>,
        description: &'static str,
        project: impl for<'a> Fn(&'a V) -> &'a Arc<T> + Send + Sync + 'static,
    ) -> Self {
        let target = target.into().0;
        let project = projection(move |value: &Erased| {
            view::<V>(value).map(|value| vec![&**project(value) as &Erased])
        });
        self.add(
            name,
            description,
            format!("{}!", target.name()),
            Vec::new(),
            Source::Object {
                project,
                target,
                list: false,
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
        let (ty, arguments, decl) = link.declare();
        self.defines
            .extend(arguments.iter().map(|argument| argument.define));
        self.add(name, description, ty, arguments, Source::Link(decl))
    }

    pub(in crate::graph) fn add(
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

/// A leaf of type `T` of values of type `V`.
struct TypedLeaf<V, T, F> {
    read: F,
    types: PhantomData<fn(&V) -> T>,
}

impl<V: 'static, T: Leaf, F: Fn(&V) -> T + Send + Sync> LeafSource for TypedLeaf<V, T, F> {
    fn value(&self, value: &Erased) -> Option<Value> {
        (self.read)(view::<V>(value)?).into_value()
    }

    fn write(&self, value: &Erased, out: &mut Vec<u8>) -> bool {
        view::<V>(value).is_some_and(|value| (self.read)(value).write(out))
    }
}

/// Names the higher-ranked type that a closure would otherwise not be inferred to have.
fn projection(
    project: impl for<'a> Fn(&'a Erased) -> Option<Vec<&'a Erased>> + Send + Sync + 'static,
) -> Project {
    Box::new(move |value| Ok(project(value)))
}
