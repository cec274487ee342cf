//! A contactless transaction: the card decides with GET PROCESSING OPTIONS, and takes the money
//! when its last record is read. [C7 4, 6.1]

use chipwright::field::CryptogramType;
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::value::Digits;

use super::Application;
use super::transaction::{Stage, Transaction};
use crate::command::INTERNAL_ERROR;
use crate::object::{Objects, encode, template};
use crate::personalise::{LAST_RECORD, Tap};
use crate::profile::{Broken, Decision, QuickPass, Verified};
use crate::random::Random;

/// The cardholder is to act on the device first.
const VERIFY_ON_DEVICE: Status = Status(0x6986);

/// Longest answer, without its status word.
const ANSWER: usize = 256;

/// What the terminal wants: the bits of its qualifiers (9F66) that the card looks at.
#[derive(Clone, Copy)]
struct Wanted {
    online_cryptogram: bool,
    verification: bool,
    offline_only: bool,
}

impl Wanted {
    fn of(objects: &Objects) -> Self {
        let byte = |place| {
            let qualifiers = objects.get(&Tag(0x9F66));
            qualifiers.and_then(|bytes| bytes.get::<usize>(place)).copied().unwrap_or_default()
        };
        Self {
            online_cryptogram: byte(1) & 0x80 != 0,
            verification: byte(1) & 0x40 != 0,
            offline_only: byte(0) & 0x08 != 0,
        }
    }
}

/// What the card says in the course of one tap beside its cryptogram.
#[derive(Clone)]
pub(super) struct Said {
    /// The record that is read last.
    record: Vec<u8>,
    /// What is taken then, in minor units.
    amount: u64,
}

impl Application {
    /// Whether the card waits for its owner; if it did, its owner has acted when it is presented
    /// again.
    pub(super) fn awaits_owner(&mut self, tap: &Tap) -> Result<(), Status> {
        if tap.quickpass.device && !self.memory.owner_verified {
            self.memory.owner_verified = true;
            return Err(VERIFY_ON_DEVICE);
        }
        self.memory.owner_verified = false;
        Ok(())
    }

    /// Decides, and answers with everything that the terminal needs.
    pub(super) fn answer_tap(
        &mut self,
        tap: &Tap,
        data: &[u8],
        objects: Objects,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        let wanted = Wanted::of(&objects);
        let amount = objects.get(&Tag(0x9F02)).and_then(|amount| Digits::number(amount));
        let amount = amount.unwrap_or_default();
        let kind = self.decide(&tap.quickpass, wanted, amount);
        let signs = match kind {
            Some(CryptogramType::Tc) => true,
            Some(CryptogramType::Arqc) => tap.quickpass.online_records,
            _ => false,
        };
        let mut transaction = Transaction::new(data, objects, &self.memory);
        transaction.stage = Stage::Ended(None);
        transaction.results.first = kind;
        transaction.results.dynamic_signature = signs && self.image.signer.is_some();
        self.transaction = Some(transaction);

        let (cryptogram, mut issuer_data) = self.cryptogram()?;
        if let (None, Some(results)) = (kind, issuer_data.get_mut(4)) {
            *results |= 0x30;
        }
        let qualifiers = self.qualifiers(&tap.quickpass, wanted);
        let related = related_data(&tap.quickpass, qualifiers, random);
        let left = self.memory.balance.map(|balance| match kind {
            Some(CryptogramType::Tc) => balance.saturating_sub(amount),
            _ => balance,
        });
        let information = kind.map_or(0xC0, CryptogramType::code);
        let optional = |given: bool, value: &[u8]| given.then(|| value.to_vec());
        let version_1 = tap.quickpass.signature_version > 0;
        let signature = match signs {
            true => self.sign_tap(&tap.quickpass, &related, random)?,
            false => None,
        };
        let answer = [
            (0x82, Some(self.image.aip.to_vec())),
            (0x94, optional(signs, &self.image.afl)),
            (0x9F36, Some(self.memory.atc.to_be_bytes().to_vec())),
            (0x9F26, Some(cryptogram.to_vec())),
            (0x9F10, Some(issuer_data)),
            (0x9F27, optional(tap.quickpass.information, &[information])),
            (0x57, Some(tap.track_2.clone())),
            (0x5F34, Some(tap.sequence_number.clone())),
            (0x9F6C, Some(qualifiers.to_vec())),
            (0x9F69, optional(tap.quickpass.device && !signs, &related)),
            (0x9F5D, left.and_then(Digits::encode::<6>).map(|left| left.to_vec())),
            (0x9F4B, signature),
        ];
        let omitted = |tag: &u32| self.image.omitted.contains(&Tag(*tag));
        let answer = answer.into_iter().filter(|(tag, _)| !omitted(tag));
        let answer = answer.filter_map(|(tag, value)| Some(encode(Tag(tag), &value?)));
        let answer = template(Tag(0x77), answer);

        let record = [(0x9F69, &related)].into_iter();
        let record = record.filter(|(tag, _)| version_1 && !omitted(tag));
        let record = template(Tag(0x70), record.map(|(tag, value)| encode(Tag(tag), value)));
        let taken = if kind == Some(CryptogramType::Tc) { amount } else { 0 };
        if let Some(transaction) = &mut self.transaction {
            transaction.said = Some(Said { record, amount: taken });
        }
        if answer.len() > ANSWER { Err(INTERNAL_ERROR) } else { Ok(answer) }
    }

    /// The cryptogram's type; none is the reserved one.
    fn decide(&self, quickpass: &QuickPass, wanted: Wanted, amount: u64) -> Option<CryptogramType> {
        let enough = self.memory.balance.is_none_or(|balance| balance >= amount);
        Some(match quickpass.decision {
            Decision::Reserved => return None,
            Decision::Arqc => CryptogramType::Arqc,
            Decision::Aac => CryptogramType::Aac,
            Decision::Tc => CryptogramType::Tc,
            Decision::AsAsked
                if !wanted.online_cryptogram && enough && self.image.signer.is_some() =>
            {
                CryptogramType::Tc
            }
            Decision::AsAsked if wanted.offline_only => CryptogramType::Aac,
            Decision::AsAsked => CryptogramType::Arqc,
        })
    }

    /// Card Transaction Qualifiers (9F6C).
    fn qualifiers(&self, quickpass: &QuickPass, wanted: Wanted) -> [u8; 2] {
        let given = quickpass.qualifiers.0.as_slice().try_into();
        let [first, second]: [u8; 2] = given.unwrap_or_default();
        let asked = match quickpass.verification {
            _ if !wanted.verification || quickpass.device => 0x00,
            Verified::Nothing => 0x00,
            Verified::OnlinePin => 0x80,
            Verified::Signature => 0x40,
        };
        let verified = if quickpass.device { 0x80 } else { 0x00 };
        [first | asked, second | verified]
    }

    /// The signature over what terminal and card said.
    fn sign_tap(
        &self,
        quickpass: &QuickPass,
        related: &[u8],
        random: &mut Random,
    ) -> Result<Option<Vec<u8>>, Status> {
        let Some(signer) = &self.image.signer else {
            return Ok(None);
        };
        let objects = &self.transaction()?.objects;
        let sent = |tag| objects.get(&Tag(tag)).cloned().unwrap_or_default();
        let (mut number, mut amount) = (sent(0x9F37), sent(0x9F02));
        match (quickpass.broken, number.last_mut(), amount.last_mut()) {
            (Some(Broken::Number), Some(byte), _) | (Some(Broken::Amount), _, Some(byte)) => {
                *byte ^= 0x01;
            }
            _ => {}
        }
        let covered = match (quickpass.broken, quickpass.signature_version) {
            (Some(Broken::Signature), _) => Vec::new(),
            (_, 0) => number,
            _ => [number, amount, sent(0x5F2A), related.to_vec()].concat(),
        };
        let random = random.next();
        let number = random.get(..signer.number_length).ok_or(INTERNAL_ERROR)?;
        let mut dynamic_data = vec![u8::try_from(number.len()).map_err(|_| INTERNAL_ERROR)?];
        dynamic_data.extend(number);
        signer.sign_fast(&dynamic_data, &covered).map(Some).ok_or(INTERNAL_ERROR)
    }

    /// The record that is read last, and what reading it takes.
    pub(super) fn read_last_record(&mut self, address: (u8, u8)) -> Option<Vec<u8>> {
        let transaction = self.transaction.as_mut()?;
        let said = transaction.said.as_mut().filter(|_| address == LAST_RECORD)?;
        let amount = core::mem::take(&mut said.amount);
        let record = said.record.clone();
        self.memory.balance = self.memory.balance.map(|balance| balance.saturating_sub(amount));
        Some(record)
    }
}

/// Card Authentication Related Data (9F69).
fn related_data(quickpass: &QuickPass, qualifiers: [u8; 2], random: &mut Random) -> Vec<u8> {
    let version = match quickpass.broken {
        Some(Broken::Version) => 0x02,
        _ => quickpass.signature_version,
    };
    let [first, second] = qualifiers;
    let first = match quickpass.broken {
        Some(Broken::Qualifiers) => first ^ 0x80,
        _ => first,
    };
    let mut data = vec![version];
    data.extend(random.next().iter().take(4));
    data.extend([first, second]);
    if quickpass.broken != Some(Broken::RelatedLength) {
        data.push(0x00);
    }
    data
}
