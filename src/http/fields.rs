//! Fields that the schema does not know, where there are too many of them to help with.
//!
//! For each such field async-graphql looks for names that are alike, which takes a time that grows with
//! the name's length and the type's fields. That helps people, who make few mistakes in short names; the
//! rest is told here, without such a search.

use async_graphql::{
    Name, ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::{
    refusal::{Code, Refusal},
    schema::{OutputField, PublishedSchema},
};

/// So many unknown fields are left to async-graphql, and names of at most so many bytes.
const FEW: usize = 20;
const SHORT: usize = 64;

/// Tells unknown fields if there are many, or if one has a long name.
///
/// # Errors
/// All fields of object types and interfaces that these do not have.
pub(super) fn check(
    document: &ExecutableDocument,
    schema: &PublishedSchema,
) -> Result<(), Refusal> {
    let mut unknown = Unknown {
        schema,
        errors: Vec::new(),
        has_long_names: false,
    };
    for (_, operation) in document.operations.iter() {
        let root = schema.root(operation.node.ty);
        unknown.find(root, &operation.node.selection_set.node);
    }
    for fragment in document.fragments.values() {
        let on = &fragment.node.type_condition.node.on.node;
        unknown.find(Some(on), &fragment.node.selection_set.node);
    }
    if unknown.errors.len() > FEW || unknown.has_long_names {
        return Err(Refusal::graphql(Code::ValidationFailed, unknown.errors));
    }
    Ok(())
}

struct Unknown<'d> {
    schema: &'d PublishedSchema,
    errors: Vec<ServerError>,
    has_long_names: bool,
}

impl<'d> Unknown<'d> {
    /// Recurses as deep as the text nests, which the scan has bounded.
    fn find(&mut self, parent: Option<&'d Name>, set: &'d SelectionSet) {
        let parent = parent.filter(|parent| self.schema.is_composite(parent));
        let Some(parent) = parent else { return };
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    let known = self.schema.field(parent, name);
                    if known.is_none() && !name.starts_with("__") {
                        self.has_long_names |= name.len() > SHORT;
                        let message = format!("Unknown field \"{name}\" on type \"{parent}\".");
                        self.errors.push(ServerError::new(message, Some(field.pos)));
                    }
                    let target = known.map(OutputField::target);
                    self.find(target, &field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |on| &on.node.on.node);
                    self.find(Some(parent), &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn told(document: &str) -> usize {
        let sdl = "interface Node { id: ID } type Yard implements Node { id: ID } type Query { yard: Yard node: Node }";
        let schema = PublishedSchema::parse(sdl, |_, _| true).unwrap();
        let document = parse_query(document).unwrap();
        check(&document, &schema)
            .err()
            .map_or(0, |refusal| refusal.errors.len())
    }

    #[test]
    fn few_unknown_fields_with_short_names_are_left_to_validation() {
        assert_eq!(told("{ yard { id __typename nmae } hello }"), 0);
        assert_eq!(told("{ __schema { a b } unknown { a b c } }"), 0);
    }

    #[test]
    fn many_are_told_wherever_they_are() {
        let many: String = (0..7).map(|index| format!("u{index} ")).collect();
        let document = format!(
            "{{ {many} yard {{ id {many} }} node {{ ... on Yard {{ {many} }} }} ...F }} fragment F on Node {{ {many} }}"
        );
        assert_eq!(told(&document), 28);
    }

    #[test]
    fn a_long_name_is_told_without_a_search_for_names_alike() {
        assert_eq!(told(&format!("{{ {} }}", "x".repeat(65))), 1);
    }
}
