//! The directory in which a retailer finds suppliers.

use super::{
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    pagination::{self, Connection, PageNames, declare_page, offset_request},
};
use crate::{
    open_enum,
    upstream::crux::{
        connection::ConnectionsOfParty,
        discovery::{DiscoveryPageKey, DiscoveryPages, DiscoverySupplier, SkuOrder},
    },
};

open_enum! {
    /// The order of the directory.
    pub enum DiscoverySupplierOrder {
        /// Suppliers with few articles first.
        FewestSkus = "asc",
        .. /// Suppliers with many articles first.
        MostSkus
    }
}

/// Declares the type and its root field.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    declare_page::<DiscoverySupplier>(
        graph,
        PageNames {
            connection: "DiscoverySupplierConnection",
            edge: "DiscoverySupplierEdge",
            plural: "suppliers of the directory",
            total: "The number of suppliers that the search finds.",
        },
        "DiscoverySupplier",
    );
    graph.query(|query| {
        query.link(
            "discoverySuppliers",
            "The suppliers that a retailer may find; Crux refuses the accounts of suppliers (CONFLICT). Crux pages by offset: a supplier that joins meanwhile can move the pages. Source: Crux `POST /discovery/suppliers/`, which only reads.",
            Link::<_, DiscoveryPages>::to("DiscoverySupplierConnection", |(), call| key(call).map(Some))
                .showing(|page| Some(Connection::of(page)))
                .arguments(pagination::page_arguments())
                .arguments([
                    ArgumentDecl::new::<Option<String>>("initialCharacter", "Only suppliers whose name begins with this letter, in upper or lower case, or with this digit; `#` stands for any digit."),
                    ArgumentDecl::new::<Option<i32>>("recentDays", "Only suppliers that published something in so many days: 1 or more."),
                    ArgumentDecl::new::<Option<DiscoverySupplierOrder>>("order", "The order; left out, Crux chooses."),
                ]),
        )
    });
}

fn key(call: &Call<'_>) -> Result<DiscoveryPageKey, Error> {
    let (limit, start) = offset_request(call)?;
    let initial = call.arguments.find::<String>("initialCharacter");
    let days = call.arguments.find::<i32>("recentDays");
    let order = call.arguments.find::<DiscoverySupplierOrder>("order");
    Ok(DiscoveryPageKey {
        start,
        limit,
        initial: initial.map(|text| initial_character(&text)).transpose()?,
        recent_days: days.map(recent_days).transpose()?,
        order: order.map(|order| match order {
            DiscoverySupplierOrder::FewestSkus => SkuOrder::Ascending,
            DiscoverySupplierOrder::MostSkus => SkuOrder::Descending,
        }),
    })
}

/// Case does not count, so one spelling stands for both: it is the key of what is kept.
fn initial_character(text: &str) -> Result<char, Error> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphanumeric() || letter == '#' => {
            Ok(letter.to_ascii_uppercase())
        }
        _ => Err(Error::argument(
            &["initialCharacter"],
            "This is one letter from A to Z, one digit, or `#`.",
        )),
    }
}

fn recent_days(days: i32) -> Result<u32, Error> {
    let whole = u32::try_from(days).ok().filter(|days| *days > 0);
    whole.ok_or_else(|| Error::argument(&["recentDays"], "This is a number of days: 1 or more."))
}

fn entity() -> Entity<DiscoverySupplier> {
    Entity::<DiscoverySupplier>::new("DiscoverySupplier", "A supplier as the public directory shows it. Source: Crux `POST /discovery/suppliers/`.")
        .field("upstreamId", "Crux's id of the supplier. Crux does not say which of its two kinds of id this is; it seems to be that of the supplier and not that of its organization.", |supplier| Id(supplier.uuid.clone()))
        .field("name", "The supplier's name.", |supplier| supplier.name.clone())
        .field("website", "Address of the website, not always with a scheme.", |supplier| supplier.website.clone())
        .field("description", "What the supplier says of itself.", |supplier| supplier.description.clone())
        .field("fulfillmentPercentage", "Share of the orders that the supplier fulfils, in percent.", |supplier| supplier.fulfillment_percentage)
        .field("numberOfSkus", "The number of articles that the supplier offers.", |supplier| supplier.number_of_skus.and_then(|count| i32::try_from(count).ok()))
        .field("shippingOriginCountryName", "The country that the supplier ships from; Crux often leaves this out.", |supplier| supplier.shipping_origin_country_name.clone())
        .optional("contact", "Person", "Whom to reach.", |supplier| supplier.contact.as_ref())
        .link(
            "tradingConnections",
            "Those connections of the caller's account that have this supplier on one side, going by its id; usually one or none.",
            Link::<_, ConnectionsOfParty>::to("TradingConnection", |supplier: &DiscoverySupplier, _| Ok(Some(supplier.uuid.clone()))).each(Vec::clone),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_is_one_letter_in_any_case_one_digit_or_a_hash() {
        for (text, read) in [("n", 'N'), ("N", 'N'), ("7", '7'), ("#", '#')] {
            assert_eq!(initial_character(text).unwrap(), read);
        }
        for text in ["", "no", "ä", " ", "*"] {
            assert!(initial_character(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_one() {
        assert_eq!(recent_days(30).unwrap(), 30);
        assert!(recent_days(0).is_err());
        assert!(recent_days(-1).is_err());
    }
}
