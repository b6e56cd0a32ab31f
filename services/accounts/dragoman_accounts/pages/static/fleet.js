// Tiers, and what the workers hold.

import { $, languageName, make } from "./dom.js";
import { credits, whole } from "./format.js";
import { read } from "./rest.js";
import { row, show } from "./table.js";
import { word } from "./words.js";

const SHOWN = 200; // rows of a table; the search finds the others
let known = { pairs: [], voices: [] };

/** Read the tiers. */
export async function showTiers() {
  const price = ({ recognition, translation, speech }) => [recognition, translation, speech].map(credits).join(" / ");
  const one = ({ name, tier }) => row(name, tier.description, [whole(tier.max_sessions)], [whole(tier.requests_per_minute)], tier.languages.join(", "), [price(tier.prices)]);
  show("tier-rows", (await read("tiers")).map(one));
}

/** Ask the workers. */
export async function showFleet() {
  known = await read("fleet");
  const { recognisers, languages, pairs, voices, builds, away, obtainable } = known;
  $("recognisers").textContent = whole(recognisers.length);
  $("tracks").textContent = whole(recognisers.reduce((sum, one) => sum + one.tracks, 0));
  $("language-count").textContent = whole(languages.length);
  $("pair-count").textContent = whole(pairs.length);
  $("voice-count").textContent = whole(voices.length);
  $("builds").textContent = Object.entries(builds).map(([service, build]) => `${service} ${build}`).join(", ");
  $("away").hidden = !away.length;
  $("away").textContent = word("fleet.away", { services: away.join(", ") });
  $("obtainable").replaceChildren(...obtainable.slice(0, SHOWN).map(({ name }) => make("li", {}, name)));
  search();
}

function search() {
  const wanted = $("fleet-search").value.trim().toLowerCase();
  const fits = (...tags) => tags.some((tag) => `${tag} ${languageName(tag)}`.toLowerCase().includes(wanted));
  const pairs = known.pairs.filter(({ source, target }) => fits(source, target)).slice(0, SHOWN);
  show("pair-rows", pairs.map(({ source, target, chain, english, quality }) => row(source, target, chain || (english ? "stt" : ""), [quality ? whole(quality) : "–"])));
  const voices = known.voices.filter(({ language }) => fits(language)).slice(0, SHOWN);
  show("voice-rows", voices.map(({ id, language, gender, engine }) => row(id, language, gender, engine)));
}

$("fleet-search").addEventListener("input", search);
