//! How much a document asks for, told before the schema sees it.
//!
//! async-graphql walks into a fragment at every spread of it, again and again, with no await between:
//! thirty fragments that each spread the next one twice keep a core busy for minutes, and no timeout
//! stops that. So the edge computes what such a walk would meet: once per fragment, the fragments
//! that others spread first, with numbers that stay at their maximum instead of overflowing.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Value,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
    value,
};

use super::refusal::{Code, Refusal};

/// Bounds for one document.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Length of the text.
    pub bytes: usize,
    /// Words, strings and signs in the text.
    pub tokens: usize,
    /// Nesting of brackets in the text, and of selections with all fragments spread out.
    pub nesting: usize,
    /// Nesting of fields. Introspection does not count, so that tools work.
    pub depth: usize,
    /// Fields, spreads and inline fragments in all operations, with all fragments spread out.
    pub selections: usize,
    /// Fields at the top of one operation.
    pub root_fields: usize,
    /// Aliases in all operations, with all fragments spread out.
    pub aliases: usize,
    /// Directives in all operations, with all fragments spread out.
    pub directives: usize,
    /// Lists within lists of one introspection: the schema is a graph, and each such step multiplies.
    pub introspection_lists: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 100 * 1024,
            tokens: 10_000,
            nesting: 64,
            depth: 15,
            selections: 5_000,
            root_fields: 100,
            aliases: 500,
            directives: 500,
            introspection_lists: 2,
        }
    }
}

/// The name of a limit, as the caller reads it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    Bytes,
    Tokens,
    Nesting,
    Depth,
    Selections,
    RootFields,
    Aliases,
    Directives,
    IntrospectionLists,
}

impl Limit {
    const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Tokens => "tokens",
            Self::Nesting => "nesting",
            Self::Depth => "depth",
            Self::Selections => "selections",
            Self::RootFields => "rootFields",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::IntrospectionLists => "introspectionLists",
        }
    }

    /// Refuses what is over the limit.
    pub(super) fn check(self, actual: impl TryInto<u32>, max: usize) -> Result<(), Refusal> {
        let actual = actual.try_into().unwrap_or(u32::MAX);
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        if actual <= max {
            return Ok(());
        }
        let name = self.name();
        let message =
            format!("The document is too large: {name} is {actual}, and at most {max} is allowed.");
        let limit: Value = value!({ "name": name, "max": max, "actual": actual });
        Err(Refusal::at(Code::ValidationFailed, None, message).with("limit", limit))
    }
}

/// Weighs a document.
///
/// # Errors
/// It asks for more than allowed, its fragments spread each other in a circle, or it asks the schema
/// about itself and `introspection` is off.
pub(super) fn check(
    document: &ExecutableDocument,
    limits: &Limits,
    introspection: bool,
) -> Result<(), Refusal> {
    let fragments = Fragments::weigh(document)?;
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| fragments.operation(&operation.node));
    // A fragment that nobody spreads is validated all the same.
    let unused = fragments.unused(document);
    let cost = operations.chain(unused).fold(Cost::default(), Cost::beside);

    if cost.introspects && !introspection {
        return Err(Refusal::at(
            Code::IntrospectionDisabled,
            None,
            "Introspection is switched off.",
        ));
    }
    Limit::Nesting.check(cost.nesting, limits.nesting)?;
    Limit::Depth.check(cost.depth, limits.depth)?;
    Limit::Selections.check(cost.selections, limits.selections)?;
    Limit::RootFields.check(cost.root_fields, limits.root_fields)?;
    Limit::Aliases.check(cost.aliases, limits.aliases)?;
    Limit::Directives.check(cost.directives, limits.directives)?;
    Limit::IntrospectionLists.check(cost.introspection_lists, limits.introspection_lists)
}

/// What a selection set amounts to, with all fragments spread out.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    selections: u32,
    aliases: u32,
    directives: u32,
    /// Fields of the set itself; of a whole document, those of its widest operation.
    root_fields: u32,
    nesting: u32,
    depth: u32,
    /// Nesting of lists, if the set belongs to an introspection.
    lists: u32,
    /// Nesting of lists in the introspections within the set.
    introspection_lists: u32,
    introspects: bool,
}

impl Cost {
    /// Two sets that are walked one after the other.
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            root_fields: self.root_fields.max(other.root_fields),
            nesting: self.nesting.max(other.nesting),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            introspects: self.introspects || other.introspects,
        }
    }

    /// Two selections of one set.
    fn and(self, other: Self) -> Self {
        Self {
            root_fields: self.root_fields.saturating_add(other.root_fields),
            ..self.beside(other)
        }
    }

    /// One selection more, with these directives, around `self`.
    fn within(self, directives: usize) -> Self {
        let directives = u32::try_from(directives).unwrap_or(u32::MAX);
        Self {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            ..self
        }
    }
}

/// What each fragment of a document amounts to.
struct Fragments<'d>(HashMap<&'d str, Cost>);

impl<'d> Fragments<'d> {
    /// Weighs the fragments in an order in which each comes after those that it spreads.
    fn weigh(document: &'d ExecutableDocument) -> Result<Self, Refusal> {
        let mut waiting: HashMap<&str, usize> = HashMap::new();
        let mut spread_by: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, fragment) in &document.fragments {
            let mut needed = spreads(&fragment.node.selection_set.node);
            needed.retain(|needed| document.fragments.contains_key(*needed));
            waiting.insert(name, needed.len());
            for needed in needed {
                spread_by.entry(needed).or_default().push(name);
            }
        }

        let mut weighed = Self(HashMap::new());
        let mut ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect();
        while let Some(name) = ready.pop() {
            waiting.remove(name);
            let fragment = &document.fragments[name].node;
            let mut cost = weighed.set(&fragment.selection_set.node);
            cost.directives = cost
                .directives
                .saturating_add(u32::try_from(fragment.directives.len()).unwrap_or(u32::MAX));
            weighed.0.insert(name, cost);
            for parent in spread_by.get(name).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(parent) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(parent);
                    }
                }
            }
        }
        // What still waits spreads itself, or a fragment that does.
        match waiting.keys().min() {
            None => Ok(weighed),
            Some(name) => {
                let message = format!(
                    "Fragments spread each other in a circle that fragment \"{name}\" leads into."
                );
                Err(Refusal::at(
                    Code::ValidationFailed,
                    Some(document.fragments[*name].pos),
                    message,
                ))
            }
        }
    }

    fn operation(&self, operation: &OperationDefinition) -> Cost {
        let variables = operation.variable_definitions.iter();
        let directives: usize = variables
            .map(|variable| variable.node.directives.len())
            .sum();
        self.set(&operation.selection_set.node)
            .within(directives + operation.directives.len())
    }

    fn unused(&self, document: &'d ExecutableDocument) -> impl Iterator<Item = Cost> {
        let operations = document
            .operations
            .iter()
            .map(|(_, operation)| &operation.node.selection_set.node);
        let fragments = document
            .fragments
            .values()
            .map(|fragment| &fragment.node.selection_set.node);
        let used: HashSet<&str> = operations.chain(fragments).flat_map(spreads).collect();
        self.0
            .iter()
            .filter(move |(name, _)| !used.contains(*name))
            .map(|(_, cost)| Cost {
                root_fields: 0,
                ..*cost
            })
    }

    /// Recurses as deep as the text nests, which the scan has bounded.
    fn set(&self, set: &SelectionSet) -> Cost {
        if set.items.is_empty() {
            return Cost::default();
        }
        let selections = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.field(&field.node),
            Selection::InlineFragment(inline) => {
                let inner = self.set(&inline.node.selection_set.node);
                inner.within(inline.node.directives.len())
            }
            Selection::FragmentSpread(spread) => {
                let name: &str = &spread.node.fragment_name.node;
                // An unknown fragment is for validation to tell.
                let inner = self.0.get(name).copied().unwrap_or_default();
                inner.within(spread.node.directives.len())
            }
        });
        let cost = selections.fold(Cost::default(), Cost::and);
        Cost {
            nesting: cost.nesting.saturating_add(1),
            ..cost
        }
    }

    fn field(&self, field: &Field) -> Cost {
        let inner = self.set(&field.selection_set.node);
        let name: &str = &field.name.node;
        let introspects = matches!(name, "__schema" | "__type");
        let is_list = matches!(
            name,
            "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        let cost = Cost {
            aliases: inner
                .aliases
                .saturating_add(u32::from(field.alias.is_some())),
            root_fields: 1,
            depth: if introspects {
                1
            } else {
                inner.depth.saturating_add(1)
            },
            lists: inner.lists.saturating_add(u32::from(is_list)),
            introspection_lists: if introspects {
                inner.lists
            } else {
                inner.introspection_lists
            },
            introspects: introspects || inner.introspects,
            ..inner
        };
        cost.within(field.directives.len())
    }
}

/// The fragments that a selection set spreads, in whatever depth, each once.
fn spreads(set: &SelectionSet) -> HashSet<&str> {
    fn collect<'d>(set: &'d SelectionSet, into: &mut HashSet<&'d str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => collect(&field.node.selection_set.node, into),
                Selection::InlineFragment(inline) => collect(&inline.node.selection_set.node, into),
                Selection::FragmentSpread(spread) => {
                    into.insert(Name::as_str(&spread.node.fragment_name.node));
                }
            }
        }
    }
    let mut names = HashSet::new();
    collect(set, &mut names);
    names
}

#[cfg(test)]
mod tests;
