//! Chromium without a window, over a pair of pipes: one JSON message after the other, each followed
//! by a zero byte.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// Width of the window.
    pub(super) width: u32,
    /// The reader likes it dark.
    pub(super) dark: bool,
}

/// What was seen of a page.
#[derive(Debug)]
pub(super) struct Seen {
    /// Addresses that it asked for, beside itself.
    pub(super) requests: Vec<String>,
    /// What it complained of.
    pub(super) errors: Vec<String>,
    /// Widths of window and content.
    pub(super) window: u64,
    pub(super) content: u64,
    /// The whole of it as PNG, in base64.
    pub(super) picture: String,
}

/// A browser, and the pipes to it.
pub(super) struct Browser {
    child: Child,
    out: File,
    back: BufReader<File>,
    last: u64,
    session: String,
    /// Events that came while something else was waited for.
    events: Vec<Value>,
}

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

impl Browser {
    /// Starts one whose profile is in this folder.
    pub(super) fn start(profile: &Path) -> Result<Self> {
        std::fs::create_dir_all(profile)?;
        let [there, back] = ["there", "back"].map(|name| profile.join(name));
        for pipe in [&there, &back] {
            let _ = std::fs::remove_file(pipe);
            let made = Command::new("mkfifo").arg(pipe).status()?;
            anyhow::ensure!(made.success(), "mkfifo {}", pipe.display());
        }
        let name = NAMES.into_iter().find(|name| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        });
        let name = name.context("no Chromium: apt-get install chromium")?;
        let child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$THERE\" 4>\"$BACK\"", name])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
            .args(["--no-first-run", "--disable-background-networking", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .env("THERE", &there)
            .env("BACK", &back)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let out = File::options().write(true).open(&there)?;
        let back = BufReader::new(File::open(&back)?);
        let mut browser =
            Self { child, out, back, last: 0, session: String::new(), events: Vec::new() };
        browser.attach()?;
        Ok(browser)
    }

    fn attach(&mut self) -> Result<()> {
        let target = self.ask("Target.createTarget", &json!({"url": "about:blank"}))?;
        let attached = self.ask(
            "Target.attachToTarget",
            &json!({"targetId": target["targetId"], "flatten": true}),
        )?;
        self.session = attached["sessionId"].as_str().context("no session")?.to_owned();
        for domain in ["Page", "Network", "Log", "Runtime"] {
            self.ask(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(())
    }

    /// Opens a page, unfolds it, and looks.
    pub(super) fn look(&mut self, page: &Path, look: Look) -> Result<Seen> {
        let scheme = if look.dark { "dark" } else { "light" };
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        )?;
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        )?;
        self.ask("Log.clear", &json!({}))?;
        self.events.clear();
        let url = format!("file://{}", page.display());
        self.ask("Page.navigate", &json!({"url": url}))?;
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read()?;
            self.events.push(event);
        }
        self.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")?;
        let content = self.evaluate("document.documentElement.scrollWidth")?;
        let picture =
            self.ask("Page.captureScreenshot", &json!({"captureBeyondViewport": true}))?;
        Ok(Seen {
            requests: self.requests(&url),
            errors: self.errors(),
            window: look.width.into(),
            content: content.as_u64().context("no width")?,
            picture: picture["data"].as_str().unwrap_or_default().to_owned(),
        })
    }

    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer = self.ask("Runtime.evaluate", &json!({"expression": expression}))?;
        Ok(answer["result"]["value"].clone())
    }

    /// What was asked for, beside the page itself and what is in it.
    fn requests(&self, page: &str) -> Vec<String> {
        let sent =
            self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = sent.filter_map(|event| event["params"]["request"]["url"].as_str());
        urls.filter(|url| *url != page && !url.starts_with("data:")).map(str::to_owned).collect()
    }

    /// What was written to the console.
    fn errors(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for event in &self.events {
            let params = &event["params"];
            let text = match event["method"].as_str() {
                Some("Runtime.exceptionThrown") => &params["exceptionDetails"]["text"],
                Some("Runtime.consoleAPICalled") => &params["type"],
                // What is asked for and cannot be had is told as a request.
                Some("Log.entryAdded") if params["entry"]["source"] != "network" => {
                    &params["entry"]["text"]
                }
                Some("Page.javascriptDialogOpening") => &params["message"],
                _ => continue,
            };
            errors.push(text.as_str().unwrap_or("?").to_owned());
        }
        errors
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.out.write_all(format!("{message}\0").as_bytes())?;
        loop {
            let answer = self.read()?;
            if answer["id"] == self.last {
                if let Some(error) = answer.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(answer["result"].clone());
            }
            self.events.push(answer);
        }
    }

    fn read(&mut self) -> Result<Value> {
        let mut message = Vec::new();
        self.back.read_until(0, &mut message)?;
        let message = message.strip_suffix(&[0]).context("Chromium is gone")?;
        Ok(serde_json::from_slice(message)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
