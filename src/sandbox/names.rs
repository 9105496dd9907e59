//! Invented firms, people and places. None of them exists; mails are at example.com
//! and telephone numbers begin with 555.

const FIRM_FIRST: [&str; 40] = [
    "Amberfield",
    "Birchmoor",
    "Copperlane",
    "Dunmarsh",
    "Elderwick",
    "Fernhollow",
    "Gravelby",
    "Hazelstead",
    "Ironbrook",
    "Jasperton",
    "Kestrelgate",
    "Larkmeadow",
    "Millhaven",
    "Nettlebank",
    "Oakrill",
    "Pebbleford",
    "Quillshore",
    "Ravensmoor",
    "Saltwick",
    "Thistledown",
    "Umberly",
    "Valewood",
    "Willowmere",
    "Yarrowgate",
    "Zephyrdale",
    "Ashlark",
    "Brackenhill",
    "Cinderford",
    "Dovemarsh",
    "Embervale",
    "Foxglen",
    "Goldmere",
    "Heronsby",
    "Inkwell",
    "Juncorth",
    "Kilnbeck",
    "Lindenrow",
    "Mossgate",
    "Northquay",
    "Otterbeck",
];
const FIRM_TRADE: [&str; 20] = [
    "Masonry",
    "Builders",
    "Roofing",
    "Foods",
    "Gravel",
    "Timber",
    "Landscaping",
    "Demolition",
    "Brewing",
    "Paper",
    "Plumbing",
    "Orchards",
    "Metals",
    "Textiles",
    "Marina",
    "School District",
    "Property Care",
    "Concrete",
    "Nursery",
    "Bakery",
];
const GOODS: [&str; 20] = [
    "Kettles",
    "Lamps",
    "Linen",
    "Toys",
    "Candles",
    "Saddlery",
    "Ceramics",
    "Rugs",
    "Garden Tools",
    "Cutlery",
    "Bicycles",
    "Outdoor Gear",
    "Stationery",
    "Knitwear",
    "Clocks",
    "Glassware",
    "Luggage",
    "Soaps",
    "Cookware",
    "Footwear",
];
const GIVEN: [&str; 24] = [
    "Ada", "Borys", "Celia", "Dario", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaia",
    "Lorenz", "Mina", "Nils", "Odile", "Pavel", "Quinn", "Runa", "Silvan", "Tilda", "Ulla",
    "Viktor", "Wanda", "Yara",
];
const FAMILY: [&str; 20] = [
    "Sampleton",
    "Testmann",
    "Probny",
    "Placeholder",
    "Exempel",
    "Mockford",
    "Fakenham",
    "Musterfeld",
    "Ejemplar",
    "Essai",
    "Fixture",
    "Stubbs",
    "Dummet",
    "Specimen",
    "Pretendre",
    "Inventado",
    "Madeup",
    "Fabricant",
    "Notreal",
    "Imaginary",
];
const STREETS: [&str; 12] = [
    "Example Way",
    "Sample Quarry Rd",
    "Fabricated Ave",
    "Placeholder St",
    "Invented Lane",
    "Mockingbird Test Rd",
    "Fixture Blvd",
    "Specimen Ct",
    "Pretend Pike",
    "Stub Row",
    "Synthetic Plaza",
    "Imaginary Dr",
];
/// Town, postcode, latitude and longitude in hundredths of a degree.
pub(crate) const TOWNS: [(&str, &str, i64, i64); 8] = [
    ("Testville", "00501", 4412, -12125),
    ("Mockton", "00502", 4450, -12100),
    ("Sampleburg", "00503", 4387, -12133),
    ("Fakeport", "00504", 4461, -12405),
    ("Placeholder Falls", "00505", 4529, -12168),
    ("Stubbs Landing", "00506", 4560, -12118),
    ("Exampleton", "00507", 4494, -12303),
    ("Nowhere Creek", "00508", 4403, -12310),
];

/// The `n`th firm: 800 different names, then they repeat.
pub(crate) fn firm(n: usize) -> String {
    let first = FIRM_FIRST[n % FIRM_FIRST.len()];
    let trade = FIRM_TRADE[(n / FIRM_FIRST.len() + n) % FIRM_TRADE.len()];
    format!("{first} {trade}")
}

/// The `n`th maker or seller of goods: 800 different names as well.
pub(crate) fn maker(n: usize) -> String {
    let first = FIRM_FIRST[(n * 3 + 7) % FIRM_FIRST.len()];
    let goods = GOODS[(n / FIRM_FIRST.len() + n) % GOODS.len()];
    format!("{first} {goods}")
}

pub(crate) fn given(n: usize) -> &'static str {
    GIVEN[n % GIVEN.len()]
}

pub(crate) fn family(n: usize) -> &'static str {
    FAMILY[(n / GIVEN.len() + n) % FAMILY.len()]
}

pub(crate) fn person(n: usize) -> String {
    format!("{} {}", given(n), family(n))
}

/// A mail address of the `n`th person.
pub(crate) fn mail(n: usize) -> String {
    format!(
        "{}.{}@example.com",
        given(n).to_lowercase(),
        family(n).to_lowercase()
    )
}

pub(crate) fn phone(n: usize) -> String {
    format!("555-{:04}", 100 + n % 9000)
}

pub(crate) fn street(n: usize) -> String {
    format!("{} {}", 10 + n * 7 % 890, STREETS[n % STREETS.len()])
}

/// A lower-case word for host names: letters and digits of a name only.
pub(crate) fn host(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn eight_hundred_firms_have_different_names() {
        let names: HashSet<String> = (0..800).map(firm).collect();
        assert_eq!(names.len(), 800);
        let names: HashSet<String> = (0..800).map(maker).collect();
        assert_eq!(names.len(), 800);
    }
}
