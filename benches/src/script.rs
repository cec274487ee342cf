//! A card that answers by script: from the Payment System Environment to the second GENERATE AC.

use crate::chain::Chain;
use chipwright::afl::Afl;
use chipwright::fault::RecordId;
use chipwright::tag::Tag;
use chipwright::tlv::{Tlvs, Writer};

/// Name of the application: the provider's identifier and two bytes more.
pub const EXTENSION: [u8; 2] = [0x10, 0x10];

/// Name of the Payment System Environment.
const PSE: &[u8] = b"1PAY.SYS.DDF01";

/// Every command and the card's answer to it.
#[derive(Debug)]
pub struct Script {
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Script {
    /// A transaction that goes online; `dynamic`: with a dynamic signature.
    ///
    /// # Panics
    /// When the chain's card is not one of DDA.
    pub fn new(chain: &Chain, dynamic: bool) -> Self {
        let aid = [&chain.rid[..], &EXTENSION].concat();
        let entry = [object(0x4F, &aid), object(0x50, b"DEBIT"), object(0x87, &[1])].concat();
        let directory = object(0x70, &object(0x61, &entry));
        let proprietary = [
            object(0x50, b"DEBIT"),
            object(0x87, &[1]),
            object(0x9F38, &[0x9F, 0x1A, 2, 0x9F, 0x35, 1]),
        ];
        let transaction = [
            "000000001234000000000000",        // amounts
            "0840",                            // country
            if dynamic { "00" } else { "80" }, // results: whether the card was authenticated,
            "00008000",                        // and that the amount is not below the floor limit
            "0840260317",                      // currency, date
            "00",                              // type
            "11223344",                        // unpredictable number
        ]
        .concat();
        let mut script = Self { exchanges: Vec::new() };
        script.add("00A404000E315041592E5359532E444446303100", fci(PSE, &object(0x88, &[1])));
        script.add("00B2010C00", directory);
        script.refuse("00B2020C00", [0x6A, 0x83]);
        script.add("00A4040007A000000003101000", fci(&aid, &proprietary.concat()));
        script.add("80A8000005830308402200", chain.bytes("gpo_response"));
        let afl = chain.bytes("afl");
        for (record, _) in Afl::read(&afl).expect("well-formed").records() {
            let command = [0x00, 0xB2, record.number, record.sfi << 3 | 4, 0x00];
            script.add(&hex::encode(command), card_record(chain, record));
        }
        if dynamic {
            let answer = chain.bytes("internal_authenticate_response");
            script.add("00880000041122334400", answer);
        }
        script.add("80CA9F3600", object(0x9F36, &[0x00, 0x02]));
        script.add("80CA9F1300", object(0x9F13, &[0x00, 0x01]));
        script.add(&format!("80AE80001D{transaction}00"), chain.bytes("generate_ac_response"));
        // Not to the byte: crate `emv` leaves the issuer's response code out of the list.
        script.add("80AE40001F", cryptogram(0x40));
        script
    }

    /// Every command and the answer to it.
    pub fn exchanges(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.exchanges
    }

    /// A card with this script.
    pub fn card(&self) -> Card<'_> {
        Card { rest: self.exchanges.iter() }
    }

    fn add(&mut self, command: &str, mut answer: Vec<u8>) {
        answer.extend([0x90, 0x00]);
        self.exchanges.push((hex::decode(command).expect("hexadecimal"), answer));
    }

    fn refuse(&mut self, command: &str, status: [u8; 2]) {
        self.exchanges.push((hex::decode(command).expect("hexadecimal"), status.to_vec()));
    }
}

/// A card in the middle of its script.
#[derive(Debug)]
pub struct Card<'s> {
    rest: core::slice::Iter<'s, (Vec<u8>, Vec<u8>)>,
}

impl<'s> Card<'s> {
    /// The answer to the command.
    ///
    /// # Panics
    /// When the command is not the next in the script.
    pub fn answer(&mut self, command: &[u8]) -> &'s [u8] {
        let (expected, answer) = self.rest.next().expect("no more commands");
        assert!(command.starts_with(expected), "{command:02X?} instead of {expected:02X?}");
        answer
    }
}

/// A record of the card. The first, which is not signed, also brings the limits that make the
/// terminal ask for the counters.
pub(crate) fn card_record(chain: &Chain, record: RecordId) -> Vec<u8> {
    let bytes = chain.record(record.sfi, record.number);
    if record.sfi != 1 {
        return bytes;
    }
    let template = Tlvs::new(&bytes).only().ok().flatten().expect("one template");
    let limits = [object(0x9F14, &[3]), object(0x9F23, &[5])];
    object(0x70, &[template.value, &limits.concat()].concat())
}

fn fci(name: &[u8], proprietary: &[u8]) -> Vec<u8> {
    object(0x6F, &[object(0x84, name), object(0xA5, proprietary)].concat())
}

fn cryptogram(information: u8) -> Vec<u8> {
    let objects = [
        object(0x9F27, &[information]),
        object(0x9F36, &[0x00, 0x01]),
        object(0x9F26, &[0x11; 8]),
        object(0x9F10, &[0x06, 0x01, 0x0A, 0x03, 0xA0, 0x00, 0x00]),
    ];
    object(0x77, &objects.concat())
}

fn object(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; value.len() + 6];
    let mut writer = Writer::new(&mut bytes);
    writer.put(Tag(tag), value).expect("room");
    writer.written().to_vec()
}
