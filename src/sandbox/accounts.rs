//! The one thing two of the stand-ins agree on: account numbers. A Crux connection's
//! account number is the reference number of a CRO customer, as when one firm keeps both books.

/// The account number that the CRO tenant gives to the customer with this id.
pub(crate) fn number(customer: i64) -> String {
    format!("AC-{:05}", 10_000 + customer)
}

/// Whether the customer with this id has an account number at all.
pub(crate) fn has_number(customer: i64) -> bool {
    customer % 4 == 1
}
