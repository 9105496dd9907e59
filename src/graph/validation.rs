//! Validation without execution: async-graphql validates inside of `execute`, and keeps its rules to
//! itself, so an extension ends an operation between the two.

use std::sync::Arc;

use async_graphql::{
    ObjectType, Request, Response, Schema, ServerError, SubscriptionType, async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::types::ExecutableDocument,
};

/// The extension for schemas whose documents [`validate`] judges. It lets only those operations be
/// executed whose requests carry [`Validated`].
pub struct Validation;

/// The mark of a request that is to be executed.
pub struct Validated;

impl ExtensionFactory for Validation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Validation {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<Validated>().is_none() {
            return Response::default();
        }
        next.run(ctx, operation_name).await
    }
}

/// Validates all operations of a document for whatever variables they get, which must be checked
/// where they come from.
///
/// # Errors
/// All that the schema says is wrong with it.
pub async fn validate<Q, M, S>(
    schema: &Schema<Q, M, S>,
    document: &ExecutableDocument,
) -> Result<(), Vec<ServerError>>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let mut request = Request::new("");
    // Any: the rules look at all of them.
    request.operation_name = document
        .operations
        .iter()
        .find_map(|(name, _)| name.map(ToString::to_string));
    request.set_parsed_query(document.clone());
    let errors = schema.execute(request).await.errors;
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}
