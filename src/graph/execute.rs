//! The executor: breadth-first over the declarations.
//!
//! A root field's selection is worked through level by level. On a level all values are present;
//! leaves are read, parts are projected, and for every link the keys of *all* values go to the
//! loader in one batch before the next level begins. A target that many parents share is rendered
//! once. async-graphql has parsed and validated the operation, knows the schema, and hands each
//! root field over to [`Executor::root`].
//!
//! Errors travel upwards beside the values: each knows the value of its level that it belongs to,
//! and the level above translates that to its own values and adds a step to the path.

use std::{ops::Range, sync::Arc};

use async_graphql::{
    Context, Name, PathSegment, Pos, Positioned, ServerError, Value,
    parser::types::{Field, Selection, SelectionSet},
};
use futures_util::future::{BoxFuture, join_all};
use indexmap::IndexMap;

use super::{
    arguments::Arguments,
    declare::{
        Call, EntityDecl, Erased, FieldDecl, Graph, LinkDecl, LinkKey, LinkSource, MutationDecl,
        Shared, Source, Step, Target, Targets,
    },
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

/// An error of one value of a level. The path grows outwards, so it is kept in reverse.
#[derive(Clone)]
struct FieldError {
    value: usize,
    path: Vec<PathSegment>,
    pos: Pos,
    error: Error,
}

/// What a level gives: a rendered value per value, and the errors on the way.
#[derive(Default)]
struct Rendered {
    values: Vec<Value>,
    errors: Vec<FieldError>,
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
            .map(|error| self.server_error(error))
            .collect::<Vec<_>>();
        if value == Value::Null && decl.ty.ends_with('!') {
            return Err(errors
                .pop()
                .unwrap_or_else(|| ServerError::new("Internal error.", Some(selected.field.pos))));
        }
        for error in errors {
            self.context.add_error(error);
        }
        Ok(Some(value))
    }

    fn server_error(&self, error: FieldError) -> ServerError {
        let mut server = ServerError::new(error.error.message(), Some(error.pos));
        server.path = std::iter::once(PathSegment::Field(
            self.context.item.node.response_key().node.to_string(),
        ))
        .chain(error.path.into_iter().rev())
        .collect();
        server.extensions = Some(error.error.extensions());
        server
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
        Arguments::read(field, &decl.arguments, &|name| {
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
        let mut all = Rendered {
            values: vec![Value::Null; values.len()],
            errors: Vec::new(),
        };
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
            return Rendered {
                values: vec![Value::Null; values.len()],
                errors: Vec::new(),
            };
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
                }) => completed.read(&**read, selected, values),
                Some(decl) => self.field(decl, selected, values).await,
                None => Rendered {
                    values: vec![Value::from(entity.name); values.len()],
                    errors: Vec::new(),
                },
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
            Source::Leaf { read, .. } => Rendered {
                values: values
                    .iter()
                    .map(|value| read(*value).unwrap_or_default())
                    .collect(),
                errors: Vec::new(),
            },
            Source::Object {
                project,
                target,
                list,
            } => {
                let parts: Vec<_> = values.iter().map(|value| project(*value)).collect();
                let ranges = ranges(parts.iter().map(|part| part.as_ref().map(Vec::len)));
                let parts: Vec<&Erased> = parts.into_iter().flatten().flatten().collect();
                let rendered = self.values(*target, &selected.selections, parts).await;
                distribute(&ranges, rendered, *list)
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
        let mut batch = Batch::default();
        for parent in values {
            batch.add(source.step(*parent, &call));
        }
        let targets = batch.load(&**source, self.session).await;
        let mut shown = Vec::new();
        let spans: Vec<_> = targets
            .into_iter()
            .map(|targets| span(targets, &mut shown))
            .collect();
        let children: Vec<&Erased> = shown.iter().map(|target| &**target).collect();
        let rendered = self
            .values(link.target, &selected.selections, children)
            .await;
        batch.distribute(&spans, rendered, link.list, selected.field.pos)
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

    /// Loads the whole of those values that are partial, if a selected field needs it.
    async fn complete(
        &self,
        entity: &EntityDecl,
        selected: &Selections<'a>,
        values: &[&Erased],
    ) -> Completed {
        let Some(completion) = entity
            .completion
            .as_ref()
            .filter(|_| wants_complete(selected))
        else {
            return Completed::default();
        };
        let arguments = Arguments::default();
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        let mut batch = Batch::default();
        for value in values {
            let step = match (completion.is_complete)(*value) {
                true => Ok(Step::Nothing),
                false => completion.load.step(*value, &call),
            };
            batch.add(step);
        }
        let targets = batch.load(&*completion.load, self.session).await;
        let wholes = batch.places.iter().map(|place| match place {
            Place::Found(at) => Some(
                targets[*at]
                    .clone()
                    .map(|found| found.and_then(|mut found| found.pop())),
            ),
            Place::Refused(error) => Some(Err(error.clone())),
            Place::Nothing | Place::Many(_) => None,
        });
        Completed {
            wholes: wholes.collect(),
        }
    }
}

/// The whole values behind the partial ones of a level; none where a value is whole itself.
#[derive(Default)]
struct Completed {
    wholes: Vec<Option<Result<Option<Shared>, Error>>>,
}

impl Completed {
    fn read(
        &self,
        read: &(dyn Fn(&Erased) -> Option<Value> + Send + Sync),
        selected: &Selected<'_>,
        values: &[&Erased],
    ) -> Rendered {
        let mut rendered = Rendered::default();
        for (value, (own, whole)) in values.iter().zip(&self.wholes).enumerate() {
            let found = match whole {
                None => read(*own),
                Some(Ok(whole)) => whole.as_ref().and_then(|whole| read(&**whole)),
                Some(Err(error)) => {
                    rendered.errors.push(FieldError {
                        value,
                        path: Vec::new(),
                        pos: selected.field.pos,
                        error: error.clone(),
                    });
                    None
                }
            };
            rendered.values.push(found.unwrap_or_default());
        }
        rendered
    }
}

fn wants_complete(selected: &Selections<'_>) -> bool {
    selected.values().any(|selected| {
        selected
            .decl
            .is_some_and(|decl| matches!(decl.source, Source::Leaf { complete: true, .. }))
    })
}

/// The keys of one link for all values of a level, each key once.
#[derive(Default)]
struct Batch {
    keys: IndexMap<String, Option<LinkKey>>,
    here: Vec<Vec<Shared>>,
    places: Vec<Place>,
    wanted: Vec<Wanted>,
}

/// Where the targets of one value are.
enum Place {
    Nothing,
    Found(usize),
    Many(Vec<Result<usize, Error>>),
    Refused(Error),
}

/// What stands at one position of a batch's targets.
enum Wanted {
    Here(usize),
    Key(usize),
}

impl Batch {
    fn add(&mut self, step: Result<Step, Error>) {
        let place = match step {
            Err(error) => Place::Refused(error),
            Ok(Step::Nothing) => Place::Nothing,
            Ok(Step::Here(targets)) => {
                self.here.push(targets);
                self.wanted.push(Wanted::Here(self.here.len() - 1));
                Place::Found(self.wanted.len() - 1)
            }
            Ok(Step::Key(key)) => Place::Found(self.want(key)),
            Ok(Step::Keys(keys)) => Place::Many(
                keys.into_iter()
                    .map(|key| key.map(|key| self.want(key)))
                    .collect(),
            ),
        };
        self.places.push(place);
    }

    /// The position of a key's targets; keys that were met before have theirs.
    fn want(&mut self, key: LinkKey) -> usize {
        let next = self.wanted.len();
        let entry = self.keys.entry(key.text.clone());
        let index = entry.index();
        if let indexmap::map::Entry::Vacant(vacant) = entry {
            vacant.insert(Some(key));
            self.wanted.push(Wanted::Key(index));
            return next;
        }
        self.wanted
            .iter()
            .position(|wanted| matches!(wanted, Wanted::Key(at) if *at == index))
            .unwrap_or(next)
    }

    async fn load(&mut self, source: &dyn LinkSource, session: &Arc<Session>) -> Vec<Targets> {
        let keys: Vec<LinkKey> = self.keys.values_mut().filter_map(Option::take).collect();
        let mut loaded: Vec<Option<Targets>> = match keys.is_empty() {
            true => Vec::new(),
            false => source
                .load(session, keys)
                .await
                .into_iter()
                .map(Some)
                .collect(),
        };
        let missing = || {
            Err(Error::Internal(
                "a batch answered fewer keys than it was asked",
            ))
        };
        self.wanted
            .iter()
            .map(|wanted| match wanted {
                Wanted::Here(at) => Ok(Some(std::mem::take(&mut self.here[*at]))),
                Wanted::Key(at) => loaded
                    .get_mut(*at)
                    .and_then(Option::take)
                    .unwrap_or_else(missing),
            })
            .collect()
    }

    /// Gives every value the rendered targets that its keys found.
    fn distribute(
        &self,
        spans: &[Result<Option<Range<usize>>, Error>],
        rendered: Rendered,
        list: bool,
        pos: Pos,
    ) -> Rendered {
        let mut all = Rendered::default();
        for (value, place) in self.places.iter().enumerate() {
            let mut fail = |error: &Error, path: Vec<PathSegment>| {
                all.errors.push(FieldError {
                    value,
                    path,
                    pos,
                    error: error.clone(),
                });
                Value::Null
            };
            let shown = match place {
                Place::Nothing => Value::Null,
                Place::Refused(error) => fail(error, Vec::new()),
                Place::Found(at) => match &spans[*at] {
                    Err(error) => fail(error, Vec::new()),
                    Ok(None) => Value::Null,
                    Ok(Some(span)) => {
                        rendered.errors_of(span, value, list, 0, &mut all.errors);
                        rendered.show(span, list)
                    }
                },
                Place::Many(elements) => {
                    let elements = elements.iter().enumerate().map(|(index, at)| {
                        match at
                            .as_ref()
                            .map_err(Clone::clone)
                            .and_then(|at| spans[*at].clone())
                        {
                            Err(error) => {
                                all.errors.push(FieldError {
                                    value,
                                    path: vec![PathSegment::Index(index)],
                                    pos,
                                    error,
                                });
                                Value::Null
                            }
                            Ok(None) => Value::Null,
                            Ok(Some(span)) => {
                                rendered.errors_of(&span, value, true, index, &mut all.errors);
                                rendered.show(&span, false)
                            }
                        }
                    });
                    Value::List(elements.collect())
                }
            };
            all.values.push(shown);
        }
        all
    }
}

impl Rendered {
    fn show(&self, span: &Range<usize>, list: bool) -> Value {
        if list {
            return Value::List(self.values[span.clone()].to_vec());
        }
        self.values[span.clone()]
            .first()
            .cloned()
            .unwrap_or_default()
    }

    /// The errors of the targets in `span`, as errors of the parent `value`.
    fn errors_of(
        &self,
        span: &Range<usize>,
        value: usize,
        list: bool,
        first_index: usize,
        errors: &mut Vec<FieldError>,
    ) {
        // Errors are rare, so looking through them for every parent costs nothing in the end.
        for error in self
            .errors
            .iter()
            .filter(|error| span.contains(&error.value))
        {
            let mut error = error.clone();
            if list {
                error
                    .path
                    .push(PathSegment::Index(first_index + error.value - span.start));
            }
            error.value = value;
            errors.push(error);
        }
    }
}

/// Puts a key's targets into the next level and says where they are.
fn span(targets: Targets, shown: &mut Vec<Shared>) -> Result<Option<Range<usize>>, Error> {
    targets.map(|found| {
        found.map(|found| {
            let start = shown.len();
            shown.extend(found);
            start..shown.len()
        })
    })
}

fn ranges(lengths: impl Iterator<Item = Option<usize>>) -> Vec<Option<Range<usize>>> {
    let mut start = 0;
    lengths
        .map(|length| {
            length.map(|length| {
                start += length;
                start - length..start
            })
        })
        .collect()
}

fn distribute(ranges: &[Option<Range<usize>>], rendered: Rendered, list: bool) -> Rendered {
    let mut all = Rendered::default();
    for (value, range) in ranges.iter().enumerate() {
        all.values.push(
            range
                .as_ref()
                .map_or(Value::Null, |range| rendered.show(range, list)),
        );
        if let Some(range) = range {
            rendered.errors_of(range, value, list, 0, &mut all.errors);
        }
    }
    all
}

/// Turns columns into objects. A required field without a value makes its object null, and the
/// level above decides whether that is allowed there.
fn assemble(count: usize, selected: Selections<'_>, columns: Vec<Rendered>) -> Rendered {
    let mut objects: Vec<Option<IndexMap<Name, Value>>> =
        vec![Some(IndexMap::with_capacity(columns.len())); count];
    let mut errors = Vec::new();
    for ((key, selected), column) in selected.into_iter().zip(columns) {
        let required = selected.decl.is_some_and(|decl| decl.ty.ends_with('!'));
        let before = errors.len();
        errors.extend(column.errors.into_iter().map(|mut error| {
            error.path.push(PathSegment::Field(key.to_string()));
            error
        }));
        for (at, value) in column.values.into_iter().enumerate() {
            let value = without_null_items(value, selected.decl);
            if required && value == Value::Null {
                objects[at] = None;
                let explained = errors[before..].iter().any(|error| error.value == at);
                if !explained {
                    let path = vec![PathSegment::Field(key.to_string())];
                    let error = Error::Internal("a required field has no value");
                    errors.push(FieldError {
                        value: at,
                        path,
                        pos: selected.field.pos,
                        error,
                    });
                }
            } else if let Some(object) = &mut objects[at] {
                object.insert(key.clone(), value);
            }
        }
    }
    let values = objects
        .into_iter()
        .map(|object| object.map_or(Value::Null, Value::Object))
        .collect();
    Rendered { values, errors }
}

/// A list whose items are required cannot hold a null: it becomes null itself.
fn without_null_items(value: Value, decl: Option<&FieldDecl>) -> Value {
    let required = decl.is_some_and(|decl| decl.ty.trim_end_matches('!').ends_with("!]"));
    match value {
        Value::List(items) if required && items.contains(&Value::Null) => Value::Null,
        value => value,
    }
}
