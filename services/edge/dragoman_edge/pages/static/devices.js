// The choice of a microphone, which this browser remembers.

import { microphones } from "./audio.js";
import { $, make, remember, remembered } from "./dom.js";
import { word } from "./words.js";

const HERE = "device"; // the id of the choice, and the name by which it is remembered

/** Offer the microphones that there are now; their names are known once one was allowed. */
export async function offerMicrophones() {
  const found = navigator.mediaDevices ? await microphones() : [];
  const known = found.filter(({ deviceId }) => deviceId).map(({ deviceId, label }, n) => [deviceId, label || word("microphone.number", { number: n + 1 })]);
  const chosen = remembered(HERE, "");
  $(HERE).replaceChildren(...[["", word("microphone.default")], ...known].map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
}

/** Heed the choice, and microphones that come and go. */
export function heedMicrophones() {
  $(HERE).addEventListener("change", () => remember(HERE, $(HERE).value));
  navigator.mediaDevices?.addEventListener("devicechange", offerMicrophones);
}
