//! `latchkey demo`.

use std::process::ExitCode;

use crate::config::Started;
use latchkey_domain::demo::{DEMO_ACCOUNTS, DEMO_PASSWORD};

use super::{Failure, print};

pub(super) async fn demo(started: &Started) -> Result<ExitCode, Failure> {
    started.domain.demo().await?;
    print("The demo project “Acme” is ready. Sign in with one of these accounts:");
    for (email, _, what) in DEMO_ACCOUNTS {
        print(&format!("  {email:<22} {what}"));
    }
    print(&format!("The password of all accounts is {DEMO_PASSWORD}"));
    Ok(ExitCode::SUCCESS)
}
