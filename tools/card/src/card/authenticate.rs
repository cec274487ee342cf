//! Who is who: dynamic signatures of the card, the issuer's answer. [B2 6.5, 8.2]

use chipwright::cryptogram::{Session, Verdict};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_rustcrypto::RustCrypto;

use super::Application;
use super::transaction::{Request, Stage};
use crate::command::{Command, INTERNAL_ERROR, WRONG_LENGTH};
use crate::object::{encode, template};
use crate::profile::IssuerAuthentication;
use crate::random::Random;

/// Issuer authentication failed. [B3 6.5.4]
const AUTHENTICATION_FAILED: Status = Status(0x6300);

/// Byte 2, bit 8 of the Card Status Update: the issuer approves. [B3 C9]
const ISSUER_APPROVES: u8 = 0x80;

impl Application {
    /// INTERNAL AUTHENTICATE: signs what the DDOL asked for. [B3 6.5.9]
    pub(super) fn internal_authenticate(
        &mut self,
        command: &Command<'_>,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        let signer = self.image.signer.as_ref().filter(|signer| signer.dynamic);
        Self::require_instruction(signer.is_some())?;
        command.without_parameters()?;
        let transaction = self.transaction.as_mut();
        let transaction = transaction
            .filter(|transaction| matches!(transaction.stage, Stage::Begun))
            .ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        // Without a list of its own the card takes whatever the terminal's default brings.
        let wanted = self.image.ddol.length();
        if wanted != 0 && command.data.len() != wanted {
            return Err(WRONG_LENGTH);
        }
        let signed = signer.and_then(|signer| {
            let number = random.next();
            let number = number.get(..signer.number_length)?;
            let mut dynamic_data = vec![u8::try_from(number.len()).ok()?];
            dynamic_data.extend(number);
            signer.sign(&dynamic_data, command.data)
        });
        let signed = signed.ok_or(INTERNAL_ERROR)?;
        transaction.results.dynamic_signature = true;
        Ok(if self.image.in_objects {
            template(Tag(0x77), [encode(Tag(0x9F4B), &signed)])
        } else {
            encode(Tag(0x80), &signed)
        })
    }

    /// EXTERNAL AUTHENTICATE: verifies the issuer's answer, once. [B3 6.5.4]
    pub(super) fn external_authenticate(
        &mut self,
        command: &Command<'_>,
    ) -> Result<Vec<u8>, Status> {
        let external = self.image.cryptogram.issuer_authentication;
        Self::require_instruction(external == IssuerAuthentication::External)?;
        command.without_parameters()?;
        if !matches!(command.data.len(), 8..=16) {
            return Err(WRONG_LENGTH);
        }
        let transaction = self.transaction()?;
        let Stage::Online(request) = transaction.stage else {
            return Err(Status::CONDITIONS_NOT_SATISFIED);
        };
        if transaction.results.issuer_authentication.is_some() {
            return Err(Status::CONDITIONS_NOT_SATISFIED);
        }
        if self.hear_issuer(request, command.data) {
            Ok(Vec::new())
        } else {
            Err(AUTHENTICATION_FAILED)
        }
    }

    /// Verifies the issuer's answer and notes the result.
    pub(super) fn hear_issuer(&mut self, request: Request, answer: &[u8]) -> bool {
        let verdict = self.session(request.unpredictable_number).verify(request.cryptogram, answer);
        let approved = verdict.map(|verdict| match verdict {
            // What the code says is compared by the terminal, which has it in 8A.
            Verdict::Code(_) => true,
            Verdict::Status { update: [_, second, ..], .. } => second & ISSUER_APPROVES != 0,
        });
        if let Some(transaction) = &mut self.transaction {
            transaction.results.issuer_authentication = Some(approved.is_some());
            transaction.stage = Stage::Online(Request { approved, ..request });
        }
        self.memory.last_authentication_failed = approved.is_none();
        approved.is_some()
    }

    /// Keys of the transaction.
    pub(super) fn session(&self, unpredictable_number: [u8; 4]) -> Session<'_> {
        let cryptogram = &self.image.cryptogram;
        let atc = self.memory.atc.to_be_bytes();
        Session::new(
            &RustCrypto,
            cryptogram.version,
            &cryptogram.keys.cryptogram,
            atc,
            unpredictable_number,
        )
    }
}
