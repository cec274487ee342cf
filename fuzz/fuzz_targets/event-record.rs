//! Event records: any bytes are walked to an end, and what is told can be written and is told
//! again alike.

#![no_main]

use chipwright::event::record::{HEAD, Rows, masked, write};
use chipwright::event::{Event, Sink};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

/// Writes down what it is told, and shows it.
#[derive(Default)]
struct Told {
    rows: RefCell<Vec<u8>>,
    shown: RefCell<String>,
}

impl Sink for Told {
    fn event(&self, event: &Event<'_>) {
        write(event, &mut |piece| self.rows.borrow_mut().extend(piece));
        *self.shown.borrow_mut() += &format!("{event:?}");
        if let Some(masked) = masked(event) {
            let mut less: Vec<u8> = Vec::new();
            write(&masked, &mut |piece| less.extend(piece));
            assert!(less.len() <= u16::MAX.into());
        }
    }
}

fuzz_target!(|record: &[u8]| {
    let rows = match Rows::new(record) {
        Ok(rows) => rows,
        Err(error) => {
            assert_eq!(error.offset, 0);
            assert!(!record.starts_with(&HEAD) && error.to_string().ends_with("offset 0"));
            return;
        }
    };
    let mut end = HEAD.len();
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                assert_eq!(error.offset, end);
                assert!(error.to_string().ends_with(&format!("offset {end}")));
                return;
            }
        };
        assert_eq!(row.offset(), end);
        assert!(format!("{row:?}").contains(&format!("kind: {}", row.kind)));
        end += 3 + row.content.len();
        assert!(end <= record.len());
        let told = Told::default();
        match row.tell(&told) {
            Ok(true) => again(&record[row.offset()..end], &told),
            Ok(false) => assert!(told.rows.borrow().is_empty()),
            Err(_) if row.is_own() => panic!("what is the integrator's own is passed over"),
            Err(error) => assert_eq!(error.offset, row.offset()),
        }
    }
});

fn again(row: &[u8], told: &Told) {
    let written = told.rows.borrow();
    assert_eq!(written.len(), row.len(), "an event has one length");
    let second = Told::default();
    let record = [&HEAD[..], &written].concat();
    for row in Rows::new(&record).expect("a record") {
        assert_eq!(row.expect("a row").tell(&second), Ok(true));
    }
    assert_eq!(*second.rows.borrow(), *written);
    assert_eq!(*second.shown.borrow(), *told.shown.borrow());
}
