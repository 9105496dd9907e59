//! Reads that ask the shared cache first.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{Known, Question, Shared};
use crate::{
    cache::{Group, Origin},
    upstream::{
        Call, Error, Reply, Session, readings::Sum, transport::Body, validation::Validators,
    },
};

impl Shared {
    /// Gives what is kept for all gateways, or sends the call and keeps its answer for them.
    ///
    /// # Errors
    /// The call failed.
    pub(in crate::upstream) async fn send<T: DeserializeOwned>(
        self: &Arc<Self>,
        session: &Session,
        group: &Group,
        call: Call,
    ) -> Result<Reply<T>, Arc<Error>> {
        let endpoint = call.endpoint;
        let question = self.ask(session, group, &call)?;
        let began = Instant::now();
        let ticket = match self.look(&question, session.due()).await {
            Known::Away => None,
            Known::Nothing(ticket) => Some(ticket),
            Known::Body(bytes, fresh_for) => {
                let body = Body {
                    endpoint,
                    status: 200,
                    bytes,
                    validators: Validators::default(),
                };
                // Another version of the gateway may have understood it.
                if let Ok(reply) = body.read() {
                    let now = Instant::now();
                    let age = group.policy().ttl.saturating_sub(fresh_for);
                    let mut freshness = group.read_since(now);
                    freshness.read_at = now.checked_sub(age).unwrap_or(now);
                    freshness.fresh_until = freshness.fresh_until.min(now + fresh_for);
                    freshness.origin = Origin::Shared;
                    let mut sum = Sum::default();
                    sum.add(group.resource(), freshness, now);
                    session.readings().add(sum);
                    return Ok(reply);
                }
                None
            }
        };
        let answer = session.call(call).await;
        let reply = answer.as_ref().map_err(Arc::clone).and_then(Body::read);
        if let Some(ticket) = ticket {
            let (shared, ttl) = (Arc::clone(self), group.policy().ttl);
            let body = answer.ok().filter(|_| reply.is_ok());
            // Nobody here waits for it.
            tokio::spawn(async move {
                let left = ttl.saturating_sub(began.elapsed());
                let body = body.as_ref().map(|body| (&*body.bytes, left));
                shared.answer(&question, ticket, body).await;
            });
        }
        reply
    }

    /// Names a call and its caller in full.
    fn ask(&self, session: &Session, group: &Group, call: &Call) -> Result<Question, Arc<Error>> {
        let service = call.endpoint.service;
        let caller = session.credentials().digest(service, self.digest_key());
        let caller = caller.map_err(|header| Error::missing_header(service, header))?;
        let version = session.upstreams().transport.api_version(service);
        let tenant = call.tenant.map(|tenant| tenant.0.to_string());
        let counts = format!("{}+{}", call.path.len(), call.query.len());
        let mut parts: Vec<&[u8]> = vec![
            &caller,
            service.name().as_bytes(),
            version.as_bytes(),
            tenant.as_deref().unwrap_or("none").as_bytes(),
            group.resource().as_bytes(),
            call.endpoint.template.as_bytes(),
            counts.as_bytes(),
        ];
        parts.extend(call.path.iter().map(String::as_bytes));
        for (name, value) in &call.query {
            parts.extend([name.as_bytes(), value.as_bytes()]);
        }
        Ok(self.question(group.partition(), &parts))
    }
}
