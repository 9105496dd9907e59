//! What fields cost, as far as the declarations tell: predictions are made of it.

use super::{
    declare::{EntityDecl, FieldDecl, Source},
    graph,
};
use crate::upstream::Calls;

/// What a field costs on each value that it is selected on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldCost {
    /// Calls of an upstream.
    pub calls: Calls,
    /// Whether the calls make the value itself whole, which is done once for all its fields.
    pub completes: bool,
    /// How many values the field leads to.
    pub items: Items,
}

/// How many values a field leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// At most one.
    One,
    /// A page, as long as its argument `first`.
    Page,
    /// As many as the list in this argument.
    Listed(&'static str),
    /// A list of unknown length.
    Several,
}

/// All fields that cost something or lead to several values: type, field and cost.
pub fn costs() -> impl Iterator<Item = (&'static str, &'static str, FieldCost)> {
    let graph = graph();
    let objects = graph.entities.values().map(|entity| (entity.name, entity));
    // A field of an interface costs what it costs on the first of its object types.
    let interfaces = graph.interfaces.values().filter_map(|interface| {
        let mut entities = graph.entities.values();
        let entity = entities.find(|entity| entity.interfaces.contains(&interface.name))?;
        Some((interface.name, entity))
    });
    objects.chain(interfaces).flat_map(|(name, entity)| {
        let fields = entity.fields.iter();
        fields.filter_map(move |(field, decl)| Some((name, *field, cost(entity, decl)?)))
    })
}

fn cost(entity: &EntityDecl, field: &FieldDecl) -> Option<FieldCost> {
    let reads = |calls: Calls, items: Items| FieldCost {
        calls,
        completes: false,
        items,
    };
    match &field.source {
        Source::Leaf { complete: true, .. } => {
            let completion = entity.completion.as_ref()?;
            Some(FieldCost {
                completes: true,
                ..reads(completion.calls, Items::One)
            })
        }
        Source::Leaf { .. } | Source::Object { list: false, .. } => None,
        Source::Object { list: true, .. } => Some(reads(Calls::NONE, Items::Several)),
        Source::Link(link) => Some(reads(link.calls, items(field, link.list))),
        Source::Mutation(_) => Some(reads(Calls::PER_KEY, Items::One)),
    }
}

fn items(field: &FieldDecl, list: bool) -> Items {
    let mut arguments = field.arguments.iter();
    if arguments.any(|argument| argument.name == "first") {
        return Items::Page;
    }
    let mut arguments = field.arguments.iter();
    match arguments.find(|argument| argument.ty.starts_with('[')) {
        Some(argument) if list => Items::Listed(argument.name),
        _ if list => Items::Several,
        _ => Items::One,
    }
}
