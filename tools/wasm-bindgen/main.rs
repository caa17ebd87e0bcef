//! Writes the JavaScript that loads a WebAssembly module, and the module as that JavaScript
//! expects it. Takes those options of the `wasm-bindgen` program that `make` and `cargo leptos`
//! use. `Cargo.lock` keeps the library at the version of the `wasm-bindgen` in the module, which
//! must be the same; the original program also brings a test runner and a web driver client,
//! which take minutes to compile.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

#[derive(Parser)]
#[command(name = "wasm-bindgen", version)]
struct Options {
    /// The module that rustc has written
    input: PathBuf,
    #[arg(long, value_enum)]
    target: Target,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    /// Write no type declarations
    #[arg(long)]
    no_typescript: bool,
    /// Check what passes between JavaScript and WebAssembly
    #[arg(long)]
    debug: bool,
    #[arg(long)]
    keep_debug: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    Web,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut bindgen = Bindgen::new();
    match options.target {
        Target::Web => bindgen.web(true)?,
    };
    bindgen
        .input_path(options.input)
        .out_name(&options.out_name)
        .typescript(!options.no_typescript)
        .debug(options.debug)
        .keep_debug(options.keep_debug)
        .generate(options.out_dir)
}
