//! Which workspace member may depend on which other.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::checkout;
use crate::finding::Finding;

/// Folder of the depending member, and what its dependencies may begin with ("" is the core).
///
/// A folder that ends with a slash speaks of every member below it. Members that no line names
/// may depend on what they like.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("", &[]),
    ("kernels/", &["", "tools/identity"]),
    ("crypto/", &[""]),
    ("terminal", &["", "kernels/"]),
    ("parameters", &["", "kernels/"]),
    ("bindings/c", &["", "kernels/", "crypto/", "terminal"]),
    ("tools/card", &["", "crypto/"]),
    ("tools/host", &["", "crypto/"]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing for the usual kind.
    kind: Option<String>,
    rename: Option<String>,
    /// Set for members of the workspace, which are the only dependencies by path.
    path: Option<PathBuf>,
}

/// Checks what `cargo metadata` says of the workspace at `root`.
///
/// # Errors
/// When cargo does not understand the workspace.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let json = checkout::output(Command::new("cargo").args(arguments).current_dir(root))?;
    let metadata: Metadata = serde_json::from_str(&json).context("cargo metadata")?;
    Ok(broken(root, &metadata))
}

fn broken(root: &Path, metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
        let folder = manifest.parent().unwrap_or(Path::new(""));
        for dependency in &package.dependencies {
            let Some(path) = &dependency.path else {
                continue;
            };
            let target = path.strip_prefix(root).unwrap_or(path);
            if let Some(message) = refusal(package, folder, dependency, target) {
                let text = std::fs::read_to_string(&package.manifest_path).unwrap_or_default();
                findings.push(Finding::new(manifest, line_of(&text, &dependency.name), message));
            }
        }
    }
    findings
}

fn refusal(
    package: &Package,
    folder: &Path,
    dependency: &Dependency,
    target: &Path,
) -> Option<String> {
    let (name, other) = (&package.name, &dependency.name);
    if let Some(rename) = &dependency.rename {
        return Some(format!("{other} is renamed to {rename}, which hides its imports"));
    }
    if dependency.kind.as_deref() == Some("dev") {
        return None;
    }
    let (_, allowed) = ALLOWED.iter().find(|(pattern, _)| matches(pattern, folder))?;
    let permitted = allowed.iter().any(|pattern| matches(pattern, target));
    (!permitted).then(|| format!("{name} must not depend on {other}"))
}

fn matches(pattern: &str, folder: &Path) -> bool {
    match pattern.strip_suffix('/') {
        Some(above) => folder.parent() == Some(Path::new(above)),
        None => folder == Path::new(pattern),
    }
}

/// Line of the manifest that begins with the name of the dependency.
fn line_of(manifest: &str, dependency: &str) -> usize {
    let names = |line: &str| {
        let rest = line.trim_start().strip_prefix(dependency)?;
        rest.starts_with([' ', '.', '=']).then_some(())
    };
    manifest.lines().position(|line| names(line).is_some()).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(folder: &str, dependency: &str) -> Vec<String> {
        let json = format!(
            r#"{{"packages": [{{"name": "a", "manifest_path": "/w/{folder}Cargo.toml",
                "dependencies": [{dependency}]}}]}}"#
        );
        let metadata = serde_json::from_str(&json).unwrap();
        broken(Path::new("/w"), &metadata).iter().map(Finding::to_string).collect()
    }

    fn on(path: &str, kind: &str) -> String {
        format!(r#"{{"name": "b", "kind": {kind}, "rename": null, "path": "/w{path}"}}"#)
    }

    #[test]
    fn the_core_depends_on_no_member() {
        let expected = ["Cargo.toml:1: a must not depend on b"];
        assert_eq!(messages("", &on("/crypto/rustcrypto", "null")), expected);
        assert_eq!(messages("", &on("/crypto/rustcrypto", "\"build\"")), expected);
        assert_eq!(messages("", &on("/crypto/rustcrypto", "\"dev\"")), [""; 0]);
    }

    #[test]
    fn a_kernel_depends_on_the_core_alone() {
        assert_eq!(messages("kernels/contact/", &on("", "null")), [""; 0]);
        let expected = ["kernels/contact/Cargo.toml:1: a must not depend on b"];
        assert_eq!(messages("kernels/contact/", &on("/kernels/c2", "null")), expected);
        assert_eq!(messages("kernels/contact/", &on("/crypto/rustcrypto", "null")), expected);
        assert_eq!(messages("kernels/contact/", &on("/tools/card", "null")), expected);
    }

    #[test]
    fn the_simulators_do_not_depend_on_kernels() {
        for folder in ["tools/card/", "tools/host/"] {
            assert_eq!(messages(folder, &on("/crypto/rustcrypto", "null")), [""; 0]);
            assert_eq!(messages(folder, &on("/kernels/contact", "null")).len(), 1);
            assert_eq!(messages(folder, &on("/tools/harness", "null")).len(), 1);
        }
    }

    #[test]
    fn tools_that_join_everything_may() {
        assert_eq!(messages("tools/cli/", &on("/kernels/contact", "null")), [""; 0]);
    }

    #[test]
    fn a_member_is_not_renamed() {
        let renamed = r#"{"name": "b", "kind": null, "rename": "core", "path": "/w"}"#;
        let expected = ["tools/card/Cargo.toml:1: b is renamed to core, which hides its imports"];
        assert_eq!(messages("tools/card/", renamed), expected);
    }

    #[test]
    fn registry_dependencies_are_another_matter() {
        let nom = r#"{"name": "nom", "kind": null, "rename": null}"#;
        assert_eq!(messages("", nom), [""; 0]);
    }

    #[test]
    fn the_line_is_that_of_the_dependency() {
        let manifest = "[dependencies]\nchipwright-card.workspace = true\nchipwright = {}\n";
        assert_eq!(line_of(manifest, "chipwright"), 3);
        assert_eq!(line_of(manifest, "chipwright-card"), 2);
    }
}
