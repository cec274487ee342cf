//! A chain of trust is verified: issuer certificate, card certificate over the static data,
//! dynamic signature; with every check.

use super::Work;
use super::transaction::{DATE, stored};
use crate::chain::Chain;
use chipwright::config::CaPublicKey;
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright::oda::{Part, icc_public_key, issuer_public_key, verify_dynamic_signature};
use chipwright_rustcrypto::RustCrypto;
use core::hint::black_box;

const TASKS: [(&str, &str); 2] = [
    ("Certificates, e = 3", "chain-1984-e3-dda"),
    ("Certificates, e = 65537", "chain-1984-e65537-dda"),
];

pub(super) fn work() -> Vec<Work> {
    let mut all = Vec::new();
    for (task, id) in TASKS {
        let chain = Chain::load(id);
        all.push(Work::new(task, "chipwright", ours(chain)));
        #[cfg(feature = "peer-emv")]
        all.push(Work::new(task, "emv", peer(chain)));
    }
    all
}

fn ours(chain: &'static Chain) -> impl FnMut() {
    let data = stored(chain);
    let signature = chain.bytes("sdad_9F4B");
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &super::transaction::Fixed };
    move || {
        let ca_key = CaPublicKey {
            rid: chain.rid,
            index: chain.index,
            modulus: &chain.ca_modulus,
            exponent: &chain.ca_exponent,
        };
        let (mut issuer, mut icc, mut block) = ([0; _], [0; _], [0; _]);
        let data = black_box(&data);
        let none = Events::NONE;
        let issuer_key =
            issuer_public_key(data, &ca_key, DATE, &[], crypto, &mut issuer, none).expect("valid");
        let part = Part::IccCertificate;
        let key =
            icc_public_key(data, part, issuer_key, DATE, crypto, &mut icc, none).expect("valid");
        let signed = &mut core::iter::once(&chain.unpredictable_number[..]);
        verify_dynamic_signature(key, &signature, signed, crypto, &mut block).expect("valid");
    }
}

#[cfg(feature = "peer-emv")]
fn peer(chain: &'static Chain) -> impl FnMut() {
    use emv::core::oda;

    let pan = chain.bytes("pan");
    let certificate = chain.bytes("issuer_certificate_90");
    let remainder = chain.bytes("issuer_remainder_92");
    let exponent = chain.bytes("issuer_exponent_9F32");
    let icc_certificate = chain.bytes("icc_certificate_9F46");
    let icc_remainder = Some(chain.bytes("icc_remainder_9F48")).filter(|bytes| !bytes.is_empty());
    let icc_exponent = chain.bytes("icc_exponent_9F47");
    let static_data = chain.bytes("static_data_to_be_authenticated");
    let signature = chain.bytes("sdad_9F4B");
    let ca_key = super::peer::ca_key(chain);
    let month = [super::peer::DATE[1], super::peer::DATE[0]];
    move || {
        let issuer_key = oda::recover_issuer_public_key(
            &ca_key,
            black_box(&certificate),
            Some(&remainder),
            &exponent,
            &pan,
            month,
        )
        .expect("valid");
        let key = oda::recover_icc_public_key(
            &issuer_key,
            &icc_certificate,
            icc_remainder.as_deref(),
            &icc_exponent,
            &static_data,
            &pan,
            month,
        )
        .expect("valid");
        oda::verify_dda(&key, &signature, &chain.unpredictable_number).expect("valid");
    }
}
