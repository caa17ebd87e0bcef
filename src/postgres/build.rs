//! Compiles `names.c` where Postgres's programs can load it.

use std::{env, fs, io, path::Path};

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo's variables, not the program's settings"
)]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=names.c");
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let library = Path::new(&folder).join("names.so");
    let is_linux = env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "linux");
    // Only needed for user ids without a name, so not worth a failed build.
    if !(is_linux && compile(&library).unwrap_or(false)) {
        fs::write(&library, [])?;
    }
    Ok(())
}

fn compile(library: &Path) -> io::Result<bool> {
    let compiler = cc::Build::new()
        .cargo_metadata(false)
        .opt_level(2)
        .try_get_compiler()
        .map_err(io::Error::other)?;
    let status = compiler
        .to_command()
        .args([
            "-shared",
            "-fPIC",
            "-nostdlib",
            "-ffreestanding",
            "-fno-stack-protector",
            "-s",
        ])
        .arg("names.c")
        .arg("-o")
        .arg(library)
        .status()?;
    Ok(status.success())
}
