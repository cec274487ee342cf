//! Cards: one that says what the test wants, and one with real signatures.

use chipwright_card::Profile;
use chipwright_harness::CardChannel;

use chipwright::session::LinkError;

/// The AID of the application that a [`Card`] has.
pub(crate) const AID: &str = "A0000000031010";
/// Its account number, of a test range.
pub(crate) const PAN: &str = "4761739001010119";

/// SELECT the Payment System Environment.
pub(crate) const SELECT_PSE: &str = "00A404000E";
/// SELECT the first application whose name begins with the RID.
pub(crate) const SELECT_RID: &str = "00A4040005A000000003";
/// SELECT the next one.
pub(crate) const SELECT_NEXT: &str = "00A4040205A000000003";
/// GET PROCESSING OPTIONS.
pub(crate) const GPO: &str = "80A8";
/// READ RECORD 1 of file 1.
pub(crate) const RECORD: &str = "00B2010C";
/// GENERATE AC for an AAC, a TC, an ARQC, without signature.
pub(crate) const ASK_AAC: &str = "80AE00";
pub(crate) const ASK_TC: &str = "80AE40";
pub(crate) const ASK_ARQC: &str = "80AE80";
/// EXTERNAL AUTHENTICATE.
pub(crate) const EXTERNAL_AUTHENTICATE: &str = "0082";

/// A status word alone.
pub(crate) fn status(word: u16) -> Vec<u8> {
    word.to_be_bytes().to_vec()
}

/// Bytes out of hexadecimal digits and spaces.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// A data object.
pub(crate) fn object(tag: u32, value: &[u8]) -> Vec<u8> {
    let tag = tag.to_be_bytes();
    let mut bytes: Vec<u8> = tag.into_iter().skip_while(|byte| *byte == 0).collect();
    match u8::try_from(value.len()).unwrap() {
        short @ ..=0x7F => bytes.push(short),
        long => bytes.extend([0x81, long]),
    }
    [bytes, value.to_vec()].concat()
}

/// A data object whose value is given in hexadecimal.
pub(crate) fn tlv(tag: u32, value: &str) -> Vec<u8> {
    object(tag, &hex(value))
}

/// A template around objects, answered with 9000.
pub(crate) fn answer(template: u32, objects: &[Vec<u8>]) -> Vec<u8> {
    [object(template, &objects.concat()), status(0x9000)].concat()
}

/// The answer to SELECT of an application with this name, and more objects in A5.
pub(crate) fn fci(name: &str, more: &[Vec<u8>]) -> Vec<u8> {
    answer(0x6F, &[tlv(0x84, name), object(0xA5, &more.concat())])
}

/// The answer to GENERATE AC in format 2 with this CID.
pub(crate) fn cryptogram(information: u8) -> Vec<u8> {
    answer(
        0x77,
        &[
            object(0x9F27, &[information]),
            tlv(0x9F36, "0007"),
            tlv(0x9F26, "1122334455667788"),
            tlv(0x9F10, "06010A03A0B800"),
        ],
    )
}

/// A card with one application; what a test does not say it answers in an ordinary way.
///
/// It offers no offline data authentication and no cardholder verification, and its action codes
/// are zero: a terminal that goes by the card alone asks for a TC. GENERATE AC gives what was
/// asked for.
pub(crate) struct Card {
    aip: Vec<u8>,
    objects: Vec<(u32, Vec<u8>)>,
    /// What the test says: by the beginning of a command, answers in turn, the last for ever.
    said: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    /// Every command that came.
    pub(crate) commands: Vec<Vec<u8>>,
}

impl Card {
    pub(crate) fn new() -> Self {
        let objects = [
            (0x5A, PAN),
            (0x5F24, "491231"),
            (0x8C, "9505 9F3704"),
            (0x8D, "8A02 9505"),
            (0x9F0D, "0000000000"),
            (0x9F0E, "0000000000"),
            (0x9F0F, "0000000000"),
        ];
        Self {
            aip: hex("0000"),
            objects: objects.map(|(tag, value)| (tag, hex(value))).to_vec(),
            said: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// With action codes by which every transaction asks the issuer: offline data authentication
    /// is never performed with this card.
    pub(crate) fn online() -> Self {
        Self::new().object(0x9F0F, "8000000000")
    }

    /// With another Application Interchange Profile.
    pub(crate) fn aip(mut self, aip: &str) -> Self {
        self.aip = hex(aip);
        self
    }

    /// With this object in its record, instead of an earlier one.
    pub(crate) fn object(self, tag: u32, value: &str) -> Self {
        let mut card = self.without(tag);
        card.objects.push((tag, hex(value)));
        card
    }

    /// Without an object.
    pub(crate) fn without(mut self, tag: u32) -> Self {
        self.objects.retain(|(other, _)| *other != tag);
        self
    }

    /// With this CVM List (amounts X and Y zero), and cardholder verification in the AIP.
    pub(crate) fn rules(self, rules: &str) -> Self {
        self.aip("1000").object(0x8E, &format!("0000000000000000 {rules}"))
    }

    /// With more objects in the FCI of its application.
    pub(crate) fn in_fci(self, more: &[Vec<u8>]) -> Self {
        self.on(SELECT_PSE, status(0x6A82)).on("00A40400", fci(AID, more))
    }

    /// Commands that begin so get this answer; a second one is given the second time, and so on.
    pub(crate) fn on(mut self, command: &str, answer: Vec<u8>) -> Self {
        let command = hex(command);
        match self.said.iter_mut().find(|(known, _)| *known == command) {
            Some((_, answers)) => answers.push(answer),
            None => self.said.push((command, vec![answer])),
        }
        self
    }

    /// The commands that begin so.
    pub(crate) fn sent(&self, command: &str) -> Vec<&[u8]> {
        let command = hex(command);
        let sent = self.commands.iter().filter(|sent| sent.starts_with(&command));
        sent.map(Vec::as_slice).collect()
    }

    /// The only command that begins so.
    pub(crate) fn only(&self, command: &str) -> &[u8] {
        let sent = self.sent(command);
        assert_eq!(sent.len(), 1, "{command}: {:02X?}", self.commands);
        sent[0]
    }

    fn in_its_way(&self, command: &[u8]) -> Vec<u8> {
        match command {
            [0x00, 0xA4, 0x04, 0x00, length, name @ .., 0x00]
                if name.len() == usize::from(*length) && hex(AID).starts_with(name) =>
            {
                fci(AID, &[tlv(0x50, "54455354")])
            }
            [0x00, 0xA4, ..] => status(0x6A82),
            [0x80, 0xA8, ..] => answer(0x77, &[object(0x82, &self.aip), tlv(0x94, "08010100")]),
            [0x00, 0xB2, 0x01, 0x0C, ..] => {
                let objects = self.objects.iter().map(|(tag, value)| object(*tag, value));
                answer(0x70, &objects.collect::<Vec<_>>())
            }
            [0x80, 0xCA, ..] => status(0x6A88),
            [0x80, 0xAE, kind, ..] => cryptogram(kind & 0xC0),
            [0x00, 0x82, ..] => status(0x9000),
            _ => status(0x6D00),
        }
    }
}

impl CardChannel for Card {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.commands.push(command.to_vec());
        let said = self.said.iter_mut().filter(|(known, _)| command.starts_with(known));
        Ok(match said.max_by_key(|(known, _)| known.len()) {
            Some((_, answers)) if answers.len() > 1 => answers.remove(0),
            Some((_, answers)) => answers[0].clone(),
            None => self.in_its_way(command),
        })
    }
}

/// A card with real keys and signatures, and someone between it and the terminal.
pub(crate) struct Signing<F> {
    card: chipwright_card::Card,
    /// May change an answer; sees the command.
    between: F,
    /// Every command that came.
    pub(crate) commands: Vec<Vec<u8>>,
}

/// Nobody between card and terminal.
pub(crate) fn nobody(_: &[u8], _: &mut Vec<u8>) {}

impl<F: FnMut(&[u8], &mut Vec<u8>)> Signing<F> {
    /// The card that a profile describes, beside its title and the `[[application]]` line.
    pub(crate) fn new(profile: &str, between: F) -> Self {
        let text = format!("title = \"\"\n[[application]]\nscheme = \"visa\"\n{profile}");
        let profile = Profile::parse(&text).unwrap();
        let card = chipwright_card::Card::new(&profile, 1).unwrap();
        Self { card, between, commands: Vec::new() }
    }

    /// P1 of every GENERATE AC, in order.
    pub(crate) fn asked(&self) -> Vec<u8> {
        let asked = self.commands.iter().filter(|command| command[1] == 0xAE);
        asked.map(|command| command[2]).collect()
    }
}

impl<F: FnMut(&[u8], &mut Vec<u8>)> CardChannel for Signing<F> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.commands.push(command.to_vec());
        let mut answer = self.card.transmit(command);
        (self.between)(command, &mut answer);
        Ok(answer)
    }
}
