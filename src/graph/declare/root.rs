//! All declarations together: object types, interfaces, global ids and the root fields.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::registry::MetaType;
use futures_util::future::BoxFuture;

use super::{
    ArgumentDecl, Blame, Entity, EntityDecl, Erased, MutationDecl, MutationRun, Shared, Source,
    Target, link, view,
};
use crate::{
    graph::{
        batch::{Batch, Linked},
        error::Error,
        graph,
        input::Input,
        leaf::{Definitions, TypeName},
    },
    ids::InvalidId,
    upstream::{Resource, Session},
};

/// All declarations, by name.
#[derive(Default)]
pub struct Graph {
    pub(in crate::graph) entities: BTreeMap<&'static str, EntityDecl>,
    pub(in crate::graph) interfaces: BTreeMap<&'static str, InterfaceDecl>,
    pub(in crate::graph) nodes: BTreeMap<&'static str, Arc<dyn NodeSource>>,
    pub(in crate::graph) definitions: Definitions,
}

/// One declared interface.
pub struct InterfaceDecl {
    pub(in crate::graph) name: &'static str,
    pub(in crate::graph) description: &'static str,
    /// The object type whose fields of these names are the interface's.
    pub(in crate::graph) fields: Vec<&'static str>,
    pub(in crate::graph) interfaces: Vec<&'static str>,
}

/// How values of one type are read by global id.
pub(in crate::graph) trait NodeSource: Send + Sync {
    /// Whether this is a key as it stands in the type's global ids.
    fn check(&self, key: &str) -> Result<(), InvalidId>;
    fn is(&self, value: &Erased) -> bool;
    /// Where each of these keys leads, which must be such keys.
    fn load<'a>(&'a self, session: &'a Arc<Session>, keys: Vec<String>) -> BoxFuture<'a, Linked>;
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
    /// GraphQL arguments, where they differ by more than their spelling. A write that has begun ends,
    /// even if its caller does not wait.
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
        let run = Arc::new(run);
        let run: MutationRun = Box::new(move |session, arguments| {
            let (session, run) = (Arc::clone(session), Arc::clone(&run));
            let input = arguments.get::<I>("input");
            Box::pin(async move {
                let blamed = |error: Error| {
                    error.of_write(blame, &|field| {
                        graph().has_input_field(&I::reference(), field)
                    })
                };
                let input = input?;
                // A task of its own: a write that was sent is seen through, and what it changed is
                // forgotten, even if the caller goes away.
                let write = tokio::spawn(async move {
                    let outcome = run(&session, input).await;
                    session.tell_writes().await;
                    outcome
                });
                let outcome = write
                    .await
                    .map_err(|_| Error::Internal("a write panicked"))?;
                outcome
                    .map(|payload| Arc::new(payload) as Shared)
                    .map_err(blamed)
            })
        });
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
    fn check(&self, key: &str) -> Result<(), InvalidId> {
        (self.parse)(key).map(drop)
    }

    fn is(&self, value: &Erased) -> bool {
        view::<R::Value>(value).is_some_and(self.is)
    }

    fn load<'a>(&'a self, session: &'a Arc<Session>, keys: Vec<String>) -> BoxFuture<'a, Linked> {
        let mut batch = Batch::of(keys.len());
        for key in &keys {
            batch.add_key((self.parse)(key).map_err(|why| Error::argument(&[], why.to_string())));
        }
        Box::pin(link::load::<R>(session, batch, None, |value, targets| {
            targets.push(value);
        }))
    }
}
