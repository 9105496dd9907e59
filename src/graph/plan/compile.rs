//! From a selection to its plan.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, atomic::AtomicUsize},
};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
        OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value as Literal;
use indexmap::IndexMap;

use super::{
    ArgumentsPlan, FieldPlan, ObjectPlan, Operation, Plan, SourcePlan, TargetPlan, root_type,
};
use crate::graph::{
    arguments::Arguments,
    declare::{EntityDecl, FieldDecl, Graph, Source, Target},
    graph,
};

/// The variables that `@skip` and `@include` ask, in the whole document.
pub(super) fn conditions(document: &ExecutableDocument) -> Vec<Name> {
    fn collect(set: &SelectionSet, into: &mut Vec<Name>) {
        for item in &set.items {
            for directive in item.node.directives() {
                if let Some((_, Literal::Variable(name))) = condition(directive)
                    && !into.contains(name)
                {
                    into.push(name.clone());
                }
            }
            match &item.node {
                Selection::Field(field) => collect(&field.node.selection_set.node, into),
                Selection::InlineFragment(inline) => collect(&inline.node.selection_set.node, into),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut names = Vec::new();
    for (_, operation) in document.operations.iter() {
        collect(&operation.node.selection_set.node, &mut names);
    }
    for fragment in document.fragments.values() {
        collect(&fragment.node.selection_set.node, &mut names);
    }
    names.sort_unstable();
    names
}

/// What a directive asks, and the answer with which its selection stays.
fn condition(directive: &Positioned<Directive>) -> Option<(bool, &Literal)> {
    let stays_if = match directive.node.name.node.as_str() {
        "skip" => false,
        "include" => true,
        _ => return None,
    };
    let argument = directive.node.get_argument("if")?;
    Some((stays_if, &argument.node))
}

/// Compiles an operation for those values of its conditions that `holds` tells.
pub(super) fn operation(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    holds: &dyn Fn(&Name) -> bool,
) -> Plan {
    let graph = graph();
    let Some(entity) = graph.entities.get(root_type(operation.ty)) else {
        return Plan::Interpreted;
    };
    let mut compiler = Compiler {
        graph,
        fragments: &document.fragments,
        holds,
        known: HashMap::new(),
        links: 0,
    };
    let set = &operation.selection_set.node;
    let fields = compiler.collect(entity, &[set]);
    if fields
        .values()
        .any(|merged| is_introspection(&merged.field.node))
    {
        return Plan::Interpreted;
    }
    Plan::Declared(Operation {
        root: compiler.object(entity, fields),
        links: compiler.links,
        is_mutation: operation.ty == OperationType::Mutation,
        length: AtomicUsize::default(),
        constant: OnceLock::new(),
    })
}

fn is_introspection(field: &Field) -> bool {
    matches!(field.name.node.as_str(), "__schema" | "__type")
}

struct Compiler<'d> {
    graph: &'static Graph,
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    holds: &'d dyn Fn(&Name) -> bool,
    /// Selections of an interface mean the same below each of its object types, mostly: they are
    /// compiled once. Selection sets are told apart by where they stand in the document.
    known: HashMap<(&'static str, Vec<*const SelectionSet>), Arc<ObjectPlan>>,
    /// How many links were met.
    links: usize,
}

/// All selections of one response key.
struct Merged<'d> {
    field: &'d Positioned<Field>,
    selections: Vec<&'d SelectionSet>,
}

type Fields<'d> = IndexMap<&'d Name, Merged<'d>>;

impl<'d> Compiler<'d> {
    /// Merges the fields that `selections` have for the object type `entity`, each fragment once.
    fn collect(&self, entity: &EntityDecl, selections: &[&'d SelectionSet]) -> Fields<'d> {
        let mut fields = IndexMap::new();
        let mut visited = Vec::new();
        for selection in selections {
            self.collect_into(entity, selection, &mut fields, &mut visited);
        }
        fields
    }

    fn collect_into(
        &self,
        entity: &EntityDecl,
        set: &'d SelectionSet,
        fields: &mut Fields<'d>,
        visited: &mut Vec<&'d Name>,
    ) {
        for item in &set.items {
            if !self.is_included(item.node.directives()) {
                continue;
            }
            let (condition, inner) = match &item.node {
                Selection::Field(field) => {
                    let entry = fields.entry(&field.node.response_key().node);
                    let merged = entry.or_insert_with(|| Merged {
                        field,
                        selections: Vec::new(),
                    });
                    merged.selections.push(&field.node.selection_set.node);
                    continue;
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let inner = &inline.node.selection_set.node;
                    (condition.map(|condition| &condition.node.on.node), inner)
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    if visited.contains(&name) {
                        continue;
                    }
                    visited.push(name);
                    let condition = &fragment.node.type_condition.node.on.node;
                    (Some(condition), &fragment.node.selection_set.node)
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

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        let mut conditions = directives.iter().filter_map(condition);
        conditions.all(|(stays_if, argument)| {
            let holds = match argument {
                Literal::Boolean(value) => *value,
                Literal::Variable(name) => (self.holds)(name),
                _ => false,
            };
            holds == stays_if
        })
    }

    fn object(&mut self, entity: &'static EntityDecl, fields: Fields<'d>) -> ObjectPlan {
        let fields: Vec<FieldPlan> = fields
            .into_iter()
            .map(|(key, merged)| self.field(entity, key, &merged))
            .collect();
        let needs_complete = fields
            .iter()
            .any(|field| matches!(field.source, SourcePlan::Leaf { complete: true, .. }));
        let completion = entity.completion.as_ref().filter(|_| needs_complete);
        ObjectPlan {
            early: fields.iter().filter(|field| field.early).count(),
            loads: completion.is_some() || fields.iter().any(|field| field.source.loads()),
            completion,
            fields,
        }
    }

    fn field(&mut self, entity: &'static EntityDecl, key: &Name, merged: &Merged<'d>) -> FieldPlan {
        let field = &merged.field.node;
        let decl = entity.fields.get(field.name.node.as_str());
        let source = match decl {
            // The only field that every type has without a declaration.
            None => SourcePlan::Typename(format!("\"{}\"", entity.name).into_bytes().into()),
            Some(decl) => self.source(decl, merged),
        };
        FieldPlan {
            name: key.clone(),
            // Names need no escaping.
            key: format!("\"{key}\":").into_bytes().into(),
            pos: merged.field.pos,
            required: decl.is_some_and(|decl| decl.ty.ends_with('!')),
            items_required: decl.is_some_and(|decl| decl.ty.trim_end_matches('!').ends_with("!]")),
            early: source.is_early(),
            source,
        }
    }

    fn source(&mut self, decl: &'static FieldDecl, merged: &Merged<'d>) -> SourcePlan {
        let arguments = || arguments(&merged.field.node, decl);
        match &decl.source {
            Source::Leaf { read, complete } => SourcePlan::Leaf {
                read,
                complete: *complete,
            },
            Source::Object {
                project,
                target,
                list,
            } => SourcePlan::Object {
                project,
                list: *list,
                target: self.target(*target, &merged.selections),
            },
            Source::Link(link) => {
                self.links += 1;
                let target = self.target(link.target, &merged.selections);
                let source = match (&link.load_complete, &target) {
                    (Some(complete), TargetPlan::Object(plan)) if plan.needs_complete() => complete,
                    _ => &link.load,
                };
                SourcePlan::Link {
                    source: &**source,
                    arguments: arguments(),
                    list: link.list,
                    target,
                }
            }
            Source::Mutation(mutation) => SourcePlan::Mutation {
                mutation,
                arguments: arguments(),
                target: self.target(mutation.target, &merged.selections),
            },
        }
    }

    fn target(&mut self, target: Target, selections: &[&'d SelectionSet]) -> TargetPlan {
        match target {
            Target::Object(name) => TargetPlan::Object(self.named(name, selections)),
            Target::Interface(name, object_type) => {
                let entities = self.graph.entities.values();
                let members = entities.filter(|entity| entity.interfaces.contains(&name));
                TargetPlan::Interface {
                    object_type,
                    types: members
                        .map(|entity| (entity.name, self.named(entity.name, selections)))
                        .collect(),
                }
            }
        }
    }

    fn named(&mut self, name: &'static str, selections: &[&'d SelectionSet]) -> Arc<ObjectPlan> {
        let places = selections
            .iter()
            .map(|set| std::ptr::from_ref(*set))
            .collect();
        let known = (name, places);
        if let Some(plan) = self.known.get(&known) {
            return Arc::clone(plan);
        }
        let plan = Arc::new(match self.graph.entities.get(name) {
            Some(entity) => self.object(entity, self.collect(entity, selections)),
            // `Graph` holds every type that a declaration names; a test walks them all.
            None => ObjectPlan {
                fields: Vec::new(),
                completion: None,
                loads: false,
                early: 0,
            },
        });
        self.known.insert(known, Arc::clone(&plan));
        plan
    }
}

impl SourcePlan {
    fn loads(&self) -> bool {
        match self {
            Self::Typename(_) | Self::Leaf { .. } => false,
            Self::Object { target, .. } => target.loads(),
            Self::Link { .. } | Self::Mutation { .. } => true,
        }
    }

    /// Whether it is all there when the object is, and has to be read from it.
    fn is_early(&self) -> bool {
        match self {
            Self::Leaf { complete, .. } => !complete,
            Self::Object { .. } => !self.loads(),
            Self::Typename(_) | Self::Link { .. } | Self::Mutation { .. } => false,
        }
    }
}

impl ObjectPlan {
    fn needs_complete(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| matches!(field.source, SourcePlan::Leaf { complete: true, .. }))
    }
}

/// Arguments that no variable is part of are read once.
fn arguments(field: &Field, decl: &'static FieldDecl) -> ArgumentsPlan {
    if field
        .arguments
        .iter()
        .any(|(_, value)| has_variable(&value.node))
    {
        return ArgumentsPlan::Written {
            declared: &decl.arguments,
            written: field.arguments.clone(),
        };
    }
    ArgumentsPlan::Constant(Arguments::read(&field.arguments, &decl.arguments, &|_| {
        None
    }))
}

fn has_variable(value: &Literal) -> bool {
    match value {
        Literal::Variable(_) => true,
        Literal::List(items) => items.iter().any(has_variable),
        Literal::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}
