//! The program `latchkey`.

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether the program was started without a standard output, as by `latchkey … >&-`.
static WITHOUT_OUTPUT: AtomicBool = AtomicBool::new(false);

/// Runs before the standard library opens /dev/null in the place of a standard output that is closed, where everything
/// that is written would be lost without an error.
#[cfg(any(target_os = "linux", target_os = "macos"))]
extern "C" fn examine_output() {
    if rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err() {
        WITHOUT_OUTPUT.store(true, Ordering::Relaxed);
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[expect(
    unsafe_code,
    reason = "the loader calls the function, which only asks the system and stores a flag"
)]
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static EXAMINE_OUTPUT: extern "C" fn() = examine_output;

fn main() -> ExitCode {
    latchkey::cli::run(WITHOUT_OUTPUT.load(Ordering::Relaxed))
}
