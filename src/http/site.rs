//! All that a port serves.

use std::sync::Arc;

use axum::{Router, body::Body, extract::Request, response::Response};
use futures_util::future::{BoxFuture, Either, FutureExt};
use http::Method;
use hyper::{body::Incoming, service::Service};
use hyper_util::service::TowerToHyperService;

use super::{GRAPHQL, listener::Peer};

/// Answers a request to `/graphql`.
pub(super) type Graphql =
    Arc<dyn Fn(Request, Option<Peer>) -> BoxFuture<'static, Response> + Send + Sync>;

/// Routes, and a short cut to one of them: nearly all requests are operations by POST. Finding their
/// route costs as much as an answer that is at hand.
#[derive(Clone)]
pub struct Site {
    routes: Router,
    graphql: Option<Graphql>,
}

impl Site {
    /// The short cut must answer as the route does.
    pub(super) fn new(routes: Router, graphql: Option<Graphql>) -> Self {
        Self { routes, graphql }
    }

    /// The same with more routes.
    #[must_use]
    pub fn merge(self, routes: Router) -> Self {
        Self {
            routes: self.routes.merge(routes),
            ..self
        }
    }

    /// All routes, without the short cut.
    pub fn into_router(self) -> Router {
        self.routes
    }
}

impl From<Router> for Site {
    fn from(routes: Router) -> Self {
        Self::new(routes, None)
    }
}

/// A [`Site`] as connections ask it.
#[derive(Clone)]
pub(super) struct Front {
    routes: TowerToHyperService<Router>,
    graphql: Option<Graphql>,
}

impl Front {
    pub(super) fn of(site: Site) -> Self {
        Self {
            routes: TowerToHyperService::new(site.routes),
            graphql: site.graphql,
        }
    }

    pub(super) fn answer(
        &self,
        request: http::Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response> + use<> {
        let mut request = request.map(Body::new);
        match &self.graphql {
            Some(graphql) if is_operation(&request) => Either::Left(graphql(request, Some(peer))),
            _ => {
                request.extensions_mut().insert(peer);
                let answer = self.routes.call(request);
                Either::Right(answer.map(|Ok(response)| response))
            }
        }
    }
}

fn is_operation(request: &Request) -> bool {
    request.method() == Method::POST && request.uri().path() == GRAPHQL
}
