//! The chains of trust that vectors say verify.

use super::chain::Chain;
use super::node::Node;
use super::report::Problem;
use super::{File, about, cards, chains, files, oda, read, traces};
use chipwright::oda::Part;
use std::io;
use std::path::Path;

/// A chain of trust, and the parts of it that a vector says verify.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The vector's `id`, and what tells its chains apart.
    pub id: String,
    /// The chain.
    pub chain: Chain,
    /// The parts that verify.
    pub parts: Vec<Part>,
}

/// Every chain that the vectors under `root` say verifies, wholly or in part: for tests that
/// change a byte of it.
///
/// # Errors
/// As [`run`](super::run), and for a vector that cannot be read.
pub fn proofs(root: &Path) -> io::Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    for file in files(root)? {
        let unreadable =
            |what: String| about(&file, io::Error::new(io::ErrorKind::InvalidData, what));
        let text = String::from_utf8(read(&file)?);
        let text = text.map_err(|error| unreadable(error.to_string()))?;
        let found = of_file(&text).map_err(|problem| unreadable(problem.to_string()))?;
        proofs.extend(found);
    }
    Ok(proofs)
}

fn of_file(text: &str) -> Result<Vec<Proof>, Problem> {
    let mut proofs = Vec::new();
    match File::read(text) {
        Err((_, what)) => return Err(Problem::Malformed(what)),
        Ok(File::Vectors { category, vectors, .. }) => {
            for vector in &vectors {
                proofs.extend(match category.as_str() {
                    "oda" => oda::proofs(Node(vector), &vectors)?,
                    "chains" => chains::proofs(Node(vector))?,
                    "cards" => cards::proofs(Node(vector))?,
                    _ => Vec::new(),
                });
            }
        }
        Ok(File::Transcript(transcript)) => proofs.extend(traces::proofs(Node(&transcript))?),
        Ok(_) => {}
    }
    Ok(proofs)
}
