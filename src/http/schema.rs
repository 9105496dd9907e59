//! The schema, as far as the edge needs it to judge variables.
//!
//! async-graphql keeps its registry to itself, so this is read from the published text.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Value,
    parser::{
        self, parse_schema,
        types::{
            BaseType, FieldDefinition, InputObjectType, InputValueDefinition, OperationType,
            SchemaDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

/// Whether a value fits the custom scalar of that name. Names that are not known fit everything.
pub type ScalarCheck = fn(scalar: &str, value: &Value) -> bool;

/// What the schema's text says.
pub(super) struct PublishedSchema {
    roots: Roots,
    inputs: HashMap<Name, InputType>,
    outputs: HashMap<Name, HashMap<Name, OutputField>>,
    directives: HashMap<Name, HashMap<Name, InputField>>,
    pub(super) fits_scalar: ScalarCheck,
}

/// A type of variables and arguments.
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

/// A field of an input object, or an argument.
pub(super) struct InputField {
    pub(super) ty: Type,
    pub(super) default: Option<Value>,
}

/// A field that can be selected.
pub(super) struct OutputField {
    /// The type of what is selected, without lists.
    pub(super) ty: Name,
    pub(super) arguments: HashMap<Name, InputField>,
}

struct Roots {
    query: Name,
    mutation: Name,
}

impl PublishedSchema {
    /// Reads a schema.
    ///
    /// # Errors
    /// The text is not a schema.
    pub(super) fn parse(sdl: &str, fits_scalar: ScalarCheck) -> Result<Self, parser::Error> {
        let mut schema = Self::empty(fits_scalar);
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(definition) => schema.roots.read(definition.node),
                TypeSystemDefinition::Type(definition) => schema.define(definition.node),
                TypeSystemDefinition::Directive(definition) => {
                    let arguments = definition.node.arguments.into_iter();
                    let arguments = arguments.map(|argument| InputField::read(argument.node));
                    let name = definition.node.name.node;
                    schema.directives.insert(name, arguments.collect());
                }
            }
        }
        Ok(schema)
    }

    /// What every schema has without saying so.
    fn empty(fits_scalar: ScalarCheck) -> Self {
        let scalars = ["Int", "Float", "String", "Boolean", "ID"].into_iter();
        let condition = || {
            let ty = Type::new("Boolean!").expect("it is a type");
            HashMap::from([(Name::new("if"), InputField { ty, default: None })])
        };
        Self {
            roots: Roots {
                query: Name::new("Query"),
                mutation: Name::new("Mutation"),
            },
            inputs: scalars
                .map(|name| (Name::new(name), InputType::Scalar))
                .collect(),
            outputs: HashMap::new(),
            directives: HashMap::from([
                (Name::new("skip"), condition()),
                (Name::new("include"), condition()),
            ]),
            fits_scalar,
        }
    }

    fn define(&mut self, definition: TypeDefinition) {
        let name = definition.name.node;
        let input = match definition.kind {
            TypeKind::Scalar => InputType::Scalar,
            TypeKind::Enum(values) => {
                let values = values.values.into_iter();
                InputType::Enum(values.map(|value| value.node.value.node).collect())
            }
            TypeKind::InputObject(object) => {
                let mut directives = definition.directives.iter();
                let one_of = directives.any(|directive| directive.node.name.node == "oneOf");
                InputType::Object(InputObject::read(object, one_of))
            }
            TypeKind::Object(object) => {
                let fields = object.fields.into_iter().map(|field| field.node);
                self.outputs
                    .insert(name, fields.map(OutputField::read).collect());
                return;
            }
            TypeKind::Interface(interface) => {
                let fields = interface.fields.into_iter().map(|field| field.node);
                self.outputs
                    .insert(name, fields.map(OutputField::read).collect());
                return;
            }
            TypeKind::Union(_) => return,
        };
        self.inputs.insert(name, input);
    }

    /// The input type of that name.
    pub(super) fn input(&self, name: &Name) -> Option<&InputType> {
        self.inputs.get(name)
    }

    /// A field of an object or interface.
    pub(super) fn field(&self, parent: &Name, name: &Name) -> Option<&OutputField> {
        self.outputs.get(parent)?.get(name)
    }

    /// The arguments of a directive.
    pub(super) fn directive(&self, name: &Name) -> Option<&HashMap<Name, InputField>> {
        self.directives.get(name)
    }

    /// The type at the top of an operation.
    pub(super) fn root(&self, operation: OperationType) -> Option<&Name> {
        match operation {
            OperationType::Query => Some(&self.roots.query),
            OperationType::Mutation => Some(&self.roots.mutation),
            OperationType::Subscription => None,
        }
    }
}

impl Roots {
    fn read(&mut self, definition: SchemaDefinition) {
        if let Some(query) = definition.query {
            self.query = query.node;
        }
        if let Some(mutation) = definition.mutation {
            self.mutation = mutation.node;
        }
    }
}

impl InputObject {
    fn read(object: InputObjectType, one_of: bool) -> Self {
        let fields = object.fields.into_iter();
        Self {
            fields: fields.map(|field| InputField::read(field.node)).collect(),
            one_of,
        }
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

impl OutputField {
    fn read(definition: FieldDefinition) -> (Name, Self) {
        let arguments = definition.arguments.into_iter();
        let field = Self {
            ty: innermost(&definition.ty.node).clone(),
            arguments: arguments
                .map(|argument| InputField::read(argument.node))
                .collect(),
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
