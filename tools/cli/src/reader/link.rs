//! A link to a reader on which nothing is waited for without end.
//!
//! Calls of a service may block for as long as a driver likes. They are made by a thread of their
//! own; whoever waits for it gives up in time, and never waits for it again.

use chipwright::session::LinkError;
use core::time::Duration;
use std::sync::mpsc::{self, Sender};
use std::thread;
use zeroize::Zeroizing;

use super::service::{Inside, Listed, Service, Trouble};
use crate::arguments::Protocol;

/// What a service may take beyond what it was asked to wait.
const GRACE: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(&mut dyn Service) + Send>;

/// A link to a reader.
pub(super) struct Link {
    jobs: Sender<Job>,
    reader: String,
    patience: Duration,
    /// Why it is of no use any more.
    broken: Option<Trouble>,
}

impl Link {
    /// To the service that `open` opens; the thread has it for itself.
    pub(super) fn new<S: Service>(
        open: impl FnOnce() -> Result<S, Trouble> + Send + 'static,
        patience: Duration,
    ) -> Self {
        let (jobs, asked) = mpsc::channel::<Job>();
        thread::spawn(move || match open() {
            Ok(mut service) => asked.into_iter().for_each(|job| job(&mut service)),
            Err(trouble) => asked.into_iter().for_each(|job| job(&mut Closed(trouble.clone()))),
        });
        Self { jobs, reader: "PC/SC".to_owned(), patience, broken: None }
    }

    /// The reader that is meant from now on.
    pub(super) fn choose(&mut self, reader: &str) {
        reader.clone_into(&mut self.reader);
    }

    /// The readers, and what is in them.
    pub(super) fn readers(&mut self) -> Result<Vec<Listed>, Trouble> {
        self.ask(self.patience, |service, _| service.readers())
    }

    /// The answer to reset of the card, once there is one.
    pub(super) fn card(&mut self) -> Result<Vec<u8>, Trouble> {
        match self.wait(true, self.patience)? {
            Inside::Card(answer) => Ok(answer),
            Inside::Mute => {
                let what = "the card does not answer to reset";
                Err(Trouble::new(LinkError::Timeout, self.told(what)))
            }
            Inside::Nothing => {
                let seconds = self.patience.as_secs();
                Err(Trouble::new(
                    LinkError::Removed,
                    self.told(&format!("no card within {seconds} s")),
                ))
            }
        }
    }

    /// What is in the reader as soon as there is a card or, as the case may be, none.
    pub(super) fn wait(&mut self, card: bool, patience: Duration) -> Result<Inside, Trouble> {
        self.ask(patience + GRACE, move |service, reader| service.wait(reader, card, patience))
    }

    /// Powers the card off and on; gives what it speaks.
    pub(super) fn connect(&mut self) -> Result<Protocol, Trouble> {
        self.ask(self.patience, |service, reader| service.connect(reader))
    }

    /// Sends a command as the protocol has it. It may carry a PIN: the copy is wiped.
    pub(super) fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        let command = Zeroizing::new(command.to_vec());
        self.ask(self.patience, move |service, _| service.transmit(&command))
    }

    /// Powers the card off.
    pub(super) fn disconnect(&mut self) {
        // A card that cannot be powered off is one that is gone.
        let _ = self.ask(self.patience, |service, _| {
            service.disconnect();
            Ok(())
        });
    }

    /// Has the thread do something, and waits for so long.
    fn ask<T: Send + 'static>(
        &mut self,
        patience: Duration,
        job: impl FnOnce(&mut dyn Service, &str) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let (sender, receiver) = mpsc::channel();
        let reader = self.reader.clone();
        let job: Job = Box::new(move |service| {
            // Nobody waits for what comes too late.
            let _ = sender.send(job(service, &reader));
        });
        let answer = match self.jobs.send(job) {
            Ok(()) => receiver.recv_timeout(patience).ok(),
            Err(_) => None,
        };
        answer.unwrap_or_else(|| {
            let what = format!("no answer within {} s", patience.as_secs());
            let trouble = Trouble::new(LinkError::Timeout, self.told(&what));
            self.broken = Some(trouble.clone());
            Err(trouble)
        })
    }

    /// Something of this reader.
    pub(super) fn told(&self, what: &str) -> String {
        format!("{}: {what}", self.reader)
    }
}

/// A service that could not be opened.
struct Closed(Trouble);

impl Service for Closed {
    fn readers(&mut self) -> Result<Vec<Listed>, Trouble> {
        Err(self.0.clone())
    }

    fn wait(&mut self, _: &str, _: bool, _: Duration) -> Result<Inside, Trouble> {
        Err(self.0.clone())
    }

    fn connect(&mut self, _: &str) -> Result<Protocol, Trouble> {
        Err(self.0.clone())
    }

    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Trouble> {
        Err(self.0.clone())
    }

    fn disconnect(&mut self) {}
}
