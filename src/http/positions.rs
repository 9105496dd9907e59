//! Where variables are used: the rule "All Variable Usages Are Allowed" of the specification, and
//! "Values of Correct Type" for values that variables are part of.
//!
//! async-graphql has both, but its visitors never hand the first one a value, so a variable of any type
//! may stand anywhere; and it judges a value only once it knows the variables in it, while a document
//! is validated for whatever variables come. Each fragment is read once, and each operation looks at those it reaches.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{
        BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
        Type, VariableDefinition,
    },
};
use async_graphql_value::Value as Literal;

use super::{
    refusal::{Code, Refusal},
    schema::{InputField, InputType, OutputField, PublishedSchema, innermost},
};

/// Checks that all variables of a document are of input types, and stand where their types fit.
///
/// # Errors
/// All variables of an unknown type or of one that is no input type; else all that do not fit.
pub(super) fn check(
    document: &ExecutableDocument,
    schema: &PublishedSchema,
) -> Result<(), Refusal> {
    let mut errors = check_types(document, schema);
    if errors.is_empty() {
        errors = check_usages(document, schema);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Refusal::graphql(Code::ValidationFailed, errors))
}

/// async-graphql checks types too, but panics over a default value of an unknown list type.
fn check_types(document: &ExecutableDocument, schema: &PublishedSchema) -> Vec<ServerError> {
    let operations = document.operations.iter();
    operations
        .flat_map(|(_, operation)| &operation.node.variable_definitions)
        .filter_map(|definition| {
            let VariableDefinition { name, var_type, .. } = &definition.node;
            let ty = innermost(&var_type.node);
            let is_input = schema.input(ty).is_some();
            (!is_input).then(|| {
                let message =
                    format!("Variable \"${name}\" is of type \"{ty}\", which is no input type.");
                ServerError::new(message, Some(definition.pos))
            })
        })
        .collect()
}

fn check_usages(document: &ExecutableDocument, schema: &PublishedSchema) -> Vec<ServerError> {
    let has_variables =
        |operation: &OperationDefinition| !operation.variable_definitions.is_empty();
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node);
    if !operations.clone().any(has_variables) {
        return Vec::new();
    }
    let fragments: HashMap<&Name, Usages> = document
        .fragments
        .iter()
        .map(|(name, fragment)| {
            let on = &fragment.node.type_condition.node.on.node;
            let mut usages = Usages::of(schema);
            usages.directives(&fragment.node.directives);
            usages.selections(Some(on), &fragment.node.selection_set.node);
            (name, usages)
        })
        .collect();

    let mut errors: Vec<ServerError> = fragments
        .values()
        .flat_map(|usages| usages.misfits.iter().cloned())
        .collect();
    for operation in operations {
        let mut usages = Usages::of(schema);
        usages.directives(&operation.directives);
        usages.selections(schema.root(operation.ty), &operation.selection_set.node);
        errors.append(&mut usages.misfits);
        let definitions = operation.variable_definitions.iter();
        let definitions: Definitions = definitions
            .map(|definition| (&definition.node.name.node, definition))
            .collect();
        let mut reached: HashSet<&Name> = HashSet::new();
        let mut ahead = vec![&usages];
        while let Some(usages) = ahead.pop() {
            let misplaced = usages
                .found
                .iter()
                .filter_map(|usage| usage.judge(&definitions));
            errors.extend(misplaced);
            for name in &usages.spreads {
                if reached.insert(name) {
                    ahead.extend(fragments.get(name));
                }
            }
        }
    }
    errors
}

/// The variables that an operation defines, by name.
type Definitions<'d> = HashMap<&'d Name, &'d Positioned<VariableDefinition>>;

/// A place where a variable stands.
struct Usage<'d> {
    variable: &'d Name,
    pos: Pos,
    place: Place<'d>,
}

/// What a place takes.
#[derive(Clone, Copy)]
struct Place<'d> {
    ty: &'d Type,
    has_default: bool,
    /// The one field of a `@oneOf` object must not be null, though its type says it may.
    one_of: bool,
}

impl<'d> Place<'d> {
    const fn of(field: &'d InputField, one_of: bool) -> Self {
        Self {
            ty: &field.ty,
            has_default: field.default.is_some(),
            one_of,
        }
    }
}

/// The variables of one operation or fragment, without those of the fragments that it spreads.
struct Usages<'d> {
    schema: &'d PublishedSchema,
    found: Vec<Usage<'d>>,
    spreads: Vec<&'d Name>,
    /// What is wrong with values around variables.
    misfits: Vec<ServerError>,
}

impl<'d> Usages<'d> {
    const fn of(schema: &'d PublishedSchema) -> Self {
        Self {
            schema,
            found: Vec::new(),
            spreads: Vec::new(),
            misfits: Vec::new(),
        }
    }

    /// What the schema does not know is for validation to tell, so it is passed over.
    fn selections(&mut self, parent: Option<&'d Name>, set: &'d SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    let known =
                        parent.and_then(|parent| self.schema.field(parent, &field.node.name.node));
                    if let Some(known) = known {
                        self.arguments(&field.node.arguments, &known.arguments);
                    }
                    self.selections(
                        known.map(OutputField::target),
                        &field.node.selection_set.node,
                    );
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let parent = condition
                        .map(|condition| &condition.node.on.node)
                        .or(parent);
                    self.selections(parent, &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    self.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    fn directives(&mut self, directives: &'d [Positioned<Directive>]) {
        for directive in directives {
            if let Some(known) = self.schema.directive(&directive.node.name.node) {
                self.arguments(&directive.node.arguments, known);
            }
        }
    }

    fn arguments(
        &mut self,
        written: &'d [(Positioned<Name>, Positioned<Literal>)],
        known: &'d HashMap<Name, InputField>,
    ) {
        for (name, value) in written {
            if let Some(argument) = known.get(&name.node) {
                self.value(&value.node, value.pos, Place::of(argument, false));
                // What no variable is part of is for validation to judge.
                if has_variable(&value.node)
                    && let Err(why) = self.schema.judge(&argument.ty, &value.node)
                {
                    let message = format!(
                        "Invalid value for argument \"{name}\", {why}.",
                        name = name.node
                    );
                    self.misfits
                        .push(ServerError::new(message, Some(value.pos)));
                }
            }
        }
    }

    fn value(&mut self, value: &'d Literal, pos: Pos, place: Place<'d>) {
        match (value, &place.ty.base) {
            (Literal::Variable(variable), _) => self.found.push(Usage {
                variable,
                pos,
                place,
            }),
            (Literal::List(items), BaseType::List(item)) => {
                for value in items {
                    self.value(
                        value,
                        pos,
                        Place {
                            ty: item,
                            has_default: false,
                            one_of: false,
                        },
                    );
                }
            }
            // A single value may stand for a list of one.
            (Literal::Object(_), BaseType::List(item)) => {
                self.value(
                    value,
                    pos,
                    Place {
                        ty: item,
                        has_default: false,
                        one_of: false,
                    },
                );
            }
            (Literal::Object(values), BaseType::Named(name)) => {
                let Some(InputType::Object(object)) = self.schema.input(name) else {
                    return;
                };
                for (key, value) in values {
                    if let Some(field) = object.fields.get(key) {
                        self.value(value, pos, Place::of(field, object.one_of));
                    }
                }
            }
            _ => {}
        }
    }
}

fn has_variable(value: &Literal) -> bool {
    match value {
        Literal::Variable(_) => true,
        Literal::List(items) => items.iter().any(has_variable),
        Literal::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}

impl Usage<'_> {
    /// The error if the variable's type does not fit its place. An unknown variable is for validation.
    fn judge(&self, definitions: &Definitions<'_>) -> Option<ServerError> {
        let definition = definitions.get(self.variable)?;
        if self.place.takes(&definition.node) {
            return None;
        }
        let (given, wanted) = (&definition.node.var_type.node, self.place.ty);
        let message = if self.place.one_of && given.nullable {
            format!(
                "Variable \"${}\" of type \"{given}\" must not be nullable in a @oneOf input.",
                self.variable
            )
        } else {
            format!(
                "Variable \"${}\" of type \"{given}\" used in position expecting type \"{wanted}\".",
                self.variable
            )
        };
        let mut error = ServerError::new(message, Some(definition.pos));
        error.locations.push(self.pos);
        Some(error)
    }
}

impl Place<'_> {
    /// `IsVariableUsageAllowed` of the specification.
    fn takes(&self, definition: &VariableDefinition) -> bool {
        let given = &definition.var_type.node;
        if self.one_of && given.nullable {
            return false;
        }
        if !self.ty.nullable && given.nullable {
            let default = definition.default_value.as_ref();
            let has_value =
                default.is_some_and(|default| default.node != async_graphql::Value::Null);
            return (has_value || self.has_default) && bases_fit(given, self.ty);
        }
        fits(given, self.ty)
    }
}

/// `AreTypesCompatible` of the specification.
fn fits(given: &Type, wanted: &Type) -> bool {
    (wanted.nullable || !given.nullable) && bases_fit(given, wanted)
}

fn bases_fit(given: &Type, wanted: &Type) -> bool {
    match (&given.base, &wanted.base) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => fits(given, wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
