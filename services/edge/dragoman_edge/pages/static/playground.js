// The playground: speak or play a file, read and hear the translation.

import { Loudspeaker, openFile, openMicrophone } from "./audio.js";
import { likelySource, likelyTarget, primary } from "./choices.js";
import { code } from "./code.js";
import { signIn } from "./credential.js";
import { heedMicrophones, offerMicrophones } from "./devices.js";
import { $, direction, languageName, make, remember, remembered, save, setGrowing } from "./dom.js";
import { Halves } from "./halves.js";
import { Session } from "./session.js";
import { offer, ticked } from "./several.js";
import { problem, state } from "./status.js";
import { written } from "./transcripts.js";
import { Turns } from "./turns.js";
import { onWake } from "./wake.js";
import { wish } from "./wish.js";
import { word } from "./words.js";

const EVENTS = 200; // that are shown
const WHY = { 4401: "problem.key", 4404: "problem.lost", 4429: "problem.full", 4503: "problem.full" }; // by close code

const speaker = new Loudspeaker();
const turns = new Turns((chunk, last) => speaker.play(chunk, last));
const halves = new Halves($("halves"));
let holder = null;
let languages = { pairs: [], spoken: [], recognised: [] };
let session = null;
let source = null;
let firstAt = 0; // when the first frame was handed on
let utterances = new Map();
let lines = [];
let why = ""; // the session cannot go on, in the server's words

async function ready(known, served) {
  [holder, languages] = [known, served];
  $("work").hidden = false;
  fillFrom();
  fillStability();
  face();
  await offerMicrophones();
  showCode();
}

// Choices

function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
}

const named = (tags) => [...new Set(tags)].map((tag) => [tag, languageName(tag)]).sort((a, b) => a[1].localeCompare(b[1]));

function fillFrom() {
  const sources = named(languages.pairs.map((pair) => pair.from));
  options($("from"), sources, remembered("from", likelySource(sources.map(([tag]) => tag))));
  fillTo();
}

function fillTo() {
  const pairs = languages.pairs.filter((pair) => pair.from === $("from").value);
  const targets = named(pairs.map((pair) => pair.to));
  const before = remembered("to", "");
  options($("to"), targets, pairs.some((pair) => pair.to === before) ? before : likelyTarget(pairs));
  offer($("also"), targets);
  fillVoices();
}

/** Each language takes the other's place, where the mesh serves it. */
function swap() {
  const [from, to] = [$("from").value, $("to").value];
  if (!languages.pairs.some((pair) => pair.from === to && pair.to === from)) return problem("problem.swap");
  $("from").value = to;
  remember("from", to);
  remember("to", from);
  fillTo();
  changed();
}

const face = () => ($("halves").toggleAttribute("data-facing", $("facing").checked));

function fillVoices() {
  const spoken = languages.spoken.find((one) => primary(one.language) === primary($("to").value));
  const voices = (spoken?.voices || []).map((voice) => [voice.id, voice.gender ? `${voice.id} (${word(voice.gender)})` : voice.id]);
  options($("voice"), [["", word("voice.any")], ...voices], "");
}

function fillStability() {
  options($("stability"), ["live", "steady", "final"].map((name) => [name, word(`stability.${name}`)]), remembered("stability", "live"));
}

// Speaking

async function toggle() {
  if (session) return stop();
  await start(async (onFrame) => openMicrophone($("device").value, $("aloud").checked, onFrame, gone));
  offerMicrophones();
}

function gone(error) {
  stop();
  refused(error);
}

const refused = ({ name }) => problem(name === "NotAllowedError" ? "problem.permission" : name === "NotFoundError" ? "problem.microphone" : "problem.sound");

async function start(open) {
  problem((why = ""));
  $("speak").disabled = true;
  try {
    await speaker.open();
    firstAt = 0;
    source = await open((frame, level) => {
      firstAt ||= performance.now();
      $("level").value = level;
      session?.send(frame);
    });
    utterances = new Map();
    lines = [];
    $("spoken").replaceChildren();
    $("spoken").hidden = $("two-way").checked;
    halves.begin($("two-way").checked ? [$("to").value, $("from").value] : []);
    session = new Session(holder.native, wish(), take);
    $("speak").textContent = word("stop");
    document.body.dataset.speaking = "";
    showCode();
  } catch (error) {
    refused(error);
  } finally {
    $("speak").disabled = false;
  }
}

function silence() {
  turns.clear();
  speaker.clear();
}

function stop() {
  source?.stop();
  source = null;
  $("level").value = 0;
  session?.end();
}

function over(code) {
  source?.stop();
  source = session = null;
  delete document.body.dataset.speaking;
  $("level").value = 0;
  $("speak").textContent = word("speak");
  state("off");
  if (code === 1000) return;
  problem(WHY[code] ?? (why ? "" : "problem.lost"), why);
}

// What comes

function take(message, audio) {
  if (message.type !== "state") note(message);
  switch (message.type) {
    case "state":
      return message.state === "over" ? over(message.code) : state(message.state);
    case "started":
      message.notices?.forEach((notice) => problem("", notice));
      return;
    case "transcript":
      return transcript(message);
    case "translation":
      return translation(message);
    case "speech":
      return speech(message, audio);
    case "error":
      if (message.fatal) why = message.message;
      return problem("", message.message);
    case "failure":
      return problem("", message.message);
  }
}

function shown(message) {
  const key = `${message.track}/${message.utterance}`;
  if (!utterances.has(key)) {
    const original = make("p", { class: "original", dir: "auto" });
    const translated = make("div");
    const late = make("span", { class: "late" });
    const item = make("li", { "data-utterance": key }, make("div", {}, original), translated, late);
    $("spoken").append(item);
    $("empty").hidden = true;
    utterances.set(key, { item, original, translated, late, texts: new Map(), times: {}, end: 0 });
    item.scrollIntoView({ block: "nearest" });
  }
  return utterances.get(key);
}

function transcript(message) {
  if (!message.text && !utterances.has(`${message.track}/${message.utterance}`)) return;
  const at = shown(message);
  if (message.final && !message.text) return at.item.remove(), halves.remove(message.utterance);
  halves.show(message.utterance, message.language, true, message.text, message.stable_length);
  at.original.lang = message.language;
  setGrowing(at.original, message.text, message.stable_length);
  if (!message.final) return;
  at.start = message.start_ms;
  at.end = message.start_ms + message.duration_ms;
  timed(at, "transcript");
  lines.push({ start_ms: message.start_ms, end_ms: at.end, text: message.text, language: message.language, original: true });
}

function translation(message) {
  if (message.track == null) return;
  const at = shown(message);
  let text = at.texts.get(message.language);
  if (!text) {
    text = make("p", { class: "translation", lang: message.language, dir: direction(message.language) });
    at.texts.set(message.language, text);
    const several = ticked($("also")).length || $("two-way").checked;
    at.translated.append(...(several ? [make("span", { class: "language" }, languageName(message.language))] : []), text);
  }
  setGrowing(text, message.text, message.concluded_length);
  halves.show(message.utterance, message.language, false, message.text, message.concluded_length);
  if (!message.final) return;
  timed(at, "translation");
  lines.push({ start_ms: at.start || 0, end_ms: at.end, text: message.text, language: message.language, original: false });
}

function speech(message, audio) {
  if ($("aloud").checked && isHeard(message.language)) turns.add(`${message.utterance}/${message.language}`, audio, message.last);
  if (!audio) return;
  if (message.track != null && message.sample_offset === 0) timed(shown(message), "speech");
}

/** Of several languages one is heard: together they would last longer than what was said. */
const isHeard = (language) => $("two-way").checked || primary(language) === primary($("to").value);

function timed(at, stage) {
  if (!at.end || !firstAt || at.times[stage] != null) return;
  at.times[stage] = Math.max(0, performance.now() - firstAt - at.end) / 1000;
  at.late.textContent = Object.entries(at.times)
    .map(([name, late]) => `${word(`late.${name}`)} +${late.toFixed(1)} s`)
    .join(" · ");
}

function note(message) {
  const shownEvents = $("events").textContent.split("\n").filter(Boolean).slice(-EVENTS + 1);
  $("events").textContent = [...shownEvents, JSON.stringify(message)].join("\n");
}

function showCode() {
  const chosen = document.querySelector("[data-code][aria-pressed=true]").dataset.code;
  $("code").textContent = code(chosen, location.origin, wish());
}

// Controls

$("speak").addEventListener("click", toggle);
$("from").addEventListener("change", () => (remember("from", $("from").value), fillTo(), changed()));
$("to").addEventListener("change", () => (remember("to", $("to").value), fillVoices(), changed()));
$("swap").addEventListener("click", swap);
$("facing").checked = remembered("facing", false);
$("facing").addEventListener("change", () => (remember("facing", $("facing").checked), face()));
heedMicrophones();
$("stability").addEventListener("change", () => (remember("stability", $("stability").value), changed()));
$("also").addEventListener("change", changed);
$("aloud").addEventListener("change", () => ($("aloud").checked || silence(), changed()));
$("live-region").addEventListener("change", () => $("spoken").setAttribute("aria-live", $("live-region").checked ? "polite" : "off"));
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file && !session) start((onFrame) => openFile(file, onFrame, stop));
});
for (const button of document.querySelectorAll("[data-format]")) {
  button.addEventListener("click", () => {
    const chosen = lines.filter((line) => line.original === (button.dataset.format === "json" ? line.original : false));
    const file = written(chosen, button.dataset.format);
    save(`dragoman.${button.dataset.format}`, file.type, file.text);
  });
}
for (const button of document.querySelectorAll("[data-code]")) {
  button.addEventListener("click", () => {
    document.querySelectorAll("[data-code]").forEach((one) => one.setAttribute("aria-pressed", one === button));
    showCode();
  });
}

/** A change while somebody speaks holds for what is said from now on. */
function changed() {
  showCode();
  if (!session) return;
  const { to, stability, speech } = wish();
  const targets = $("two-way").checked ? {} : { to };
  session.tell({ type: "update", id: "page", ...targets, stability, speech });
}

onWake(() => session?.renew());
globalThis.dragoman = { speaker, sessionOf: () => session }; // for the browser's console and tests
signIn(ready, problem);
