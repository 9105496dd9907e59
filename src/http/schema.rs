//! The schema, as far as the edge needs it to judge variables.
//!
//! async-graphql keeps its registry to itself, so this is read from the published text.

use std::{
    collections::{HashMap, HashSet},
    iter,
};

use async_graphql::{
    Name, Positioned, Value,
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
    outputs: HashMap<Name, OutputType>,
    /// `__typename`, which every type has.
    type_name: OutputField,
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

/// A type of fields that have a selection.
struct OutputType {
    is_object: bool,
    fields: HashMap<Name, OutputField>,
}

/// A field that can be selected.
pub(super) struct OutputField {
    pub(super) ty: Type,
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
            type_name: OutputField {
                ty: Type::new("String!").expect("it is a type"),
                arguments: HashMap::new(),
            },
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
                self.outputs
                    .insert(name, OutputType::read(true, object.fields));
                return;
            }
            TypeKind::Interface(interface) => {
                let interface = OutputType::read(false, interface.fields);
                self.outputs.insert(name, interface);
                return;
            }
            TypeKind::Union(_) => {
                self.outputs
                    .insert(name, OutputType::read(false, Vec::new()));
                return;
            }
        };
        self.inputs.insert(name, input);
    }

    /// Everything that has a name: types, fields, arguments, values of enums and directives. Most occur
    /// more than once.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        let inputs = self.inputs.values().flat_map(InputType::names);
        let fields = self.outputs.values().flat_map(|output| &output.fields);
        let arguments = fields.clone().flat_map(|(_, field)| field.arguments.keys());
        let directives = self.directives.values().flat_map(HashMap::keys);
        (self.inputs.keys().chain(self.outputs.keys()))
            .chain(inputs)
            .chain(fields.map(|(name, _)| name))
            .chain(arguments)
            .chain(self.directives.keys())
            .chain(directives)
    }

    /// The input type of that name.
    pub(super) fn input(&self, name: &Name) -> Option<&InputType> {
        self.inputs.get(name)
    }

    /// A field of an object or interface.
    pub(super) fn field(&self, parent: &Name, name: &Name) -> Option<&OutputField> {
        let parent = self.outputs.get(parent)?;
        let field = parent.fields.get(name);
        field.or_else(|| (name == "__typename").then_some(&self.type_name))
    }

    /// Whether values of the type are selected from.
    pub(super) fn is_composite(&self, name: &Name) -> bool {
        self.outputs.contains_key(name)
    }

    /// Whether the type is an object type, so that no value is of it and of another one.
    pub(super) fn is_object(&self, name: &Name) -> bool {
        self.outputs.get(name).is_some_and(|ty| ty.is_object)
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

impl InputType {
    fn names(&self) -> Box<dyn Iterator<Item = &Name> + '_> {
        match self {
            Self::Scalar => Box::new(iter::empty()),
            Self::Enum(values) => Box::new(values.iter()),
            Self::Object(object) => Box::new(object.fields.keys()),
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

impl OutputType {
    fn read(is_object: bool, fields: Vec<Positioned<FieldDefinition>>) -> Self {
        let fields = fields.into_iter();
        Self {
            is_object,
            fields: fields.map(|field| OutputField::read(field.node)).collect(),
        }
    }
}

impl OutputField {
    /// The type of what is selected, without lists.
    pub(super) fn target(&self) -> &Name {
        innermost(&self.ty)
    }

    fn read(definition: FieldDefinition) -> (Name, Self) {
        let arguments = definition.arguments.into_iter();
        let field = Self {
            ty: definition.ty.node,
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
