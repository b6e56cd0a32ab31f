// The captions of a broadcast: sentences in their order, the page that follows them, and what a file of them holds.

import { $, direction, make } from "./dom.js";

const KEPT = 2000; // sentences on the page, hours of talk: what is removed above moves what is read
const NEAR = 80; // pixels from the end at which the page follows

const opened = Date.now(); // ms
let sentences = new Map(); // by session and number
let session = 0; // a count
let mark = ""; // of the session, in the ids of its events
let following = true;
let originals = false; // the original is shown under the translation

const keyOf = (sid) => `${session}/${sid}`;

/** Heed the id of an event: the next session's sentences are numbered anew. */
export function heedId(id) {
  const [, told] = /^(\w+)(\.[^.]*){3}$/.exec(id) ?? [];
  if (told && mark && told !== mark) nextSession();
  mark = told ?? mark;
}

/** Another session begins: what is tentative stays so, and goes. */
export function nextSession() {
  session += 1;
  mark = "";
  for (const [key, { item }] of sentences) if (item.querySelector(".tentative")) remove(key);
}

/** Show what was spoken; `start_time` is "mm:ss" since the broadcast began. */
export function showOriginal({ sid, text, language, is_final: final, start_time: start, speaker_label: speaker }) {
  if (!text && !sentences.has(keyOf(sid))) return;
  const one = sentence(sid);
  one.said.lang = language;
  one.said.textContent = text;
  one.said.classList.toggle("tentative", !final);
  one.original = text;
  one.speaker.textContent = speaker ?? "";
  if (start) one.start_ms = milliseconds(start);
  if (final && !text && !one.text) remove(keyOf(sid));
  follow();
}

/** Show a translation into a language. */
export function showTranslation(language, { sid, text, is_final: final }) {
  const one = sentence(sid);
  one.translation.lang = language;
  one.translation.dir = direction(language);
  one.translation.textContent = text;
  one.translation.classList.toggle("tentative", final === false);
  one.text = text;
  follow();
}

/** Show or hide the original of every sentence. */
export function showOriginals(shown) {
  originals = shown;
  for (const { said } of sentences.values()) said.hidden = !originals;
}

/** Forget everything: another language is read. */
export function clearCaptions() {
  sentences.forEach(({ item }) => item.remove());
  sentences = new Map();
}

/** Go to the end, and stay there. */
export function followAgain() {
  following = true;
  follow();
}

/** What a file holds: the translation, or what was spoken where there is none. */
export const captionLines = (language) =>
  [...sentences.values()].map(({ start_ms, text, original }) => ({ start_ms, text: text || original || "", original, language }));

function sentence(sid) {
  const key = keyOf(sid);
  if (!sentences.has(key)) {
    const speaker = make("span", { class: "language", dir: "auto" });
    const translation = make("p", { class: "translation" });
    const said = make("p", { class: "original", dir: "auto", hidden: !originals });
    const item = make("li", { "data-sid": sid }, speaker, translation, said);
    sentences.set(key, { item, speaker, translation, said, start_ms: Date.now() - opened });
    $("spoken").append(item);
    $("empty").hidden = true;
    forgetOldest();
  }
  return sentences.get(key);
}

/** Nothing moves for a reader who has scrolled back. */
function forgetOldest() {
  while (sentences.size > (following ? KEPT : 2 * KEPT)) remove(sentences.keys().next().value);
}

function remove(key) {
  sentences.get(key).item.remove();
  sentences.delete(key);
}

const milliseconds = (time) => time.split(":").reduce((sum, part) => 60 * sum + Number(part), 0) * 1000;

function follow() {
  if (following) scrollTo({ top: document.body.scrollHeight });
}

addEventListener("scroll", () => {
  following = innerHeight + scrollY > document.body.scrollHeight - NEAR;
  $("latest").hidden = following;
});
