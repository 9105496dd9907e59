//! The writes of partners.

use uuid::Uuid;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    text::{email, line, required, uuid},
};
use crate::{
    ids::CompanyId,
    input_object, open_enum,
    upstream::{
        Class, Session,
        trans_eu::partner::{
            Blocking, Invitation, NewPartner, PartnerDetailsById, Partners, activate_partner,
            add_partner, block_partner, invite_partner,
        },
    },
};

open_enum! {
    /// Why a company is worked with no longer. Some of these fit only carriers, some only shippers.
    pub enum BlockReason {
        /// It is hard to reach.
        LackOfEfficientCommunication = "lack_of_efficient_communication",
        /// Of a carrier: documents come late.
        DelaysInTheDeliveryOfDocuments = "delays_in_the_delivery_of_documents",
        /// Of a carrier: goods are not cared for.
        LackOfCareForGoods = "lack_of_care_for_goods",
        /// Of a carrier: transports are not done as agreed.
        NotObservingTransportArrangements = "not_observing_transport_arrangements",
        /// Of a shipper: payments come late.
        LatePayments = "late_payments",
        /// Of a shipper: the cargo is not what was agreed.
        LackOfConformityOfTheCargoWithTheArrangements = "lack_of_conformity_of_the_cargo_with_the_arrangements",
        /// Of a shipper: loading is long in coming.
        LongWaitingTimeForLoading = "long_waiting_time_for_loading",
        /// Of a shipper: unloading is long in coming.
        LongWaitingTimeForUnloading = "long_waiting_time_for_unloading",
        /// Of a shipper: unwanted messages.
        Spam = "spam",
        .. /// Not to be written.
        Other,
    }
}

input_object! {
    /// A company of the platform that is to be a partner. At least one of the two is needed.
    pub struct AddPartnerInput {
        /// Trans.eu's company id, a number.
        company_id: Option<Id>,
        /// The company's VAT number.
        vat_id: Option<String>,
    }
}

input_object! {
    /// A company that is to be invited to the platform.
    pub struct InvitePartnerInput {
        /// The company's name.
        company_name: String,
        /// Where the invitation is sent: at most 200 characters.
        email: String,
        /// Given name of the person who is invited.
        given_name: Option<String>,
        /// Family name of the person who is invited.
        family_name: Option<String>,
    }
}

input_object! {
    /// A partner that is to be worked with no longer.
    pub struct BlockPartnerInput {
        /// The partner: the `upstreamId` of its record, a UUID. It is not the company's id.
        partner_id: Id,
        /// Why: at least one reason.
        reasons: Vec<BlockReason>,
        /// Why in words: 3 characters or more.
        remarks: Option<String>,
    }
}

input_object! {
    /// A partner that is to be worked with again.
    pub struct ActivatePartnerInput {
        /// The partner: the `upstreamId` of its record, a UUID. It is not the company's id.
        partner_id: Id,
    }
}

/// What `addPartner` gives back.
struct AddedPartner(Option<CompanyId>);

/// What `invitePartner` gives back.
struct InvitedPartner(String);

/// What `blockPartner` and `activatePartner` give back.
struct ChangedPartner(Uuid);

const PARTNER: &[&str] = &["input", "partnerId"];
const MEMBERS: Blame = &[
    ("office_id", &["input", "companyId"]),
    ("name", &["input", "companyName"]),
    ("partnerId", PARTNER),
];

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    declare_payloads(graph);
    graph.write(
        "addPartner",
        "Makes a company of the platform a partner of the caller's company. Source: Trans.eu `POST /ext/partners-api/v1/partners`.",
        "AddPartnerPayload",
        MEMBERS,
        |session, input: AddPartnerInput| Box::pin(add(session, input)),
    );
    graph.write(
        "invitePartner",
        "Invites a company to the platform by e-mail. Two equal invitations are two messages. Source: Trans.eu `POST /ext/partners-api/v1/partners`.",
        "InvitePartnerPayload",
        MEMBERS,
        |session, input: InvitePartnerInput| Box::pin(invite(session, input)),
    );
    graph.write(
        "blockPartner",
        "Stops working with a partner's whole company, fixed routes included. Trans.eu allows it to administrators. Source: Trans.eu `POST /ext/partners-api/v1/partners/{partner-id}/block`.",
        "BlockPartnerPayload",
        MEMBERS,
        |session, input: BlockPartnerInput| Box::pin(block(session, input)),
    );
    graph.write(
        "activatePartner",
        "Takes up working with a partner's company again. Trans.eu allows it to administrators. Source: Trans.eu `POST /ext/partners-api/v1/partners/{partner-id}/active`.",
        "ActivatePartnerPayload",
        MEMBERS,
        |session, input: ActivatePartnerInput| Box::pin(activate(session, input)),
    );
}

fn declare_payloads(graph: &mut Graph) {
    graph.entity(
        Entity::<AddedPartner>::new("AddPartnerPayload", "The answer to `addPartner`.").link(
            "partner",
            "The record of the new partner, read anew, because Trans.eu answers with nothing; null if the company was named by its VAT number alone.",
            Link::<_, Partners>::to("Partner", |added: &AddedPartner, _| Ok(added.0)),
        ),
    );
    graph.entity(
        Entity::<InvitedPartner>::new(
            "InvitePartnerPayload",
            "The answer to `invitePartner`. It means that the invitation was accepted for sending.",
        )
        .field("email", "Where it was sent.", |invited| invited.0.clone()),
    );
    for (payload, description) in [
        ("BlockPartnerPayload", "The answer to `blockPartner`."),
        ("ActivatePartnerPayload", "The answer to `activatePartner`."),
    ] {
        graph.entity(
            Entity::<ChangedPartner>::new(payload, description)
                .field("partnerId", "The `upstreamId` of the partner's record.", |changed| {
                    Id::of(changed.0)
                })
                .link(
                    "details",
                    "The partner after the write, read anew by one call, because Trans.eu answers with nothing.",
                    Link::<_, PartnerDetailsById>::to("PartnerDetails", |changed: &ChangedPartner, _| {
                        Ok(Some(changed.0.to_string()))
                    }),
                ),
        );
    }
}

async fn add(session: &Session, input: AddPartnerInput) -> Result<AddedPartner, Error> {
    let mut check = Check::new("input");
    let company = input
        .company_id
        .and_then(|id| check.integer("companyId", &id));
    let partner = NewPartner {
        office_id: company,
        vat_id: check.optional_line("vatId", input.vat_id),
    };
    if check.is_clean() && company.is_none() && partner.vat_id.is_none() {
        check.refuse_all("Give a `companyId` or a `vatId`.");
    }
    let partner = check.finish(Some(partner))?;
    add_partner(session, &partner).await?;
    Ok(AddedPartner(company.map(CompanyId)))
}

async fn invite(session: &Session, input: InvitePartnerInput) -> Result<InvitedPartner, Error> {
    let mut check = Check::new("input");
    let mut name = |field, text| check.read(field, |path| line(text, usize::MAX, path));
    let (given_name, family_name) = (
        name("givenName", input.given_name),
        name("familyName", input.family_name),
    );
    let invitation = Invitation {
        name: check.read("companyName", |path| required(input.company_name, path)),
        email: check.read("email", |path| {
            required(input.email.clone(), path)?;
            Ok(email(Some(input.email), path)?.unwrap_or_default())
        }),
        given_name,
        family_name,
    };
    let invitation = check.finish(Some(invitation))?;
    invite_partner(session, &invitation).await?;
    Ok(InvitedPartner(invitation.email))
}

async fn block(session: &Session, input: BlockPartnerInput) -> Result<ChangedPartner, Error> {
    let mut check = Check::new("input");
    let partner = key(&mut check, &input.partner_id);
    let is_some = !input.reasons.is_empty();
    check.require("reasons", is_some, "At least one reason is needed.");
    let reasons = input.reasons.iter().enumerate();
    let why = Blocking {
        reasons: check.within(&["reasons"], |check| {
            reasons
                .map(|(at, reason)| check.word(&at.to_string(), reason.word()))
                .collect()
        }),
        remarks: check.lines("remarks", input.remarks),
    };
    let length = why.remarks.as_ref().map(|text| text.chars().count());
    let is_long = length.is_none_or(|length| length >= 3);
    check.require("remarks", is_long, "3 characters or more are needed here.");
    let (partner, why) = check.finish(partner.map(|partner| (partner, why)))?;
    let written = block_partner(session, partner, &why).await;
    changed(partner, written)
}

async fn activate(session: &Session, input: ActivatePartnerInput) -> Result<ChangedPartner, Error> {
    let mut check = Check::new("input");
    let partner = key(&mut check, &input.partner_id);
    let partner = check.finish(partner)?;
    let written = activate_partner(session, partner).await;
    changed(partner, written)
}

fn key(check: &mut Check, id: &Id) -> Option<Uuid> {
    check.take("partnerId", |path| uuid(id, path))
}

/// The only thing that the answers to these writes can miss is the partner.
fn changed(
    partner: Uuid,
    written: Result<(), std::sync::Arc<crate::upstream::Error>>,
) -> Result<ChangedPartner, Error> {
    match written {
        Ok(()) => Ok(ChangedPartner(partner)),
        Err(error) if error.class == Class::NotFound => Err(Error::from(error).about(PARTNER)),
        Err(error) => Err(error.into()),
    }
}
