//! How the cost of a query grows with its answer, and how long the gateway takes to its first one.

use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::answer;
use crate::connection::Connection;
use crate::load::{Aim, CallerNumbers, Load};
use crate::results::{Figures, Point};
use crate::sandbox::Sandbox;
use crate::target::{Kind, Places, Target};
use crate::workload::{Callers, Template};

type Failure = Box<dyn std::error::Error>;

/// Customers that give answers of about 10, 100, 1,000 and 10,000 nodes.
const SIZES: [u32; 4] = [1, 11, 114, 1140];
/// The most that one page shows.
const PAGE: u32 = 100;
const FIELDS: &str = "nodes { name addresses { line1 locality } contacts { name } parent { name } \
                      locations { note location { name } } }";

/// Times from the start of a gateway to its first answer, in milliseconds.
///
/// # Errors
/// It does not start.
pub async fn starts(places: &Places, times: usize) -> Result<Vec<f64>, Failure> {
    let sandbox = Sandbox::start(&places.gateway, 1, &places.out).await?;
    let mut starts = Vec::new();
    for _ in 0..times {
        let target = Target::start(Kind::Gateway, places, &sandbox).await?;
        starts.push(target.start.as_secs_f64() * 1e3);
        target.end().await;
    }
    sandbox.end().await;
    Ok(starts)
}

/// The cost of answers of four sizes.
///
/// # Errors
/// The gateway or the stand-ins do not start, or an answer has errors.
pub async fn measure(
    places: &Places,
    numbers: &Rc<CallerNumbers>,
    duration: Duration,
) -> Result<Vec<Point>, Failure> {
    let mut curve = Vec::new();
    for customers in SIZES {
        let sandbox = Sandbox::start(&places.gateway, customers, &places.out).await?;
        let target = Target::start(Kind::Gateway, places, &sandbox).await?;
        let point = point(&target, &sandbox, customers, numbers, duration).await?;
        curve.push(point);
        target.end().await;
        sandbox.end().await;
    }
    Ok(curve)
}

async fn point(
    target: &Target,
    sandbox: &Sandbox,
    customers: u32,
    numbers: &Rc<CallerNumbers>,
    duration: Duration,
) -> Result<Point, Failure> {
    let query = pages(target, customers, numbers).await?;
    let mut connection = Connection::open(target.address).await?;
    let mut template = Template::new("curve", &query);
    let answer = connection.exchange(template.of(numbers.next())).await?;
    let aim = Aim {
        address: target.address,
        pid: target.pid(),
        length: answer.raw_length(),
    };
    let nodes = answer::nodes(&answer::data(&answer.body())?);
    let load = Load {
        connections: 10,
        warm_up: duration / 4,
        duration,
        callers: Callers::OneEach,
    };
    sandbox.clear_calls().await?;
    let measurement = load.run(aim, &template, numbers).await?;
    let figures = Figures::of(&measurement, sandbox.call_count().await?);
    Ok(Point {
        nodes,
        cost: figures.cost,
        calls: figures.calls,
    })
}

/// A query for all customers, as many pages as it takes.
async fn pages(
    target: &Target,
    customers: u32,
    numbers: &Rc<CallerNumbers>,
) -> Result<String, Failure> {
    let mut connection = Connection::open(target.address).await?;
    let mut query = "{".to_owned();
    let mut after = "null".to_owned();
    for page in 0..customers.div_ceil(PAGE) {
        let arguments = format!("first: {PAGE}, after: {after}");
        write!(query, " page{page}: customers({arguments}) {{ {FIELDS} }}")?;
        let ask = format!("{{ customers({arguments}) {{ pageInfo {{ endCursor }} }} }}");
        let mut template = Template::new("curve", &ask);
        let answer = connection.exchange(template.of(numbers.next())).await?;
        let data: Value = answer::data(&answer.body())?;
        after = data["customers"]["pageInfo"]["endCursor"].to_string();
    }
    query.push_str(" }");
    Ok(query)
}
