//! Orders of the issuer: obeyed with the right MAC, in the right transaction, and not otherwise.

use chipwright::cryptogram::{
    CryptogramVersion, DoubleKey, MASTERCARD_20, Pin, Session, UNION_PAY_1, VISA_10, VISA_14,
    VISA_18, VISA_22,
};
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;

use crate::terminal::{CDOL1, CDOL2, Terminal, bytes, visa};

const RIGHT: &str = "241234FFFFFFFFFF";
const NEW: &str = "2556789FFFFFFFFF";

const BLOCK_APPLICATION: &str = "841E0000";
const UNBLOCK_APPLICATION: &str = "84180000";
const BLOCK_CARD: &str = "84160000";
const UNBLOCK_PIN: &str = "84240000";

/// A card that asked its issuer, and the issuer.
struct Online {
    terminal: Terminal,
    version: &'static CryptogramVersion,
    /// For cryptograms, MACs and encipherment.
    keys: [DoubleKey; 3],
    atc: u16,
    cryptogram: [u8; 8],
}

impl Online {
    fn with(profile: &str, version: &'static CryptogramVersion) -> Self {
        let (issuer, pan) = match version.scheme {
            chipwright::cryptogram::Scheme::Mastercard => ("mastercard", "5413330089020029"),
            chipwright::cryptogram::Scheme::UnionPay => ("unionpay", "6228000100001117"),
            _ => ("visa", "4761739001010119"),
        };
        let text = include_str!("../../../../test-vectors/keys/issuer-master-keys.toml");
        let file: toml::Table = text.parse().unwrap();
        let pan = bytes(pan);
        let names = ["application_cryptogram", "integrity", "confidentiality"];
        let keys = names.map(|name| {
            let key = bytes(file[issuer][name].as_str().unwrap()).try_into().unwrap();
            let (key, pan) = (DoubleKey::new(key), Pan::new(&pan).unwrap());
            version.icc_master_key(&RustCrypto, &RustCrypto, &key, pan, 0x01)
        });
        let terminal = Terminal::with(profile);
        let mut online = Self { terminal, version, keys, atc: 0, cryptogram: [0; 8] };
        online.ask();
        online
    }

    fn visa(more: &str) -> Self {
        Self::with(&visa(more), &VISA_10)
    }

    /// A new transaction that goes online.
    fn ask(&mut self) {
        self.terminal.card.reset();
        self.terminal.select("A00000");
        self.terminal.begin();
        self.atc += 1;
        let first = self.terminal.generate(0x80, CDOL1);
        self.cryptogram = first[&0x9F26].as_slice().try_into().unwrap();
    }

    fn session(&self) -> Session<'_> {
        let atc = self.atc.to_be_bytes();
        Session::new(&RustCrypto, self.version, &self.keys[0], atc, [0x11, 0x22, 0x33, 0x44])
    }

    /// A command with the MAC of the `number`th one, from 0.
    fn seal(&self, header: &str, data: &str, number: u64) -> Vec<u8> {
        let data = bytes(data);
        let mut command = bytes(header);
        command.push(u8::try_from(data.len() + 8).unwrap());
        let cryptogram = (u64::from_be_bytes(self.cryptogram) + number).to_be_bytes();
        let code = self.session().script_mac(&self.keys[1], cryptogram, &command, &data);
        command.extend(data);
        command.extend(code);
        command
    }

    fn send(&mut self, command: &[u8]) -> u16 {
        let (data, status) = self.terminal.send(&hex::encode(command));
        assert!(data.is_empty());
        status
    }

    /// Sends the first order of the transaction.
    fn order(&mut self, header: &str, data: &str) -> u16 {
        let command = self.seal(header, data, 0);
        self.send(&command)
    }

    /// The second GENERATE AC, which asks for a TC; what the card gives.
    fn complete(&mut self) -> u8 {
        self.terminal.generate(0x40, CDOL2)[&0x9F27][0]
    }

    fn change_pin(&self, digits: &[u8], current: Option<&[u8]>) -> Vec<u8> {
        let pin = |digits: &[u8]| Pin::new(digits).unwrap();
        let [_, integrity, confidentiality] = &self.keys;
        let keys = [integrity, confidentiality];
        let current = current.map(pin);
        let command =
            self.session().pin_change(keys, self.cryptogram, &pin(digits), current.as_ref());
        command.unwrap().to_vec()
    }

    fn verify(&mut self, block: &str) -> u16 {
        self.terminal.tell("00200080", block)
    }
}

/// A profile with a PIN that one wrong entry blocks, and with something to change.
fn changeable(scheme: &str, version: u8) -> String {
    format!(
        "title = 't'\n[[application]]\nscheme = '{scheme}'\n\
        cryptogram = {{ version = {version}, issuer_authentication = 'none' }}\n\
        verification = {{ pin_try_limit = 2, pin_tries_left = 0 }}\n\
        get_data = {{ 9F14 = '03' }}\n"
    )
}

#[test]
fn every_cryptogram_version_has_its_scripts() {
    for (scheme, version) in [
        ("visa", &VISA_10),
        ("visa", &VISA_14),
        ("visa", &VISA_18),
        ("visa", &VISA_22),
        ("mastercard", &MASTERCARD_20),
        ("unionpay", &UNION_PAY_1),
    ] {
        let profile = changeable(scheme, version.number);
        let mut card = Online::with(&profile, version);
        assert_eq!(card.verify(RIGHT), 0x6983, "blocked at first");
        assert_eq!(card.order(UNBLOCK_PIN, ""), 0x9000, "{scheme} {}", version.number);
        assert_eq!(card.verify(RIGHT), 0x9000);

        let mut card = Online::with(&profile, version);
        let change = card.change_pin(&[5, 6, 7, 8, 9], None);
        assert_eq!(card.send(&change), 0x9000, "{scheme} {}", version.number);
        assert_eq!(card.complete(), 0x40);
        card.ask();
        assert_eq!(card.verify(NEW), 0x9000, "{scheme} {}", version.number);
        assert_eq!(card.verify(RIGHT), 0x63C1);
    }
}

#[test]
fn a_pin_is_changed_over_the_current_one() {
    for version in [&VISA_10, &VISA_18, &VISA_22] {
        let profile = changeable("visa", version.number);
        let mut card = Online::with(&profile, version);
        let change = card.change_pin(&[5, 6, 7, 8, 9], Some(&[1, 2, 3, 4]));
        assert_eq!(card.send(&change), 0x9000, "{}", version.number);
        assert_eq!(card.verify(NEW), 0x9000);
        // What an issuer sends that is wrong about the current PIN is hardly ever a PIN.
        let mut card = Online::with(&profile, version);
        let change = card.change_pin(&[5, 6, 7, 8, 9], Some(&[9, 2, 3, 4]));
        assert_eq!(card.send(&change), 0x6A80);
        assert_eq!(card.verify(RIGHT), 0x6983, "nothing has changed");
    }
    // Others have no such change: their blocks leave no room for it.
    let mut card = Online::with(&changeable("mastercard", 20), &MASTERCARD_20);
    assert_eq!(card.order("84240001", "0011223344556677"), 0x6A86);
}

#[test]
fn a_new_pin_is_one() {
    for data in ["", "00112233", "00112233445566770011223344556677", "0011223344556677"] {
        let mut card = Online::visa("");
        assert_eq!(card.order("84240002", data), 0x6A80, "{data}");
        assert_eq!(card.verify(RIGHT), 0x9000);
    }
}

#[test]
fn a_blocked_application_refuses_until_it_is_unblocked() {
    let mut card = Online::visa("\n[[application]]\nscheme = 'mastercard'");
    assert_eq!(card.order(BLOCK_APPLICATION, ""), 0x9000);
    assert_eq!(card.complete(), 0x00, "nothing but refusals");
    card.terminal.card.reset();
    let (fci, status) = card.terminal.ask("00A40400", "A000000003");
    assert!(status == 0x6283 && !fci.is_empty());
    assert_eq!(card.terminal.ask("80A80000", "8300").1, 0x6985);
    card.terminal.select("A000000004");
    card.terminal.begin();

    let mut card = Online::visa("");
    assert_eq!(card.order(BLOCK_APPLICATION, ""), 0x9000);
    assert_eq!(card.order(UNBLOCK_APPLICATION, ""), 0x9000);
    assert_eq!(card.complete(), 0x40);
    assert_eq!(card.order(BLOCK_APPLICATION, ""), 0x9000, "after the last cryptogram as well");
    assert_eq!(card.terminal.ask("00A40400", "A000000003").1, 0x6283);
}

#[test]
fn a_blocked_card_is_blocked_for_good() {
    let mut card = Online::visa("\n[[application]]\nscheme = 'mastercard'");
    assert_eq!(card.order(BLOCK_CARD, ""), 0x9000);
    assert_eq!(card.complete(), 0x00);
    for name in ["A000000003", "A000000004", "315041592E5359532E4444463031"] {
        assert_eq!(card.terminal.ask("00A40400", name).1, 0x6A81, "{name}");
    }
    card.terminal.card.reset();
    assert_eq!(card.terminal.ask("00A40400", "A000000003").1, 0x6A81);
}

#[test]
fn records_and_data_are_changed() {
    let mut card = Online::visa("get_data = { 9F14 = '03' }");
    assert_eq!(card.order("04DA9F14", "07"), 0x9000);
    assert_eq!(card.terminal.send("80CA9F1400").0, [0x9F, 0x14, 1, 7]);
    assert_eq!(card.order("04DA9F23", "07"), 0x6A88);
    let record = "70125F200F4E45572F484F4C44455220202020";
    assert_eq!(card.order("04DC010C", record), 0x9000);
    assert_eq!(card.terminal.send("00B2010C00").0, bytes(record));
    assert_eq!(card.order("04DC090C", record), 0x6A83);
    assert_eq!(card.order("04DC010D", record), 0x6A86);
    card.ask();
    assert_eq!(card.terminal.send("00B2010C00").0, bytes(record), "and stays so");
}

#[test]
fn a_command_with_one_wrong_bit_is_not_obeyed() {
    let good = Online::visa("").seal("04DA9F14", "07", 0);
    for place in 2..good.len() {
        let mut card = Online::visa("get_data = { 9F14 = '03', 9F15 = '03' }");
        let mut wrong = good.clone();
        wrong[place] ^= 0x01;
        let expected = if place == 4 { 0x6700 } else { 0x6988 };
        assert_eq!(card.send(&wrong), expected, "byte {place}");
        assert_eq!(card.terminal.send("80CA9F1400").0, [0x9F, 0x14, 1, 3]);
        assert_eq!(card.send(&good), 0x9000, "the card knows no more of it");
    }
}

#[test]
fn a_mac_is_needed_and_nothing_else() {
    let mut card = Online::visa("");
    assert_eq!(card.terminal.tell("841E0000", "00112233445566"), 0x6987);
    assert_eq!(card.terminal.tell("841E0000", "0011223344556677"), 0x6988);
    assert_eq!(card.terminal.send("841E0000").1, 0x6700);
    for header in [BLOCK_APPLICATION, UNBLOCK_APPLICATION, BLOCK_CARD, UNBLOCK_PIN] {
        assert_eq!(card.order(header, "00"), 0x6700, "{header}");
    }
    for header in ["841E0100", "84180001", "84160100", "84240003", "84240100"] {
        assert_eq!(card.order(header, ""), 0x6A86, "{header}");
    }
    assert_eq!(card.complete(), 0x40, "nothing was blocked");
}

#[test]
fn orders_belong_to_a_transaction_that_went_online() {
    let mut card = Online::visa("");
    let early = card.seal(BLOCK_APPLICATION, "", 0);
    assert_eq!(card.complete(), 0x40);
    card.terminal.card.reset();
    assert_eq!(card.send(&early), 0x6985, "nothing selected");
    card.terminal.select("A000000003");
    assert_eq!(card.send(&early), 0x6985, "no transaction");
    card.terminal.begin();
    assert_eq!(card.send(&early), 0x6985, "no cryptogram");
    card.terminal.generate(0x40, CDOL1);
    assert_eq!(card.send(&early), 0x6985, "settled without the issuer");
    card.atc += 1;
    card.ask();
    assert_eq!(card.send(&early), 0x6988, "made for another transaction");
    assert_eq!(card.order(BLOCK_APPLICATION, ""), 0x9000);
}

#[test]
fn mastercard_counts_commands() {
    let profile = changeable("mastercard", 20);
    let mut card = Online::with(&profile, &MASTERCARD_20);
    let commands = [0, 1, 2].map(|number| card.seal("04DA9F14", &format!("0{number}"), number));
    assert_eq!(card.send(&commands[0]), 0x9000);
    assert_eq!(card.send(&commands[0]), 0x6988, "a second time");
    assert_eq!(card.send(&commands[1]), 0x6988, "the one before counted");
    let third = card.seal("04DA9F14", "09", 3);
    assert_eq!(card.send(&third), 0x9000);
    assert_eq!(card.terminal.send("80CA9F1400").0, [0x9F, 0x14, 1, 9]);
}

#[test]
fn the_issuer_hears_of_its_orders_in_the_next_transaction() {
    for before in [true, false] {
        let mut card = Online::visa("");
        if before {
            card.order(UNBLOCK_PIN, "");
            card.order("841E0001", "");
        }
        assert_eq!(card.terminal.generate(0x40, CDOL2)[&0x9F10][6], 0x00, "not yet");
        if !before {
            card.order(UNBLOCK_PIN, "");
            card.order(UNBLOCK_PIN, "");
        }
        card.terminal.card.reset();
        card.terminal.select("A000000003");
        card.terminal.begin();
        let next = card.terminal.generate(0x80, CDOL1);
        assert_eq!(next[&0x9F10][6], if before { 0x28 } else { 0x20 });
        card.terminal.generate(0x40, CDOL2);
        card.terminal.select("A000000003");
        card.terminal.begin();
        assert_eq!(card.terminal.generate(0x80, CDOL1)[&0x9F10][6], 0x00, "told once");
    }
}
