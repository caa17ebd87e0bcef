//! Development with `cargo leptos watch`: pages load the bundle and the style from the folder that
//! it writes, and reload when it says so. Compiled with debug assertions only;
//! `no_watch.rs` takes its place elsewhere.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    sync::LazyLock,
};

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use leptos::{
    config::{LeptosOptions, get_configuration},
    prelude::*,
};

use crate::content_type::content_type;

/// The site that `cargo leptos` builds and watches.
pub struct Watch {
    options: LeptosOptions,
}

impl Watch {
    /// The site, if `cargo leptos` has started this program.
    pub fn current() -> Option<&'static Self> {
        static CURRENT: LazyLock<Option<Watch>> = LazyLock::new(Watch::from_environment);
        CURRENT.as_ref()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "variables of cargo leptos, which are no settings of the program"
    )]
    fn from_environment() -> Option<Self> {
        std::env::var_os("LEPTOS_SITE_ROOT")?;
        let options = get_configuration(None).ok()?.leptos_options;
        Some(Self { options })
    }

    /// The style as a link, which is replaced without reloading the page.
    pub fn style(&self) -> AnyView {
        view! { <link rel="stylesheet" href=self.options.css_path() /> }.into_any()
    }

    /// The scripts that load the bundle and reload the page.
    pub fn scripts(&self) -> AnyView {
        let options = self.options.clone();
        view! {
            <AutoReload options=options.clone() />
            <HydrationScripts options islands=true />
        }
        .into_any()
    }

    /// What the content security policy allows besides: a source of styles, and one to connect to.
    pub fn sources(&self) -> (&'static str, String) {
        let port = self
            .options
            .reload_external_port
            .unwrap_or(self.options.reload_port);
        (" 'self'", format!(" ws://*:{port}"))
    }

    /// The file of the site at this path, if there is one.
    pub fn file(&self, path: &str) -> Option<Response> {
        let path = Path::new(path.strip_prefix('/')?);
        if !path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let file = Path::new(&*self.options.site_root).join(path);
        let bytes = fs::read(&file).or_else(|error| without_bg(&file).map_or(Err(error), fs::read));
        let content_type = [(header::CONTENT_TYPE, content_type(&file))];
        Some((content_type, bytes.ok()?).into_response())
    }
}

/// `cargo leptos` removes `_bg` from the name of the module; pages ask for it with `_bg`, because the program is compiled
/// without `LEPTOS_OUTPUT_NAME`.
fn without_bg(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?.strip_suffix("_bg.wasm")?;
    Some(file.with_file_name(format!("{name}.wasm")))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn site() -> (TempDir, Watch) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("site");
        fs::create_dir_all(root.join("pkg")).expect("a folder");
        fs::write(root.join("pkg/latchkey.wasm"), "module").expect("a file");
        fs::write(root.join("pkg/latchkey.css"), "style").expect("a file");
        fs::write(folder.path().join("secret"), "secret").expect("a file");
        let options = LeptosOptions::builder()
            .output_name("latchkey")
            .site_root(root.to_str().expect("UTF-8"))
            .reload_port(4001)
            .build();
        (folder, Watch { options })
    }

    fn content_type_of(response: Option<Response>) -> String {
        let response = response.expect("a file");
        let value = &response.headers()[header::CONTENT_TYPE];
        value.to_str().expect("ASCII").to_owned()
    }

    #[test]
    fn a_program_that_cargo_leptos_did_not_start_is_not_watched() {
        assert!(Watch::current().is_none());
    }

    #[test]
    fn a_file_of_the_site_is_served_with_its_type() {
        let (_folder, watch) = site();
        let style = content_type_of(watch.file("/pkg/latchkey.css"));
        assert_eq!(style, "text/css; charset=utf-8");
        for name in ["/pkg/latchkey.wasm", "/pkg/latchkey_bg.wasm"] {
            assert_eq!(content_type_of(watch.file(name)), "application/wasm");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_site() {
        let (folder, watch) = site();
        let absolute = format!("/{}", folder.path().join("secret").display());
        for path in ["/../secret", "/pkg/../../secret", "/", "", &absolute] {
            assert!(watch.file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_watched_page_links_its_style_and_may_connect_to_the_reload_server() {
        let (_folder, watch) = site();
        let style = Owner::new().with(|| watch.style().to_html());
        assert!(style.contains("href=\"/pkg/latchkey.css\""), "{style}");
        assert_eq!(watch.sources(), (" 'self'", " ws://*:4001".to_owned()));
    }
}
