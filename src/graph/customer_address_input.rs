//! The writes of a customer's addresses.

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    customer_part::{WrittenPart, declare_payloads},
    declare::{Blame, Graph},
    error::Error,
    input::change,
    leaf::Id,
};
use crate::{
    ids::CustomerKey,
    input_object,
    upstream::{
        Session,
        cro::customer::{
            Address, AddressReplacement, NewAddress, add_address, deactivate_address,
            replace_address,
        },
    },
};

input_object! {
    /// An address of a customer.
    pub struct CustomerAddressInput {
        /// Country as ISO 3166-1 alpha-2: 2 letters.
        country: Option<String>,
        /// Whether bills go here.
        is_billing: Option<bool>,
        /// Whether service is given here.
        is_shipping: Option<bool>,
        /// Degrees north: -90 to 90.
        latitude: Option<f64>,
        /// Degrees east: -180 to 180.
        longitude: Option<f64>,
        /// First line.
        line_1: Option<String>,
        /// Second line.
        line_2: Option<String>,
        /// Third line.
        line_3: Option<String>,
        /// Fourth line; doubles as the county.
        line_4: Option<String>,
        /// Town: at most 86 characters.
        locality: Option<String>,
        /// Postal code: at most 86 characters.
        postcode: Option<String>,
        /// State or province: at most 32 characters.
        region: Option<String>,
    }
}

input_object! {
    /// An address for a customer to have.
    pub struct AddCustomerAddressInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        ..address: CustomerAddressInput,
    }
}

input_object! {
    /// What an address of a customer becomes. CRO keeps nothing of the old one that is not said again, so every field has to be given: null where there is nothing.
    pub struct ReplaceCustomerAddressInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The address: its `upstreamId`.
        address_id: Id,
        /// Country as ISO 3166-1 alpha-2: 2 letters.
        country: String,
        /// Whether bills go here.
        is_billing: bool,
        /// Whether service is given here.
        is_shipping: bool,
        /// Degrees north, -90 to 90; or null.
        latitude: MaybeUndefined<f64>,
        /// Degrees east, -180 to 180; or null.
        longitude: MaybeUndefined<f64>,
        /// First line; or null.
        line_1: MaybeUndefined<String>,
        /// Second line; or null.
        line_2: MaybeUndefined<String>,
        /// Third line; or null.
        line_3: MaybeUndefined<String>,
        /// Fourth line, which doubles as the county; or null.
        line_4: MaybeUndefined<String>,
        /// Town, at most 86 characters; or null.
        locality: MaybeUndefined<String>,
        /// Postal code, at most 86 characters; or null.
        postcode: MaybeUndefined<String>,
        /// State or province, at most 32 characters; or null.
        region: MaybeUndefined<String>,
    }
}

input_object! {
    /// An address that a customer no longer has.
    pub struct DeactivateCustomerAddressInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The address: its `upstreamId`.
        address_id: Id,
    }
}

const BLAME: Blame = &[("customer_address_id", &["input", "addressId"])];

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    declare_payloads::<Address>(
        graph,
        "address",
        ["CustomerAddress", "The address after the write."],
        &[
            [
                "AddCustomerAddressPayload",
                "The answer to `addCustomerAddress`.",
            ],
            [
                "ReplaceCustomerAddressPayload",
                "The answer to `replaceCustomerAddress`.",
            ],
            [
                "DeactivateCustomerAddressPayload",
                "The answer to `deactivateCustomerAddress`.",
            ],
        ],
    );
    graph.write(
        "addCustomerAddress",
        "Adds an address to a customer. CRO allows it to dispatchers. Source: CRO `POST /customers/{customer_id}/addresses`.",
        "AddCustomerAddressPayload",
        BLAME,
        |session, input: AddCustomerAddressInput| Box::pin(add(session, input)),
    );
    graph.write(
        "replaceCustomerAddress",
        "Replaces all of an address. CRO allows it to dispatchers. Source: CRO `PATCH /customers/{customer_id}/addresses/{customer_address_id}`.",
        "ReplaceCustomerAddressPayload",
        BLAME,
        |session, input: ReplaceCustomerAddressInput| Box::pin(replace(session, input)),
    );
    graph.write(
        "deactivateCustomerAddress",
        "Removes an address: CRO keeps it, but `isActive` is false. CRO allows it to dispatchers. Source: CRO `DELETE /customers/{customer_id}/addresses/{customer_address_id}`.",
        "DeactivateCustomerAddressPayload",
        BLAME,
        |session, input: DeactivateCustomerAddressInput| Box::pin(deactivate(session, input)),
    );
}

async fn add(
    session: &Session,
    input: AddCustomerAddressInput,
) -> Result<WrittenPart<Address>, Error> {
    let mut check = Check::new("input");
    let customer = check.key(session, "customerId", &input.customer_id, "Customer");
    let address = new_address(&mut check, input.address);
    let customer = check.finish(customer)?;
    let part = add_address(session, customer, &address).await?;
    Ok(WrittenPart { customer, part })
}

async fn replace(
    session: &Session,
    input: ReplaceCustomerAddressInput,
) -> Result<WrittenPart<Address>, Error> {
    let mut check = Check::new("input");
    let key = address_key(&mut check, session, &input.customer_id, &input.address_id);
    let replacement = replacement(&mut check, input);
    let ((customer, address), replacement) = check.finish(key.zip(replacement))?;
    let part = replace_address(session, customer, address, &replacement).await?;
    Ok(WrittenPart { customer, part })
}

async fn deactivate(
    session: &Session,
    input: DeactivateCustomerAddressInput,
) -> Result<WrittenPart<Address>, Error> {
    let mut check = Check::new("input");
    let key = address_key(&mut check, session, &input.customer_id, &input.address_id);
    let (customer, address) = check.finish(key)?;
    let part = deactivate_address(session, customer, address).await?;
    Ok(WrittenPart { customer, part })
}

fn address_key(
    check: &mut Check,
    session: &Session,
    customer: &Id,
    address: &Id,
) -> Option<(CustomerKey, i64)> {
    let customer = check.key(session, "customerId", customer, "Customer");
    let address = check.integer("addressId", address);
    customer.zip(address)
}

/// The address to send, if nothing is wrong with it.
pub fn new_address(check: &mut Check, input: CustomerAddressInput) -> NewAddress {
    check_country(check, input.country.as_ref());
    check_position(check, input.latitude, input.longitude);
    check_place(check, [&input.locality, &input.postcode, &input.region]);
    NewAddress {
        country: input.country,
        is_billing: input.is_billing,
        is_shipping: input.is_shipping,
        latitude: input.latitude,
        longitude: input.longitude,
        line_1: input.line_1,
        line_2: input.line_2,
        line_3: input.line_3,
        line_4: input.line_4,
        locality: input.locality,
        postcode: input.postcode,
        region: input.region,
    }
}

fn replacement(
    check: &mut Check,
    input: ReplaceCustomerAddressInput,
) -> Option<AddressReplacement> {
    check_country(check, Some(&input.country));
    let latitude = said(check, "latitude", input.latitude);
    let longitude = said(check, "longitude", input.longitude);
    let line_1 = said(check, "line1", input.line_1);
    let line_2 = said(check, "line2", input.line_2);
    let line_3 = said(check, "line3", input.line_3);
    let line_4 = said(check, "line4", input.line_4);
    let locality = said(check, "locality", input.locality);
    let postcode = said(check, "postcode", input.postcode);
    let region = said(check, "region", input.region);
    let replacement = AddressReplacement {
        country: input.country,
        is_billing: input.is_billing,
        is_shipping: input.is_shipping,
        latitude: latitude?,
        longitude: longitude?,
        line_1: line_1?,
        line_2: line_2?,
        line_3: line_3?,
        line_4: line_4?,
        locality: locality?,
        postcode: postcode?,
        region: region?,
    };
    check_position(check, replacement.latitude, replacement.longitude);
    check_place(
        check,
        [
            &replacement.locality,
            &replacement.postcode,
            &replacement.region,
        ],
    );
    Some(replacement)
}

/// A field that may be null but not left out.
fn said<T>(check: &mut Check, name: &str, value: MaybeUndefined<T>) -> Option<Option<T>> {
    let said = change(value);
    if said.is_none() {
        check.refuse(
            name,
            "A replacement loses what is not said again: give a value, or null.",
        );
    }
    said
}

fn check_country(check: &mut Check, country: Option<&String>) {
    let is_code = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic());
    if country.is_some_and(|country| !is_code(country)) {
        check.refuse("country", "A country is a code of 2 letters, such as `US`.");
    }
}

fn check_position(check: &mut Check, latitude: Option<f64>, longitude: Option<f64>) {
    check.number("latitude", latitude, -90.0..=90.0);
    check.number("longitude", longitude, -180.0..=180.0);
}

fn check_place(check: &mut Check, [locality, postcode, region]: [&Option<String>; 3]) {
    check.text("locality", locality.as_ref(), 0..=86);
    check.text("postcode", postcode.as_ref(), 0..=86);
    check.text("region", region.as_ref(), 0..=32);
}
