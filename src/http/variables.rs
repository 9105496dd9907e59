//! The variables of an operation: `CoerceVariableValues` of the specification.
//!
//! async-graphql has no such step: a required variable that is missing would become an error of the
//! field that uses it, beside data. Here it is an error of the request, before anything is executed.

use std::fmt::{self, Display};

use async_graphql::{
    Name, ServerError, Value, Variables,
    parser::types::{BaseType, OperationDefinition, Type},
};
use async_graphql_value::Value as Literal;

use super::{
    limits::{Limit, Limits},
    refusal::{Code, Refusal},
    schema::{InputField, InputObject, InputType, PublishedSchema},
    values::Volume,
};

/// Gives an operation's variables their values: those given, in the shape of their types, else the
/// defaults. What the operation does not declare is ignored.
///
/// # Errors
/// All variables that are missing or do not fit; or a list in one is longer than allowed.
pub(super) fn coerce(
    operation: &OperationDefinition,
    mut given: Variables,
    schema: &PublishedSchema,
    limits: &Limits,
) -> Result<Variables, Refusal> {
    for value in given.values() {
        limits.check(Limit::ListLength, Volume::of_value(value).longest_list)?;
    }
    let mut coerced = Variables::default();
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
        let default = definition
            .node
            .default_value
            .as_ref()
            .map(|default| &default.node);
        let outcome = match (given.remove(name), default) {
            (Some(value), _) => schema
                .fit(ty, value)
                .map(Some)
                .map_err(|misfit| misfit.of_variable(name)),
            // Validation judges defaults.
            (None, Some(default)) => Ok(Some(
                schema
                    .fit(ty, default.clone())
                    .unwrap_or_else(|_| default.clone()),
            )),
            (None, None) if ty.nullable => Ok(None),
            (None, None) => Err(format!(
                "Variable \"${name}\" of required type \"{ty}\" was not provided."
            )),
        };
        match outcome {
            Ok(Some(value)) => drop(coerced.insert(name.clone(), value)),
            Ok(None) => {}
            Err(message) => errors.push(ServerError::new(message, Some(definition.pos))),
        }
    }
    if errors.is_empty() {
        Ok(coerced)
    } else {
        Err(Refusal::graphql(Code::BadUserInput, errors))
    }
}

/// A value that does not fit its type. The path is collected from the inside out.
struct Misfit {
    path: Vec<Step>,
    reason: String,
}

enum Step {
    Field(Name),
    Item(usize),
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl Misfit {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            reason: reason.into(),
        }
    }

    fn expected(ty: impl Display, value: &Value) -> Self {
        Self::new(format!("expected \"{ty}\", got {}", describe(value)))
    }

    fn at(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    fn of_variable(&self, variable: &Name) -> String {
        let path: String = self.path.iter().rev().map(Step::to_string).collect();
        format!("Variable \"${variable}{path}\": {}.", self.reason)
    }
}

/// What kind of value it is; never the value, which may be a secret.
const fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(_) => "a number that is none",
        Value::String(_) => "a string that is none",
        Value::Boolean(_) => "a boolean",
        Value::Binary(_) => "binary data",
        Value::Enum(_) => "an enum value that is none",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl PublishedSchema {
    /// Brings a value into the shape of a type: a single value becomes a list where one is expected,
    /// and the defaults of input fields are filled in.
    fn fit(&self, ty: &Type, value: Value) -> Result<Value, Misfit> {
        match (&ty.base, value) {
            (_, Value::Null) if ty.nullable => Ok(Value::Null),
            (_, Value::Null) => Err(Misfit::expected(ty, &Value::Null)),
            (BaseType::List(item), Value::List(values)) => {
                let fit = |(index, value)| {
                    self.fit(item, value)
                        .map_err(|misfit| misfit.at(Step::Item(index)))
                };
                values
                    .into_iter()
                    .enumerate()
                    .map(fit)
                    .collect::<Result<_, _>>()
                    .map(Value::List)
            }
            (BaseType::List(item), single) => Ok(Value::List(vec![self.fit(item, single)?])),
            (BaseType::Named(name), value) => self.fit_named(name, value),
        }
    }

    /// Judges a value in a document that variables are part of: all but the variables, whose types and
    /// values are judged elsewhere.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn judge(&self, ty: &Type, value: &Literal) -> Result<(), String> {
        self.judge_part(ty, value).map_err(|misfit| {
            let path: String = misfit.path.iter().rev().map(Step::to_string).collect();
            let place = path.trim_start_matches('.');
            match place {
                "" => misfit.reason,
                place => format!("{place}: {}", misfit.reason),
            }
        })
    }

    fn judge_part(&self, ty: &Type, value: &Literal) -> Result<(), Misfit> {
        match (&ty.base, value) {
            (_, Literal::Variable(_)) => Ok(()),
            (BaseType::List(item), Literal::List(values)) => {
                let judge = |(index, value)| {
                    self.judge_part(item, value)
                        .map_err(|misfit| misfit.at(Step::Item(index)))
                };
                values.iter().enumerate().try_for_each(judge)
            }
            (BaseType::List(item), single @ Literal::Object(_)) => self.judge_part(item, single),
            (BaseType::Named(name), Literal::Object(values)) => match self.input(name) {
                Some(InputType::Object(object)) => self.judge_object(name, object, values),
                _ => Err(Misfit::new(format!("expected \"{ty}\", got an object"))),
            },
            (_, value) => match value.clone().into_const() {
                Some(value) => self.fit(ty, value).map(drop),
                None => Err(Misfit::new(format!("expected \"{ty}\", got a list"))),
            },
        }
    }

    fn judge_object(
        &self,
        name: &Name,
        object: &InputObject,
        values: &indexmap::IndexMap<Name, Literal>,
    ) -> Result<(), Misfit> {
        for (key, value) in values {
            let Some(field) = object.fields.get(key) else {
                return Err(unknown_field(name, key));
            };
            self.judge_part(&field.ty, value)
                .map_err(|misfit| misfit.at(Step::Field(key.clone())))?;
        }
        if object.one_of && values.len() != 1 {
            return Err(not_one_of(name));
        }
        let missing = object.fields.iter().find(|(key, field)| {
            field.default.is_none() && !field.ty.nullable && !values.contains_key(*key)
        });
        missing.map_or(Ok(()), |(key, field)| Err(missing_field(key, field)))
    }

    fn fit_named(&self, name: &Name, value: Value) -> Result<Value, Misfit> {
        match (self.input(name), value) {
            (Some(InputType::Scalar), value) => self.fit_scalar(name, value),
            (Some(InputType::Enum(values)), Value::String(text))
                if values.contains(text.as_str()) =>
            {
                Ok(Value::Enum(Name::new(text)))
            }
            (Some(InputType::Enum(values)), Value::Enum(value)) if values.contains(&value) => {
                Ok(Value::Enum(value))
            }
            (Some(InputType::Object(object)), Value::Object(values)) => {
                self.fit_object(name, object, values)
            }
            (Some(_), value) => Err(Misfit::expected(name, &value)),
            (None, _) => Err(Misfit::new(format!("\"{name}\" is no input type"))),
        }
    }

    fn fit_scalar(&self, name: &Name, value: Value) -> Result<Value, Misfit> {
        let fits = match (name.as_str(), &value) {
            ("Int", Value::Number(number)) => number
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok()),
            ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => {
                return Ok(Value::String(number.to_string()));
            }
            ("Float", Value::Number(_))
            | ("ID" | "String", Value::String(_))
            | ("Boolean", Value::Boolean(_)) => true,
            ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
            (custom, value) => (self.fits_scalar)(custom, value),
        };
        if fits {
            Ok(value)
        } else {
            Err(Misfit::expected(name, &value))
        }
    }

    fn fit_object(
        &self,
        name: &Name,
        object: &InputObject,
        values: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<Value, Misfit> {
        let mut fitted = indexmap::IndexMap::new();
        for (key, value) in values {
            let Some(field) = object.fields.get(&key) else {
                return Err(unknown_field(name, &key));
            };
            let value = self
                .fit(&field.ty, value)
                .map_err(|misfit| misfit.at(Step::Field(key.clone())))?;
            fitted.insert(key, value);
        }
        if object.one_of
            && (fitted.len() != 1 || fitted.values().any(|value| *value == Value::Null))
        {
            return Err(not_one_of(name));
        }
        for (key, field) in &object.fields {
            if fitted.contains_key(key) {
                continue;
            }
            match &field.default {
                Some(default) => drop(fitted.insert(key.clone(), default.clone())),
                None if field.ty.nullable => {}
                None => return Err(missing_field(key, field)),
            }
        }
        Ok(Value::Object(fitted))
    }
}

fn unknown_field(object: &Name, key: &Name) -> Misfit {
    Misfit::new(format!("\"{object}\" has no such field")).at(Step::Field(key.clone()))
}

fn missing_field(key: &Name, field: &InputField) -> Misfit {
    let reason = format!("a value of type \"{}\" is required", field.ty);
    Misfit::new(reason).at(Step::Field(key.clone()))
}

fn not_one_of(object: &Name) -> Misfit {
    Misfit::new(format!(
        "\"{object}\" takes exactly one of its fields, and not null"
    ))
}

#[cfg(test)]
mod tests;
