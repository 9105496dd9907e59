//! How many calls of upstreams an operation may cause, told before it is executed.
//!
//! The prediction is made of what each field says of itself (see [`CostTable`]) and of the sizes that
//! the operation asks for. It errs upwards: it does not know what is in the cache, which keys are the
//! same, and which conditions will hold. What depends on variables is worked out with them, for each
//! request; the rest once for each document.

use std::collections::HashMap;

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value as Literal;

use super::{
    limits::{Limit, Limits},
    refusal::Refusal,
    schema::PublishedSchema,
};

/// What a field costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldCost {
    /// Calls for each value that the field is selected on.
    pub each: u32,
    /// Most calls for the values of one list, however many there are.
    pub most: u32,
    /// The calls make a value whole: all such fields of one selection share them.
    pub completes: bool,
    /// How many values the field leads to.
    pub items: Items,
}

/// How many values a field leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// At most one.
    One,
    /// A page: lists in it are as long as the argument `first` says.
    Page,
    /// As many as the list in this argument, each with calls of its own.
    Listed(&'static str),
    /// A list whose length nobody knows before: [`CostTable::SEVERAL`].
    Several,
}

/// What the fields of a schema cost. Fields that are not in it are free, and lead to one value.
#[derive(Clone, Debug, Default)]
pub struct CostTable(HashMap<Name, HashMap<Name, FieldCost>>);

impl CostTable {
    /// The length that is assumed of a list that is no page.
    pub const SEVERAL: u32 = 10;

    fn get(&self, parent: &Name, field: &Name) -> Option<FieldCost> {
        self.0.get(parent)?.get(field).copied()
    }
}

impl<'n> FromIterator<(&'n str, &'n str, FieldCost)> for CostTable {
    /// Types, their fields, and what these cost.
    fn from_iter<I: IntoIterator<Item = (&'n str, &'n str, FieldCost)>>(fields: I) -> Self {
        let mut table = Self::default();
        for (parent, field, cost) in fields {
            let parent = table.0.entry(Name::new(parent)).or_default();
            parent.insert(Name::new(field), cost);
        }
        table
    }
}

/// What is known of an operation's cost without its variables.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    steps: Vec<Step>,
    pages: Vec<Size>,
}

/// Some calls for each of some values, and what follows from the values that these lead to.
#[derive(Debug)]
struct Step {
    each: u32,
    most: u32,
    items: Size,
    /// The calls are made for each item, not for each value.
    by_item: bool,
    below: Vec<Self>,
}

/// How many values there are.
#[derive(Clone, Debug)]
enum Size {
    Known(u64),
    /// A variable's number, or the length of its list; or this many if it has no value.
    Variable(Name, u64),
}

impl Estimate {
    /// The estimate of one operation of a document that the guard has passed.
    pub(super) fn of(
        operation: &OperationDefinition,
        document: &ExecutableDocument,
        schema: &PublishedSchema,
        costs: &CostTable,
    ) -> Self {
        let mut reader = Reader {
            operation,
            document,
            schema,
            costs,
            pages: Vec::new(),
        };
        let root = schema.root(operation.ty);
        let steps = reader.set(
            root,
            &Size::Known(u64::from(CostTable::SEVERAL)),
            &operation.selection_set.node,
        );
        Self {
            steps,
            pages: reader.pages,
        }
    }

    /// The predicted calls, with these variables.
    ///
    /// # Errors
    /// They are more than allowed, or a page is larger than allowed.
    pub(super) fn check(&self, variables: &Variables, limits: &Limits) -> Result<u64, Refusal> {
        for page in &self.pages {
            limits.check(Limit::PageSize, page.resolve(variables))?;
        }
        let calls = calls(&self.steps, 1, variables);
        limits.check(Limit::Cost, calls)?;
        Ok(calls)
    }
}

/// The calls of `steps` on `values` values.
fn calls(steps: &[Step], values: u64, variables: &Variables) -> u64 {
    let step = |step: &Step| {
        let items = values.saturating_mul(step.items.resolve(variables));
        let keys = if step.by_item { items } else { values };
        let own = u64::from(step.each).saturating_mul(keys);
        own.min(u64::from(step.most))
            .saturating_add(calls(&step.below, items, variables))
    };
    steps.iter().map(step).fold(0, u64::saturating_add)
}

impl Size {
    fn resolve(&self, variables: &Variables) -> u64 {
        match self {
            Self::Known(size) => *size,
            Self::Variable(name, otherwise) => match variables.get(name) {
                Some(value) => size_of(value).unwrap_or(*otherwise),
                None => *otherwise,
            },
        }
    }
}

/// A number, or the length of a list. What is negative leads to no value: the field refuses it.
fn size_of(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => Some(number.as_u64().unwrap_or(0)),
        Value::List(items) => u64::try_from(items.len()).ok(),
        Value::Null => None,
        _ => Some(1),
    }
}

/// Reads an operation as steps.
struct Reader<'d> {
    operation: &'d OperationDefinition,
    document: &'d ExecutableDocument,
    schema: &'d PublishedSchema,
    costs: &'d CostTable,
    pages: Vec<Size>,
}

impl<'d> Reader<'d> {
    /// The steps of a selection from `parent`, in which lists are as long as `page`. Recurses as deep
    /// as selections nest, and into each spread of a fragment: the guard has bounded both.
    fn set(&mut self, parent: Option<&'d Name>, page: &Size, set: &'d SelectionSet) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut completion = None;
        self.collect(parent, page, set, &mut steps, &mut completion);
        steps.extend(completion);
        steps
    }

    fn collect(
        &mut self,
        parent: Option<&'d Name>,
        page: &Size,
        set: &'d SelectionSet,
        steps: &mut Vec<Step>,
        completion: &mut Option<Step>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let Some(parent) = parent else { continue };
                    let cost = self.costs.get(parent, &field.node.name.node);
                    match cost {
                        Some(cost) if cost.completes => {
                            completion.get_or_insert_with(|| Step::leaf(cost));
                        }
                        cost => steps.extend(self.field(parent, page, &field.node, cost)),
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |on| Some(&on.node.on.node));
                    let set = &inline.node.selection_set.node;
                    self.collect(parent, page, set, steps, completion);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let parent = Some(&fragment.node.type_condition.node.on.node);
                        let set = &fragment.node.selection_set.node;
                        self.collect(parent, page, set, steps, completion);
                    }
                }
            }
        }
    }

    /// The step of a field, unless nothing comes of it.
    fn field(
        &mut self,
        parent: &'d Name,
        page: &Size,
        field: &'d Field,
        cost: Option<FieldCost>,
    ) -> Option<Step> {
        let known = self.schema.field(parent, &field.name.node)?;
        let several = Size::Known(u64::from(CostTable::SEVERAL));
        let (each, most) = cost.map_or((0, 0), |cost| (cost.each, cost.most));
        let leads_to = cost.map_or(Items::One, |cost| cost.items);
        let (items, page) = match leads_to {
            Items::One => (Size::Known(1), several),
            Items::Several if each == 0 => (page.clone(), several),
            Items::Several => (several.clone(), several),
            Items::Listed(argument) => (self.size(parent, field, argument), several),
            Items::Page => {
                let size = self.size(parent, field, FIRST);
                self.pages.push(size.clone());
                (Size::Known(1), size)
            }
        };
        let below = self.set(Some(known.target()), &page, &field.selection_set.node);
        (each > 0 || !below.is_empty()).then_some(Step {
            each,
            most,
            items,
            by_item: matches!(leads_to, Items::Listed(_)),
            below,
        })
    }

    /// The number or the length that an argument has.
    fn size(&self, parent: &Name, field: &Field, argument: &str) -> Size {
        let known = self.schema.field(parent, &field.name.node);
        let default = known
            .and_then(|known| known.arguments.get(argument)?.default.as_ref())
            .and_then(size_of)
            .unwrap_or(u64::from(CostTable::SEVERAL));
        let given = field.get_argument(argument).map(|value| &value.node);
        match given {
            Some(Literal::Variable(name)) => {
                let definitions = self.operation.variable_definitions.iter();
                let own_default = definitions
                    .filter(|definition| definition.node.name.node == *name)
                    .find_map(|definition| definition.node.default_value.as_ref())
                    .and_then(|value| size_of(&value.node));
                Size::Variable(name.clone(), own_default.unwrap_or(default))
            }
            Some(Literal::Number(number)) => Size::Known(number.as_u64().unwrap_or(0)),
            Some(Literal::List(items)) => Size::Known(items.len() as u64),
            Some(Literal::Null) | None => Size::Known(default),
            Some(_) => Size::Known(1),
        }
    }
}

/// The argument that says how long a page is.
const FIRST: &str = "first";

impl Step {
    const fn leaf(cost: FieldCost) -> Self {
        Self {
            each: cost.each,
            most: cost.most,
            items: Size::Known(0),
            by_item: false,
            below: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
