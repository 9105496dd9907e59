//! Partners: the own company's records about other companies.

use super::{
    carrier::CooperationStatus,
    declare::{Entity, Graph, Link},
    leaf::Id,
};
use crate::{
    open_enum,
    upstream::trans_eu::partner::{
        PartnerAddress, PartnerCompany, PartnerDetailsById, PartnerEmployees, PartnerFleets,
        PartnerGroup, PartnerItem, PartnerPermissions,
    },
};

open_enum! {
    /// What a company does on the platform.
    pub enum CompanyRole {
        /// Hauls.
        Carrier = "CARRIER",
        /// Has goods hauled.
        Shipper = "SHIPPER",
        /// Arranges hauling for others.
        Forwarder = "FORWARDER",
        .. /// A role that this schema does not know; see `rawRoles`.
        Other,
    }
}

open_enum! {
    /// What came of the check of a company's finances.
    pub enum FinancialVerification {
        /// Passed.
        Positive = "POSITIVE",
        /// Failed.
        Negative = "NEGATIVE",
        .. /// A result that this schema does not know; see the raw field.
        Other,
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<PartnerItem>::new("Partner", "The caller's company's own record about another company. Source: Trans.eu `GET /ext/partners-api/v1/partners`.")
            .field("upstreamId", "Trans.eu's id of the record, a UUID. It is not the company's id.", |partner| Id::of(&partner.id))
            .object("company", "PartnerCompany", "The company.", |partner| &partner.company)
            .objects("groups", "PartnerGroup", "The groups that the caller's company has put it into.", |partner| &partner.groups)
            .field("notes", "What the caller's company has noted about it.", |partner| partner.notes.clone())
            .link(
                "details",
                "Ratings, payments and documents of the company. One call per partner.",
                Link::<_, PartnerDetailsById>::to("PartnerDetails", |partner: &PartnerItem, _| Ok(Some(partner.id.clone()))),
            )
            .link(
                "employees",
                "The people who work for the company. One call per partner and page of people.",
                Link::<_, PartnerEmployees>::to("PartnerEmployee", |partner: &PartnerItem, _| Ok(Some(partner.id.clone()))).each(Vec::clone),
            )
            .link(
                "fleet",
                "The vehicles of the company. One call per partner and page of vehicles.",
                Link::<_, PartnerFleets>::to("PartnerVehicle", |partner: &PartnerItem, _| Ok(Some(partner.id.clone()))).each(Vec::clone),
            ),
    );
    graph.entity(company());
    graph.entity(
        Entity::<PartnerAddress>::new("PartnerAddress", "The address of a company.")
            .field(
                "country",
                "Country as ISO 3166-1 alpha-2, in upper case.",
                |address| address.country.as_deref().map(str::to_ascii_uppercase),
            )
            .text("locality", "Town.", |address| address.locality.as_ref())
            .text("postalCode", "Postal code.", |address| {
                address.postal_code.as_ref()
            })
            .text("street", "Street.", |address| address.street.as_ref())
            .text("number", "House number; may hold letters.", |address| {
                address.number.as_ref()
            }),
    );
    graph.entity(
        Entity::<PartnerPermissions>::new(
            "PartnerPermissions",
            "Whether a company may be worked with.",
        )
        .field(
            "isAuthorized",
            "Whether the company is authorized on the platform now.",
            |allowed| allowed.is_authorized,
        )
        .field(
            "isBlocked",
            "Whether the company is blocked on the platform.",
            |allowed| allowed.is_blocked,
        )
        .field(
            "wasAuthorizedAtLeastOnce",
            "Whether the company was ever authorized on the platform.",
            |allowed| allowed.was_authorized_at_least_once,
        ),
    );
    graph.entity(
        Entity::<PartnerGroup>::new(
            "PartnerGroup",
            "A group that the caller's company made of its partners.",
        )
        .field(
            "upstreamId",
            "Trans.eu's id of the group, a UUID.",
            |group| Id::of(&group.id),
        )
        .text("name", "The group's name.", |group| group.name.as_ref())
        .text("description", "What the group is for.", |group| {
            group.description.as_ref()
        }),
    );
}

fn company() -> Entity<PartnerCompany> {
    Entity::<PartnerCompany>::new(
        "PartnerCompany",
        "The company that a partner record is about.",
    )
    .field(
        "upstreamId",
        "Trans.eu's company id, a number: the one that contracts name.",
        |company| Id::of(company.id),
    )
    .text("name", "The company's name.", |company| {
        company.name.as_ref()
    })
    .text("vatId", "Value-added tax number.", |company| {
        company.vat_id.as_ref()
    })
    .text("email", "E-mail address.", |company| company.email.as_ref())
    .text("telephone", "Telephone number.", |company| {
        company.telephone.as_ref()
    })
    .text("fax", "Fax number.", |company| company.fax.as_ref())
    .optional(
        "address",
        "PartnerAddress",
        "Where the company is.",
        |company| company.address.as_ref(),
    )
    .words(
        ["roles", "rawRoles"],
        "What the company does.",
        |company| &company.roles,
        CompanyRole::parse,
    )
    .word(
        ["status", "rawStatus"],
        "How the cooperation stands.",
        |company| company.status.as_deref(),
        CooperationStatus::parse,
    )
    .word(
        ["financialVerification", "rawFinancialVerification"],
        "What came of the check of the company's finances; null if there was none.",
        |company| company.financial_verification_status.as_deref(),
        FinancialVerification::parse,
    )
    .optional(
        "permissions",
        "PartnerPermissions",
        "Whether the company may be worked with.",
        |company| company.permissions.as_ref(),
    )
}
