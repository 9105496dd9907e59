//! The first half of an execution: everything that the answer needs is loaded, level by level.

use std::{borrow::Cow, cell::Cell, ops::Range, sync::Arc};

use async_graphql::{Name, Variables};
use futures_util::future::{BoxFuture, join_all};

use super::{ArgumentsPlan, FieldPlan, ObjectPlan, Operation, SourcePlan, TargetPlan};
use crate::{
    graph::{
        arguments::Arguments,
        batch::{Batch, Place, span},
        declare::{
            Call, Completion, Erased, Found, LinkSource, MutationDecl, Shared, Step, Targets,
        },
        error::Error,
    },
    upstream::{Session, StaleReading},
};

/// What was loaded for the values of one selection.
pub(super) enum Level {
    /// Nothing had to be.
    Nothing,
    Object(ObjectLevel),
    /// For each value its object type and its place among the values of that type.
    Interface {
        places: Vec<(usize, usize)>,
        types: Vec<ObjectLevel>,
    },
}

/// What was loaded for values of one object type.
#[derive(Default)]
pub(super) struct ObjectLevel {
    /// By field; for fields that load nothing, nothing.
    pub(super) fields: Vec<FieldLevel>,
    /// The whole values behind the partial ones; none where a value is whole itself.
    pub(super) wholes: Wholes,
    /// The values whose whole is stale.
    pub(super) stale: Vec<(usize, StaleReading)>,
}

type Wholes = Vec<Option<Result<Option<Shared>, Error>>>;

impl ObjectLevel {
    /// For values that needed nothing.
    pub(super) const NOTHING: &Self = &Self {
        fields: Vec::new(),
        wholes: Vec::new(),
        stale: Vec::new(),
    };
}

pub(super) enum FieldLevel {
    Nothing,
    Object {
        /// Where each value's parts begin among the parts of all values.
        starts: Vec<usize>,
        level: Level,
    },
    Link(LinkLevel),
    Mutation(Result<(Shared, Level), Error>),
}

/// The targets of one link for all values of a level.
pub(super) struct LinkLevel {
    /// For each value, where its targets are among the spans.
    pub(super) places: Vec<Place>,
    pub(super) spans: Vec<Span>,
    pub(super) targets: Vec<Shared>,
    pub(super) level: Level,
}

/// The targets of one key.
pub(super) struct Span {
    pub(super) targets: Result<Option<Range<usize>>, Error>,
    pub(super) stale: Option<StaleReading>,
    /// Where they stand in the answer, once they do.
    pub(super) copy: Cell<Option<Copied>>,
}

/// Where a target stands in what was written so far.
#[derive(Clone, Copy)]
pub(super) struct Copied {
    pub(super) bytes: (usize, usize),
    pub(super) errors: (usize, usize),
    pub(super) labels: (usize, usize),
    /// How long the errors' paths are up to there.
    pub(super) depth: usize,
    /// Written can be taken back: this still stands if that has happened as often as here.
    pub(super) cuts: usize,
}

/// Loads for one caller.
pub(super) struct Loading<'r> {
    pub(super) session: &'r Arc<Session>,
    pub(super) variables: &'r Variables,
}

impl Loading<'_> {
    /// Loads all that an operation needs.
    pub(super) async fn operation(&self, operation: &Operation) -> ObjectLevel {
        let root: &[&Erased] = &[&()];
        if !operation.is_mutation {
            return self.object(&operation.root, root).await;
        }
        // One after another, as the caller wrote them.
        let mut level = ObjectLevel::default();
        for field in &operation.root.fields {
            level.fields.push(self.field(field, root).await);
        }
        level
    }

    fn target<'a>(&'a self, plan: &'a TargetPlan, values: Vec<&'a Erased>) -> BoxFuture<'a, Level> {
        Box::pin(async move {
            match plan {
                _ if !plan.loads() || values.is_empty() => Level::Nothing,
                TargetPlan::Object(plan) => Level::Object(self.object(plan, &values).await),
                TargetPlan::Interface { object_type, types } => {
                    self.interface(*object_type, types, &values).await
                }
            }
        })
    }

    async fn interface(
        &self,
        object_type: fn(&Erased) -> &'static str,
        types: &[(&'static str, Arc<ObjectPlan>)],
        values: &[&Erased],
    ) -> Level {
        let mut members: Vec<Vec<&Erased>> = vec![Vec::new(); types.len()];
        let places = values.iter().map(|value| {
            let name = object_type(*value);
            let at = types.iter().position(|(known, _)| *known == name)?;
            members[at].push(*value);
            Some((at, members[at].len() - 1))
        });
        // A value of a type that is not declared is null, wherever its place is said to be.
        let places = places.map(Option::unwrap_or_default).collect();
        let loads = types.iter().zip(&members).map(|((_, plan), values)| async {
            match plan.loads && !values.is_empty() {
                true => self.object(plan, values).await,
                false => ObjectLevel::default(),
            }
        });
        let types = join_all(loads).await;
        Level::Interface { places, types }
    }

    async fn object(&self, plan: &ObjectPlan, values: &[&Erased]) -> ObjectLevel {
        if !plan.loads {
            return ObjectLevel::default();
        }
        let (wholes, stale) = match plan.completion {
            Some(completion) => self.complete(completion, values).await,
            None => (Vec::new(), Vec::new()),
        };
        let fields = plan.fields.iter().map(|field| self.field(field, values));
        ObjectLevel {
            fields: join_all(fields).await,
            wholes,
            stale,
        }
    }

    /// Loads the whole of those values that are partial.
    async fn complete(
        &self,
        completion: &Completion,
        values: &[&Erased],
    ) -> (Wholes, Vec<(usize, StaleReading)>) {
        let arguments = Arguments::default();
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        let mut batch = Batch::default();
        for value in values {
            batch.add(match (completion.is_complete)(*value) {
                true => Ok(Step::Nothing),
                false => completion.load.step(*value, &call),
            });
        }
        let targets = batch.load(&*completion.load, self.session).await;
        let whole = |found: &Targets| {
            let first = |found: &Option<Found>| found.as_ref()?.targets.first().cloned();
            found.as_ref().map(first).map_err(Clone::clone)
        };
        let wholes = batch.places.iter().map(|place| match place {
            Place::Found(at) => Some(whole(&targets[*at])),
            Place::Refused(error) => Some(Err(error.clone())),
            Place::Nothing | Place::Many(_) => None,
        });
        let stale = batch.places.iter().enumerate();
        let stale = stale.filter_map(|(value, place)| match place {
            Place::Found(at) => Some((value, staleness(&targets[*at])?)),
            Place::Nothing | Place::Many(_) | Place::Refused(_) => None,
        });
        (wholes.collect(), stale.collect())
    }

    /// One field for all values of a level.
    async fn field(&self, field: &FieldPlan, values: &[&Erased]) -> FieldLevel {
        match &field.source {
            SourcePlan::Typename(_) | SourcePlan::Leaf { .. } => FieldLevel::Nothing,
            SourcePlan::Object { target, .. } if !target.loads() => FieldLevel::Nothing,
            SourcePlan::Object {
                project, target, ..
            } => {
                let mut starts = Vec::with_capacity(values.len());
                let mut parts: Vec<&Erased> = Vec::with_capacity(values.len());
                for value in values {
                    starts.push(parts.len());
                    // Who writes it tells why it cannot be read.
                    parts.extend(project(*value).ok().flatten().into_iter().flatten());
                }
                let level = self.target(target, parts).await;
                FieldLevel::Object { starts, level }
            }
            SourcePlan::Link {
                source,
                arguments,
                target,
                ..
            } => FieldLevel::Link(self.link(*source, arguments, target, values).await),
            SourcePlan::Mutation {
                mutation,
                arguments,
                target,
            } => FieldLevel::Mutation(self.mutate(mutation, arguments, target).await),
        }
    }

    async fn link(
        &self,
        source: &dyn LinkSource,
        arguments: &ArgumentsPlan,
        target: &TargetPlan,
        values: &[&Erased],
    ) -> LinkLevel {
        let arguments = self.arguments(arguments);
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        let mut batch = Batch::default();
        for value in values {
            batch.add(source.step(*value, &call));
        }
        let mut targets = Vec::new();
        let spans: Vec<Span> = batch
            .load(source, self.session)
            .await
            .into_iter()
            .map(|found| Span {
                stale: staleness(&found),
                targets: span(found, &mut targets),
                copy: Cell::new(None),
            })
            .collect();
        let children = targets.iter().map(|target| &**target).collect();
        let level = self.target(target, children).await;
        LinkLevel {
            places: batch.places,
            spans,
            targets,
            level,
        }
    }

    async fn mutate(
        &self,
        mutation: &MutationDecl,
        arguments: &ArgumentsPlan,
        target: &TargetPlan,
    ) -> Result<(Shared, Level), Error> {
        let arguments = self.arguments(arguments);
        let payload = (mutation.run)(self.session, &arguments).await;
        self.session.forget_loaded().await;
        let payload = payload?;
        let level = self.target(target, vec![&*payload]).await;
        Ok((payload, level))
    }

    fn arguments<'a>(&self, plan: &'a ArgumentsPlan) -> Cow<'a, Arguments> {
        match plan {
            ArgumentsPlan::Constant(arguments) => Cow::Borrowed(arguments),
            ArgumentsPlan::Written { declared, written } => {
                let value = |name: &Name| self.variables.get(name).cloned();
                Cow::Owned(Arguments::read(written, declared, &value))
            }
        }
    }
}

fn staleness(targets: &Targets) -> Option<StaleReading> {
    targets.as_ref().ok()?.as_ref()?.stale
}
