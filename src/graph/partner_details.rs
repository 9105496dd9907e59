//! What is known of a partner beside its record: ratings, documents, people, vehicles; and the own
//! employees.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
    scalars::{Date, DateTime},
};
use crate::{
    open_enum,
    upstream::{
        trans_eu::partner::{
            Department, EmployeeRole, OwnEmployee, OwnEmployeeLists, PartnerDetails,
            PartnerDocument, PartnerEmployee, PartnerVehicle, PaymentsStatus, Satisfaction,
            TransRisk,
        },
        walk::Whole,
    },
};

open_enum! {
    /// The platform's opinion of a company.
    pub enum TransRiskLevel {
        /// The best.
        Super = "SUPER",
        /// Very good.
        VeryGood = "VERY_GOOD",
        /// Good.
        Good = "GOOD",
        /// Mediocre.
        Mediocre = "MEDIOCRE",
        /// The worst.
        Poor = "POOR",
        .. /// An opinion that this schema does not know; see `rawLevel`.
        Other,
    }
}

/// Declares the types and the root field.
pub fn declare(graph: &mut Graph) {
    graph.entity(details());
    opinions(graph);
    graph.entity(
        Entity::<PartnerDocument>::new(
            "PartnerDocument",
            "A document that a company shows, such as an insurance.",
        )
        .field("issuedOn", "When it was issued.", |document| {
            document.issue_date.clone().map(Date)
        })
        .field("expiresOn", "When it expires.", |document| {
            document.expire_date.clone().map(Date)
        })
        .optional(
            "insuranceValue",
            "Money",
            "The insured sum; null if it is no insurance.",
            |document| document.insurance_value.as_ref(),
        )
        .field("pages", "URLs of the scanned pages.", |document| {
            document
                .media
                .as_ref()
                .map(|media| media.pages.clone())
                .unwrap_or_default()
        }),
    );
    graph.entity(employee());
    graph.entity(
        Entity::<Department>::new("Department", "A department of a company.")
            .field(
                "upstreamId",
                "Trans.eu's id of the department.",
                |department| department.id.as_ref().map(Id::of),
            )
            .text("name", "The department's name.", |department| {
                department.name.as_ref()
            })
            .text(
                "nativeName",
                "The name in the company's own language.",
                |department| department.name_native.as_ref(),
            ),
    );
    graph.entity(
        Entity::<PartnerVehicle>::new("PartnerVehicle", "A vehicle of a company. Source: Trans.eu `GET /ext/partners-api/v1/partners/{partnerId}/fleet`.")
            .text("kind", "What it is, in the words of Trans.eu's dictionary: `semi-trailer`, `bus/van`, …", |vehicle| vehicle.kind.as_ref())
            .text("body", "Its body, in the words of Trans.eu's dictionary: `tent`, `cooler`, …", |vehicle| vehicle.body.as_ref())
            .text("manufacturer", "Who made it.", |vehicle| vehicle.manufacturer.as_ref())
            .text("registrationPlateNumber", "Its number plate.", |vehicle| vehicle.registration_plate_number.as_ref())
            .field("hasGps", "Whether it can be tracked.", |vehicle| vehicle.gps)
            .optional("cargoCapacity", "Measure", "What weight it carries.", |vehicle| vehicle.specifications.as_ref()?.cargo_capacity.as_ref())
            .text("combustionNorm", "The emission standard of its engine: `EURO 6`, …", |vehicle| vehicle.specifications.as_ref()?.combustion_norm.as_ref()),
    );
    own_employees(graph);
}

fn details() -> Entity<PartnerDetails> {
    Entity::<PartnerDetails>::new("PartnerDetails", "What Trans.eu knows of a partner beside the record of it. Source: Trans.eu `GET /ext/partners-api/v1/partners/{partnerId}`.")
        .field("upstreamId", "Trans.eu's id of the partner record, a UUID.", |partner| Id::of(&partner.id))
        .object("company", "PartnerCompany", "The company.", |partner| &partner.company)
        .text("companyType", "The kind of the company's account: `STANDARD`, …", |partner| partner.company.kind.as_ref())
        .objects("groups", "PartnerGroup", "The groups that the caller's company has put it into.", |partner| &partner.groups)
        .field("overallRating", "The rating by others, at most 5.", |partner| partner.overall_rating)
        .optional("payments", "PaymentsStatus", "How the company pays.", |partner| partner.payments_status.as_ref())
        .objects("satisfaction", "ContractorSatisfaction", "How content others are with the company.", |partner| &partner.contractors_satisfaction)
        .objects("documents", "PartnerDocument", "The documents that the company shows.", |partner| &partner.documents)
        .optional("transRisk", "TransRisk", "The platform's opinion of the company; null if it has none.", |partner| partner.trans_risk.as_ref())
}

fn opinions(graph: &mut Graph) {
    graph.entity(
        Entity::<PaymentsStatus>::new("PaymentsStatus", "How a company pays its invoices.")
            .count("paidOnTime", "Invoices paid on time.", |payments| {
                payments.paid_on_time
            })
            .count("paidWithDelay", "Invoices paid late.", |payments| {
                payments.paid_with_delay
            })
            .count("unpaid", "Invoices not paid.", |payments| payments.unpaid),
    );
    graph.entity(
        Entity::<Satisfaction>::new(
            "ContractorSatisfaction",
            "How content others are with a company in one respect.",
        )
        .field(
            "subject",
            "What it is about, in Trans.eu's words: `communication`, `caring_for_goods`, … The subjects depend on what the company does.",
            |mark| mark.subject.clone(),
        )
        .field("percent", "From 0 to 100.", |mark| mark.percent),
    );
    graph.entity(
        Entity::<TransRisk>::new("TransRisk", "The platform's opinion of a company.")
            .word(
                ["level", "rawLevel"],
                "The opinion.",
                |risk| risk.description.as_deref(),
                TransRiskLevel::parse,
            )
            .instant("calculatedAt", "When it was computed.", |risk| {
                risk.calculation_time.as_ref()
            }),
    );
}

fn employee() -> Entity<PartnerEmployee> {
    Entity::<PartnerEmployee>::new("PartnerEmployee", "Somebody who works for a partner. There is no account id: people of contracts are the same if their `transId` is. Source: Trans.eu `GET /ext/partners-api/v1/partners/{partnerId}/employees`.")
        .text("transId", "The number under which people know each other on the platform, such as `9000202-3`.", |person| person.trans_id.as_ref())
        .text("givenName", "Given name.", |person| person.given_name.as_ref())
        .text("familyName", "Family name.", |person| person.family_name.as_ref())
        .text("email", "E-mail address.", |person| person.email.as_ref())
        .text("jobTitle", "What the person does.", |person| person.job_title.as_ref())
        .text("telephone", "Telephone number.", |person| person.telephone.as_ref())
        .text("mobileTelephone", "Mobile telephone number.", |person| person.mobile_telephone.as_ref())
        .optional("department", "Department", "Where in the company.", |person| person.department.as_ref())
        .field("lastLoginAt", "When the person last used the platform.", |person| person.last_login_date.clone().map(DateTime))
        .field("registeredAt", "Since when the person has been on the platform.", |person| person.registration_date.clone().map(DateTime))
}

fn own_employees(graph: &mut Graph) {
    graph.entity(
        Entity::<OwnEmployee>::new("OwnEmployee", "Somebody who works for the caller's company. Source: Trans.eu `GET /ext/companies-api/v1/companies/employees`.")
            .field("accountId", "Trans.eu's account id.", |person| Id::of(person.account_id))
            .text("transId", "The number under which people know each other on the platform, such as `9000101-3`.", |person| person.trans_id.as_ref())
            .text("givenName", "Given name.", |person| person.given_name.as_ref())
            .text("familyName", "Family name.", |person| person.family_name.as_ref())
            .text("jobTitle", "What the person does.", |person| person.job_title.as_ref())
            .field("isHidden", "Whether others do not see the person.", |person| person.hidden)
            .field("isDriver", "Whether the person drives.", |person| person.is_driver)
            .objects("roles", "EmployeeRole", "What the person may do.", |person| &person.roles),
    );
    graph.entity(
        Entity::<EmployeeRole>::new(
            "EmployeeRole",
            "What an employee may do in a product of the platform.",
        )
        .text(
            "name",
            "The role, in Trans.eu's words: `administrator`, …",
            |role| role.name.as_ref(),
        )
        .text(
            "product",
            "The product, in Trans.eu's words: `basic`, `tff`, …",
            |role| role.product.as_ref(),
        ),
    );
    graph.query(|query| {
        query.link(
            "ownEmployees",
            "The people who work for the caller's company on Trans.eu. One call.",
            Link::<_, OwnEmployeeLists>::to("OwnEmployee", |(), _| Ok(Some(Whole)))
                .each(Vec::clone),
        )
    });
}
