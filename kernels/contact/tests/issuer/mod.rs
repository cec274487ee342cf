//! The simulated host as the issuer of a transaction.

use chipwright::database::Database;
use chipwright::tlv::Writer;
use chipwright_harness::device::{Issuer, IssuerAnswer};
use chipwright_host::Host;

/// A host that is asked with all that there is.
pub(crate) struct Live(pub(crate) Host);

impl Live {
    /// It approved what it was asked for, and nobody took that back.
    pub(crate) fn approved(&self) -> bool {
        self.0.book().first().is_some_and(|booked| booked.stands())
    }
}

impl Issuer for Live {
    fn authorise(&mut self, data: &Database<'_>) -> Option<IssuerAnswer> {
        let answer = self.0.authorise(&message(data)).ok()?;
        let authentication = answer.issuer_authentication_data.to_vec();
        Some(IssuerAnswer {
            authorisation_response_code: answer.code,
            issuer_authentication_data: (!authentication.is_empty()).then_some(authentication),
            authorisation_code: None,
            scripts: answer.scripts,
        })
    }
}

/// All that there is, as one message.
pub(crate) fn message(data: &Database<'_>) -> Vec<u8> {
    let mut memory = vec![0; 8192];
    let mut message = Writer::new(&mut memory);
    data.objects().for_each(|(tag, value)| message.put(tag, value).unwrap());
    message.written().to_vec()
}
