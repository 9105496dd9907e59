//! Operations, compiled: what a selection means is worked out once per document, and an execution
//! only loads and writes.
//!
//! An execution has two halves. Loading goes breadth-first: on a level all values are present, and
//! the keys of one link for *all* of them go to the loader in one batch before the next level begins
//! ([`load`]). Writing goes depth-first, through values that are all there, straight into the bytes of
//! the answer; what many parents share is written once and copied ([`write`]). Where several levels are
//! loaded, what needs no loading is written as soon as its values are there ([`early`]).
//!
//! `@skip` and `@include` are decided when a plan is compiled, so there is a plan for each combination
//! of the values that their variables take.

mod compile;
mod early;
mod load;
mod write;

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_graphql::{
    Name, Pos, Positioned, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use async_graphql_value::Value as Literal;
use bytes::Bytes;

use super::{
    arguments::Arguments,
    declare::{
        ArgumentDecl, Completion, Erased, LinkSource, MUTATION, MutationDecl, Project, QUERY,
        ReadLeaf,
    },
};
use crate::{turns::Turns, upstream::Session};
use load::Loading;
pub use write::Written;

/// The plans of a validated document's operations.
pub struct Plans {
    document: Arc<ExecutableDocument>,
    /// The variables that decide what is selected.
    conditions: Vec<Name>,
    compiled: Mutex<Vec<Compiled>>,
}

/// Most plans that are kept of one document: more are only met by those who try to.
const MAX_PLANS: usize = 16;

struct Compiled {
    operation: Option<String>,
    conditions: Vec<bool>,
    plan: Arc<Plan>,
}

/// How one operation is answered.
pub enum Plan {
    /// By the declarations.
    Declared(Operation),
    /// By async-graphql: it asks the schema about itself.
    Interpreted,
}

/// An operation that only asks for what is declared.
pub struct Operation {
    root: ObjectPlan,
    is_mutation: bool,
    /// How many links are followed; those of an interface count for each of its types.
    links: usize,
    /// How long the last answer was: the next one is likely to be as long.
    length: AtomicUsize,
    constant: OnceLock<Bytes>,
}

/// What is selected of one object type.
struct ObjectPlan {
    fields: Vec<FieldPlan>,
    /// How partial values become whole, if a selected field needs that.
    completion: Option<&'static Completion>,
    /// Whether anything in it or below it has to be loaded.
    loads: bool,
    /// How many fields can be written as soon as a value is there.
    early: usize,
}

/// A field: all selections of one response key, merged.
struct FieldPlan {
    name: Name,
    /// The response key as it stands in the answer: `"name":`.
    key: Box<[u8]>,
    pos: Pos,
    /// Without a value its object is null.
    required: bool,
    /// With a null in it its list is null.
    items_required: bool,
    /// Whether it can be written as soon as its object's value is there.
    early: bool,
    source: SourcePlan,
}

enum SourcePlan {
    /// The object type's name, as JSON.
    Typename(Box<[u8]>),
    Leaf {
        read: &'static ReadLeaf,
        complete: bool,
    },
    Object {
        project: &'static Project,
        list: bool,
        target: TargetPlan,
    },
    Link {
        source: &'static dyn LinkSource,
        arguments: ArgumentsPlan,
        list: bool,
        target: TargetPlan,
    },
    Mutation {
        mutation: &'static MutationDecl,
        arguments: ArgumentsPlan,
        target: TargetPlan,
    },
}

/// What is selected of a value, whose object type may only be known when it is there.
enum TargetPlan {
    Object(Arc<ObjectPlan>),
    Interface {
        object_type: fn(&Erased) -> &'static str,
        types: Vec<(&'static str, Arc<ObjectPlan>)>,
    },
}

enum ArgumentsPlan {
    Constant(Arguments),
    /// Some values are variables.
    Written {
        declared: &'static [ArgumentDecl],
        written: Vec<(Positioned<Name>, Positioned<Literal>)>,
    },
}

impl Plans {
    /// The plans of `document`, which must be valid.
    pub fn new(document: Arc<ExecutableDocument>) -> Self {
        Self {
            conditions: compile::conditions(&document),
            document,
            compiled: Mutex::default(),
        }
    }

    /// The document.
    pub fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    /// The plan of the operation of this name, with these variables. A document of one operation has
    /// it under every name; a name that is unknown is as good as an operation without a plan.
    pub fn find(&self, operation: Option<&str>, variables: &Variables) -> Arc<Plan> {
        let holds = |name: &Name| matches!(variables.get(name), Some(Value::Boolean(true)));
        let conditions: Vec<bool> = self.conditions.iter().map(holds).collect();
        let is_wanted = |compiled: &&Compiled| {
            compiled.operation.as_deref() == operation && compiled.conditions == conditions
        };
        if let Some(compiled) = self.lock().iter().find(is_wanted) {
            return Arc::clone(&compiled.plan);
        }
        let plan = Arc::new(match self.operation(operation) {
            Some(definition) => compile::operation(&self.document, definition, &holds),
            None => Plan::Interpreted,
        });
        let mut compiled = self.lock();
        if compiled.len() == MAX_PLANS {
            compiled.remove(0);
        }
        compiled.push(Compiled {
            operation: operation.map(str::to_owned),
            conditions,
            plan: Arc::clone(&plan),
        });
        plan
    }

    fn operation(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        let operation = match (&self.document.operations, name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
            (DocumentOperations::Multiple(operations), None) => operations.values().next(),
        };
        operation.map(|operation| &operation.node)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Compiled>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// Whether the operation may be executed as often or as rarely as one likes.
    pub fn is_query(&self) -> bool {
        !matches!(self, Self::Declared(operation) if operation.is_mutation)
    }

    /// A place for the one answer of a query for which nothing has to be loaded: it is the same for
    /// everybody.
    pub fn constant(&self) -> Option<&OnceLock<Bytes>> {
        match self {
            Self::Declared(operation) if !operation.is_mutation && !operation.root.loads => {
                Some(&operation.constant)
            }
            _ => None,
        }
    }

    /// Whether anything has to be loaded for the answer.
    pub fn loads(&self) -> bool {
        !matches!(self, Self::Declared(operation) if !operation.root.loads)
    }
}

impl Operation {
    /// Executes the operation for `session`'s caller. Its variables must be coerced.
    pub async fn execute(&self, session: &Arc<Session>, variables: &Variables) -> Written {
        let loading = Loading {
            session,
            variables,
            writes_early: self.links > 1,
        };
        let level = Turns::of(loading.operation(self)).await;
        let written = write::operation(self, &level, self.length.load(Relaxed));
        self.length.store(written.data.len(), Relaxed);
        written
    }
}

impl TargetPlan {
    fn loads(&self) -> bool {
        match self {
            Self::Object(plan) => plan.loads,
            Self::Interface { types, .. } => types.iter().any(|(_, plan)| plan.loads),
        }
    }
}

/// The name of the root type of an operation.
fn root_type(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Mutation => MUTATION,
        OperationType::Query | OperationType::Subscription => QUERY,
    }
}
