//! Keys, certificates and records of a card, from `test-vectors/chains.json`.

use serde_json::Value;

/// A card with its chain of trust.
#[derive(Debug)]
pub struct Chain {
    vector: Value,
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Index of the certification authority's key.
    pub index: u8,
    /// The certification authority's modulus.
    pub ca_modulus: Vec<u8>,
    /// The certification authority's exponent.
    pub ca_exponent: Vec<u8>,
    /// Unpredictable number that the dynamic signature covers.
    pub unpredictable_number: [u8; 4],
}

impl Chain {
    /// The chain with this id; it stays for the whole run.
    ///
    /// # Panics
    /// When the file does not have it, or not in its schema.
    pub fn load(id: &str) -> &'static Self {
        let file = include_str!("../../test-vectors/chains.json");
        let file: Value = serde_json::from_str(file).expect("JSON");
        let vectors = file["vectors"].as_array().expect("a list");
        let vector = vectors.iter().find(|vector| vector["id"] == id).expect("the chain");
        let bytes = |name| decode(&vector["inputs"][name]);
        Box::leak(Box::new(Self {
            rid: bytes("rid").try_into().expect("five bytes"),
            index: bytes("capk_index")[0],
            ca_modulus: bytes("ca_modulus"),
            ca_exponent: bytes("ca_exponent"),
            unpredictable_number: bytes("unpredictable_number_9F37")
                .try_into()
                .expect("four bytes"),
            vector: vector.clone(),
        }))
    }

    /// An input by its name.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        decode(&self.vector["inputs"][name])
    }

    /// A record by file and number.
    pub fn record(&self, sfi: u8, number: u8) -> Vec<u8> {
        decode(&self.vector["inputs"]["records"][format!("{sfi},{number}")])
    }
}

fn decode(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}
