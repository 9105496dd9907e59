//! Partial values made whole, where a selected field needs it.

use super::{
    Executor, Selected, Selections,
    rendered::{FieldError, Rendered},
};
use crate::graph::{
    arguments::Arguments,
    declare::{Call, EntityDecl, Erased, ReadLeaf, Source, Wholes},
};

impl<'a> Executor<'a> {
    /// Loads the whole of those values that are partial, if a selected field needs it.
    pub(super) async fn complete(
        &self,
        entity: &EntityDecl,
        selected: &Selections<'a>,
        values: &[&Erased],
    ) -> Completed {
        let Some(completion) = entity
            .completion
            .as_ref()
            .filter(|_| wants_complete(selected))
        else {
            return Completed::default();
        };
        let arguments = Arguments::default();
        let call = Call {
            arguments: &arguments,
            session: self.session,
        };
        let (wholes, _) = completion.complete(values, &call).await;
        Completed { wholes }
    }
}

/// The whole values behind the partial ones of a level; none where a value is whole itself.
#[derive(Default)]
pub(super) struct Completed {
    wholes: Wholes,
}

impl Completed {
    pub(super) fn read(
        &self,
        read: &ReadLeaf,
        selected: &Selected<'_>,
        values: &[&Erased],
    ) -> Rendered {
        let mut rendered = Rendered::default();
        for (value, (own, whole)) in values.iter().zip(&self.wholes).enumerate() {
            let found = match whole {
                None => read.value(*own),
                Some(Ok(whole)) => whole.as_ref().and_then(|whole| read.value(&**whole)),
                Some(Err(error)) => {
                    rendered.errors.push(FieldError {
                        value,
                        path: Vec::new(),
                        pos: selected.field.pos,
                        error: error.clone(),
                    });
                    None
                }
            };
            rendered.values.push(found.unwrap_or_default());
        }
        rendered
    }
}

pub(super) fn wants_complete(selected: &Selections<'_>) -> bool {
    selected.values().any(|selected| {
        selected
            .decl
            .is_some_and(|decl| matches!(decl.source, Source::Leaf { complete: true, .. }))
    })
}
