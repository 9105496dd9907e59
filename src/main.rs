use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use haulgraph::{config::*, gateway::*, sandbox};
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
#[tokio::main]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("schema") {
        print!("{}", haulgraph::graph::schema::sdl());
        return;
    }
    let sb = sandbox::Sandbox::start(sandbox::Options::fixed())
        .await
        .unwrap();
    let mut config = Config::load(None, [], &Overrides::default()).unwrap();
    config.use_sandbox(SandboxUrls {
        cro: sb.cro_url().parse().unwrap(),
        trans_eu: sb.trans_eu_url().parse().unwrap(),
        crux: sb.crux_url().parse().unwrap(),
    });
    let gw = Gateway::new(&config).unwrap();
    let app = Router::new()
        .route(
            "/graphql",
            post(
                |State(gw): State<Gateway>,
                 headers: HeaderMap,
                 Json(req): Json<async_graphql::Request>| async move {
                    Json(
                        gw.execute(
                            req,
                            &headers,
                            uuid::Uuid::new_v4().to_string(),
                            deadline(std::time::Duration::from_secs(30)),
                        )
                        .await,
                    )
                },
            ),
        )
        .with_state(gw);
    let l = tokio::net::TcpListener::bind("127.0.0.1:8080")
        .await
        .unwrap();
    axum::serve(l, app).await.unwrap();
}
