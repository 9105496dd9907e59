//! The schema: the declarations as async-graphql knows them, and the execution of requests.
//!
//! async-graphql parses and validates. Plans answer what is declared; what asks the schema about itself
//! goes to async-graphql, which calls the two root types below for each root field.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use async_graphql::{
    CacheControl, ContainerType, Context, ContextSelectionSet, EmptySubscription, ObjectType,
    OutputType, Positioned, Request, SDLExportOptions, Schema, ServerError, ServerResult, Value,
    Variables,
    parser::types::{ExecutableDocument, Field},
    registry::{Deprecation, MetaField, MetaType, Registry},
};
use indexmap::{IndexMap, IndexSet};

use super::{
    declare::{EntityDecl, FieldDecl, Graph, InterfaceDecl, MUTATION, QUERY},
    execute::Executor,
    graph,
    input::input_value,
    plan::{Plan, Plans, Written},
    staleness,
    validation::{Validated, Validation, validate},
};
use crate::upstream::Session;

/// The schema as async-graphql has it.
pub type GraphSchema = Schema<QueryRoot, MutationRoot, EmptySubscription>;

/// Builds the schema; `introspection` lets clients ask for it.
pub fn schema(introspection: bool) -> GraphSchema {
    let mut schema =
        Schema::build(QueryRoot, MutationRoot, EmptySubscription).extension(Validation);
    if !introspection {
        schema = schema.disable_introspection().disable_suggestions();
    }
    schema.finish()
}

/// The schema in the schema definition language, in a stable order.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();
    let sdl = schema(true).sdl_with_options(options);
    let lines: Vec<&str> = sdl.trim().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// One operation of a prepared document, with its variables coerced.
pub struct Operation {
    /// Which operation, where the document gives them names.
    pub name: Option<String>,
    /// Its variables.
    pub variables: Variables,
    /// What the answer's `extensions` say of the request itself.
    pub extensions: BTreeMap<String, Value>,
}

/// What came of an operation.
pub struct Answer {
    /// The response as JSON.
    pub body: Vec<u8>,
    /// How many errors it lists.
    pub errors: usize,
}

/// Validates a document.
///
/// # Errors
/// All that the schema says is wrong with it.
pub async fn prepare(
    schema: &GraphSchema,
    document: Arc<ExecutableDocument>,
) -> Result<Plans, Vec<ServerError>> {
    validate(schema, &document).await?;
    Ok(Plans::new(document))
}

/// Executes an operation for `session`'s caller, as `plan` says, which is that of `plans` for this
/// operation and its variables. At most `max_errors` errors are reported.
pub async fn execute(
    schema: &GraphSchema,
    plans: &Plans,
    plan: &Plan,
    mut operation: Operation,
    session: Arc<Session>,
    max_errors: usize,
) -> Answer {
    let Plan::Declared(plan) = plan else {
        metrics::counter!("haulgraph_operations_without_plan_total").increment(1);
        return interpret(schema, plans, operation, session, max_errors).await;
    };
    let Written {
        data,
        mut errors,
        labels,
    } = plan.execute(&session, &operation.variables).await;
    super::report::tidy(&mut errors, max_errors);
    let stale = staleness::extension(labels, &session.readings().sum());
    let stale = stale.map(|stale| (FRESHNESS.to_owned(), stale));
    operation.extensions.extend(stale);
    operation.extensions.extend(explanation(&session));
    Answer {
        body: body(&errors, &data, &operation.extensions),
        errors: errors.len(),
    }
}

/// Executes an operation by async-graphql and the [`Executor`] below its roots: the way of what asks
/// the schema about itself, and the measure for the plans, which must give the same.
pub async fn interpret(
    schema: &GraphSchema,
    plans: &Plans,
    operation: Operation,
    session: Arc<Session>,
    max_errors: usize,
) -> Answer {
    let mut request = Request::new("")
        .variables(operation.variables)
        .data(Validated)
        .data(Arc::clone(&session));
    request.operation_name = operation.name;
    request.set_parsed_query(plans.document().clone());
    let mut response = schema.execute(request).await;
    super::report::tidy(&mut response.errors, max_errors);
    response.extensions.extend(operation.extensions);
    // This way knows no places of what it read.
    let stale = staleness::extension(Vec::new(), &session.readings().sum());
    response
        .extensions
        .extend(stale.map(|stale| (FRESHNESS.to_owned(), stale)));
    response.extensions.extend(explanation(&session));
    Answer {
        errors: response.errors.len(),
        body: serde_json::to_vec(&response).expect(STRING_KEYS),
    }
}

/// The member of `extensions` that tells what is stale.
const FRESHNESS: &str = "freshness";

/// The member of `extensions` that tells how the answer came about, if the caller has asked for it.
fn explanation(session: &Session) -> Option<(String, Value)> {
    let told = session.ledger().explanation()?;
    let told = async_graphql::to_value(told).ok()?;
    Some(("explain".to_owned(), told))
}

const STRING_KEYS: &str = "GraphQL values and errors have string keys";

/// A response as JSON, with errors before the data, so that people see them first.
fn body(errors: &[ServerError], data: &[u8], extensions: &BTreeMap<String, Value>) -> Vec<u8> {
    let mut body = Vec::with_capacity(data.len() + 16);
    body.push(b'{');
    if !errors.is_empty() {
        body.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut body, errors).expect(STRING_KEYS);
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    body.extend_from_slice(data);
    if !extensions.is_empty() {
        body.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut body, extensions).expect(STRING_KEYS);
    }
    body.push(b'}');
    body
}

macro_rules! root {
    ($(#[doc = $doc:literal])* $root:ident, $name:expr) => {
        $(#[doc = $doc])*
        pub struct $root;

        impl OutputType for $root {
            fn type_name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn create_type_info(registry: &mut Registry) -> String {
                register(graph(), registry);
                Self::qualified_type_name()
            }

            async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
                async_graphql::resolver_utils::resolve_container(ctx, self).await
            }
        }

        impl ContainerType for $root {
            async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
                let session = ctx
                    .data::<Arc<Session>>()
                    .map_err(|error| error.into_server_error(ctx.item.pos))?;
                let selection = &ctx.query_env.operation.node.selection_set.node;
                Executor::new(graph(), session, ctx).root($name, selection).await
            }
        }

        impl ObjectType for $root {}
    };
}

root! {
    /// The query root.
    QueryRoot, QUERY
}
root! {
    /// The mutation root.
    MutationRoot, MUTATION
}

/// Registers all declarations with the first root; async-graphql has added to them when the second
/// one comes.
fn register(graph: &Graph, registry: &mut Registry) {
    if registry.types.contains_key(QUERY) {
        return;
    }
    for (name, ty) in &graph.definitions.0 {
        registry.types.insert(name.clone(), ty.clone());
    }
    for entity in graph.entities.values() {
        registry
            .types
            .insert(entity.name.to_owned(), object_type(entity));
        for interface in &entity.interfaces {
            registry.add_implements(entity.name, interface);
        }
    }
    for interface in graph.interfaces.values() {
        registry
            .types
            .insert(interface.name.to_owned(), interface_type(graph, interface));
        for parent in &interface.interfaces {
            registry.add_implements(interface.name, parent);
        }
    }
}

fn object_type(entity: &EntityDecl) -> MetaType {
    MetaType::Object {
        name: entity.name.to_owned(),
        description: Some(entity.description.to_owned()),
        fields: entity
            .fields
            .iter()
            .map(|(name, field)| ((*name).to_owned(), meta_field(name, field)))
            .collect(),
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An interface has those fields that it names, as the first of its object types declares them.
fn interface_type(graph: &Graph, interface: &InterfaceDecl) -> MetaType {
    let members = graph
        .entities
        .values()
        .filter(|entity| entity.interfaces.contains(&interface.name));
    let possible_types: IndexSet<String> = members
        .clone()
        .map(|entity| entity.name.to_owned())
        .collect();
    let fields: IndexMap<String, MetaField> = members
        .take(1)
        .flat_map(|entity| {
            interface
                .fields
                .iter()
                .filter_map(|name| Some((*name, entity.fields.get(name)?)))
        })
        .map(|(name, field)| (name.to_owned(), meta_field(name, field)))
        .collect();
    MetaType::Interface {
        name: interface.name.to_owned(),
        description: Some(interface.description.to_owned()),
        fields,
        possible_types,
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn meta_field(name: &str, field: &FieldDecl) -> MetaField {
    let args = field.arguments.iter().map(|argument| {
        let default = argument.default.as_ref().map(ToString::to_string);
        let value = input_value(
            argument.name,
            argument.description,
            argument.ty.clone(),
            default,
        );
        (argument.name.to_owned(), value)
    });
    MetaField {
        name: name.to_owned(),
        description: Some(field.description.to_owned()),
        args: args.collect(),
        ty: field.ty.clone(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
