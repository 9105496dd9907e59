//! Fields that answer under the same name: the rule "Field Selection Merging" of the specification,
//! and "Single Root Field" of subscriptions.
//!
//! async-graphql compares the fields of one selection set, but not what is selected below fields that
//! merge. Here all sets that merge are compared as one: set by set, in the order of the answer. Each
//! fragment is entered once per merged set, and each field is compared with the first of its name, so
//! the work grows with the text. Only fields of interfaces, which merge with those of each object type
//! apart, can multiply it; a limit ends that.
//!
//! What the schema does not know is for validation to tell, and only compared by name and arguments.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{
        BaseType, ExecutableDocument, Field, OperationType, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value as Literal;
use indexmap::{IndexMap, IndexSet};

use super::{
    limits::{Limit, Limits},
    refusal::{Code, Refusal},
    schema::{OutputField, PublishedSchema},
};

/// Checks that fields under one name can answer with one value.
///
/// # Errors
/// All conflicts; or comparing takes more steps than allowed.
pub(super) fn check(
    document: &ExecutableDocument,
    schema: &PublishedSchema,
    limits: &Limits,
) -> Result<(), Refusal> {
    let mut comparison = Comparison {
        document,
        schema,
        limits,
        steps: 0,
        arguments: HashMap::new(),
        told: HashSet::new(),
        errors: Vec::new(),
    };
    for (
        _,
        Positioned {
            node: operation,
            pos,
        },
    ) in document.operations.iter()
    {
        let root = Part {
            parent: schema.root(operation.ty),
            set: &operation.selection_set.node,
        };
        let fields = comparison.merge([root])?;
        if operation.ty == OperationType::Subscription {
            comparison.single_root(*pos, &fields);
        }
        comparison.same_values(&fields)?;
        comparison.same_shapes(&fields)?;
    }
    if comparison.errors.is_empty() {
        return Ok(());
    }
    Err(Refusal::graphql(Code::ValidationFailed, comparison.errors))
}

/// A selection set and the type that it selects from.
#[derive(Clone, Copy)]
struct Part<'d> {
    parent: Option<&'d Name>,
    set: &'d SelectionSet,
}

/// A field where it is selected.
#[derive(Clone, Copy)]
struct Occurrence<'d> {
    parent: Option<&'d Name>,
    field: &'d Positioned<Field>,
    known: Option<&'d OutputField>,
}

impl<'d> Occurrence<'d> {
    fn below(&self) -> Part<'d> {
        Part {
            parent: self.known.map(OutputField::target),
            set: &self.field.node.selection_set.node,
        }
    }
}

/// The fields of one merged set, by the name that they answer under.
type Merged<'d> = IndexMap<&'d Name, Vec<Occurrence<'d>>>;

/// Why two fields cannot answer under one name.
enum Conflict<'d> {
    Fields(&'d Name, &'d Name),
    Arguments,
    Types(&'d Type, &'d Type),
}

impl fmt::Display for Conflict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields(one, other) => {
                write!(f, "\"{one}\" and \"{other}\" are different fields")
            }
            Self::Arguments => f.write_str("they have differing arguments"),
            Self::Types(one, other) => {
                write!(f, "they return conflicting types \"{one}\" and \"{other}\"")
            }
        }
    }
}

struct Comparison<'d> {
    document: &'d ExecutableDocument,
    schema: &'d PublishedSchema,
    limits: &'d Limits,
    steps: u32,
    /// Fields whose arguments were compared, by their places: the same two may meet again and again.
    arguments: HashMap<(Pos, Pos), bool>,
    /// Fields whose conflict was told, by their places.
    told: HashSet<(Pos, Pos)>,
    errors: Vec<ServerError>,
}

impl<'d> Comparison<'d> {
    /// The fields of all `parts` as one set. Each fragment is entered once: its fields are the same
    /// wherever it is spread.
    fn merge(&mut self, parts: impl IntoIterator<Item = Part<'d>>) -> Result<Merged<'d>, Refusal> {
        let mut merged = Merged::new();
        let mut entered = HashSet::new();
        for part in parts {
            self.collect(part, &mut merged, &mut entered)?;
        }
        Ok(merged)
    }

    /// Recurses as deep as selections nest, which the guard has bounded.
    fn collect(
        &mut self,
        part: Part<'d>,
        into: &mut Merged<'d>,
        entered: &mut HashSet<&'d Name>,
    ) -> Result<(), Refusal> {
        for selection in &part.set.items {
            self.steps += 1;
            self.limits.check(Limit::Overlaps, self.steps)?;
            match &selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    let known = part
                        .parent
                        .and_then(|parent| self.schema.field(parent, name));
                    let occurrence = Occurrence {
                        parent: part.parent,
                        field,
                        known,
                    };
                    let key = &field.node.response_key().node;
                    into.entry(key).or_default().push(occurrence);
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let below = Part {
                        parent: condition.map_or(part.parent, |on| Some(&on.node.on.node)),
                        set: &inline.node.selection_set.node,
                    };
                    self.collect(below, into, entered)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    if entered.insert(name) {
                        let below = Part {
                            parent: Some(&fragment.node.type_condition.node.on.node),
                            set: &fragment.node.selection_set.node,
                        };
                        self.collect(below, into, entered)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `SameResponseShape`: whatever object answers, a client reads the same type under one name.
    fn same_shapes(&mut self, merged: &Merged<'d>) -> Result<(), Refusal> {
        for (key, fields) in merged {
            let Some((first, others)) = fields.split_first() else {
                continue;
            };
            for other in others {
                let (Some(one), Some(two)) = (first.known, other.known) else {
                    continue;
                };
                if !self.schema.same_shape(&one.ty, &two.ty) {
                    self.tell(key, first, other, &Conflict::Types(&one.ty, &two.ty));
                }
            }
            let below = self.merge(fields.iter().map(Occurrence::below))?;
            self.same_shapes(&below)?;
        }
        Ok(())
    }

    /// Where one object answers several fields under one name, they must be the same field with the
    /// same arguments.
    fn same_values(&mut self, merged: &Merged<'d>) -> Result<(), Refusal> {
        for (key, fields) in merged {
            for answered in self.answered_together(fields) {
                let Some((first, others)) = answered.split_first() else {
                    continue;
                };
                for other in others {
                    if let Some(conflict) = self.conflict(first, other) {
                        self.tell(key, first, other, &conflict);
                    }
                }
                let below = self.merge(answered.iter().map(Occurrence::below))?;
                self.same_values(&below)?;
            }
        }
        Ok(())
    }

    /// Splits fields by the object types that they are selected from; one that is selected from an
    /// interface goes with each.
    fn answered_together(&self, fields: &[Occurrence<'d>]) -> Vec<Vec<Occurrence<'d>>> {
        let object = |field: &Occurrence<'d>| {
            let parent = field.parent?;
            self.schema.is_object(parent).then_some(parent)
        };
        let objects: IndexSet<&Name> = fields.iter().filter_map(object).collect();
        if objects.len() <= 1 {
            return vec![fields.to_vec()];
        }
        let of = |name: &Name| {
            let answers = |field: &&Occurrence<'d>| object(field).is_none_or(|own| own == name);
            fields.iter().filter(answers).copied().collect()
        };
        objects.into_iter().map(of).collect()
    }

    fn conflict(&mut self, one: &Occurrence<'d>, other: &Occurrence<'d>) -> Option<Conflict<'d>> {
        let (name, other_name) = (&one.field.node.name.node, &other.field.node.name.node);
        if name != other_name {
            return Some(Conflict::Fields(name, other_name));
        }
        let (arguments, others) = (&one.field.node.arguments, &other.field.node.arguments);
        if arguments.is_empty() && others.is_empty() {
            return None;
        }
        let places = (one.field.pos, other.field.pos);
        let compare = || sorted(arguments) == sorted(others);
        let same = *self.arguments.entry(places).or_insert_with(compare);
        (!same).then_some(Conflict::Arguments)
    }

    fn tell(
        &mut self,
        key: &Name,
        one: &Occurrence<'d>,
        other: &Occurrence<'d>,
        why: &Conflict<'_>,
    ) {
        if self.told.insert((one.field.pos, other.field.pos)) {
            let message = format!(
                "Fields \"{key}\" conflict because {why}. Use different aliases on the fields to fetch both if this was intentional."
            );
            let mut error = ServerError::new(message, Some(one.field.pos));
            error.locations.push(other.field.pos);
            self.errors.push(error);
        }
    }

    /// A subscription is a stream of one field's values.
    fn single_root(&mut self, pos: Pos, fields: &Merged<'d>) {
        let introspects = fields.keys().any(|key| key.starts_with("__"));
        if fields.len() != 1 || introspects {
            let message = "A subscription selects exactly one field.";
            self.errors.push(ServerError::new(message, Some(pos)));
        }
    }
}

type Written = (Positioned<Name>, Positioned<Literal>);

/// Arguments in a fixed order.
fn sorted(arguments: &[Written]) -> Vec<(&Name, &Literal)> {
    let pairs = arguments.iter();
    let mut pairs: Vec<_> = pairs
        .map(|(name, value)| (&name.node, &value.node))
        .collect();
    pairs.sort_by_key(|(name, _)| *name);
    pairs
}

impl PublishedSchema {
    fn same_shape(&self, one: &Type, other: &Type) -> bool {
        if one.nullable != other.nullable {
            return false;
        }
        match (&one.base, &other.base) {
            (BaseType::List(one), BaseType::List(other)) => self.same_shape(one, other),
            (BaseType::Named(one), BaseType::Named(other)) => {
                one == other || (self.is_composite(one) && self.is_composite(other))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
