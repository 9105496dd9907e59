//! The second executor: breadth-first over the declarations, as the document says and without a plan.
//!
//! It serves the declared fields of operations that also ask the schema about itself, and tells what
//! plans must answer.
//!
//! A root field's selection is worked through level by level. On a level all values are present;
//! leaves are read, parts are projected, and for every link the keys of *all* values go to the
//! loader in one batch before the next level begins. A target that many parents share is rendered
//! once. async-graphql has parsed and validated the operation, knows the schema, and hands each
//! root field over to [`Executor::root`].
//!
//! Errors travel upwards beside the values: each knows the value of its level that it belongs to,
//! and the level above translates that to its own values and adds a step to the path.

mod complete;
mod rendered;

use std::sync::Arc;

use async_graphql::{
    Context, Name, PathSegment, Positioned, ServerError, Value,
    parser::types::{Field, Selection, SelectionSet},
};
use futures_util::future::{BoxFuture, join_all};
use indexmap::IndexMap;

use complete::wants_complete;
use rendered::{
    FieldError, Rendered, assemble, distribute, distribute_link, ranges, without_null_items,
};

use super::{
    arguments::Arguments,
    declare::{Call, EntityDecl, Erased, FieldDecl, Graph, LinkDecl, MutationDecl, Source, Target},
    error::Error,
};
use crate::upstream::Session;

/// Works through one root field.
pub struct Executor<'a> {
    graph: &'a Graph,
    session: &'a Arc<Session>,
    context: &'a Context<'a>,
}

/// A field of one level: all selections of one response key, merged.
struct Selected<'a> {
    field: &'a Positioned<Field>,
    decl: Option<&'a FieldDecl>,
    selections: Vec<&'a SelectionSet>,
}

type Selections<'a> = IndexMap<&'a Name, Selected<'a>>;

impl<'a> Executor<'a> {
    /// An executor for the root field of `context`.
    pub fn new(graph: &'a Graph, session: &'a Arc<Session>, context: &'a Context<'a>) -> Self {
        Self {
            graph,
            session,
            context,
        }
    }

    /// The value of the root field `field` of the type `root`. Errors go to the response.
    ///
    /// # Errors
    /// The field is required by the schema and has no value.
    pub async fn root(
        &self,
        root: &str,
        selection: &SelectionSet,
    ) -> Result<Option<Value>, ServerError> {
        let Some(entity) = self.graph.entities.get(root) else {
            return Ok(None);
        };
        let key = &self.context.item.node.response_key().node;
        let Some(selected) = self.collect(entity, &[selection]).swap_remove(key) else {
            return Ok(None);
        };
        if selected.field.pos != self.context.item.pos {
            // async-graphql executes each occurrence of a response key and merges the answers. The
            // first one has answered for all: a mutation must not be sent again.
            return Ok(Some(Value::Object(IndexMap::new())));
        }
        let Some(decl) = selected.decl else {
            return Ok(None);
        };
        let mut rendered = self.field(decl, &selected, &[&()]).await;
        let value = without_null_items(rendered.values.pop().unwrap_or_default(), Some(decl));
        let mut errors = rendered
            .errors
            .into_iter()
            .flat_map(|error| self.server_errors(error))
            .collect::<Vec<_>>();
        if value == Value::Null && decl.ty.ends_with('!') {
            let lost = Error::Internal("a required field failed without an error");
            return Err(errors
                .pop()
                .unwrap_or_else(|| lost.at_field(Vec::new(), selected.field.pos)));
        }
        for error in errors {
            self.context.add_error(error);
        }
        Ok(Some(value))
    }

    /// What a field's failure is in the response: an error for each argument that is to blame.
    fn server_errors(&self, failure: FieldError) -> Vec<ServerError> {
        let root = self.context.item.node.response_key().node.to_string();
        let path: Vec<PathSegment> = std::iter::once(PathSegment::Field(root))
            .chain(failure.path.into_iter().rev())
            .collect();
        let server_error = |error: &Error| error.at_field(path.clone(), failure.pos);
        failure.error.each().iter().map(server_error).collect()
    }

    /// Merges the fields that `selections` have for the object type `entity`, each fragment once.
    fn collect(&self, entity: &'a EntityDecl, selections: &[&'a SelectionSet]) -> Selections<'a> {
        let mut fields = IndexMap::new();
        let mut visited = Vec::new();
        for selection in selections {
            self.collect_into(entity, selection, &mut fields, &mut visited);
        }
        fields
    }

    fn collect_into(
        &self,
        entity: &'a EntityDecl,
        set: &'a SelectionSet,
        fields: &mut Selections<'a>,
        visited: &mut Vec<&'a Name>,
    ) {
        for item in &set.items {
            let (condition, inner) = match &item.node {
                Selection::Field(field) => {
                    let decl = entity.fields.get(field.node.name.node.as_str());
                    let entry = fields.entry(&field.node.response_key().node);
                    let selected = entry.or_insert_with(|| Selected {
                        field,
                        decl,
                        selections: Vec::new(),
                    });
                    selected.selections.push(&field.node.selection_set.node);
                    continue;
                }
                Selection::InlineFragment(fragment) => (
                    fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| &on.node.on.node),
                    &fragment.node.selection_set.node,
                ),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.context.query_env.fragments.get(name) else {
                        continue;
                    };
                    if visited.contains(&name) {
                        continue;
                    }
                    visited.push(name);
                    (
                        Some(&fragment.node.type_condition.node.on.node),
                        &fragment.node.selection_set.node,
                    )
                }
            };
            let applies = condition.is_none_or(|on| {
                on == entity.name || entity.interfaces.iter().any(|name| on == name)
            });
            if applies {
                self.collect_into(entity, inner, fields, visited);
            }
        }
    }

    fn arguments(&self, field: &Field, decl: &FieldDecl) -> Arguments {
        let env = self.context.query_env;
        Arguments::read(&field.arguments, &decl.arguments, &|name| {
            env.variables.get(name).cloned().or_else(|| {
                let definitions = &env.operation.node.variable_definitions;
                let definition = definitions
                    .iter()
                    .find(|definition| definition.node.name.node == *name)?;
                definition
                    .node
                    .default_value
                    .as_ref()
                    .map(|value| value.node.clone())
            })
        })
    }

    /// Renders values of a declared type, which may be of several object types.
    fn values<'b>(
        &'b self,
        target: Target,
        selections: &'b [&'a SelectionSet],
        values: Vec<&'b Erased>,
    ) -> BoxFuture<'b, Rendered> {
        Box::pin(async move {
            match target {
                Target::Object(name) => self.objects(name, selections, &values).await,
                Target::Interface(_, object_type) => {
                    self.interfaces(object_type, selections, &values).await
                }
            }
        })
    }

    async fn interfaces(
        &self,
        object_type: fn(&Erased) -> &'static str,
        selections: &[&'a SelectionSet],
        values: &[&Erased],
    ) -> Rendered {
        let mut groups: IndexMap<&'static str, Vec<usize>> = IndexMap::new();
        for (at, value) in values.iter().enumerate() {
            groups.entry(object_type(*value)).or_default().push(at);
        }
        let parts = join_all(groups.into_iter().map(|(name, members)| async move {
            let own: Vec<&Erased> = members.iter().map(|at| values[*at]).collect();
            (self.objects(name, selections, &own).await, members)
        }))
        .await;
        let mut all = Rendered::nulls(values.len());
        for (part, members) in parts {
            for (at, value) in members.iter().zip(part.values) {
                all.values[*at] = value;
            }
            all.errors.extend(part.errors.into_iter().map(|mut error| {
                error.value = members[error.value];
                error
            }));
        }
        all
    }

    /// Renders values of one object type: field by field, each for all values.
    async fn objects(
        &self,
        name: &str,
        selections: &[&'a SelectionSet],
        values: &[&Erased],
    ) -> Rendered {
        let Some(entity) = self.graph.entities.get(name) else {
            return Rendered::nulls(values.len());
        };
        let selected = self.collect(entity, selections);
        let completed = self.complete(entity, &selected, values).await;
        let columns = join_all(selected.values().map(|selected| async {
            match selected.decl {
                Some(FieldDecl {
                    source:
                        Source::Leaf {
                            read,
                            complete: true,
                        },
                    ..
                }) => completed.read(read, selected, values),
                Some(decl) => self.field(decl, selected, values).await,
                None => Rendered::of(vec![Value::from(entity.name); values.len()]),
            }
        }))
        .await;
        assemble(values.len(), selected, columns)
    }

    /// One field for all values of a level.
    async fn field(
        &self,
        decl: &'a FieldDecl,
        selected: &Selected<'a>,
        values: &[&Erased],
    ) -> Rendered {
        match &decl.source {
            Source::Leaf { read, .. } => {
                let read = |value: &&Erased| read.value(*value).unwrap_or_default();
                Rendered::of(values.iter().map(read).collect())
            }
            Source::Object {
                project,
                target,
                list,
            } => {
                let mut errors = Vec::new();
                let part = |(value, part): (usize, Result<_, Error>)| match part {
                    Ok(part) => part,
                    Err(error) => {
                        errors.push(FieldError {
                            value,
                            path: Vec::new(),
                            pos: selected.field.pos,
                            error,
                        });
                        None
                    }
                };
                let parts = values.iter().map(|value| project(*value)).enumerate();
                let parts: Vec<Option<Vec<&Erased>>> = parts.map(part).collect();
                let ranges = ranges(parts.iter().map(|part| part.as_ref().map(Vec::len)));
                let parts: Vec<&Erased> = parts.into_iter().flatten().flatten().collect();
                let rendered = self.values(*target, &selected.selections, parts).await;
                let mut rendered = distribute(&ranges, rendered, *list);
                rendered.errors.extend(errors);
                rendered
            }
            Source::Link(link) => self.link(decl, link, selected, values).await,
            Source::Mutation(mutation) => self.mutate(decl, mutation, selected).await,
        }
    }

    async fn link(
        &self,
        decl: &'a FieldDecl,
        link: &'a LinkDecl,
        selected: &Selected<'a>,
        values: &[&Erased],
    ) -> Rendered {
        let arguments = self.arguments(&selected.field.node, decl);
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        let source = match &link.load_complete {
            Some(complete) if self.needs_complete(link.target, &selected.selections) => complete,
            _ => &link.load,
        };
        let linked = source.follow(values, &call).await;
        let rendered = self
            .values(link.target, &selected.selections, linked.values())
            .await;
        distribute_link(&linked, rendered, link.list, selected.field.pos)
    }

    async fn mutate(
        &self,
        decl: &'a FieldDecl,
        mutation: &'a MutationDecl,
        selected: &Selected<'a>,
    ) -> Rendered {
        let arguments = self.arguments(&selected.field.node, decl);
        let payload = (mutation.run)(self.session, &arguments).await;
        self.session.forget_loaded().await;
        match payload {
            Ok(payload) => {
                self.values(mutation.target, &selected.selections, vec![&*payload])
                    .await
            }
            Err(error) => Rendered {
                values: vec![Value::Null],
                errors: vec![FieldError {
                    value: 0,
                    path: Vec::new(),
                    pos: selected.field.pos,
                    error,
                }],
            },
        }
    }

    fn needs_complete(&self, target: Target, selections: &[&'a SelectionSet]) -> bool {
        let Target::Object(name) = target else {
            return false;
        };
        self.graph
            .entities
            .get(name)
            .is_some_and(|entity| wants_complete(&self.collect(entity, selections)))
    }
}
