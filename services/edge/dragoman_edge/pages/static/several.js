// A choice of several languages: a box to tick for each.

import { make } from "./dom.js";

/** Offer `[value, text]` entries in a fieldset, those of `ticked` ticked. */
export function offer(fieldset, entries, ticked = []) {
  const boxes = entries.map(([value, text]) => make("label", {}, make("input", { type: "checkbox", value, checked: ticked.includes(value) }), text));
  fieldset.querySelector("div").replaceChildren(...boxes);
}

/** The values that are ticked. */
export const ticked = (fieldset) => [...fieldset.querySelectorAll("input:checked")].map(({ value }) => value);
