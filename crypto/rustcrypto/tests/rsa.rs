//! RSA against published values and against `num-bigint`.

use chipwright::crypto::{KeyRefused, RsaEncipher, RsaRecover};
use chipwright_rustcrypto::RustCrypto;
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;

/// Where it is from, modulus, exponent, signed, recovered.
type Known = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Recoveries published by the project binaryfoo/emv-bertlv.
const KNOWN: [Known; 3] = [
    (
        "recoverissuerpublickey",
        "A191CB87473F29349B5D60A88B3EAEE0973AA6F1A082F358D849FDDFF9C091F899EDA9792CAF09EF28F5D22404B88A2293EEBBC1949C43BEA4D60CFD879A1539544E09E0F09F60F065B2BF2A13ECC705F3D468B9D33AE77AD9D3F19CA40F23DCF5EB7C04DC8F69EBA565B1EBCB4686CD274785530FF6F6E9EE43AA43FDB02CE00DAEC15C7B8FD6A9B394BABA419D3F6DC85E16569BE8E76989688EFEA2DF22FF7D35C043338DEAA982A02B866DE5328519EBBCD6F03CDD686673847F84DB651AB86C28CF1462562C577B853564A290C8556D818531268D25CC98A4CC6A0BDFFFDA2DCCA3A94C998559E307FDDF915006D9A987B07DDAEB3B",
        "03",
        "7AF7C3297510E795704B4B34BB1526EB953FE7BEE08DBF08DFBA056AA42FC726BC03373A319DDC6197E2F5B333401AE3E4BBFC5044D245BDDEBEA146994132D939D72E8E05CC958856DFCB33B26427812955B09F7A7A68AAAB6B8326AD2929082569DA040BD286F2F20A759E62683995D4B840655342C8088FA18806C2290992665A45EC16AC6FE4B0FA664FC644B7B485CD4612B2967B846A9482DB7D16E9F9A3A8295CE5D2B91718180F1E86E67E8E2275EB2116E651BD91AAC49D80D6E64DEB54977258465C09274DD7D232A98CD80C76458CEAAA2B0A414EE7A1B8899E6361B098307EBE5E87F31C41B0A32B248CF6DA9849810C4955",
        "6A0254133300121400000101019003A028E99BECB507C507243C2E8DF4FE56A0297CD0AE72E2CFA992A98C80788422DBE00A1395B1545B09D66CFAB9ECEAF413E3DFF8227BC80BF6DA7F142B32673C527BB79129B5965C0F5DC4C3732BE6FA284F2469CDC545CD8AF915D2DD4AF2E171F5D36D502C8F9498797B9DE111BF5EB97EF1820BA654E4867F09D6BB41BCB1E4FB3E9D287ABD670319181347312707BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB30BBB725EC32CEB6FF4A6334BB4F59CF048F2FBABC",
    ),
    (
        "recovericcpublickey",
        "A028E99BECB507C507243C2E8DF4FE56A0297CD0AE72E2CFA992A98C80788422DBE00A1395B1545B09D66CFAB9ECEAF413E3DFF8227BC80BF6DA7F142B32673C527BB79129B5965C0F5DC4C3732BE6FA284F2469CDC545CD8AF915D2DD4AF2E171F5D36D502C8F9498797B9DE111BF5EB97EF1820BA654E4867F09D6BB41BCB1E4FB3E9D287ABD670319181347312707",
        "010001",
        "3826D61BE14E6691D03552DD9E7034150A3AFFB43AA8C13069483EF338AA272F0DB37354F4EB768B4373D365E3973B04486F43DB298E94F570EBBDD0BDF828360FCAD568D975838A9340ADAAF9974149436DE273AE996FD842FD93966D1CD58072B0D8C2D7F60D351B4C44791D82D0DEA591EC61DB5D0D32367086B6A879CB9289FD27D3B0C18E1474812407697F4116",
        "6A045413330089600044FFFF121400000101019003A028E99BECB507C507243C2E8DF4FE56A0297CD0AE72E2CFA992A98C80788422DBE00A1395B1545B09D66CFAB9ECEAF413E3DFF8227BC80BF6DA7F142B32673C527BB79129B5965C0F5DC4C3732BE6FA284F2469CDC545CD8AF915D2DD4AF2E171F5D36D502C42D0D7519B1CA8D3C689B65CC775687F051B2849BC",
    ),
    (
        "recoversigneddynamicapplicationdata",
        "A028E99BECB507C507243C2E8DF4FE56A0297CD0AE72E2CFA992A98C80788422DBE00A1395B1545B09D66CFAB9ECEAF413E3DFF8227BC80BF6DA7F142B32673C527BB79129B5965C0F5DC4C3732BE6FA284F2469CDC545CD8AF915D2DD4AF2E171F5D36D502C8F9498797B9DE111BF5EB97EF1820BA654E4867F09D6BB41BCB1E4FB3E9D287ABD670319181347312707",
        "010001",
        "124CD68898FC0FF1B82E6033A63DF03F6601DED0405BE0DA6A557BA101AED95663C6EE32F895F6F2C7BBAC568E18643CAEB9762E6C24843B4998CCC8F1E608A61C9E1914315FE84D56350B10B3694AEECB8BC30ADA3DB4ECE331D5B7E76397BDBA7763148F535B9EBFBABE772AB88C7F302FA9E3010F5191B734E82594D08752EBB329D76FBBF901F779921CE81CFBDC",
        "6A0501260836DF6D9E2104092E40D58B731AF5885C067BE29D015DD4C9454026810F0879E219B8A7DCD0BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB5734B62BE6BFF2A04C1CFF4060E549C932E1723DBC",
    ),
];

const EXPONENTS: [u32; 6] = [3, 5, 17, 0x1_0001, 0x7FFF_FFFF, 0xFFFF_FFFF];

fn expected(modulus: &[u8], exponent: u32, block: &[u8]) -> Vec<u8> {
    let power = BigUint::from_bytes_be(block)
        .modpow(&BigUint::from(exponent), &BigUint::from_bytes_be(modulus));
    let bytes = power.to_bytes_be();
    let zeros = modulus.len().saturating_sub(bytes.len());
    let mut padded = vec![0; zeros];
    padded.extend(bytes.into_iter().take(modulus.len()));
    padded
}

/// The exponent in as few bytes as it needs.
fn bytes_of(exponent: u32) -> Vec<u8> {
    BigUint::from(exponent).to_bytes_be()
}

fn recover(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Result<Vec<u8>, KeyRefused> {
    let mut block = block.to_vec();
    RustCrypto.recover(modulus, exponent, &mut block)?;
    Ok(block)
}

fn encipher(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Result<Vec<u8>, KeyRefused> {
    let mut block = block.to_vec();
    RustCrypto.encipher(modulus, exponent, &mut block)?;
    Ok(block)
}

/// Both operations on a block below the modulus.
fn check(modulus: &[u8], exponent: u32, block: &[u8]) {
    let exponent_bytes = bytes_of(exponent);
    if exponent_bytes.len() > modulus.len() {
        return;
    }
    let expected = expected(modulus, exponent, block);
    let context = format!("{} ^ {exponent} mod {}", hex::encode(block), hex::encode(modulus));
    assert_eq!(recover(modulus, &exponent_bytes, block).as_ref(), Ok(&expected), "{context}");
    assert_eq!(encipher(modulus, &exponent_bytes, block).as_ref(), Ok(&expected), "{context}");
}

/// `block` reduced to below `modulus`, in as many bytes.
fn below(modulus: &[u8], block: &[u8]) -> Vec<u8> {
    expected(modulus, 1, block)
}

/// [B2 B2.2]
#[test]
fn published_signatures_are_recovered() {
    for (name, modulus, exponent, signed, recovered) in KNOWN {
        let [modulus, exponent, signed] =
            [modulus, exponent, signed].map(|text| hex::decode(text).unwrap());
        let expected = hex::decode(recovered).unwrap();
        assert_eq!(recover(&modulus, &exponent, &signed).as_ref(), Ok(&expected), "{name}");
        assert_eq!(encipher(&modulus, &exponent, &signed).as_ref(), Ok(&expected), "{name}");

        let mut other = signed;
        *other.last_mut().unwrap() ^= 1;
        assert_ne!(recover(&modulus, &exponent, &other), Ok(expected), "{name}, one bit changed");
    }
}

#[test]
fn leading_zeros_of_an_exponent_do_not_count() {
    let (_, modulus, _, signed, recovered) = KNOWN[0];
    let [modulus, signed] = [modulus, signed].map(|text| hex::decode(text).unwrap());
    assert_eq!(recover(&modulus, &[0, 0, 0, 3], &signed), Ok(hex::decode(recovered).unwrap()));
}

#[test]
fn every_length_with_moduli_at_the_borders() {
    for length in 1..=248 {
        let mut power = vec![0; length];
        power[0] = 0x80;
        power[length - 1] |= 1;
        let mut small = vec![0; length];
        small[length - 1] = 3;
        let mut sparse = vec![0; length];
        sparse[0] = 1;
        sparse[length - 1] |= 1;
        let mut half = vec![0xFF; length];
        half[..length / 2].fill(0);
        let mut one = vec![0; length];
        one[length - 1] = 1;
        for modulus in [vec![0xFF; length], power, small, sparse, half, one] {
            let largest = below(&modulus, &(BigUint::from_bytes_be(&modulus) - 1_u8).to_bytes_be());
            let middle = below(&modulus, &vec![0xA5; length]);
            for block in [vec![0; length], largest, middle] {
                check(&modulus, 3, &block);
                check(&modulus, 0x1_0001, &block);
            }
        }
    }
}

proptest! {
    #[test]
    fn random_keys_give_what_another_library_gives(
        mut modulus in vec(any::<u8>(), 1..=248),
        seed in vec(any::<u8>(), 248),
        exponent in prop::sample::select(EXPONENTS.to_vec()),
    ) {
        *modulus.last_mut().unwrap() |= 1;
        check(&modulus, exponent, &below(&modulus, &seed));
    }

    #[test]
    fn nothing_panics_and_refusals_agree(
        modulus in vec(any::<u8>(), 0..=260),
        exponent in vec(any::<u8>(), 0..=6),
        block in vec(any::<u8>(), 0..=260),
    ) {
        prop_assert_eq!(
            recover(&modulus, &exponent, &block),
            encipher(&modulus, &exponent, &block)
        );
    }
}

/// What is wrong, modulus, exponent, block.
type Refused = (&'static str, Vec<u8>, &'static [u8], Vec<u8>);

#[test]
fn unusable_keys_and_blocks_are_refused() {
    let odd = |length: usize| vec![0xC1; length];
    let cases: [Refused; 15] = [
        ("empty modulus", vec![], &[3], vec![]),
        ("zero modulus", vec![0; 8], &[3], vec![0; 8]),
        ("even modulus", vec![0xC0; 8], &[3], vec![1; 8]),
        ("modulus of 249 bytes", odd(249), &[3], vec![1; 249]),
        ("modulus of 249 bytes, the first zero", [vec![0], odd(248)].concat(), &[3], vec![0; 249]),
        ("empty exponent", odd(8), &[], vec![1; 8]),
        ("zero exponent", odd(8), &[0], vec![1; 8]),
        ("exponent one", odd(8), &[1], vec![1; 8]),
        ("even exponent", odd(8), &[4], vec![1; 8]),
        ("exponent of five bytes", odd(8), &[0, 0, 0, 0, 3], vec![1; 8]),
        ("exponent longer than the modulus", odd(2), &[1, 0, 1], vec![1; 2]),
        ("short block", odd(8), &[3], vec![1; 7]),
        ("long block", odd(8), &[3], vec![1; 9]),
        ("block equal to the modulus", odd(8), &[3], odd(8)),
        ("block above the modulus", odd(8), &[3], vec![0xFF; 8]),
    ];
    for (name, modulus, exponent, block) in cases {
        assert_eq!(recover(&modulus, exponent, &block), Err(KeyRefused), "{name}");
        assert_eq!(encipher(&modulus, exponent, &block), Err(KeyRefused), "{name}");
    }
}
