//! The synthetic callers. Their credentials are no secrets: they open nothing but these stand-ins.

/// Somebody who can use the gateway in front of the stand-ins.
pub struct Caller {
    /// A short name, as `haulgraph`'s README uses it.
    pub name: &'static str,
    /// Who that is and what they may see.
    pub describes: &'static str,
    /// The headers to send to the gateway.
    pub headers: &'static [(&'static str, &'static str)],
}

pub(crate) const API_KEY: &str = "sandbox-api-key";

/// Every synthetic caller, the most useful first.
#[must_use]
pub fn callers() -> &'static [Caller] {
    &[
        Caller {
            name: "dispatcher",
            describes: "CRO dispatcher of tenants 34 and 51, freight shipper, retailer: sees and changes nearly everything",
            headers: &[
                ("Authorization", "Bearer sandbox-dispatcher"),
                ("X-Tenant-Id", "34"),
                ("X-Trans-Eu-Authorization", "Bearer sandbox-shipper"),
                ("Api-Key", API_KEY),
                ("X-Crux-Authorization", "Token sandbox-retailer"),
            ],
        },
        Caller {
            name: "admin",
            describes: "CRO administrator of all three tenants, freight shipper, retailer",
            headers: &[
                ("Authorization", "Bearer sandbox-admin"),
                ("X-Tenant-Id", "34"),
                ("X-Trans-Eu-Authorization", "Bearer sandbox-shipper"),
                ("Api-Key", API_KEY),
                ("X-Crux-Authorization", "Token sandbox-retailer"),
            ],
        },
        Caller {
            name: "driver",
            describes: "CRO driver of tenant 34: reads, but dispatcher-only writes are forbidden; no freight, no trading",
            headers: &[
                ("Authorization", "Bearer sandbox-driver"),
                ("X-Tenant-Id", "34"),
            ],
        },
        Caller {
            name: "third-party-dispatcher",
            describes: "works for the first hauler: in tenant 34 sees only yards that approved it, their customers, and its own connections",
            headers: &[
                ("Authorization", "Bearer sandbox-third-party-dispatcher"),
                ("X-Tenant-Id", "34"),
            ],
        },
        Caller {
            name: "neighbour",
            describes: "belongs to tenant 77 only; shipper of another company; supplier account: shares no row with the others",
            headers: &[
                ("Authorization", "Bearer sandbox-neighbour"),
                ("X-Tenant-Id", "77"),
                ("X-Trans-Eu-Authorization", "Bearer sandbox-other-shipper"),
                ("Api-Key", API_KEY),
                ("X-Crux-Authorization", "Token sandbox-supplier"),
            ],
        },
    ]
}

/// The credential without its scheme, if the scheme is the expected one.
///
/// Every token stands for a family: `sandbox-dispatcher.7` and `sandbox-dispatcher.8` may do what
/// `sandbox-dispatcher` may, and are other credentials to whoever forwards them.
pub(crate) fn credential<'a>(scheme: &str, value: &'a str) -> Option<&'a str> {
    let (given, rest) = value.split_once(' ')?;
    given
        .eq_ignore_ascii_case(scheme)
        .then(|| head_of_family(rest.trim()))
}

/// A credential up to the first dot.
pub(crate) fn head_of_family(value: &str) -> &str {
    value.split_once('.').map_or(value, |(head, _)| head)
}

/// The log's name for a credential: a token of ours without its prefix, else `unknown`.
pub(crate) fn name_of(header: &str, value: &str) -> &'static str {
    const NAMES: [&str; 9] = [
        "dispatcher",
        "admin",
        "driver",
        "third-party-dispatcher",
        "neighbour",
        "shipper",
        "other-shipper",
        "retailer",
        "supplier",
    ];
    if header == "api-key" {
        return if value == API_KEY {
            "sandbox"
        } else {
            "unknown"
        };
    }
    let token = credential("bearer", value).or_else(|| credential("token", value));
    let name = token.and_then(|token| token.strip_prefix("sandbox-"));
    NAMES
        .into_iter()
        .find(|known| Some(*known) == name)
        .unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_is_known_to_the_log() {
        for caller in callers() {
            for (header, value) in caller.headers {
                let header = header.to_lowercase();
                if header.ends_with("authorization") || header == "api-key" {
                    assert_ne!(
                        name_of(&header, value),
                        "unknown",
                        "{header} of {}",
                        caller.name
                    );
                }
            }
        }
        assert_eq!(name_of("authorization", "Bearer stolen"), "unknown");
        assert_eq!(
            name_of("authorization", "Bearer sandbox-dispatcher.42"),
            "dispatcher"
        );
        assert_eq!(
            name_of("authorization", "Token sandbox-retailer"),
            "retailer"
        );
    }
}
