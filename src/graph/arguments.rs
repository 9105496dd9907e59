//! A field's arguments, with the operation's variables filled in and defaults applied.

use std::collections::HashMap;

use async_graphql::{Name, Positioned, Value};
use async_graphql_value::Value as Literal;

use super::{declare::ArgumentDecl, error::Error, input::Input};

/// The argument values of one field of one operation.
#[derive(Clone, Default)]
pub struct Arguments(HashMap<&'static str, Value>);

impl Arguments {
    /// Reads those of the `written` arguments that `declared` names; `variable` gives a variable's value, its default
    /// included, or nothing if it was left out.
    pub fn read(
        written: &[(Positioned<Name>, Positioned<Literal>)],
        declared: &[ArgumentDecl],
        variable: &dyn Fn(&Name) -> Option<Value>,
    ) -> Self {
        let mut values = HashMap::with_capacity(declared.len());
        for argument in declared {
            let written = written.iter().find(|(name, _)| name.node == argument.name);
            let value = written
                .and_then(|(_, value)| fill(&value.node, variable))
                .or_else(|| argument.default.clone());
            if let Some(value) = value {
                values.insert(argument.name, value);
            }
        }
        Self(values)
    }

    /// The value of an optional argument; null and absent are both `None`.
    pub fn find<T: Input>(&self, name: &str) -> Option<T> {
        Option::<T>::read(self.0.get(name)).flatten()
    }

    /// The value of an argument that the schema requires.
    ///
    /// # Errors
    /// It is missing after all (a required variable that was left out).
    pub fn get<T: Input>(&self, name: &'static str) -> Result<T, Error> {
        self.find(name)
            .ok_or_else(|| Error::argument(&[name], format!("Argument `{name}` is required.")))
    }
}

/// Replaces variables by their values. Entries of objects whose variable was left out are left
/// out; in lists they are null.
fn fill(value: &Literal, variable: &dyn Fn(&Name) -> Option<Value>) -> Option<Value> {
    Some(match value {
        Literal::Variable(name) => return variable(name),
        Literal::Null => Value::Null,
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Boolean(flag) => Value::Boolean(*flag),
        Literal::Binary(bytes) => Value::Binary(bytes.clone()),
        Literal::Enum(name) => Value::Enum(name.clone()),
        Literal::List(items) => {
            let items = items
                .iter()
                .map(|item| fill(item, variable).unwrap_or(Value::Null));
            Value::List(items.collect())
        }
        Literal::Object(fields) => {
            let fields = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), fill(value, variable)?)));
            Value::Object(fields.collect())
        }
    })
}
