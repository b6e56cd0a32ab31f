// A choice of several languages: a box to tick for each, and a search where there are many.

import { make } from "./dom.js";

const MANY = 12;

/** Offer `[value, text]` entries in a fieldset, those of `ticked` ticked. */
export function offer(fieldset, entries, ticked = []) {
  const boxes = entries.map(([value, text]) => make("label", {}, make("input", { type: "checkbox", value, checked: ticked.includes(value) }), text));
  fieldset.querySelector("div").replaceChildren(...boxes);
  const search = fieldset.querySelector("[type=search]");
  search.hidden = entries.length <= MANY;
  search.placeholder = search.getAttribute("aria-label");
  search.value = "";
  search.oninput = () => boxes.forEach((box) => (box.hidden = !found(box, search.value)));
  search.onkeydown = (event) => event.key === "Enter" && event.preventDefault(); // or the form around it would be sent
}

/** The values that are ticked. */
export const ticked = (fieldset) => [...fieldset.querySelectorAll("input:checked")].map(({ value }) => value);

/** What is ticked is never out of sight. */
const found = (box, text) => box.control.checked || box.textContent.toLowerCase().includes(text.trim().toLowerCase());
