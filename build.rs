//! Puts the GraphiQL page into the binary, and the functions of the image's binary in order.
//!
//! With npm at hand, the project under `graphiql/` is copied to `OUT_DIR`, so
//! that the source tree stays clean, and bundled there. Without npm, or when it
//! fails, the plain page of `graphiql/fallback/` takes its place: the gateway
//! builds either way. What was chosen becomes a table of assets that
//! `src/http/graphiql/assets.rs` includes.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the rules are for the gateway, not for its build"
)]

use std::{
    env,
    error::Error,
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, File},
    hash::{DefaultHasher, Hasher},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Set to anything, it keeps npm out of the build.
const SKIP: &str = "HAULGRAPH_SKIP_GRAPHIQL";
/// The order of functions; `bench/run --layout` records it.
const LAYOUT: &str = "bench/layout.txt";
/// Set to anything, it leaves the functions where the linker puts them: for linkers that know no order.
const SKIP_LAYOUT: &str = "HAULGRAPH_SKIP_LAYOUT";
/// A registry that hangs must not hang the build.
const TIME_LIMIT: Duration = Duration::from_secs(180);
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

fn main() -> Result<(), Box<dyn Error>> {
    let project = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let source = project.join("graphiql");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    order_functions(&project.join(LAYOUT), &out);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SKIP}");
    for entry in own_entries(&source)? {
        println!("cargo::rerun-if-changed={}", entry.display());
    }

    let page = if env::var_os(SKIP).is_some_and(|value| !value.is_empty()) {
        plain_page(&source, &out)?
    } else {
        bundle(&source, &out).or_else(|reason| {
            println!(
                "cargo::warning=/graphiql will be the plain page: {reason} (`touch build.rs` and build again to retry)"
            );
            plain_page(&source, &out)
        })?
    };
    fs::write(out.join("graphiql_assets.rs"), table(&page)?)?;
    Ok(())
}

/// Lets the linker put the functions that queries run side by side, in what the image ships.
///
/// Only for the target whose linker is known to understand it: the one that comes with Rust. Names of functions
/// that are not there, because they were recorded in another version, do nothing.
fn order_functions(layout: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", layout.display());
    println!("cargo::rerun-if-env-changed={SKIP_LAYOUT}");
    let is_skipped = env::var_os(SKIP_LAYOUT).is_some_and(|value| !value.is_empty());
    // target/<profile>/build/<package>/out
    let profile = out.ancestors().nth(3).and_then(Path::file_name);
    let is_for_image = profile == Some(OsStr::new("dist"))
        && env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu");
    if is_skipped || !is_for_image || !layout.is_file() {
        return;
    }
    let order = format!("--symbol-ordering-file={}", layout.display());
    for argument in [order.as_str(), "--no-warn-symbol-ordering"] {
        println!("cargo::rustc-link-arg-bins=-Xlinker");
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// Bundles the page with npm; the error is one line for the person who builds.
fn bundle(source: &Path, out: &Path) -> Result<PathBuf, String> {
    let project = out.join("graphiql");
    let page = out.join("graphiql-dist");
    copy_sources(source, &project)
        .map_err(|error| format!("its sources were not copied: {error}"))?;
    install(&project, out)?;
    // Vite is started without `npx`, whose child would outlive the time limit.
    let mut vite = Command::new("node");
    vite.arg("node_modules/vite/bin/vite.js")
        .args(["build", "--emptyOutDir", "--outDir"])
        .arg(&page)
        .current_dir(&project);
    run("vite", &mut vite, &out.join("graphiql-vite.log"))?;
    Ok(page)
}

/// Installs the packages unless the ones installed last are of the same lock file.
fn install(project: &Path, out: &Path) -> Result<(), String> {
    let lock = fs::read(project.join("package-lock.json"))
        .map_err(|error| format!("no lock file: {error}"))?;
    let installed = project.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    // `--include=dev`: the caller's NODE_ENV=production would leave Vite out.
    let mut npm = Command::new(NPM);
    npm.args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--include=dev",
        "--prefer-offline",
    ])
    .current_dir(project);
    run("npm", &mut npm, &out.join("graphiql-npm.log"))?;
    fs::write(installed, lock).map_err(|error| format!("the installed lock was not noted: {error}"))
}

/// Runs a command to its end or to the time limit, with its output in a file.
fn run(name: &str, command: &mut Command, log: &Path) -> Result<(), String> {
    let file = File::create(log).map_err(|error| format!("no log file: {error}"))?;
    let errors = file
        .try_clone()
        .map_err(|error| format!("no log file: {error}"))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{name} is not installed"),
            _ => format!("{name} did not start: {error}"),
        })?;
    let deadline = Instant::now() + TIME_LIMIT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                return Err(format!(
                    "{name} failed with {status}, see {}",
                    log.display()
                ));
            }
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                // Already gone is as good as killed.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{name} took more than {} s", TIME_LIMIT.as_secs()));
            }
            Err(error) => return Err(format!("{name} was lost: {error}")),
        }
    }
}

/// Lays out the page that needs no bundling.
fn plain_page(source: &Path, out: &Path) -> io::Result<PathBuf> {
    let page = out.join("graphiql-plain");
    copy_sources(&source.join("fallback"), &page)?;
    add_sources(&source.join("public"), &page)?;
    Ok(page)
}

/// Makes `to` a copy of `from`, but keeps the packages installed in it.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in own_entries(to)? {
        if entry.is_dir() {
            fs::remove_dir_all(entry)?;
        } else {
            fs::remove_file(entry)?;
        }
    }
    add_sources(from, to)
}

fn add_sources(from: &Path, to: &Path) -> io::Result<()> {
    for file in files(from)? {
        let Ok(name) = file.strip_prefix(from) else {
            continue;
        };
        let target = to.join(name);
        if let Some(directory) = target.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::copy(&file, target)?;
    }
    Ok(())
}

/// Every file below a directory, in order.
fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in own_entries(directory)? {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else {
            found.push(entry);
        }
    }
    Ok(found)
}

/// What a directory holds beside the work of npm and Vite, in order.
fn own_entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| !entry.ends_with("node_modules") && !entry.ends_with("dist"));
    entries.sort();
    Ok(entries)
}

/// The Rust source of the table of assets.
fn table(page: &Path) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("pub(super) static ASSETS: &[Asset] = &[\n");
    for file in files(page)? {
        if file.extension() == Some(OsStr::new("gz")) {
            continue;
        }
        let name = file
            .strip_prefix(page)?
            .to_string_lossy()
            .replace('\\', "/");
        let compressed = PathBuf::from(format!("{}.gz", file.display()));
        let gzip = if compressed.is_file() {
            format!("Some(include_bytes!({compressed:?}))")
        } else {
            "None".to_owned()
        };
        writeln!(
            table,
            "    Asset {{ path: {name:?}, content_type: {:?}, tag: {:?}, plain: include_bytes!({file:?}), gzip: {gzip} }},",
            content_type(&file),
            tag(&fs::read(&file)?),
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(OsStr::to_str) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// What tells one version of an asset from the next; nobody attacks it.
fn tag(contents: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(contents);
    format!("{:016x}-{:x}", hasher.finish(), contents.len())
}
