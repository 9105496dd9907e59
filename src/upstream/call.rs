//! Calls: an operation of an upstream's API with the values for one request.

use http::Method;

use super::validation::Validators;
use crate::{attachments::Attachment, identity::Service, ids::TenantId};

/// An operation of an upstream's API, as its reference lists it.
#[derive(Debug)]
pub struct Endpoint {
    /// The API it belongs to.
    pub service: Service,
    /// HTTP method.
    pub method: Method,
    /// Path under the base URL, with `{placeholders}`.
    pub template: &'static str,
    /// Whether it changes nothing, so that it may be sent again.
    pub is_read: bool,
}

impl Endpoint {
    /// A read.
    pub const fn get(service: Service, template: &'static str) -> Self {
        Self {
            service,
            method: Method::GET,
            template,
            is_read: true,
        }
    }

    /// A read whose parameters are in its body.
    pub const fn search(service: Service, template: &'static str) -> Self {
        Self {
            service,
            method: Method::POST,
            template,
            is_read: true,
        }
    }

    /// A creating write.
    pub const fn post(service: Service, template: &'static str) -> Self {
        Self::of(service, Method::POST, template)
    }

    /// A changing write.
    pub const fn patch(service: Service, template: &'static str) -> Self {
        Self::of(service, Method::PATCH, template)
    }

    /// Any other write.
    pub const fn of(service: Service, method: Method, template: &'static str) -> Self {
        Self {
            service,
            method,
            template,
            is_read: false,
        }
    }

    /// Whether it reads a list, or a part of one, and not one thing by its id.
    pub fn is_list(&self) -> bool {
        self.is_read && !self.template.trim_end_matches('/').ends_with('}')
    }

    /// A call of this endpoint with the values for its placeholders, in order.
    pub fn call(&'static self, path: &[&dyn std::fmt::Display]) -> Call {
        Call {
            endpoint: self,
            path: path.iter().map(ToString::to_string).collect(),
            query: Vec::new(),
            body: None,
            tenant: None,
            validators: None,
        }
    }
}

/// One request to be sent. It has no `Debug`: a body may hold passwords.
pub struct Call {
    pub(super) endpoint: &'static Endpoint,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
    pub(super) tenant: Option<TenantId>,
    /// What is known already, if it may still hold.
    pub(super) validators: Option<Validators>,
}

/// What a call sends beside its headers.
pub(super) enum Body {
    Json(serde_json::Value),
    Form(Form),
}

/// A form with a file, which is sent while it arrives.
pub struct Form {
    /// Parts that are texts, with their names.
    pub texts: Vec<(&'static str, String)>,
    /// The name of the part that is the file.
    pub part: &'static str,
    /// What the file is called.
    pub file_name: String,
    /// The file.
    pub file: Attachment,
}

impl Call {
    /// Whether it only reads.
    pub(super) fn is_read(&self) -> bool {
        self.endpoint.is_read
    }

    /// Whether its path and its query say all that is asked for.
    pub(super) fn is_get(&self) -> bool {
        self.endpoint.method == Method::GET && self.body.is_none()
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a query parameter if there is a value for it.
    pub fn maybe(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: serde_json::Value) -> Self {
        self.body = Some(Body::Json(body));
        self
    }

    /// Sends a form, `multipart/form-data`.
    pub fn form(mut self, form: Form) -> Self {
        self.body = Some(Body::Form(form));
        self
    }

    /// Acts in this CRO tenant.
    pub fn tenant(mut self, tenant: impl Into<Option<TenantId>>) -> Self {
        self.tenant = tenant.into();
        self
    }
}
