//! The two sides of a contract, and the people who answer for them.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
};
use crate::{
    open_enum,
    upstream::trans_eu::{
        partner::{OwnEmployees, Partners},
        party::{Company, ContactPerson, Employee, Party},
    },
};

open_enum! {
    /// How the cooperation with a company stands.
    pub enum CooperationStatus {
        /// The companies work together.
        Active = "active",
        /// The cooperation is suspended.
        Suspended = "suspended",
        .. /// A status that this schema does not know; see the raw field.
        Other,
    }
}

open_enum! {
    /// How a person is told.
    pub enum ContactChannel {
        /// By e-mail.
        Email = "email",
        /// By a message on the telephone.
        Push = "push",
        /// By a message in the browser.
        WebPush = "web-push",
        /// By Trans.eu's messenger.
        Messenger = "messenger",
        .. /// A channel that this schema does not know; see `rawChannels`.
        Other,
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(party("Carrier", "The carrier's side of a contract: the company that hauls. Source: inside Trans.eu's contracts.").link(
        "partner",
        "The caller's company's own record about the carrier; null if the carrier is not among its partners. One call per carrier, or one walk of the list of partners, whichever is less.",
        Link::<_, Partners>::to("Partner", |carrier: &Party, _| Ok(Some(carrier.company_id()))),
    ));
    graph.entity(party("Shipper", "The shipper's side of a contract: the company that has goods hauled. Source: inside Trans.eu's contracts."));
    people(graph);
}

fn people(graph: &mut Graph) {
    graph.entity(
        Entity::<Company>::new("Company", "A company on the Trans.eu platform.")
            .field("upstreamId", "Trans.eu's company id, a number. It is not the id of the partner record about the company.", |company| Id::of(company.id))
            .text("name", "The company's name.", |company| company.name.as_ref()),
    );
    graph.entity(
        Entity::<ContactPerson>::new("ContactPerson", "A person named in a contract.")
            .field(
                "upstreamId",
                "Trans.eu's id of the entry, a UUID. It is not the person's.",
                |person| person.id.as_ref().map(Id::of),
            )
            .optional("employee", "Employee", "Who it is.", |person| {
                person.employee.as_ref()
            })
            .words(
                ["channels", "rawChannels"],
                "How the person is told.",
                |person| &person.channels,
                ContactChannel::parse,
            )
            .optional(
                "reportedBy",
                "Company",
                "The company that named the person.",
                |person| person.reported_by.as_ref()?.company.as_ref(),
            )
            .link(
                "ownEmployee",
                "The person in the list of the caller's company's employees, by account id; null if the person works for another company. One call, for however many people.",
                Link::<_, OwnEmployees>::to("OwnEmployee", |person: &ContactPerson, _| {
                    Ok(person.employee.as_ref().and_then(|employee| employee.account_id))
                }),
            ),
    );
    graph.entity(
        Entity::<Employee>::new(
            "Employee",
            "Somebody who works for a company on the Trans.eu platform.",
        )
        .key("upstreamId", "Trans.eu's employee id.", |employee| {
            employee.id
        })
        .key(
            "accountId",
            "Trans.eu's account id: the one that `createFlexibleContract` takes.",
            |employee| employee.account_id,
        )
        .text(
            "transId",
            "The number under which people know each other on the platform, such as `9000202-3`.",
            |employee| employee.trans_id.as_ref(),
        )
        .text("givenName", "Given name.", |employee| {
            employee.given_name.as_ref()
        })
        .text("familyName", "Family name.", |employee| {
            employee.family_name.as_ref()
        })
        .text("email", "E-mail address.", |employee| {
            employee.email.as_ref()
        })
        .text("telephone", "Telephone number.", |employee| {
            employee.telephone.as_ref()
        }),
    );
}

fn party(name: &'static str, description: &'static str) -> Entity<Party> {
    Entity::<Party>::new(name, description)
        .object("company", "Company", "The company.", |party| &party.company)
        .objects(
            "contactPersons",
            "ContactPerson",
            "The people who answer for the contract.",
            |party| &party.contact_persons,
        )
        .word(
            ["cooperationStatus", "rawCooperationStatus"],
            "How the cooperation stands; null if Trans.eu does not say.",
            |party| party.cooperation_status.as_deref(),
            CooperationStatus::parse,
        )
}
