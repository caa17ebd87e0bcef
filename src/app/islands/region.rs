//! A part of the page that is replaced by what the server renders now.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlElement};

use crate::browser::{
    dom::{by_id, focus_first, focused},
    hydrate::hydrate,
};

/// Holds the owner of a [`Region`]. Provided by the island that replaces the region.
#[derive(Clone, Copy)]
pub struct RegionSlot(StoredValue<Option<Owner>>);

impl RegionSlot {
    /// Provides the slot for the region inside.
    pub fn provide() -> Self {
        let slot = Self(StoredValue::new(None));
        provide_context(slot);
        slot
    }

    /// Replaces the element with this id by that of another document, and takes over the title. The
    /// old islands end and the new ones are hydrated. The focus stays on the element with the same
    /// id. Returns whether both documents have the element.
    pub fn replace(self, new: &Document, id: &str) -> bool {
        let island = |element: Option<Element>| element?.closest("leptos-island").ok()?;
        let (Some(old), Some(new_island), Some(owner)) = (
            island(by_id(id)),
            island(new.get_element_by_id(id)),
            self.0.try_get_value().flatten(),
        ) else {
            return false;
        };
        let focus = Place::of_focus(&old);
        let around = owner.parent();
        old.replace_with_with_node_1(&new_island).ok();
        // Not at once: effects of what has just been set still read the old islands' signals.
        set_timeout(move || owner.cleanup(), Duration::ZERO);
        if let Some(around) = around {
            around.with(|| hydrate(&new_island));
        }
        document().set_title(&new.title());
        if let Some(focus) = focus {
            focus.restore(&new_island);
        }
        true
    }
}

/// Where the focus is in a region: on the element with this id or, without one, on one of the elements
/// with this tag.
struct Place {
    id: String,
    tag: String,
    index: u32,
}

impl Place {
    fn of_focus(region: &Element) -> Option<Self> {
        let focused = focused().filter(|element| region.contains(Some(element)))?;
        let tag = focused.local_name();
        let all = region.get_elements_by_tag_name(&tag);
        let index = (0..all.length()).find(|index| all.item(*index).as_ref() == Some(&focused))?;
        Some(Self {
            id: focused.id(),
            tag,
            index,
        })
    }

    fn restore(&self, region: &Element) {
        if self.id.is_empty() {
            let element = region.get_elements_by_tag_name(&self.tag).item(self.index);
            if let Some(element) =
                element.and_then(|element| element.dyn_into::<HtmlElement>().ok())
            {
                element.focus().ok();
            }
        } else {
            focus_first([self.id.as_str()]);
        }
    }
}

/// Content that is replaced as a whole, with the islands in it.
#[island]
pub fn Region(children: Children) -> impl IntoView {
    if let Some(RegionSlot(slot)) = use_context() {
        slot.set_value(Owner::current());
    }
    children()
}
