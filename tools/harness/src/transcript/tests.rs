use super::*;
use crate::terminal_file::TerminalFile;
use chipwright::event::Events;
use chipwright::outcome::Conclusion;

const HEAD: &str = "terminal  attended-offline-online\npurchase  10.00 EUR\n";

fn parse(dialogue: &str) -> Result<Transcript, String> {
    Transcript::parse(&format!("{HEAD}{dialogue}")).map_err(|error| error.to_string())
}

fn played(dialogue: &str) -> Result<Played, Box<Difference>> {
    let transcript = parse(dialogue).unwrap();
    let file = TerminalFile::builtin(&transcript.terminal).unwrap();
    let configuration = file.configuration();
    play(&transcript, &configuration.terminal(), Events::NONE)
}

const BLOCKED: &str =
    "> 00A404000E 315041592E5359532E4444463031 00\n< 6A81\n= terminated offline  card-blocked\n";

#[test]
fn a_dialogue_as_expected_passes() {
    let played = played(BLOCKED).unwrap();
    assert_eq!(played.outcome.conclusion, Conclusion::Terminated);
    assert_eq!((played.commands, played.questions), (1, 0));
}

#[test]
fn every_other_output_differs() {
    let shorter = BLOCKED.replace("3031 00", "3032 00");
    let difference = played(&shorter).unwrap_err();
    assert_eq!(difference.line, 3);
    let text = difference.to_string();
    assert!(text.starts_with("line 3: "), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with('^')), "{text}");
    for wrong in [
        "= declined offline",
        "= terminated online  card-blocked",
        "= terminated offline",
        "= terminated offline  not-confirmed",
        "= terminated offline  card-blocked  signature",
        "= terminated offline  card-blocked  in completion",
        "= terminated offline  card-blocked  TVR 0000000001",
        "> 00B2010C00\n< 6A83\n= terminated offline  card-blocked",
    ] {
        let dialogue = BLOCKED.replace("= terminated offline  card-blocked", wrong);
        let difference = played(&dialogue).unwrap_err();
        assert_eq!(difference.line, 5, "{wrong}");
    }
    let right = "= terminated offline  card-blocked  in application-selection  TVR 0000000000";
    assert!(played(&BLOCKED.replace("= terminated offline  card-blocked", right)).is_ok());
}

#[test]
fn lines_that_are_none_are_refused_by_number() {
    let refused = |dialogue: &str| parse(dialogue).unwrap_err();
    for (dialogue, expected) in [
        ("> 00A4x0\n", "line 3: not hexadecimal"),
        ("> 00A\n", "line 3: not hexadecimal: Odd number of digits"),
        ("< 9000\n", "line 3: a reply to nothing"),
        ("> 00\n> 00\n", "line 4: no reply to `> 00`"),
        ("> 00\n! unreachable\n", "line 4: no reply to `> 00`"),
        ("> 00\n< 9000\n< 9000\n", "line 5: a reply to nothing"),
        ("? choose AA BB\n! chosen CC\n", "line 4: chosen, but not to choose from"),
        ("? choose AA\n! bypassed\n", "line 4: no reply to `? choose AA`"),
        (
            "? verify-pin spoken\n",
            "line 3: `spoken` is no method of PIN entry, expected one of plaintext",
        ),
        ("? verify-pin online tries=x\n", "line 3: `tries=x`: no number"),
        ("? verify-pin online twice\n", "line 3: `twice`, expected tries=N or again"),
        ("? verify-pin online\n! captured 1\n", "line 4: `captured 1` is no reply"),
        ("? authorise 9F26\n", "line 3: `9F26`, expected TAG=VALUE"),
        ("? authorise 9F=00\n", "line 3: `9F` is no tag"),
        ("? authorise\n! authorised 00 91=1122\n", "line 4: `91=1122`, expected 91 with 8 to 16"),
        ("? authorise\n! authorised 000\n", "line 4: not hexadecimal"),
        ("? ask\n", "line 3: `ask` is no question"),
        ("= approved\n", "line 3: who decided is missing"),
        ("= approved offline  status 6985\n", "line 3: `status` without a fault"),
        ("= approved offline  fault 10\n", "line 3: 1 bytes, expected 2"),
        ("= terminated offline  fault 1007 record 1\n", "line 3: `1` is no record"),
        ("= approved offline  maybe\n", "line 3: `maybe` says nothing"),
        ("= approved offline  TVR\n", "line 3: nothing behind `TVR`"),
        ("= approved offline\n> 00\n", "line 4: nothing comes behind the end"),
        ("> 00\n< 9000\npurchase 1.00 EUR\n", "line 5: `purchase` in the dialogue"),
        ("> 00\n< 9000\n", "line 4: no end"),
        ("gift 1.00 EUR\n", "line 3: `gift` is no line of a transcript"),
        ("refund 1.00\n", "line 3: expected an amount"),
        ("refund 1.00 XXX\n", "line 3: unknown currency `XXX`"),
        ("refund 1.00 1000\n", "line 3: unknown currency `1000`"),
        ("refund 1.005 EUR\n", "line 3: `1.005` is no amount"),
        ("purchase 1.00 EUR other 0.50\n", "line 3: cashback has another amount"),
        ("cashback 1.00 EUR other 1.50\n", "line 3: the other amount is part"),
        ("date 260230\n", "line 3: no date"),
        ("date 260228 12\n", "line 3: 1 bytes, expected 3"),
        ("seed x\n", "line 3: no number"),
        ("force-online yes\n", "line 3: `force-online` is no line"),
        ("unpredictable-number 0011\n", "line 3: 2 bytes, expected 4"),
    ] {
        let error = refused(dialogue);
        assert!(error.starts_with(expected), "{dialogue:?}: {error}");
    }
    let long = format!("> {}\n", "00".repeat(262));
    assert!(refused(&long).contains("no APDU has more than 261"));
    let long = format!("< {}\n", "00".repeat(259));
    assert!(refused(&long).contains("no answer has more than 258"));
    assert_eq!(
        Transcript::parse("purchase 1.00 EUR\n= approved offline\n").unwrap_err().to_string(),
        "line 2: no line `terminal`"
    );
}

#[test]
fn what_is_written_is_read_again() {
    let text = "\
# A comment,
#
# and another one.
covers    B3 10.5.1, B3 6.5.12
terminal  attended-offline-online
cashback  12.34 EUR other 2.00
date      260115 123456
counter   7
seed      9
unpredictable-number 01020304
force-online

> 00A4040005 A000000003 00
< 6A82
> 00B2010C00
< 700C5A0847617390010100109C0100 9000
> 00820000080102030405060708
! link timeout
? choose A000000003 A000000004
! chosen A000000004
? choose A000000003
! none
? verify-pin plaintext tries=3
! entered 63C2
? verify-pin enciphered tries=2 again
! no-challenge
? verify-pin online
! captured
? verify-pin plaintext
! link removed
? authorise 9F26=1122334455667788 95=0000008000
! authorised 00 91=11223344556677880011 89=313233343536
? authorise
! authorised 0001 scripts=7106860400A40000
? review records
! proceed decline
? authorise
! unreachable
? authorise
! stop card-removed
= terminated online  fault 1007 status 6985 tag 94 record 1.2  in completion  signature  reversal  advice  TVR 0000008000  TSI E800  CVMR 1E0300  ARC Y1
";
    let transcript = Transcript::parse(text).unwrap();
    assert_eq!(transcript.comments, ["A comment,", "", "and another one."]);
    let written = transcript.to_string();
    assert_eq!(
        written,
        text.replace("> 00820000080102030405060708", "> 0082000008 0102030405060708")
    );
    for end in
        ["link protocol", "stopped timeout", "no-common-application", "not-confirmed", "card-read"]
    {
        let text = format!("= terminated offline  {end}");
        assert_eq!(parse(&text).unwrap().steps[0].to_string(), text);
    }
}

#[test]
fn what_is_left_open_is_not_held_against_the_kernel() {
    let step = |text: &str| parse(text).unwrap().steps[0].clone();
    let found = step(
        "= terminated offline  fault 1007 status 6985 tag 94 record 1.2  in completion  TVR 0000008000",
    );
    for (expected, fits) in [
        ("= terminated offline  fault 1007", true),
        ("= terminated offline  fault 1007 status 6985", true),
        ("= terminated offline  fault 1007 status 6986", false),
        ("= terminated offline  fault 1003", false),
        ("= terminated offline  fault 1007 tag 95", false),
        ("= terminated offline  fault 1007 record 1.3", false),
        ("= terminated offline  fault 1007  in read-application-data", false),
        ("= terminated offline  fault 1007  TVR 0000000000", false),
        ("= terminated offline  link removed", false),
    ] {
        assert_eq!(step(expected).expects(&found), fits, "{expected}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*", lines in proptest::collection::vec("[>?<!= ][ a-z0-9A-F=.]{0,20}", 0..8)) {
        let _ = Transcript::parse(&text);
        let _ = parse(&lines.join("\n"));
    }
}

const TAP: &str = "contactless\n? poll\n! found collision\n? poll\n! found card\n\
    > 00A404000E 325041592E5359532E4444463031 00\n< 6A82\n\
    = terminated offline  no-common-application\n";

/// What is shown and how the field is switched stands nowhere.
#[test]
fn a_tap_is_played_by_entry_point() {
    let transcript = parse(TAP).unwrap();
    assert!(transcript.contactless);
    assert_eq!(Transcript::parse(&transcript.to_string()).unwrap().steps, transcript.steps);
    let file = TerminalFile::builtin(&transcript.terminal).unwrap();
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let played = |dialogue: &str| {
        let transcript = parse(dialogue).unwrap();
        play_tap(&transcript, &terminal, &configuration.combinations, Events::NONE)
    };
    let done = played(TAP).unwrap();
    assert_eq!((done.commands, done.questions), (1, 2));
    for wrong in [
        TAP.replace("? poll\n! found collision\n", "? authorise\n! unreachable\n"),
        TAP.replace("3031 00", "3032 00"),
        TAP.replace("terminated", "declined"),
    ] {
        assert!(played(&wrong).is_err(), "{wrong}");
    }
    for (wrong, expected) in [
        ("? poll\n! found two\n", "line 4: `two` is no content of a field, expected one of card"),
        ("? poll\n! unreachable\n", "line 4: no reply to `? poll`"),
        ("? authorise\n! found card\n", "line 4: no reply to `? authorise`"),
    ] {
        assert!(parse(wrong).unwrap_err().starts_with(expected), "{wrong}");
    }
}
