//! A card made of a few lines: no keys, no authentication, one application.

use chipwright::session::LinkError;

/// The account, as in the record.
pub(crate) const PAN: &str = "4761739001010010";

/// Track 2: account, separator, and digits that stand nowhere else.
pub(crate) const TRACK_2: &str = "4761739001010010D30122011234567809";
/// What no journal may keep of it.
pub(crate) const TRACK_SECRET: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// What the card does.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    /// AIP, 2 bytes.
    pub(crate) profile: &'static str,
    /// CVM List.
    pub(crate) rules: &'static str,
    /// Issuer Action Codes: online and default; absent ones are all ones.
    pub(crate) action_codes: [Option<&'static str>; 2],
    /// CID of the first cryptogram; the card gives what is asked for when there is none.
    pub(crate) first: Option<u8>,
    /// CID of the second one.
    pub(crate) second: Option<u8>,
    /// Status words of VERIFY, one after the other; the last one stays.
    pub(crate) verify: Vec<[u8; 2]>,
    /// Applications: 0 or 1.
    pub(crate) applications: u8,
    /// Answers READ RECORD with this many bytes of nothing instead.
    pub(crate) oversized: Option<usize>,
    /// Needs the cardholder's confirmation.
    pub(crate) confirmation: bool,
    /// Commands that it got: INS and P1.
    pub(crate) seen: Vec<[u8; 2]>,
    cryptograms: u8,
}

impl Default for Card {
    fn default() -> Self {
        Self {
            profile: "0000",
            rules: "00000000000000001F00",
            action_codes: [None, Some("0000000000")],
            first: None,
            second: None,
            verify: vec![[0x90, 0x00]],
            applications: 1,
            oversized: None,
            confirmation: false,
            seen: Vec::new(),
            cryptograms: 0,
        }
    }
}

/// One data object.
pub(crate) fn object(tag: &str, value: &str) -> String {
    match value.len() / 2 {
        length @ 0..=0x7F => format!("{tag}{length:02X}{value}"),
        length => format!("{tag}81{length:02X}{value}"),
    }
}

impl Card {
    /// Answers a command, status word included.
    pub(crate) fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.seen.push([command[1], command[2]]);
        let ok = |hex: String| Ok(hex::decode(hex + "9000").unwrap());
        match command {
            [0x00, 0xA4, ..] if self.applications == 0 => Ok(vec![0x6A, 0x82]),
            [0x00, 0xA4, ..] => ok(self.control_information()),
            [0x80, 0xA8, ..] => {
                self.cryptograms = 0;
                ok(object("80", &format!("{}08010100", self.profile)))
            }
            [0x00, 0xB2, ..] if self.oversized.is_some() => {
                Ok(vec![0; self.oversized.unwrap_or_default()])
            }
            [0x00, 0xB2, 1, 0x0C, ..] => ok(self.record()),
            [0x80, 0xAE, request, ..] => {
                self.cryptograms += 1;
                let fixed = if self.cryptograms == 1 { self.first } else { self.second };
                let cid = fixed.unwrap_or(request & 0xC0);
                ok(object("80", &format!("{cid:02X}0007{}06010A03A4A002", "AC".repeat(8))))
            }
            [0x00, 0x20, ..] if self.verify.len() > 1 => Ok(self.verify.remove(0).to_vec()),
            [0x00, 0x20, ..] => Ok(self.verify[0].to_vec()),
            [0x80, 0xCA, ..] => Ok(vec![0x6A, 0x88]),
            _ => Ok(vec![0x90, 0x00]), // EXTERNAL AUTHENTICATE, scripts
        }
    }

    fn control_information(&self) -> String {
        let priority = if self.confirmation { "81" } else { "01" };
        let proprietary =
            [object("50", "56495341"), object("5F2D", "66726465"), object("87", priority)];
        let content = object("84", "A0000000031010") + &object("A5", &proprietary.concat());
        object("6F", &content)
    }

    fn record(&self) -> String {
        let [online, default] = self.action_codes;
        let content = [
            online.map(|code| object("9F0F", code)).unwrap_or_default(),
            default.map(|code| object("9F0D", code)).unwrap_or_default(),
            object("5A", PAN),
            object("5F24", "301231"),
            object("5F34", "01"),
            object("57", TRACK_2),
            object("8C", "9F02069F3704"),
            object("8D", "8A029F02069F3704"),
            object("8E", self.rules),
        ];
        object("70", &content.concat())
    }
}
