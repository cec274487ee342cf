//! Slots: a new file takes the place of the old one as a whole, or not at all.

use crate::made::{content, file, maker, on_side, signed, trust};
use chipwright_parameters::{Refusal, Slot, SlotFailed, Slots, current, install};

/// Flash for two files, whose power may fail.
struct Flash {
    slots: [Vec<u8>; 2],
    /// Bytes that are still written.
    power: usize,
    /// A byte that does not keep what is written.
    worn: Option<usize>,
}

impl Flash {
    fn new() -> Self {
        Self { slots: [vec![0xFF; 600], vec![0xFF; 600]], power: usize::MAX, worn: None }
    }
}

impl Slots for Flash {
    fn read(&self, slot: Slot) -> &[u8] {
        &self.slots[slot as usize]
    }

    fn write(&mut self, slot: Slot, file: &[u8]) -> Result<(), SlotFailed> {
        let memory = &mut self.slots[slot as usize];
        for (place, byte) in file.iter().enumerate() {
            self.power = self.power.checked_sub(1).ok_or(SlotFailed)?;
            memory[place] = if self.worn == Some(place) { 0 } else { *byte };
        }
        Ok(())
    }
}

fn version(flash: &Flash) -> Option<u32> {
    current(flash, &trust(&maker())).map(|(_, file)| file.version())
}

#[test]
fn files_take_turns_in_the_slots() {
    let mut flash = Flash::new();
    assert_eq!(version(&flash), None);
    for (number, slot) in [(1, Slot::First), (2, Slot::Second), (3, Slot::First)] {
        assert_eq!(install(&mut flash, &file(number), &trust(&maker())), Ok(slot));
        assert_eq!(version(&flash), Some(number));
    }
}

#[test]
fn the_old_file_stays_until_the_new_one_is_whole() {
    let length = file(2).len();
    // In the other slot lies nothing, or a file from before.
    for before in [&[1][..], &[1, 2]] {
        let (used, next) = (before[before.len() - 1], before[before.len() - 1] + 1);
        for power in 0..=length {
            let mut flash = Flash::new();
            for number in before {
                install(&mut flash, &file(*number), &trust(&maker())).unwrap();
            }
            flash.power = power;
            let installed = install(&mut flash, &file(next), &trust(&maker()));
            assert_eq!(installed.is_ok(), power == length);
            let expected = if power == length { next } else { used };
            assert_eq!(version(&flash), Some(expected), "power for {power} bytes");
            // It is done again when power is back.
            flash.power = usize::MAX;
            let _done = install(&mut flash, &file(next), &trust(&maker()));
            assert_eq!(version(&flash), Some(next));
        }
    }
}

#[test]
fn a_file_that_is_not_good_or_not_newer_changes_nothing() {
    let mut flash = Flash::new();
    install(&mut flash, &file(5), &trust(&maker())).unwrap();
    let before = flash.slots.clone();
    let mut forged = file(9);
    forged[20] ^= 1;
    let long = signed(9, &[&content()[..], &content()[..]].concat());
    for (file, refusal) in [
        (file(5), Refusal::NotNewer(5)),
        (file(4), Refusal::NotNewer(5)),
        (forged, Refusal::Signature),
        (on_side(1), Refusal::Environment),
        (b"EMVP".to_vec(), Refusal::NoFile),
    ] {
        assert_eq!(install(&mut flash, &file, &trust(&maker())), Err(refusal));
        assert_eq!(flash.slots, before);
    }
    assert!(install(&mut flash, &long, &trust(&maker())).is_err());
    assert_eq!(flash.slots, before);
    flash.slots[1].truncate(100);
    assert_eq!(install(&mut flash, &file(6), &trust(&maker())), Err(Refusal::TooLong));
    assert_eq!(version(&flash), Some(5));
}

#[test]
fn flash_that_does_not_keep_a_file_leaves_the_one_before() {
    for worn in 0..file(2).len() {
        let mut flash = Flash::new();
        install(&mut flash, &file(1), &trust(&maker())).unwrap();
        flash.worn = Some(worn);
        let kept = file(2)[worn] == 0;
        let installed = install(&mut flash, &file(2), &trust(&maker()));
        assert_eq!(installed.is_ok(), kept);
        assert_eq!(version(&flash), Some(if kept { 2 } else { 1 }));
    }
}

#[test]
fn a_file_that_is_lost_gives_way_to_the_one_before() {
    let mut flash = Flash::new();
    for number in [1, 2] {
        install(&mut flash, &file(number), &trust(&maker())).unwrap();
    }
    flash.slots[1][30] ^= 0x10;
    assert_eq!(version(&flash), Some(1));
    flash.slots[0][30] ^= 0x10;
    assert_eq!(version(&flash), None);
}
