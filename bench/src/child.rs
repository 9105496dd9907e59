//! Processes that the bench starts: pinned to a core, and ended with the bench whatever ends it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStdout;

/// The core of the server under test.
pub const SERVER_CORE: usize = 0;
/// The core of everything else: the load and the stand-ins.
pub const LOAD_CORE: usize = 1;

/// What to start.
pub struct Program {
    command: tokio::process::Command,
}

impl Program {
    /// `program` on one core only.
    pub fn on_core(core: usize, program: &Path) -> Self {
        // taskset replaces itself with the program, so the process id is the program's.
        let mut command = tokio::process::Command::new("taskset");
        command.args(["-c", &core.to_string()]).arg(program);
        // The bench's own surroundings must not configure a gateway.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HAULGRAPH_") {
                command.env_remove(name);
            }
        }
        command
            .env("TOKIO_WORKER_THREADS", "1")
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Self { command }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.command.arg(argument.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Starts it; what it says goes to `log`.
    ///
    /// # Errors
    /// There is no such program, or the log cannot be written.
    pub fn start(mut self, log: &Path) -> io::Result<Child> {
        let out = std::fs::File::create(log)?;
        let error = out.try_clone()?;
        Child::new(self.command.stdout(out).stderr(error).spawn()?)
    }

    /// Starts it and hands over the lines that it prints.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start_and_read(
        mut self,
        log: &Path,
    ) -> io::Result<(Child, Lines<BufReader<ChildStdout>>)> {
        let error = std::fs::File::create(log)?;
        let mut process = self.command.stdout(Stdio::piped()).stderr(error).spawn()?;
        let stdout = process
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("the program has no output"))?;
        Ok((Child::new(process)?, BufReader::new(stdout).lines()))
    }
}

/// A running process; dropping it ends it.
pub struct Child {
    process: tokio::process::Child,
    pid: u32,
}

impl Child {
    fn new(process: tokio::process::Child) -> io::Result<Self> {
        let pid = process
            .id()
            .ok_or_else(|| io::Error::other("the program ended at once"))?;
        Ok(Self { process, pid })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Asks it to end, and waits until it is gone.
    ///
    /// # Errors
    /// It cannot be asked.
    pub async fn finish(mut self) -> io::Result<()> {
        let pid = self.pid.to_string();
        tokio::process::Command::new("kill")
            .arg(pid)
            .status()
            .await?;
        self.process.wait().await.map(drop)
    }

    /// Ends it and waits until it is gone.
    pub async fn end(mut self) {
        // It may have ended by itself; then there is nothing to do.
        drop(self.process.kill().await);
    }
}
