// Usage by day, of one account or of all: a plot, and the same as figures.

import { $, make } from "./dom.js";
import { credits, minutes, whole } from "./format.js";
import { plot } from "./plot.js";
import { read } from "./rest.js";
import { row, show } from "./table.js";
import { word } from "./words.js";

const WIDTH = 900; // pixels, until it is seen
const QUANTITIES = {
  charged: { of: (day) => day.micro, written: credits },
  "usage.sessions": { of: (day) => day.sessions, written: whole },
  "usage.recognised": { of: (day) => day.recognised_ms, written: minutes },
  "usage.translated": { of: (day) => day.translated_ms, written: minutes },
  "usage.spoken": { of: (day) => day.synthesised_ms, written: minutes },
};
let usage = { days: [], whole: true };
let path = "";

/** Show the usage at a path of the API, in this place of the page. */
export async function showUsage(place, at) {
  place.append($("usage-part"));
  path = at;
  usage = await read(`${path ? `${path}/` : ""}usage/days?days=${$("days").value}`);
  draw();
}

/** The usage of all accounts. */
export const showUsageOfAll = () => showUsage($("usage"), "");

function draw() {
  const name = $("quantity").value;
  const { of, written } = QUANTITIES[name];
  const bars = usage.days.map((day) => ({ name: day.day, value: of(day) }));
  const sum = written(bars.reduce((total, { value }) => total + value, 0));
  const told = word(usage.whole ? "usage.sum" : "usage.part", { what: word(name), sum, days: bars.length });
  $("plot").replaceChildren(plot(bars, written, told, $("plot").clientWidth || WIDTH));
  $("plot-sum").textContent = told;
  const one = (day) => row(day.day, ...["usage.sessions", "usage.recognised", "usage.translated", "usage.spoken", "charged"].map((q) => [QUANTITIES[q].written(QUANTITIES[q].of(day))]), [credits(day.topped)]);
  show("day-rows", usage.days.toReversed().map(one));
}

/** Connect the choices. */
export function startUsage(told) {
  $("quantity").replaceChildren(...Object.keys(QUANTITIES).map((name) => make("option", { value: name }, word(name))));
  $("quantity").addEventListener("change", draw);
  addEventListener("resize", () => usage.days.length && draw());
  $("days").addEventListener("change", () => told(() => showUsage($("usage-part").parentElement, path)));
}
