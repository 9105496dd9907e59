//! Who asks, in which tenant, under which version of the API.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use super::super::callers::credential;
use super::Cro;
use super::refusal::Refusal;

pub(super) const VERSIONS: [&str; 6] = [
    "2019/02/08",
    "2021/04/07",
    "2021/05/07",
    "2021/08/02",
    "2021/11/04",
    "2023/04/19",
];

/// Index into [`VERSIONS`]; later versions compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) usize);

impl Version {
    pub(super) const FIRST: Self = Self(0);
    /// The key of a customer-location row is `id` from here on.
    pub(super) const ROW_ID: Self = Self(1);
    /// A truck's driver is set in the body from here on.
    pub(super) const TRUCK_BODY: Self = Self(2);
    /// A job embeds a customer-location row from here on.
    pub(super) const JOB_ROW: Self = Self(4);

    pub(super) fn text(self) -> &'static str {
        VERSIONS[self.0]
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        VERSIONS.iter().position(|known| *known == text).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Admin,
    Dispatcher,
    Driver,
    ThirdPartyDispatcher,
}

pub(super) struct User {
    token: &'static str,
    pub(super) role: Role,
    pub(super) tenants: &'static [i64],
    /// The number of the hauler a third-party user works for.
    pub(super) hauler: Option<usize>,
}

static USERS: [User; 5] = [
    User {
        token: "sandbox-admin",
        role: Role::Admin,
        tenants: &[34, 51, 77],
        hauler: None,
    },
    User {
        token: "sandbox-dispatcher",
        role: Role::Dispatcher,
        tenants: &[34, 51],
        hauler: None,
    },
    User {
        token: "sandbox-driver",
        role: Role::Driver,
        tenants: &[34],
        hauler: None,
    },
    User {
        token: "sandbox-third-party-dispatcher",
        role: Role::ThirdPartyDispatcher,
        tenants: &[34],
        hauler: Some(0),
    },
    User {
        token: "sandbox-neighbour",
        role: Role::Dispatcher,
        tenants: &[77],
        hauler: None,
    },
];

/// A known user; the tenant is optional (`/tenants`, `/haulers`).
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub(super) user: &'static User,
    pub(super) tenant: Option<i64>,
    pub(super) version: Version,
}

/// A known user in a tenant that is assigned to them.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) user: &'static User,
    pub(super) tenant: i64,
    pub(super) version: Version,
}

impl Seat {
    /// For the writes that only dispatchers may do; administrators are let through as well.
    pub(super) fn as_dispatcher(&self) -> Result<(), Refusal> {
        match self.user.role {
            Role::Admin | Role::Dispatcher => Ok(()),
            Role::Driver | Role::ThirdPartyDispatcher => {
                Err(Refusal::forbidden("The role of this user may not do this."))
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl FromRequestParts<Arc<Cro>> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Cro>) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        let token = text(headers, "authorization").and_then(|value| credential("bearer", value));
        let user = USERS
            .iter()
            .find(|user| Some(user.token) == token)
            .ok_or_else(Refusal::unauthenticated)?;
        let version = version(headers, api)?;
        let tenant = match text(headers, "x-tenant-id") {
            None => None,
            Some(text) => Some(text.parse::<i64>().map_err(|_| {
                Refusal::invalid(
                    "StandardRequestHeadersModel.x-tenant-id",
                    "Not a valid integer.",
                )
            })?),
        };
        if tenant.is_some_and(|tenant| !user.tenants.contains(&tenant)) {
            return Err(Refusal::forbidden(
                "The tenant is not assigned to this user.",
            ));
        }
        Ok(Self {
            user,
            tenant,
            version,
        })
    }
}

impl FromRequestParts<Arc<Cro>> for Seat {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Cro>) -> Result<Self, Refusal> {
        let Asker {
            user,
            tenant,
            version,
        } = Asker::from_request_parts(parts, api).await?;
        let tenant = tenant.ok_or_else(|| {
            Refusal::invalid("StandardRequestHeadersModel.x-tenant-id", "Missing.")
        })?;
        Ok(Self {
            user,
            tenant,
            version,
        })
    }
}

/// The version asked for, else the one this client used last, else the first: sticky, as documented.
fn version(headers: &HeaderMap, api: &Cro) -> Result<Version, Refusal> {
    let Some(asked) = text(headers, "x-api-version") else {
        return Ok(Version(api.last_version.load(Ordering::Relaxed)));
    };
    let version = Version::parse(asked).ok_or_else(|| {
        Refusal::invalid(
            "StandardRequestHeadersModel.x-api-version",
            "Must be a valid API version string.",
        )
    })?;
    api.last_version.store(version.0, Ordering::Relaxed);
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_date() {
        assert!(Version::parse("2021/05/07") > Version::parse("2021/04/07"));
        assert_eq!(Version::parse("2021/04/07"), Some(Version::ROW_ID));
        assert_eq!(Version::parse("2021/11/04"), Some(Version::JOB_ROW));
        assert_eq!(Version::parse("2021-11-04"), None);
    }
}
