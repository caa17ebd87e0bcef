//! Hydrates islands in markup that is added after the page was loaded.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    /// Provided by Leptos: hydrates one island, by the name of its component.
    #[wasm_bindgen(js_name = __hydrateIsland)]
    fn hydrate_island(island: &Element, component: &str);
}

/// Hydrates the islands inside an element in the same order and with the same owners as Leptos's
/// script does for a page: an island owns the islands among its children.
pub fn hydrate(element: &Element) {
    visit(element, None);
}

fn visit(element: &Element, set_owner: Option<&Function>) {
    let own;
    let mut set_owner = set_owner;
    match element.local_name().as_str() {
        "leptos-island" => {
            if let Some(set_owner) = set_owner {
                set_owner.call0(&JsValue::NULL).ok();
            }
            hydrate_island(
                element,
                &element.get_attribute("data-component").unwrap_or_default(),
            );
        }
        "leptos-children" => {
            // Set by the surrounding island when it was hydrated.
            own = Reflect::get(element, &"$$on_hydrate".into())
                .ok()
                .and_then(|function| function.dyn_into().ok());
            set_owner = own.as_ref();
        }
        _ => {}
    }
    let mut child = element.first_element_child();
    while let Some(element) = child {
        child = element.next_element_sibling();
        visit(&element, set_owner);
    }
}
