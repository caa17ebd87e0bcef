//! Writes the JavaScript that loads a WebAssembly module, and the module as that JavaScript
//! expects it. Takes those options of the `wasm-bindgen` program that `make` and `cargo leptos`
//! use. `Cargo.lock` keeps the library at the version of the `wasm-bindgen` in the module, which
//! must be the same; the original program also brings a test runner and a web driver client,
//! which take minutes to compile.

use std::{fs, mem, path::PathBuf};

use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::{Bindgen, Output};

#[derive(Parser)]
#[command(name = "wasm-bindgen", version)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags")]
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
    /// Leave out what no page uses, and shorten the names between the two files
    #[arg(long)]
    shrink: bool,
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
    let mut output = bindgen
        .input_path(options.input)
        .out_name(&options.out_name)
        .typescript(!options.no_typescript)
        .debug(options.debug)
        .keep_debug(options.keep_debug)
        .generate_output()?;
    if !options.shrink {
        return output.emit(options.out_dir);
    }
    let names = shrink(&mut output);
    output.emit(&options.out_dir)?;
    let script = options.out_dir.join(options.out_name).with_extension("js");
    fs::write(
        &script,
        shrink_script(&fs::read_to_string(&script)?, &names),
    )?;
    Ok(())
}

/// The classes by which `server_fn` hands streams to a browser. They are exported, so no optimiser
/// removes them, although no function here streams.
const UNUSED_CLASSES: [&str; 3] = [
    "IntoUnderlyingByteSource",
    "IntoUnderlyingSink",
    "IntoUnderlyingSource",
];

/// The module's imports, by their long names, with the short ones that they have now.
type Names = Vec<(String, String)>;

/// Removes the unused exports of the module and shortens the names of its imports: each has a hash,
/// which does not compress, in both files.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's path is in a crate that is not a dependency"
)]
fn shrink(output: &mut Output) -> Names {
    let module = output.wasm_mut();
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| {
            let name = export.name.to_lowercase();
            UNUSED_CLASSES
                .iter()
                .any(|class| name.contains(&class.to_lowercase()))
        })
        .map(|export| export.id())
        .collect();
    for export in unused {
        module.exports.delete(export);
    }
    let mut names = Names::new();
    for import in module.imports.iter_mut() {
        let short = format!("i{}", names.len());
        names.push((mem::replace(&mut import.name, short.clone()), short));
        let module = mem::replace(&mut import.module, IMPORT_MODULE.to_owned());
        if names.len() == 1 {
            names.push((module, IMPORT_MODULE.to_owned()));
        }
    }
    names
}

/// The short name of the object that holds the module's imports.
const IMPORT_MODULE: &str = "w";

/// The script with the names that the module has now, and without the unused classes.
fn shrink_script(script: &str, names: &Names) -> String {
    let mut shrunk = String::with_capacity(script.len());
    let mut is_unused = false;
    for line in script.lines() {
        is_unused |= UNUSED_CLASSES
            .iter()
            .any(|class| line.starts_with(&format!("export class {class} ")));
        let is_about_unused = UNUSED_CLASSES
            .iter()
            .any(|class| line.starts_with(&format!("if (Symbol.dispose) {class}.")));
        if !is_unused && !is_about_unused {
            shrunk.push_str(line);
            shrunk.push('\n');
        }
        // A class ends with the first brace that is not indented.
        is_unused &= line != "}";
    }
    for (long, short) in names {
        shrunk = shrunk.replace(long.as_str(), short);
    }
    shrunk
}
