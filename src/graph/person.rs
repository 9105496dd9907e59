//! People at the organizations of Crux Connect, and the vendor's employees who look after them.

use super::{
    declare::{Entity, Graph},
    leaf::Id,
};
use crate::upstream::crux::connection::{AccountManager, Person};

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<Person>::new("Person", "Somebody to reach at a retailer, a supplier or at Crux. Source: the people inside Crux `GET /organizations/connections/`.")
            .field("upstreamId", "Crux's id of the person.", |person| Id(person.uuid.clone()))
            .field("name", "First and last name; null if Crux has neither.", name)
            .field("firstName", "First name; null if Crux has none.", |person| trimmed(person.first_name.as_ref()))
            .field("lastName", "Last name; null if Crux has none.", |person| trimmed(person.last_name.as_ref()))
            .field("email", "E-mail address.", |person| person.email.clone())
            .field("phone", "Telephone number in free text, maybe with an extension such as `x123`.", |person| person.phone.clone())
            .field("jobTitle", "What the person does.", |person| person.job_title.clone()),
    );
    graph.entity(
        Entity::<AccountManager>::new(
            "AccountManager",
            "An employee of Crux who looks after an organization or a connection.",
        )
        .field(
            "upstreamId",
            "Crux's id of the account manager, another one than that of the person.",
            |manager| Id(manager.uuid.clone()),
        )
        .optional(
            "person",
            "Person",
            "Who that is; null if Crux does not tell.",
            |manager| manager.person.as_ref(),
        ),
    );
}

/// First and last name in one text.
pub fn name(person: &Person) -> Option<String> {
    let names = [person.first_name.as_ref(), person.last_name.as_ref()];
    let names: Vec<String> = names.into_iter().filter_map(trimmed).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Names come with stray spaces.
fn trimmed(name: Option<&String>) -> Option<String> {
    name.map(|name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_what_there_is_of_it() {
        let named = |first: &str, last: &str| {
            let person = json!({ "uuid": "p", "first_name": first, "last_name": last });
            name(&serde_json::from_value(person).unwrap())
        };
        assert_eq!(named("Ada ", "Example").as_deref(), Some("Ada Example"));
        assert_eq!(named("", "Example").as_deref(), Some("Example"));
        assert_eq!(named("", ""), None);
    }
}
