//! How much a document asks for, told before the schema sees it.
//!
//! async-graphql walks into a fragment at every spread of it, again and again, with no await between:
//! thirty fragments that each spread the next one twice keep a core busy for minutes, and no timeout
//! stops that. So the edge computes what such a walk would meet: once per fragment, the fragments
//! that others spread first, with numbers that stay at their maximum instead of overflowing.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};

use super::{
    limits::{Limit, Limits},
    refusal::{Code, Refusal},
    values::Volume,
};

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
    let weight = operations
        .chain(unused)
        .fold(Weight::default(), Weight::beside);

    if weight.introspects && !introspection {
        return Err(Refusal::at(
            Code::IntrospectionDisabled,
            None,
            "Introspection is switched off.",
        ));
    }
    for (limit, actual) in [
        (Limit::Nesting, weight.nesting),
        (Limit::Depth, weight.depth),
        (Limit::Fields, weight.selections),
        (Limit::RootFields, weight.root_fields),
        (Limit::Aliases, weight.aliases),
        (Limit::Directives, weight.directives),
        (Limit::Arguments, weight.arguments.values),
        (Limit::ListLength, weight.arguments.longest_list),
        (Limit::IntrospectionLists, weight.introspection_lists),
    ] {
        limits.check(limit, actual)?;
    }
    Ok(())
}

/// What a selection set amounts to, with all fragments spread out.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    selections: u32,
    aliases: u32,
    directives: u32,
    arguments: Volume,
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

impl Weight {
    /// Two sets that are walked one after the other.
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            arguments: self.arguments.and(other.arguments),
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
    fn within(self, directives: &[Positioned<Directive>]) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            ..self.with(directives)
        }
    }

    fn with(self, directives: &[Positioned<Directive>]) -> Self {
        let arguments = directives
            .iter()
            .map(|directive| Volume::of_arguments(&directive.node.arguments));
        Self {
            directives: self
                .directives
                .saturating_add(u32::try_from(directives.len()).unwrap_or(u32::MAX)),
            arguments: arguments.fold(self.arguments, Volume::and),
            ..self
        }
    }
}

/// What each fragment of a document amounts to.
struct Fragments<'d>(HashMap<&'d str, Weight>);

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
            let weight = weighed
                .set(&fragment.selection_set.node)
                .with(&fragment.directives);
            weighed.0.insert(name, weight);
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

    fn operation(&self, operation: &OperationDefinition) -> Weight {
        let weight = self
            .set(&operation.selection_set.node)
            .within(&operation.directives);
        let variables = operation.variable_definitions.iter();
        variables.fold(weight, |weight, variable| {
            let default = variable.node.default_value.as_ref();
            let default = default.map(|default| Volume::of_value(&default.node));
            let weight = weight.with(&variable.node.directives);
            Weight {
                arguments: weight.arguments.and(default.unwrap_or_default()),
                ..weight
            }
        })
    }

    fn unused(&self, document: &'d ExecutableDocument) -> impl Iterator<Item = Weight> {
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
            .map(|(_, weight)| Weight {
                root_fields: 0,
                ..*weight
            })
    }

    /// Recurses as deep as the text nests, which the scan has bounded.
    fn set(&self, set: &SelectionSet) -> Weight {
        if set.items.is_empty() {
            return Weight::default();
        }
        let selections = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.field(&field.node),
            Selection::InlineFragment(inline) => {
                let inner = self.set(&inline.node.selection_set.node);
                inner.within(&inline.node.directives)
            }
            Selection::FragmentSpread(spread) => {
                let name: &str = &spread.node.fragment_name.node;
                // An unknown fragment is for validation to tell.
                let inner = self.0.get(name).copied().unwrap_or_default();
                inner.within(&spread.node.directives)
            }
        });
        let weight = selections.fold(Weight::default(), Weight::and);
        Weight {
            nesting: weight.nesting.saturating_add(1),
            ..weight
        }
    }

    fn field(&self, field: &Field) -> Weight {
        let inner = self.set(&field.selection_set.node);
        let name: &str = &field.name.node;
        let introspects = matches!(name, "__schema" | "__type");
        let is_list = matches!(
            name,
            "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        let weight = Weight {
            aliases: inner
                .aliases
                .saturating_add(u32::from(field.alias.is_some())),
            arguments: inner.arguments.and(Volume::of_arguments(&field.arguments)),
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
        weight.within(&field.directives)
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
