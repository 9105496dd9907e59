//! From a text to the operation in it.

use async_graphql::{
    Name, Positioned,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use super::refusal::{Code, Refusal};

/// Parses a document. The text must have passed [`super::scan::check`]: the parser recurses.
///
/// # Errors
/// The text is not an executable document.
pub(super) fn parse(text: &str) -> Result<ExecutableDocument, Refusal> {
    parse_query(text).map_err(|error| {
        let message = match &error {
            // The parser draws the line and points into it; locations say the same to programs.
            parser::Error::Syntax { message, .. } => {
                let reason = message.rsplit("= ").next().unwrap_or(message);
                format!("Syntax error: {reason}")
            }
            other => format!("Syntax error: {other}"),
        };
        let mut refusal = Refusal::at(Code::ParseFailed, None, message);
        for shown in &mut refusal.errors {
            shown.locations = error.positions().collect();
        }
        refusal
    })
}

/// Refuses a document of nothing but subscriptions, before the schema says less clearly why not.
///
/// # Errors
/// It is one.
pub(super) fn require_more_than_subscriptions(
    document: &ExecutableDocument,
) -> Result<(), Refusal> {
    let mut operations = document.operations.iter();
    match operations.all(|(_, operation)| operation.node.ty == OperationType::Subscription) {
        true => Err(no_subscriptions()),
        false => Ok(()),
    }
}

fn no_subscriptions() -> Refusal {
    let message = "Subscriptions are not served over HTTP.";
    Refusal::at(Code::OperationResolutionFailure, None, message)
}

/// Chooses the operation that the caller means.
///
/// # Errors
/// There is no operation of that name, several without a name, or it is a subscription.
pub(super) fn choose<'d>(
    document: &'d ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'d Name>, &'d Positioned<OperationDefinition>), Refusal> {
    let fail = |message: String| Refusal::at(Code::OperationResolutionFailure, None, message);
    let (name, operation) = match (&document.operations, wanted) {
        (DocumentOperations::Single(operation), None) => (None, operation),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            let (name, operation) = operations.iter().next().expect("there is one");
            (Some(name), operation)
        }
        (DocumentOperations::Multiple(_), None) => {
            return Err(fail(
                "The document has several operations: say which in `operationName`.".to_owned(),
            ));
        }
        (DocumentOperations::Multiple(operations), Some(wanted)) => {
            let found = operations.get_key_value(wanted);
            let (name, operation) =
                found.ok_or_else(|| fail(format!("Unknown operation named \"{wanted}\".")))?;
            (Some(name), operation)
        }
        (DocumentOperations::Single(_), Some(wanted)) => {
            return Err(fail(format!("Unknown operation named \"{wanted}\".")));
        }
    };
    if operation.node.ty == OperationType::Subscription {
        return Err(no_subscriptions());
    }
    Ok((name, operation))
}
