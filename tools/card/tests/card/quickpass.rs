//! Contactless: one command that brings everything, and the money goes with the last record.

use super::terminal::{Terminal, bytes, objects, only};
use chipwright_card::{Interface, Profile};

/// What the default list asks for: qualifiers, amounts, country, TVR, currency, date, type, number.
fn tap(qualifiers: &str, amount: &str) -> String {
    format!("8321 {qualifiers} {amount} 000000000000 0156 0000000000 0156 260115 00 11223344")
}

fn terminal(name: &str) -> Terminal {
    let mut terminal = Terminal::with_builtin(name);
    terminal.card.present(Interface::Contactless);
    terminal
}

/// Selects, taps, and gives the answer's objects.
fn tapped(terminal: &mut Terminal, qualifiers: &str, amount: &str) -> super::terminal::Objects {
    terminal.select("A000000333");
    let answer = terminal.ask("80A80000", &tap(qualifiers, amount));
    let answer = terminal.expect(answer);
    let (tag, content) = only(&answer);
    assert_eq!(tag, 0x77);
    objects(&content)
}

#[test]
fn each_interface_has_its_applications() {
    let mut terminal = terminal("dual-application");
    let (answer, status) = terminal.ask("00A40400", "325041592E5359532E4444463031");
    assert_eq!((status, answer[0]), (0x9000, 0x6F));
    assert!(answer.windows(8).any(|name| name == bytes("A000000333010102")));
    assert_eq!(terminal.ask("00A40400", "315041592E5359532E4444463031").1, 0x6A82);
    assert!(terminal.select("A000000333").windows(3).any(|list| list == bytes("9F6604")));

    terminal.card.present(Interface::Contact);
    assert_eq!(terminal.ask("00A40400", "325041592E5359532E4444463031").1, 0x6A82);
    assert!(!terminal.select("A000000333").windows(3).any(|list| list == bytes("9F6604")));
    let mut contactless = Terminal::with_builtin("quickpass-debit");
    assert_eq!(contactless.ask("00A40400", "A000000333").1, 0x6A82);
}

#[test]
fn the_issuer_is_asked_in_one_command() {
    let mut terminal = terminal("quickpass-debit");
    let answer = tapped(&mut terminal, "26000080", "000000000888");
    let tags: Vec<u32> = answer.keys().copied().collect();
    assert_eq!(tags, [0x57, 0x82, 0x5F34, 0x9F10, 0x9F26, 0x9F36, 0x9F6C]);
    assert_eq!((answer[&0x9F10][4], &answer[&0x9F6C][..]), (0xA0, &[0, 0][..]));
    let verified = tapped(&mut terminal, "26400080", "000000000888");
    assert_eq!(verified[&0x9F6C], [0x80, 0x00]);
    assert_eq!(verified[&0x9F36], [0x00, 0x02]);
}

#[test]
fn money_goes_with_the_last_record() {
    let mut terminal = terminal("quickpass-offline");
    let answer = tapped(&mut terminal, "26000080", "000000000888");
    assert_eq!((answer[&0x9F10][4], &answer[&0x9F5D][..]), (0x90, &bytes("000000009112")[..]));
    assert_eq!(terminal.card.balance(), Some(10_000));
    let afl = answer[&0x94].clone();
    assert_eq!(afl[afl.len() - 4..], [0x28, 1, 1, 0]);
    let record = terminal.send("00B2012C00");
    let record = terminal.expect(record);
    assert_eq!(terminal.card.balance(), Some(9112));
    assert_eq!(objects(&only(&record).1)[&0x9F69].len(), 8);
    terminal.send("00B2012C00");
    assert_eq!(terminal.card.balance(), Some(9112), "taken once");
    // More than there is, or a terminal that wants the issuer, is for the issuer.
    let more = tapped(&mut terminal, "26000080", "000000009113");
    assert_eq!((more[&0x9F10][4], more.contains_key(&0x9F4B)), (0xA0, false));
    assert_eq!(tapped(&mut terminal, "26800080", "000000000888")[&0x9F10][4], 0xA0);
    assert_eq!(tapped(&mut terminal, "28000080", "000000009113")[&0x9F10][4], 0x80);
    assert_eq!(terminal.card.balance(), Some(9112));
}

#[test]
fn a_device_waits_for_its_owner() {
    let mut terminal = terminal("quickpass-phone");
    terminal.select("A000000333");
    let sent = tap("26000080", "000000000888");
    assert_eq!(terminal.ask("80A80000", &sent).1, 0x6986);
    terminal.card.present(Interface::Contactless);
    let answer = tapped(&mut terminal, "26000080", "000000000888");
    assert_eq!((answer[&0x9F36][1], &answer[&0x9F6C][..]), (1, &[0x00, 0x80][..]));
    assert_eq!(answer[&0x9F69][5..7], [0x00, 0x80]);
    terminal.select("A000000333");
    assert_eq!(terminal.ask("80A80000", &sent).1, 0x6986, "for one payment");
}

#[test]
fn what_cannot_be_is_refused() {
    for (line, message) in [
        ("quickpass.qualifiers = '00'", "quickpass.qualifiers: not 2 bytes"),
        ("quickpass.signature_version = 2", "quickpass.signature_version: neither 0 nor 1"),
        ("quickpass.balance = 1000000000000", "quickpass.balance: more than twelve digits"),
        ("quickpass.decision = 'arqc'\npdol = '9F6604'", "pdol: "),
    ] {
        let text = format!("title = ''\n[[application]]\nscheme = 'unionpay'\n{line}\n");
        let profile = Profile::parse(&text).unwrap();
        let error = chipwright_card::Card::new(&profile, 1).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
