//! Keeps what could give secrets away, and what the issuer was told.

use chipwright::dictionary::emv::{PAN, TRACK_2};
use chipwright::event::{Event, Octets, Sink};
use chipwright::tlv::Tlvs;
use chipwright_host::Host;
use core::cell::RefCell;
use std::collections::BTreeSet;

use crate::suspicion::suspicions;

/// Digits from which on a number is an account number.
const SHORTEST: usize = 12;

/// Keeps what a firmware's log would have of a transaction, and what must not be in it.
#[derive(Default)]
pub(crate) struct Witness {
    /// `Debug` of events, and of what passes between kernel, devices and host.
    logged: RefCell<String>,
    /// Account numbers and tracks that the card gave, in hexadecimal.
    accounts: RefCell<BTreeSet<String>>,
    /// What the issuer suspects.
    suspicions: RefCell<Vec<String>>,
}

impl Witness {
    /// The issuer is told something.
    pub(crate) fn asked(&self, request: &[u8], host: &Host) {
        let mut suspected = self.suspicions.borrow_mut();
        for suspicion in suspicions(request, host) {
            let suspicion = suspicion.to_string();
            if !suspected.contains(&suspicion) {
                suspected.push(suspicion);
            }
        }
    }

    /// What the issuer suspects.
    pub(crate) fn suspicions(&self) -> Vec<String> {
        self.suspicions.borrow().clone()
    }

    /// Something that a firmware may log.
    pub(crate) fn log(&self, what: &dyn core::fmt::Debug) {
        let line = format!("{what:?}\n");
        self.logged.borrow_mut().push_str(&line);
    }

    /// `Debug` of events, and of what passes between kernel, devices and host.
    pub(crate) fn logged(&self) -> String {
        self.logged.borrow().clone()
    }

    /// Account numbers and tracks that stand in a text as they are.
    pub(crate) fn seen_in(&self, text: &str) -> usize {
        self.accounts.borrow().iter().filter(|account| text.contains(account.as_str())).count()
    }

    fn learn(&self, bytes: &[u8]) {
        for object in Tlvs::new(bytes).map_while(Result::ok) {
            if object.tag.is_constructed() {
                self.learn(object.value);
            }
            if [PAN.tag, TRACK_2.tag].contains(&object.tag) {
                let hex = hex::encode_upper(object.value);
                let digits = hex.bytes().take_while(u8::is_ascii_digit).count();
                if digits >= SHORTEST {
                    self.accounts.borrow_mut().insert(hex[..digits].to_owned());
                }
            }
        }
    }
}

impl Sink for Witness {
    fn event(&self, event: &Event<'_>) {
        if let Event::Response { data: Octets(data), .. } = event {
            self.learn(data);
        }
        self.log(event);
    }
}

/// Accounts are not shown.
impl core::fmt::Debug for Witness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Witness({} accounts)", self.accounts.borrow().len())
    }
}
