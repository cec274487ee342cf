//! What a card refuses, and how.

use crate::terminal::{CDOL1, CDOL2, Terminal};

/// Commands that need an application, and those that need a transaction.
const IN_APPLICATION: [&str; 2] = ["80CA9F3600", "80A8000002830000"];
const IN_TRANSACTION: [&str; 6] = [
    "00B2010C00",
    "00880000041122334400",
    "0084000000",
    "0020008008241234FFFFFFFFFF",
    "008200000801020304050607 08",
    "80AE80001D 000000001234 000000000000 0276 0000008000 0978 260115 00 11223344 00",
];

fn dda() -> Terminal {
    Terminal::with_visa("authentication.methods = ['dda']")
}

#[test]
fn commands_come_in_order() {
    for command in IN_APPLICATION.iter().chain(&IN_TRANSACTION) {
        assert_eq!(dda().send(command).1, 0x6985, "{command}, nothing selected");
        let mut terminal = dda();
        terminal.select("315041592E5359532E4444463031");
        let status = terminal.send(command).1;
        let of_directory = command.starts_with("00B2");
        assert_eq!(status, if of_directory { 0x9000 } else { 0x6985 }, "{command}, directory");
    }
    for command in IN_TRANSACTION {
        let mut terminal = dda();
        terminal.select("A000000003");
        assert_eq!(terminal.send(command).1, 0x6985, "{command}, before processing options");
    }
    let mut terminal = dda();
    terminal.select("A000000003");
    terminal.begin();
    assert_eq!(terminal.ask("80A80000", "8300").1, 0x6985, "processing options twice");
    assert_eq!(terminal.tell("00820000", "0102030405060708"), 0x6985, "no question yet");
}

#[test]
fn a_transaction_ends_with_its_last_cryptogram() {
    let mut terminal = dda();
    terminal.read();
    terminal.generate(0x80, CDOL1);
    assert_eq!(terminal.ask("00880000", "11223344").1, 0x6985, "signature after the cryptogram");
    assert_eq!(terminal.ask("80AE8000", CDOL2).1, 0x6985, "online twice");
    terminal.generate(0x00, CDOL2);
    for command in ["80AE40001F", "0020008008241234FFFFFFFFFF", "00820000080102030405060708"] {
        let command = match command {
            "80AE40001F" => format!("{command}{CDOL2}00"),
            _ => command.to_owned(),
        };
        assert_eq!(terminal.send(&command).1, 0x6985, "{command}");
    }
    assert_eq!(terminal.send("00B2011400").1, 0x9000, "records may be read still");
    terminal.card.reset();
    assert_eq!(terminal.send("00B2011400").1, 0x6985);
}

#[test]
fn lengths_are_exact() {
    let mut terminal = dda();
    terminal.select("A000000003");
    assert_eq!(terminal.ask("80A80000", "8301 00").1, 0x6700, "more than the list asks for");
    for malformed in ["8400", "83", "830000", "00 8300", "8302 01"] {
        assert_eq!(terminal.ask("80A80000", malformed).1, 0x6A80, "{malformed}");
    }
    terminal.begin();
    assert_eq!(terminal.ask("00880000", "112233").1, 0x6700);
    assert_eq!(terminal.tell("00200080", "241234FFFFFFFF"), 0x6700);
    assert_eq!(terminal.tell("00200088", "241234FFFFFFFFFF"), 0x6700);
    for data in [&CDOL1[2..], &format!("{CDOL1} 00")] {
        assert_eq!(terminal.ask("80AE8000", data).1, 0x6700);
    }
    terminal.generate(0x80, CDOL1);
    assert_eq!(terminal.tell("00820000", "01020304050607"), 0x6700);
    assert_eq!(terminal.tell("00820000", &"00".repeat(17)), 0x6700);
    assert_eq!(terminal.ask("80AE4000", CDOL1).1, 0x6700);
    terminal.generate(0x40, CDOL2);
}

#[test]
fn parameters_are_exact() {
    let mut terminal = dda();
    for p in ["0000", "0200", "0401", "0403"] {
        assert_eq!(terminal.ask(&format!("00A4{p}"), "A000000003").1, 0x6A86, "SELECT {p}");
    }
    terminal.select("A000000003");
    assert_eq!(terminal.ask("80A80001", "8300").1, 0x6A86);
    terminal.begin();
    for command in ["00B2010800", "00B2010D00", "0084000100"] {
        assert_eq!(terminal.send(command).1, 0x6A86, "{command}");
    }
    assert_eq!(terminal.ask("00880100", "11223344").1, 0x6A86);
    for p in ["0000", "0180", "0081"] {
        assert_eq!(terminal.tell(&format!("0020{p}"), "241234FFFFFFFFFF"), 0x6A86, "VERIFY {p}");
    }
    for p in ["C000", "8100", "8001", "2000", "9000", "1000"] {
        assert_eq!(terminal.ask(&format!("80AE{p}"), CDOL1).1, 0x6A86, "GENERATE AC {p}");
    }
    terminal.generate(0x80, CDOL1);
    assert_eq!(terminal.tell("00820001", "0102030405060708"), 0x6A86);
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut terminal = dda();
    terminal.read();
    assert_eq!(terminal.send("00B2090C00").1, 0x6A83, "record");
    assert_eq!(terminal.send("00B2014C00").1, 0x6A82, "file");
    assert_eq!(terminal.send("80CA9F4F00").1, 0x6A88, "data");
    assert_eq!(terminal.ask("00A40400", "A000000004").1, 0x6A82, "application");
    terminal.select("315041592E5359532E4444463031");
    assert_eq!(terminal.send("00B2020C00").1, 0x6A83);
    assert_eq!(terminal.send("00B2000C00").1, 0x6A83);
    assert_eq!(terminal.send("00B2011400").1, 0x6A82);
}

#[test]
fn a_card_has_no_command_that_its_profile_does_not_give_it() {
    let more = "cryptogram.issuer_authentication = 'none'";
    let mut terminal = Terminal::with_visa(more);
    let card = terminal.read();
    assert_eq!(card.aip, [0x18, 0x00]);
    assert_eq!(terminal.ask("00880000", "11223344").1, 0x6D00);
    assert_eq!(terminal.send("0084000000").1, 0x6D00);
    assert_eq!(terminal.tell("00200088", "241234FFFFFFFFFF"), 0x6A86);
    terminal.generate(0x80, CDOL1);
    assert_eq!(terminal.tell("00820000", "0102030405060708"), 0x6D00);
}
