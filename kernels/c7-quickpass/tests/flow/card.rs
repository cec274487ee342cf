//! Cards: one that says what the test wants, and one with real signatures.

use chipwright::session::LinkError;
use chipwright_card::{Interface, Profile, builtin};
use chipwright_harness::CardChannel;

/// The AID of the application that a [`Card`] has.
pub(crate) const AID: &str = "A000000333010101";
/// Its account number, of a test range, and its track.
pub(crate) const PAN: &str = "6228000100001117";
pub(crate) const TRACK: &str = "6228000100001117D49122010000000F";
/// Its list: qualifiers, amounts, country, TVR, currency, date, type, number.
pub(crate) const PDOL: &str = "9F6604 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704";

/// GET PROCESSING OPTIONS.
pub(crate) const GPO: &str = "80A8";
/// READ RECORD of any record.
pub(crate) const READ: &str = "00B2";

/// Issuer Application Data that tell of each type of cryptogram.
pub(crate) const ARQC: &str = "07010103A0000001";
pub(crate) const TC: &str = "0701010390000001";
pub(crate) const AAC: &str = "0701010380000001";

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

/// A card with one application; what a test does not say it answers in an ordinary way.
///
/// Its answer to GET PROCESSING OPTIONS asks for the issuer, and there are no records; it has no
/// keys.
#[derive(Clone)]
pub(crate) struct Card {
    fci: Vec<u8>,
    options: Vec<(u32, Vec<u8>)>,
    records: Vec<Vec<(u32, Vec<u8>)>>,
    /// What the test says: by the beginning of a command.
    said: Vec<(Vec<u8>, Vec<u8>)>,
    /// Commands that begin so are not answered.
    lost: Option<Vec<u8>>,
    /// Every command that came, SELECT included.
    pub(crate) commands: Vec<Vec<u8>>,
}

impl Card {
    /// With an ARQC.
    pub(crate) fn new() -> Self {
        let options = [
            (0x82, "2000"),
            (0x9F36, "0001"),
            (0x9F26, "1122334455667788"),
            (0x9F10, ARQC),
            (0x57, TRACK),
            (0x5F34, "01"),
            (0x9F6C, "0000"),
        ];
        Self {
            fci: fci(AID, &[tlv(0x50, "54455354"), tlv(0x9F38, PDOL)]),
            options: options.map(|(tag, value)| (tag, hex(value))).to_vec(),
            records: Vec::new(),
            said: Vec::new(),
            lost: None,
            commands: Vec::new(),
        }
    }

    /// With a TC, and two records, the second one with nothing that matters.
    pub(crate) fn offline() -> Self {
        Self::new()
            .option(0x9F10, TC)
            .option(0x94, "08010200")
            .record(&[(0x5A, PAN), (0x5F24, "491231"), (0x9F08, "0030")])
            .record(&[(0x9F69, "01A1B2C3D4000000")])
    }

    /// With this object in the answer to GET PROCESSING OPTIONS, instead of an earlier one.
    pub(crate) fn option(self, tag: u32, value: &str) -> Self {
        let mut card = self.without(tag);
        card.options.push((tag, hex(value)));
        card
    }

    /// With this object there, even a second time.
    pub(crate) fn option_again(mut self, tag: u32, value: &str) -> Self {
        self.options.push((tag, hex(value)));
        self
    }

    /// Without an object.
    pub(crate) fn without(mut self, tag: u32) -> Self {
        self.options.retain(|(other, _)| *other != tag);
        self
    }

    /// With another record in file 1.
    pub(crate) fn record(mut self, objects: &[(u32, &str)]) -> Self {
        self.records.push(objects.iter().map(|(tag, value)| (*tag, hex(value))).collect());
        self
    }

    /// With these records, and no others.
    pub(crate) fn records(mut self, records: &[&[(u32, &str)]]) -> Self {
        self.records.clear();
        let number = u8::try_from(records.len()).unwrap();
        let mut card = self.option(0x94, &format!("0801{number:02X}00"));
        for record in records {
            card = card.record(record);
        }
        card
    }

    /// With this answer to SELECT.
    pub(crate) fn selected(mut self, answer: Vec<u8>) -> Self {
        self.fci = answer;
        self
    }

    /// With more objects in its FCI.
    pub(crate) fn in_fci(self, more: &[Vec<u8>]) -> Self {
        let objects = [vec![tlv(0x9F38, PDOL)], more.to_vec()].concat();
        self.selected(fci(AID, &objects))
    }

    /// Commands that begin so get this answer.
    pub(crate) fn on(mut self, command: &str, answer: Vec<u8>) -> Self {
        self.said.push((hex(command), answer));
        self
    }

    /// Commands that begin so are lost.
    pub(crate) fn losing(mut self, command: &str) -> Self {
        self.lost = Some(hex(command));
        self
    }

    /// The commands that begin so.
    pub(crate) fn sent(&self, command: &str) -> Vec<&[u8]> {
        let command = hex(command);
        let sent = self.commands.iter().filter(|sent| sent.starts_with(&command));
        sent.map(Vec::as_slice).collect()
    }

    /// What the PDOL of [`PDOL`] was filled with.
    pub(crate) fn filled(&self) -> &[u8] {
        &self.sent(GPO)[0][7..40]
    }

    fn in_its_way(&self, command: &[u8]) -> Vec<u8> {
        let encoded = |objects: &[(u32, Vec<u8>)]| -> Vec<Vec<u8>> {
            objects.iter().map(|(tag, value)| object(*tag, value)).collect()
        };
        match *command {
            [0x00, 0xA4, 0x04, 0x00, ..] => self.fci.clone(),
            [0x80, 0xA8, ..] => answer(0x77, &encoded(&self.options)),
            [0x00, 0xB2, number, 0x0C, ..] => match self.records.get(usize::from(number) - 1) {
                Some(record) => answer(0x70, &encoded(record)),
                None => status(0x6A83),
            },
            _ => status(0x6D00),
        }
    }
}

impl CardChannel for Card {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.commands.push(command.to_vec());
        if self.lost.as_ref().is_some_and(|lost| command.starts_with(lost)) {
            return Err(LinkError::Removed);
        }
        let said = self.said.iter().find(|(known, _)| command.starts_with(known));
        Ok(said.map_or_else(|| self.in_its_way(command), |(_, answer)| answer.clone()))
    }
}

/// A card with real keys and signatures, and someone between it and the terminal.
pub(crate) struct Simulated<F = fn(&[u8], &mut Vec<u8>)> {
    pub(crate) card: chipwright_card::Card,
    /// May change an answer; sees the command.
    between: F,
    /// Every command that came, SELECT included.
    pub(crate) commands: Vec<Vec<u8>>,
}

/// Nobody between card and terminal.
fn nobody(_: &[u8], _: &mut Vec<u8>) {}

impl Simulated {
    /// A card that comes with the simulator.
    pub(crate) fn builtin(name: &str) -> Self {
        let found = builtin().iter().find(|profile| profile.name == name);
        Self::with(found.unwrap_or_else(|| panic!("{name}")).text, nobody)
    }

    /// An offline card with these lines more in its profile.
    pub(crate) fn offline(more: &str) -> Self {
        Simulated::tampered(more, nobody)
    }
}

impl<F: FnMut(&[u8], &mut Vec<u8>)> Simulated<F> {
    /// An offline card with these lines more in its profile, and someone between.
    pub(crate) fn tampered(more: &str, between: F) -> Simulated<F> {
        let text = format!(
            "title = ''\n[[application]]\nscheme = 'unionpay'\naid = '{AID}'\n\
             authentication.methods = ['dda']\nquickpass.information = false\n{more}\n"
        );
        Simulated::with(&text, between)
    }

    /// The card that a profile describes.
    pub(crate) fn with(profile: &str, between: F) -> Simulated<F> {
        let profile = Profile::parse(profile).unwrap_or_else(|error| panic!("{error}"));
        let mut card = chipwright_card::Card::new(&profile, 1).unwrap();
        card.present(Interface::Contactless);
        Simulated { card, between, commands: Vec::new() }
    }

    /// Takes the card away and presents it again.
    pub(crate) fn present(&mut self) {
        self.card.present(Interface::Contactless);
        self.commands.clear();
    }
}

impl<F: FnMut(&[u8], &mut Vec<u8>)> CardChannel for Simulated<F> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.commands.push(command.to_vec());
        let mut answer = self.card.transmit(command);
        (self.between)(command, &mut answer);
        Ok(answer)
    }
}
