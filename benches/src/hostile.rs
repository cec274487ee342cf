//! Answers of cards that lie: the honest script with one fault in one answer, recorded once.

use chipwright::apdu::RESPONSE_LENGTH;

use crate::script::Script;

/// Every command of the honest card with its answer, one of which is not the card's.
#[derive(Debug)]
pub struct Recorded {
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The bytes of an answer that are changed, in hundredths of its length.
const BYTES: [usize; 12] = [0, 3, 8, 16, 25, 33, 42, 50, 60, 70, 85, 97];

impl Recorded {
    /// Every fault of every answer of the script.
    pub fn all(script: &Script) -> Vec<Self> {
        let exchanges = script.exchanges();
        let places = exchanges.iter().enumerate();
        places
            .flat_map(|(place, (_, answer))| {
                faults(answer).into_iter().map(move |answer| {
                    let mut exchanges = exchanges.to_vec();
                    exchanges[place].1 = answer;
                    Self { exchanges }
                })
            })
            .collect()
    }

    /// The answer to a command: by what it is, not by its turn, since terminals differ in what they
    /// do next. "Record not found" to what the card was never asked.
    pub fn answer(&self, command: &[u8]) -> &[u8] {
        let known = self.exchanges.iter().find(|(known, _)| is_same(known, command));
        known.map_or(&[0x6A, 0x83], |(_, answer)| answer)
    }
}

/// Whether two commands ask for the same: SELECT, READ RECORD and GET DATA by all that they say,
/// others by their header.
fn is_same(known: &[u8], command: &[u8]) -> bool {
    let length = if known.get(1) == Some(&0xA4) { known.len() } else { 4 };
    command.starts_with(&known[..length.min(known.len())])
}

/// What else the answer may be: a status word alone, nothing but success, cut short, of another
/// length than it says, with one bit turned over.
fn faults(answer: &[u8]) -> Vec<Vec<u8>> {
    let (data, status) = answer.split_at(answer.len() - 2);
    let whole = |data: &[u8]| [data, status].concat();
    let mut faults = vec![
        vec![0x6F, 0x00],
        vec![0x90, 0x00],
        whole(&data[..data.len() / 2]),
        whole(&data[..data.len().saturating_sub(1)]),
        whole(&[data, &[0x00, 0x5A, 0x01]].concat()),
    ];
    for hundredths in BYTES.into_iter().filter(|_| !data.is_empty()) {
        let mut data = data.to_vec();
        let place = data.len() * hundredths / 100;
        data[place] ^= 1 << (hundredths % 8);
        faults.push(whole(&data));
    }
    // What is longer than an answer can be never reaches a kernel.
    faults.retain(|fault| fault != answer && fault.len() <= RESPONSE_LENGTH);
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Chain;

    #[test]
    fn every_one_of_them_has_a_fault() {
        let script = Script::new(Chain::load("chain-1984-e3-dda"), true);
        let all = Recorded::all(&script);
        assert!(all.len() > 200, "{}", all.len());
        for recorded in &all {
            let pairs = recorded.exchanges.iter().zip(script.exchanges());
            assert_eq!(pairs.filter(|(one, other)| one != other).count(), 1);
        }
    }
}
