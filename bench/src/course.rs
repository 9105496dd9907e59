//! The course of a run: start everything, check every answer, then round after round.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::answer;
use crate::connection::Connection;
use crate::limits::{Knowledge, Known, Limit};
use crate::load::{Aim, CallerNumbers, Load};
use crate::meter;
use crate::plan;
use crate::results::{Figures, Results};
use crate::sandbox::Sandbox;
use crate::scenario::{Extent, Manner, Scenario};
use crate::target::{APOLLO, HIVE, Kind, Places, Target};
use crate::workload::{Template, Workload};

type Failure = Box<dyn std::error::Error>;

/// So many customers has the tenant that is asked: what "100 customers" means.
const CUSTOMERS: u32 = 100;

/// A run of the bench.
pub struct Course<'a> {
    places: &'a Places,
    workloads: Vec<Workload>,
    numbers: Rc<CallerNumbers>,
    sandbox: Sandbox,
    targets: Vec<Target>,
    /// Lengths of checked answers, by target and workload.
    lengths: BTreeMap<(&'static str, &'static str), usize>,
    results: Results,
}

impl<'a> Course<'a> {
    /// Starts the stand-ins, the gateway, the limits and the peers, and checks their answers.
    ///
    /// # Errors
    /// The stand-ins, the gateway or the limits do not work. Peers that do not are left out.
    pub async fn prepare(
        places: &'a Places,
        workloads: Vec<Workload>,
        numbers: &Rc<CallerNumbers>,
        results: Results,
    ) -> Result<Self, Failure> {
        let sandbox = Sandbox::start(&places.gateway, CUSTOMERS, &places.out).await?;
        let mut course = Self {
            places,
            workloads,
            numbers: Rc::clone(numbers),
            sandbox,
            targets: Vec::new(),
            lengths: BTreeMap::new(),
            results,
        };
        course.start(Kind::Gateway).await?;
        let ours = course.learn().await?;
        for kind in [
            Kind::Forgetful,
            Kind::Limit(Limit::Prebuilt),
            Kind::Limit(Limit::PassThrough),
        ] {
            course.start(kind).await?;
        }
        for kind in [APOLLO, HIVE, Kind::Tailcall] {
            if let Err(why) = course.start(kind).await {
                eprintln!("skipped {}: it {why}", kind.name());
                course.results.skipped.push((kind.name(), why));
            }
        }
        course.check(&ours).await;
        Ok(course)
    }

    async fn start(&mut self, kind: Kind) -> Result<(), String> {
        eprintln!("starting {}", kind.name());
        let target = Target::start(kind, self.places, &self.sandbox).await?;
        self.targets.push(target);
        Ok(())
    }

    /// Asks the gateway everything once, and writes down for the limits what it answers and calls.
    async fn learn(&mut self) -> Result<BTreeMap<&'static str, Value>, Failure> {
        let gateway = self.targets.first().ok_or("no gateway")?;
        let mut knowledge = Knowledge::new();
        let mut ours = BTreeMap::new();
        for workload in &self.workloads {
            let answer = self.ask(gateway, workload).await?;
            let data = answer::data(&answer)
                .map_err(|why| format!("the gateway's own answer to {}: {why}", workload.name))?;
            let asking = async { self.ask(gateway, workload).await.map(drop) };
            let steps = plan::watch(&self.sandbox, asking).await?;
            eprintln!(
                "{}: {} nodes, upstream calls {}",
                workload.name,
                answer::nodes(&data),
                shown(&steps)
            );
            self.results.steps.insert(workload.name, steps.len());
            let answer = String::from_utf8(answer)?;
            knowledge.insert(workload.name.to_owned(), Known { answer, steps });
            ours.insert(workload.name, data);
        }
        let path = self.places.out.join("limits.json");
        std::fs::write(path, serde_json::to_vec(&knowledge)?)?;
        Ok(ours)
    }

    async fn ask(&self, target: &Target, workload: &Workload) -> std::io::Result<Vec<u8>> {
        let mut template = Template::new(workload.name, &workload.query);
        let mut connection = Connection::open(target.address).await?;
        let answer = connection
            .exchange(template.of(self.numbers.next()))
            .await?;
        Ok(answer.body())
    }

    /// Notes the length of every answer that is ours, and refuses the others.
    async fn check(&mut self, ours: &BTreeMap<&'static str, Value>) {
        let mut refused = Vec::new();
        for target in &self.targets {
            for workload in &self.workloads {
                let name = target.kind.name();
                match self.checked(target, workload, &ours[workload.name]).await {
                    Ok(length) => drop(self.lengths.insert((name, workload.name), length)),
                    Err(why) => {
                        eprintln!("refused {name} for {}: {why}", workload.name);
                        refused.push((name, workload.name, why));
                    }
                }
            }
        }
        self.results.refused.extend(refused);
    }

    async fn checked(
        &self,
        target: &Target,
        workload: &Workload,
        ours: &Value,
    ) -> Result<usize, String> {
        let mut template = Template::new(workload.name, &workload.query);
        let asked = async {
            let mut connection = Connection::open(target.address).await?;
            let answer = connection
                .exchange(template.of(self.numbers.next()))
                .await?;
            std::io::Result::Ok((answer.status, answer.raw_length(), answer.body()))
        };
        let (status, length, body) = asked.await.map_err(|error| error.to_string())?;
        if status != 200 {
            return Err(format!("it answers {status}"));
        }
        // What the pass-through hands on is the upstreams' JSON, not ours.
        if target.kind != Kind::Limit(Limit::PassThrough) {
            let theirs = answer::data(&body)?;
            if let Some(difference) = answer::difference(ours, &theirs) {
                return Err(difference);
            }
        }
        Ok(length)
    }

    /// Runs all rounds.
    ///
    /// # Errors
    /// The stand-ins stopped working. A target that fails is left out from then on.
    pub async fn run(&mut self, scenarios: &[Scenario], extent: Extent) -> Result<(), Failure> {
        for round in 1..=extent.rounds {
            eprintln!("round {round} of {}", extent.rounds);
            for scenario in scenarios {
                self.sandbox.delay(scenario.manner.delay()).await?;
                for kind in &scenario.kinds {
                    self.measure(scenario, *kind, extent).await?;
                }
            }
        }
        self.sandbox.delay(Duration::ZERO).await?;
        Ok(())
    }

    async fn measure(
        &mut self,
        scenario: &Scenario,
        kind: Kind,
        extent: Extent,
    ) -> Result<(), Failure> {
        let name = kind.name();
        let key = (name, scenario.workload);
        let Some(target) = self.targets.iter().find(|target| target.kind == kind) else {
            return Ok(());
        };
        let Some(length) = self.lengths.get(&key).copied() else {
            return Ok(());
        };
        let workload = self
            .workloads
            .iter()
            .find(|workload| workload.name == key.1);
        let workload = workload.ok_or("a scenario without its workload")?;
        let aim = Aim {
            address: target.address,
            pid: target.pid(),
            length,
        };
        let load = load(scenario.manner, extent);
        let template = Template::new(workload.name, &workload.query);
        self.sandbox.clear_calls().await?;
        match load.run(aim, &template, &self.numbers).await {
            Ok(measurement) => {
                let calls = self.sandbox.call_count().await?;
                let place = (scenario.workload, scenario.manner, name);
                let rounds = self.results.figures.entry(place).or_default();
                rounds.push(Figures::of(&measurement, calls));
            }
            Err(error) => {
                let manner = scenario.manner.name();
                let why = format!("in the run {manner}: {error}");
                eprintln!("refused {name} for {}: {why}", scenario.workload);
                self.results.refused.push((name, scenario.workload, why));
                self.results
                    .figures
                    .remove(&(scenario.workload, scenario.manner, name));
                self.lengths.remove(&key);
            }
        }
        Ok(())
    }

    /// Notes the memory of everything, ends it, and hands the results over.
    pub async fn finish(self) -> Results {
        let Self {
            sandbox,
            targets,
            mut results,
            ..
        } = self;
        for target in targets {
            if let Ok(bytes) = meter::peak_memory(target.pid()) {
                results.memory.insert(target.kind.name(), bytes);
            }
            target.end().await;
        }
        sandbox.end().await;
        results
    }
}

fn load(manner: Manner, extent: Extent) -> Load {
    let duration = match manner {
        Manner::Distant(_) => extent.distant_duration,
        Manner::Own | Manner::Identical | Manner::Warm => extent.duration,
    };
    Load {
        connections: manner.connections(),
        warm_up: extent.warm_up,
        duration,
        callers: manner.callers(),
    }
}

fn shown(steps: &plan::Steps) -> String {
    let counts: Vec<String> = steps.iter().map(|step| step.len().to_string()).collect();
    match counts.is_empty() {
        true => "none".to_owned(),
        false => counts.join(", then "),
    }
}
