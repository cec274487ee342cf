//! `chipwright readers` and `pay --reader` where there is no reader. With one they run in
//! `tools/cli/pcsc/check.sh`.

mod command;

use command::chipwright;
#[cfg(feature = "pcsc")]
use std::process::Command;

#[test]
#[cfg(not(feature = "pcsc"))]
fn a_build_without_readers_names_what_it_lacks() {
    for (arguments, what) in [
        (&["readers"][..], "readers"),
        (&["readers", "--json"], "readers"),
        (&["pay", "--reader", "ACME"], "--reader"),
    ] {
        let run = chipwright(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (69, ""));
        let why = "no PC/SC in this build: it needs `--features pcsc`";
        assert_eq!(run.stderr, format!("chipwright: {what}: {why}\n"));
    }
}

#[test]
#[cfg(feature = "pcsc")]
fn without_a_service_there_are_no_readers() {
    for arguments in [&["readers"][..], &["pay", "--reader", "ACME"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_chipwright"))
            .args(arguments)
            .env("PCSCLITE_CSOCK_NAME", "/nonexistent")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(69));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "chipwright: the PC/SC service does not run\n"
        );
    }
}

#[test]
fn a_card_is_simulated_or_in_a_reader() {
    for arguments in [
        &["pay", "--reader", "ACME", "--card", "contact-dda"][..],
        &["pay", "--wait", "5"],
        &["pay", "--reader", "ACME", "--wait", "0"],
    ] {
        assert_eq!(chipwright(arguments).code, 64, "{arguments:?}");
    }
}
