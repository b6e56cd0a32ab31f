// The state of the connection, and what is wrong, in the places that every page has for them.

import { $ } from "./dom.js";
import { word } from "./words.js";

/** Show the state: "off", "on", "lost" or "over". */
export function state(name) {
  $("state").dataset.state = name;
  $("state").textContent = word(`state.${name}`);
}

/** Show what is wrong, by the name of its words or in the server's own; "" = nothing. */
export function problem(name, text = "") {
  $("problem").hidden = !name && !text;
  $("problem").textContent = name ? word(name) : text;
}
