//! Embeds the files for browsers into the program, each also compressed. The path of the bundle
//! changes with its content.
//!
//! The bundle is built before the program: `make bundle` writes it to `target/site`, and
//! `LATCHKEY_SITE` names another folder. Without a bundle, pages are plain HTML, which is all that
//! `cargo check` and the tests of this package need.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told everything by the environment"
)]

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

mod content_type;
use content_type::content_type;

const BUNDLE: [&str; 2] = ["latchkey.js", "latchkey_bg.wasm"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=LATCHKEY_SITE");
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return Ok(());
    }
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let site = env::var_os("LATCHKEY_SITE").map_or_else(|| root.join("target/site"), PathBuf::from);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", site.display());

    let bundle: Vec<_> = BUNDLE
        .iter()
        .map(|name| site.join(name))
        .filter(|path| path.exists())
        .collect();
    let complete = bundle.len() == BUNDLE.len();
    let version = version_of(if complete { &bundle } else { &[] })?;

    let public = root.join("public");
    println!("cargo::rerun-if-changed={}", public.display());
    let mut files: Vec<(String, PathBuf, bool)> = Vec::new();
    if complete {
        for path in bundle {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((format!("/assets/{version}/{}", name_of(&path)), path, true));
        }
    }
    for entry in fs::read_dir(&public)? {
        let path = entry?.path();
        files.push((format!("/{}", name_of(&path)), path, false));
    }
    files.sort();

    let mut code = String::new();
    writeln!(code, "pub const HAS_BUNDLE: bool = {complete};")?;
    writeln!(code, "pub const BUNDLE_DIR: &str = \"assets/{version}\";")?;
    writeln!(code, "pub static FILES: &[Asset] = &[")?;
    for (index, (url, path, immutable)) in files.iter().enumerate() {
        let plain = compress(path, &out, index)?;
        writeln!(
            code,
            "Asset {{ path: {url:?}, content_type: {:?}, immutable: {immutable}, \
             plain: include_bytes!(\"{p}\"), brotli: include_bytes!(\"{p}.br\"), gzip: include_bytes!(\"{p}.gz\") }},",
            content_type(path),
            p = plain.display(),
        )?;
    }
    writeln!(code, "];")?;
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

/// The beginning of the files' digest, for their path.
fn version_of(files: &[PathBuf]) -> io::Result<String> {
    let mut hash = Sha256::new();
    for path in files {
        hash.update(fs::read(path)?);
    }
    let digest = hash.finalize();
    Ok(digest.iter().take(8).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    }))
}

/// Copies a file and its compressed forms, and returns where.
fn compress(path: &Path, out: &Path, index: usize) -> Result<PathBuf, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let plain = out.join(index.to_string());
    fs::write(&plain, &bytes)?;
    fs::write(plain.with_extension("br"), brotli(&bytes)?)?;
    fs::write(plain.with_extension("gz"), gzip(&bytes)?)?;
    Ok(plain)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
