//! GENERATE AC: the card's decision, its cryptogram, and its signature over both. [B3 6.5.5, 9]

use chipwright::field::CryptogramType;
use chipwright::status::Status;
use chipwright::tag::Tag;

use super::Application;
use super::transaction::{Request, Stage};
use crate::certificate::sha1;
use crate::command::{Command, INTERNAL_ERROR, WRONG_LENGTH, WRONG_PARAMETERS};
use crate::issuer_data::compose;
use crate::object::{Objects, encode, template};
use crate::profile::{FirstAnswer, IssuerAuthentication, SecondAnswer};
use crate::random::Random;

const UNPREDICTABLE_NUMBER: Tag = Tag(0x9F37);

/// Codes (8A) that a terminal sets when it was unable to go online: Y3 and Z3. [B4 A6]
const UNABLE_ONLINE: [&[u8]; 2] = [b"Y3", b"Z3"];

impl Application {
    /// GENERATE AC, the first or the second one.
    pub(super) fn generate_ac(
        &mut self,
        command: &Command<'_>,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        let (asked, combined) = self.request(command)?;
        match self.transaction()?.stage {
            Stage::Begun => {
                let objects = self.image.cdol1.split(command.data).ok_or(WRONG_LENGTH)?;
                self.receive(command.data, objects);
                self.first(asked, combined, random)
            }
            Stage::Online(_) if asked == CryptogramType::Arqc => {
                Err(Status::CONDITIONS_NOT_SATISFIED)
            }
            Stage::Online(_) => {
                let objects = self.image.cdol2.split(command.data).ok_or(WRONG_LENGTH)?;
                self.receive(command.data, objects);
                self.second(asked, combined, random)
            }
            Stage::Ended(_) => Err(Status::CONDITIONS_NOT_SATISFIED),
        }
    }

    /// What P1 asks for: a type, and whether a signature.
    fn request(&self, command: &Command<'_>) -> Result<(CryptogramType, bool), Status> {
        let combined = command.p1 & 0x10 != 0;
        let asked = match command.p1 & !0x10 {
            0x00 if !combined => CryptogramType::Aac,
            0x40 => CryptogramType::Tc,
            0x80 => CryptogramType::Arqc,
            _ => return Err(WRONG_PARAMETERS),
        };
        let able = self.image.signer.as_ref().is_some_and(|signer| signer.combined);
        if command.p2 != 0 || (combined && !able) {
            return Err(WRONG_PARAMETERS);
        }
        Ok((asked, combined))
    }

    fn receive(&mut self, data: &[u8], objects: Objects) {
        if let Some(transaction) = &mut self.transaction {
            transaction.sent.extend(data);
            transaction.objects.extend(objects);
        }
    }

    fn first(
        &mut self,
        asked: CryptogramType,
        combined: bool,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        let given = match self.image.cryptogram.first {
            FirstAnswer::AsRequested => asked,
            FirstAnswer::Arqc => asked.min(CryptogramType::Arqc),
            FirstAnswer::Aac => CryptogramType::Aac,
            FirstAnswer::Tc => CryptogramType::Tc,
        };
        let transaction = self.transaction.as_mut().ok_or(INTERNAL_ERROR)?;
        transaction.results.first = Some(given);
        transaction.results.combined_signatures[0] = combined;
        let (cryptogram, issuer_data) = self.cryptogram()?;
        let unpredictable_number = self.unpredictable_number();
        let transaction = self.transaction.as_mut().ok_or(INTERNAL_ERROR)?;
        transaction.stage = if given == CryptogramType::Arqc {
            self.memory.last_online_incomplete = true;
            Stage::Online(Request { cryptogram, unpredictable_number, approved: None })
        } else {
            Stage::Ended(None)
        };
        self.answer(given, combined, cryptogram, &issuer_data, random)
    }

    fn second(
        &mut self,
        asked: CryptogramType,
        combined: bool,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        self.hear_issuer_in_list();
        let transaction = self.transaction.as_mut().ok_or(INTERNAL_ERROR)?;
        let code = transaction.objects.get(&Tag(0x8A)).map(Vec::as_slice);
        let unable = code.is_some_and(|code| UNABLE_ONLINE.contains(&code));
        transaction.results.unable_online = unable;
        transaction.results.combined_signatures[1] = combined;
        let given = match self.image.cryptogram.second {
            SecondAnswer::AsRequested if self.agrees(unable) => asked,
            SecondAnswer::AsRequested | SecondAnswer::Aac => CryptogramType::Aac,
            SecondAnswer::Tc => CryptogramType::Tc,
        };
        let transaction = self.transaction.as_mut().ok_or(INTERNAL_ERROR)?;
        transaction.results.second = Some(given);
        transaction.stage = Stage::Ended(transaction.stage.request());
        let (cryptogram, issuer_data) = self.cryptogram()?;
        self.memory.last_online_incomplete = false;
        if !unable {
            self.remember_scripts();
        }
        if given == CryptogramType::Tc && !unable {
            self.memory.last_online_atc = self.memory.atc;
        }
        self.answer(given, combined, cryptogram, &issuer_data, random)
    }

    /// Verifies the issuer's answer when it comes in CDOL2; zeros are none.
    fn hear_issuer_in_list(&mut self) {
        let way = self.image.cryptogram.issuer_authentication;
        let Some(transaction) = self.transaction.as_ref() else {
            return;
        };
        let answer = transaction.objects.get(&Tag(0x91));
        let answer = answer.filter(|answer| answer.iter().any(|byte| *byte != 0));
        if let (IssuerAuthentication::InCdol2, Stage::Online(request), Some(answer)) =
            (way, transaction.stage, answer.cloned())
        {
            self.hear_issuer(request, &answer);
        }
    }

    /// Whether nothing that the issuer said, or should have said, speaks against an approval.
    fn agrees(&self, unable_online: bool) -> bool {
        let Some(transaction) = &self.transaction else {
            return false;
        };
        let Stage::Online(request) = transaction.stage else {
            return false;
        };
        // [B3 6.5.1] A blocked application gives nothing but refusals.
        if self.memory.blocked {
            return false;
        }
        match (transaction.results.issuer_authentication, request.approved) {
            (Some(_), approved) => approved == Some(true),
            (None, _) => unable_online || !self.image.cryptogram.issuer_authentication_mandatory,
        }
    }

    /// The application cryptogram and the Issuer Application Data that it covers. [B2 8.1]
    pub(super) fn cryptogram(&self) -> Result<([u8; 8], Vec<u8>), Status> {
        let transaction = self.transaction()?;
        let image = &self.image.cryptogram;
        let issuer_data = compose(
            image.version,
            image.key_index,
            &image.discretionary_data,
            &transaction.results,
        );
        let atc = self.memory.atc.to_be_bytes();
        let object = |tag: Tag| match tag.0 {
            0x82 => Some(self.image.aip.as_slice()),
            0x9F36 => Some(atc.as_slice()),
            0x9F10 => Some(issuer_data.as_slice()),
            _ => transaction.objects.get(&tag).map(Vec::as_slice),
        };
        let cryptogram = {
            let input = image.version.input(object).map_err(|_| INTERNAL_ERROR)?;
            let session = self.session(self.unpredictable_number());
            session.application_cryptogram(input.parts())
        };
        Ok((cryptogram, issuer_data))
    }

    /// The Unpredictable Number that the terminal sent last; zeros when it sent none.
    fn unpredictable_number(&self) -> [u8; 4] {
        let transaction = self.transaction.as_ref();
        let number =
            transaction.and_then(|transaction| transaction.objects.get(&UNPREDICTABLE_NUMBER));
        let number = number.and_then(|number| number.as_slice().try_into().ok());
        number.unwrap_or_default()
    }

    fn answer(
        &self,
        given: CryptogramType,
        combined: bool,
        cryptogram: [u8; 8],
        issuer_data: &[u8],
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        let information = [given.code()];
        let atc = self.memory.atc.to_be_bytes();
        if !combined || given == CryptogramType::Aac {
            let parts: [(u32, &[u8]); 4] = [
                (0x9F27, &information),
                (0x9F36, &atc),
                (0x9F26, &cryptogram),
                (0x9F10, issuer_data),
            ];
            return Ok(if self.image.in_objects {
                template(Tag(0x77), parts.map(|(tag, value)| encode(Tag(tag), value)))
            } else {
                template(Tag(0x80), parts.map(|(_, value)| value.to_vec()))
            });
        }
        let before = [encode(Tag(0x9F27), &information), encode(Tag(0x9F36), &atc)].concat();
        let after = encode(Tag(0x9F10), issuer_data);
        let signed = self.sign(given, cryptogram, [&before, &after], random);
        let signed = encode(Tag(0x9F4B), &signed.ok_or(INTERNAL_ERROR)?);
        Ok(template(Tag(0x77), [before, signed, after]))
    }

    /// Signs a cryptogram and everything that terminal and card said about it: what the lists
    /// brought, and the `objects` of the answer. [B2 6.6.1]
    fn sign(
        &self,
        given: CryptogramType,
        cryptogram: [u8; 8],
        objects: [&[u8]; 2],
        random: &mut Random,
    ) -> Option<Vec<u8>> {
        let signer = self.image.signer.as_ref()?;
        let transaction = self.transaction.as_ref()?;
        let [before, after] = objects;
        let hash = sha1(&[&transaction.sent, before, after]);
        let number = random.next();
        let number = number.get(..signer.number_length)?;
        let mut dynamic_data = vec![u8::try_from(number.len()).ok()?];
        dynamic_data.extend(number);
        dynamic_data.push(given.code());
        dynamic_data.extend(cryptogram);
        dynamic_data.extend(hash);
        signer.sign(&dynamic_data, &self.unpredictable_number())
    }
}
