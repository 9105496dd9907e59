//! The input types of the schema, as far as variables need them.
//!
//! async-graphql keeps its registry to itself, so they are read from the published schema text.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Value,
    parser::{
        self, parse_schema,
        types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};

/// Whether a value fits the custom scalar of that name. Names that are not known fit everything.
pub type ScalarCheck = fn(scalar: &str, value: &Value) -> bool;

/// The input types by name.
pub(super) struct InputTypes {
    types: HashMap<Name, InputType>,
    pub(super) fits_scalar: ScalarCheck,
}

pub(super) enum InputType {
    /// `Int`, `Float`, `String`, `Boolean`, `ID` and custom scalars.
    Scalar,
    Enum(HashSet<Name>),
    Object(InputObject),
}

pub(super) struct InputObject {
    pub(super) fields: HashMap<Name, InputField>,
    pub(super) one_of: bool,
}

pub(super) struct InputField {
    pub(super) ty: Type,
    pub(super) default: Option<Value>,
}

impl InputTypes {
    /// Reads a schema.
    ///
    /// # Errors
    /// The text is not a schema.
    pub(super) fn from_sdl(sdl: &str, fits_scalar: ScalarCheck) -> Result<Self, parser::Error> {
        let built_in = ["Int", "Float", "String", "Boolean", "ID"];
        let mut types: HashMap<Name, InputType> = built_in
            .into_iter()
            .map(|name| (Name::new(name), InputType::Scalar))
            .collect();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let definition = definition.node;
            let input = match definition.kind {
                TypeKind::Scalar => InputType::Scalar,
                TypeKind::Enum(values) => InputType::Enum(
                    values
                        .values
                        .into_iter()
                        .map(|value| value.node.value.node)
                        .collect(),
                ),
                TypeKind::InputObject(object) => InputType::Object(InputObject {
                    fields: object
                        .fields
                        .into_iter()
                        .map(|field| InputField::read(field.node))
                        .collect(),
                    one_of: definition
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node == "oneOf"),
                }),
                TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) => continue,
            };
            types.insert(definition.name.node, input);
        }
        Ok(Self { types, fits_scalar })
    }

    /// The input type of that name, if there is one.
    pub(super) fn find(&self, name: &Name) -> Option<&InputType> {
        self.types.get(name)
    }
}

impl InputField {
    fn read(definition: InputValueDefinition) -> (Name, Self) {
        let field = Self {
            ty: definition.ty.node,
            default: definition.default_value.map(|default| default.node),
        };
        (definition.name.node, field)
    }
}

/// The type that lists of lists of `ty` are made of.
pub(super) fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(item),
    }
}
