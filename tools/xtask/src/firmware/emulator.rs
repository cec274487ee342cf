//! QEMU with an image, and what stands around it.

use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::row::{self, Row};

const EMULATOR: &str = "qemu-system-arm";
/// No run takes nearly so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// The board, with nothing of the caller's: the first serial port is the till's.
const BOARD: [&str; 8] = [
    "-machine",
    "mps2-an386",
    "-display",
    "none",
    "-monitor",
    "none",
    "-semihosting-config",
    "enable=on,target=native",
];

/// An instruction takes two to this power nanoseconds when they are counted.
const SHIFT: u32 = 6;
/// A tick of the processor's clock of 25 MHz, in nanoseconds.
const TICK: u64 = 40;

/// Runs an image with a simulated card and acquirer at its second port. Gives what it told its
/// till, and the frames that went over the line, both ways.
///
/// # Errors
/// When one of the programs cannot be started or fails, or the line is cut.
pub(super) fn converse(
    image: &Path,
    told: &Path,
    simulator: &mut Command,
) -> Result<(Vec<Row>, Vec<u8>)> {
    let name = format!("{simulator:?}");
    let peer = simulator.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context(name)?;
    let mut peer = Running::new(peer)?;
    let mut terminal = start(image, told, &["-serial", "stdio"])?;
    let mut frames = Vec::new();
    while relay(&mut terminal.output, &mut peer.input, &mut frames)? {
        ensure!(relay(&mut peer.output, &mut terminal.input, &mut frames)?, "nobody answers");
    }
    terminal.finish()?;
    Ok((read(told)?, frames))
}

/// Runs an image that has the answers in flash, with instructions for a clock. Gives what it told
/// its till.
///
/// # Errors
/// When QEMU cannot be started, or fails.
pub(super) fn count(image: &Path, told: &Path) -> Result<Vec<Row>> {
    let shift = format!("shift={SHIFT}");
    start(image, told, &["-icount", &shift])?.finish()?;
    read(told)
}

/// Instructions that take so many ticks.
pub(super) const fn instructions(ticks: u32) -> u64 {
    (ticks as u64 * TICK) >> SHIFT
}

fn start(image: &Path, told: &Path, more: &[&str]) -> Result<Running> {
    let child = Command::new(EMULATOR)
        .args(BOARD)
        .args(["-serial", &format!("file:{}", told.display())])
        .args(more)
        .arg("-kernel")
        .arg(image)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {EMULATOR}"))?;
    Running::new(child)
}

fn read(told: &Path) -> Result<Vec<Row>> {
    let bytes = std::fs::read(told).with_context(|| told.display().to_string())?;
    row::rows(&bytes)
}

/// Passes a frame on, and keeps it; false when the stream ends before it.
fn relay(from: &mut dyn Read, to: &mut dyn Write, frames: &mut Vec<u8>) -> Result<bool> {
    let mut head = [0; 2];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    // The upper two bits say whom it is for.
    let mut frame = vec![0; usize::from(u16::from_be_bytes(head) & 0x3FFF)];
    from.read_exact(&mut frame).context("a frame is cut")?;
    frame.splice(..0, head);
    to.write_all(&frame).and_then(|()| to.flush()).context("nobody listens")?;
    frames.extend(frame);
    Ok(true)
}

/// A program with its ends; dropped, it is killed.
struct Running {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Running {
    fn new(mut child: Child) -> Result<Self> {
        let input = child.stdin.take().context("no pipe")?;
        let output = child.stdout.take().context("no pipe")?;
        Ok(Self { child, input, output })
    }

    /// Waits for its end.
    fn finish(mut self) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the firmware failed: {status}");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the firmware does not end")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or cannot be helped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
