//! A usual CDOL1 is filled: eight objects, 29 bytes.

use super::Work;
use super::transaction::stored;
use crate::chain::Chain;
use chipwright::dictionary::EMV;
use chipwright::dictionary::emv::CDOL1;
use chipwright::dol::Dol;
use chipwright::event::Events;
use core::hint::black_box;

const TASK: &str = "DOL";
/// Bytes of the filled list.
const LENGTH: usize = 29;

pub(super) fn work() -> Vec<Work> {
    vec![
        Work::new(TASK, "chipwright", ours()),
        #[cfg(feature = "peer-emv")]
        Work::new(TASK, "emv", peer()),
    ]
}

fn ours() -> impl FnMut() {
    let data = stored(Chain::load("chain-1984-e3-dda"));
    move || {
        let list = Dol::new(data.bytes(CDOL1.tag).expect("read from a record"));
        let mut out = [0; 255];
        let length = list.fill(CDOL1.tag, black_box(&data), EMV, &mut out, Events::NONE);
        assert_eq!(length, Ok(LENGTH));
        black_box(out);
    }
}

#[cfg(feature = "peer-emv")]
fn peer() -> impl FnMut() {
    use emv::contact::dol_resolve::DolResolveExt as _;
    use emv::contact::transaction::TransactionContext;

    let chain = Chain::load("chain-1984-e3-dda");
    let data = stored(chain);
    let list = data.bytes(CDOL1.tag).expect("read from a record").to_vec();
    let terminal = Box::leak(Box::new(super::peer::terminal(chain, true)));
    let context = TransactionContext::new(terminal, super::peer::inputs(chain));
    move || {
        let list = emv::core::dol::Dol::parse(black_box(&list)).expect("well-formed");
        assert_eq!(black_box(list.resolve(&context)).len(), LENGTH);
    }
}
