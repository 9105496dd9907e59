//! The first half of an execution: everything that the answer needs is loaded, level by level.

use std::{borrow::Cow, cell::Cell, sync::Arc};

use async_graphql::{Name, Variables};
use futures_util::future::{BoxFuture, join_all};

use super::{
    ArgumentsPlan, FieldPlan, ObjectPlan, Operation, SourcePlan, TargetPlan, early::Early,
};
use crate::{
    graph::{
        arguments::Arguments,
        batch::Linked,
        declare::{Call, Erased, LinkSource, MutationDecl, Shared, Wholes},
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
    /// Those fields that were written when the values came, value by value.
    pub(super) early: Early,
}

impl ObjectLevel {
    /// For values that needed nothing.
    pub(super) const NOTHING: &Self = &Self {
        fields: Vec::new(),
        wholes: Vec::new(),
        stale: Vec::new(),
        early: Early::NOTHING,
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

/// Where one link leads from all values of a level, and what was loaded for that.
pub(super) struct LinkLevel {
    pub(super) linked: Linked,
    pub(super) level: Level,
    /// The targets of each span, if they were written when they came.
    pub(super) early: Early,
    /// Where the targets of each span stand in the answer, once they do.
    pub(super) copies: Vec<Cell<Option<Copied>>>,
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
    /// Whether values are written when they come, as far as they can.
    pub(super) writes_early: bool,
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
        let early = match self.writes_early {
            true => Early::of_fields(plan, values),
            false => Early::default(),
        };
        let (wholes, stale) = match plan.completion {
            Some(completion) => {
                let arguments = Arguments::default();
                let call = Call {
                    arguments: &arguments,
                    session: self.session,
                };
                completion.complete(values, &call).await
            }
            None => (Vec::new(), Vec::new()),
        };
        let fields = plan.fields.iter().map(|field| self.field(field, values));
        ObjectLevel {
            fields: join_all(fields).await,
            wholes,
            stale,
            early,
        }
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
                list,
                target,
            } => {
                let link = self.follow(*source, arguments, values).await;
                FieldLevel::Link(self.link(field, (*list, target), link).await)
            }
            SourcePlan::Mutation {
                mutation,
                arguments,
                target,
            } => FieldLevel::Mutation(self.mutate(mutation, arguments, target).await),
        }
    }

    async fn follow(
        &self,
        source: &dyn LinkSource,
        arguments: &ArgumentsPlan,
        values: &[&Erased],
    ) -> Linked {
        let arguments = self.arguments(arguments);
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        source.follow(values, &call).await
    }

    async fn link(
        &self,
        field: &FieldPlan,
        (list, target): (bool, &TargetPlan),
        linked: Linked,
    ) -> LinkLevel {
        let (level, early) = match target.loads() {
            true => (self.target(target, linked.values()).await, Early::default()),
            false if self.writes_early => {
                let early = Early::of_spans(field, (list, target), &linked);
                (Level::Nothing, early)
            }
            false => (Level::Nothing, Early::default()),
        };
        LinkLevel {
            copies: vec![Cell::new(None); linked.spans.len()],
            linked,
            level,
            early,
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
