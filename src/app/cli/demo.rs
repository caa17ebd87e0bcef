//! `latchkey demo`.

use std::process::ExitCode;

use crate::config::Started;
use latchkey_domain::demo::{DEMO_ACCOUNTS, DEMO_PASSWORD};

use super::{Failure, say, told};

pub(super) async fn demo(started: &Started) -> Result<ExitCode, Failure> {
    started.domain.demo().await.map_err(told)?;
    say("The demo project “Acme” is there. Sign in with one of these accounts:");
    for (email, _, what) in DEMO_ACCOUNTS {
        say(&format!("  {email:<22} {what}"));
    }
    say(&format!("The password of each is {DEMO_PASSWORD}"));
    Ok(ExitCode::SUCCESS)
}
