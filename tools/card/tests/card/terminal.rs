//! A terminal that believes nothing: the other side of the tests.

use std::collections::BTreeMap;

use chipwright::tlv::Tlvs;
use chipwright_card::{Card, Profile, builtin};

/// Data objects by tag.
pub(crate) type Objects = BTreeMap<u32, Vec<u8>>;

/// Terminal data for the default CDOL1: amounts, country, TVR, currency, date, type, number.
pub(crate) const CDOL1: &str = "000000001234 000000000000 0276 0000008000 0978 260115 00 11223344";

/// The same for the default CDOL2, with an approval.
pub(crate) const CDOL2: &str =
    "000000001234 000000000000 0276 0000008000 0978 260115 00 55667788 3030";

pub(crate) struct Terminal {
    pub(crate) card: Card,
}

/// What a card said until its records were read.
pub(crate) struct Application {
    pub(crate) aip: Vec<u8>,
    pub(crate) afl: Vec<u8>,
    pub(crate) objects: Objects,
    /// Static data to be authenticated.
    pub(crate) static_data: Vec<u8>,
}

impl Terminal {
    /// A terminal with a card of this profile in it.
    pub(crate) fn with(profile: &str) -> Self {
        let profile = Profile::parse(profile).unwrap_or_else(|error| panic!("{error}"));
        let card = Card::new(&profile, 7).unwrap_or_else(|error| panic!("{error}"));
        Self { card }
    }

    /// A terminal with a card of the Visa scheme; `more` completes its one application.
    pub(crate) fn with_visa(more: &str) -> Self {
        Self::with(&visa(more))
    }

    /// A terminal with a card that comes with the crate.
    pub(crate) fn with_builtin(name: &str) -> Self {
        let profile = builtin().iter().find(|profile| profile.name == name);
        Self::with(profile.unwrap().text)
    }

    /// Sends a command in hexadecimal; gives data and status word.
    pub(crate) fn send(&mut self, command: &str) -> (Vec<u8>, u16) {
        let mut answer = self.card.transmit(&bytes(command));
        let status = answer.split_off(answer.len() - 2);
        (answer, u16::from_be_bytes([status[0], status[1]]))
    }

    /// Sends a header with data, and Le.
    pub(crate) fn ask(&mut self, header: &str, data: &str) -> (Vec<u8>, u16) {
        let length = bytes(data).len();
        self.send(&format!("{header} {length:02X} {data} 00"))
    }

    /// Sends a header with data, without Le.
    pub(crate) fn tell(&mut self, header: &str, data: &str) -> u16 {
        let length = bytes(data).len();
        let (answer, status) = self.send(&format!("{header} {length:02X} {data}"));
        assert!(answer.is_empty());
        status
    }

    /// Data of a command that must succeed.
    pub(crate) fn expect(&mut self, (data, status): (Vec<u8>, u16)) -> Vec<u8> {
        assert_eq!(status, 0x9000);
        assert!(data.len() <= 256);
        data
    }

    /// Selects the application whose name begins with `aid`.
    pub(crate) fn select(&mut self, aid: &str) -> Vec<u8> {
        let answer = self.ask("00A40400", aid);
        self.expect(answer)
    }

    /// GET PROCESSING OPTIONS without a PDOL; AIP and AFL.
    pub(crate) fn begin(&mut self) -> (Vec<u8>, Vec<u8>) {
        let answer = self.ask("80A80000", "8300");
        let data = self.expect(answer);
        let (tag, value) = only(&data);
        match tag {
            0x80 => (value[..2].to_vec(), value[2..].to_vec()),
            0x77 => {
                let objects = objects(&value);
                (objects[&0x82].clone(), objects[&0x94].clone())
            }
            _ => panic!("{tag:X}"),
        }
    }

    /// From SELECT to the last record.
    pub(crate) fn read(&mut self) -> Application {
        self.select("A00000");
        let (aip, afl) = self.begin();
        let (mut found, mut static_data) = (Objects::new(), Vec::new());
        for entry in afl.chunks(4) {
            let [sfi, first, last, signed] = entry else { panic!("AFL") };
            for number in *first..=*last {
                let answer = self.send(&format!("00B2{number:02X}{:02X}00", sfi | 4));
                let record = self.expect(answer);
                let (tag, value) = only(&record);
                assert_eq!(tag, 0x70);
                for (tag, value) in objects(&value) {
                    assert!(found.insert(tag, value).is_none(), "{tag:X} twice");
                }
                if number - first < *signed {
                    static_data.extend(if sfi >> 3 <= 10 { value } else { record });
                }
            }
        }
        if found.get(&0x9F4A).is_some_and(|list| list == &[0x82]) {
            static_data.extend(&aip);
        }
        Application { aip, afl, objects: found, static_data }
    }

    /// GENERATE AC with `p1`; the objects of the answer.
    pub(crate) fn generate(&mut self, p1: u8, data: &str) -> Objects {
        let answer = self.ask(&format!("80AE{p1:02X}00"), data);
        let data = self.expect(answer);
        let (tag, value) = only(&data);
        match tag {
            0x77 => objects(&value),
            0x80 => Objects::from([
                (0x9F27, value[..1].to_vec()),
                (0x9F36, value[1..3].to_vec()),
                (0x9F26, value[3..11].to_vec()),
                (0x9F10, value[11..].to_vec()),
            ]),
            _ => panic!("{tag:X}"),
        }
    }
}

pub(crate) fn visa(more: &str) -> String {
    format!("title = 'test'\n[[application]]\nscheme = 'visa'\n{more}")
}

pub(crate) fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The one object that fills `data`.
pub(crate) fn only(data: &[u8]) -> (u32, Vec<u8>) {
    let object = Tlvs::new(data).only().unwrap().unwrap();
    assert_eq!(object.raw, data);
    (object.tag.0, object.value.to_vec())
}

pub(crate) fn objects(data: &[u8]) -> Objects {
    let objects = Tlvs::new(data).map(Result::unwrap);
    objects.map(|object| (object.tag.0, object.value.to_vec())).collect()
}
