// The viewer's page of a broadcast: read and hear it in one's language.

import { $, direction, languageName, make, remember, remembered, save } from "./dom.js";
import { onWake } from "./wake.js";
import { loadWords, word } from "./words.js";

const KEPT = 2000; // sentences on the page, hours of talk: what is removed above moves what is read
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const token = location.pathname.split("/")[2];
const query = new URLSearchParams(location.search);
const at = `/api/v1/viewer/broadcasts/${token}`;

const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""); // one viewer, however often it comes back
let access = "";
let accessEnds = 0; // ms of this machine's clock
let stream = null;
let lastId = "";
let tries = 0;
let retry = 0; // timer
let over = false;
let language = query.get("lang") || remembered("viewer.language", "");
let known = { sources: [], targets: [] };
let sentences = new Map();
let following = true;
let heard = null; // the sound that plays
let waiting = []; // sounds that wait for it
let awake = null;
let standby = ""; // what viewers read before it begins

async function begin() {
  const asked = ask(); // beside the words: each is a round trip
  await loadWords();
  document.body.classList.toggle("overlay", query.has("overlay"));
  document.body.classList.toggle("display", query.has("display"));
  settings();
  await connect(asked);
}

const ask = () => fetch(at, { headers: access ? { authorization: `Bearer ${access}` } : {} }).catch(() => null);

async function connect(asked = ask()) {
  clearTimeout(retry);
  const answer = await asked;
  if (!answer) return again();
  if (answer.status === 404) return ended("viewer.none");
  if (!answer.ok) return again();
  const { data } = await answer.json();
  if (data.requires_password && Date.now() >= accessEnds) {
    access = "";
    $("password-form").hidden = false;
    return;
  }
  $("name").textContent = data.name || "dragoman";
  told({ transcription_languages: [].concat(data.transcription_language || data.transcription_languages || []), translation_languages: data.translation_languages || [] });
  standby = data.standby_message || "";
  open();
}

function told({ transcription_languages: sources = [], translation_languages: targets = [] }) {
  if (!sources.length && !targets.length) return;
  known = { sources, targets };
  const fits = (tag) => targets.find((target) => target === tag) || targets.find((target) => target.split("-")[0] === tag.split("-")[0]);
  const own = [language, ...(navigator.languages || [])].filter(Boolean);
  language = own.map(fits).find(Boolean) || (language && sources.includes(language) ? language : targets[0] || "");
  $("choices").hidden = false;
  $("languages").replaceChildren(...[...new Set([...targets, ...sources])].map((tag) => make("option", { value: languageName(tag) })));
  $("language").value = languageName(language);
}

// The stream

function open() {
  stream?.close();
  const wanted = new URLSearchParams({ stability: $("stability").value, viewer_key: key });
  if (language && known.targets.includes(language)) wanted.set("lang", language);
  if (pressed("listen")) wanted.set("tts", "true");
  if (access) wanted.set("viewer_access_token", access);
  if (lastId) wanted.set("last_event_id", lastId);
  stream = new EventSource(`/broadcast/${token}/text?${wanted}`);
  stream.onopen = () => (tries = 0);
  stream.onmessage = ({ data, lastEventId }) => {
    if (lastEventId) lastId = lastEventId;
    take(JSON.parse(data));
  };
  stream.onerror = () => {
    stream.close(); // a browser gives up after an answer such as 503
    if (!over) again();
  };
}

function again() {
  state("lost");
  clearTimeout(retry);
  retry = setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
}

function take({ type, data }) {
  if (type === "error") return;
  switch (data.action) {
    case "viewer_connected":
      state("on");
      told(data);
      return notice(data.phase === "standby" ? before(data) : "");
    case "viewer_waiting":
      state("on");
      told(data);
      return notice(data.position ? word("viewer.waiting", { position: data.position }) : before(data));
    case "standby_message":
      return notice(data.standby_message ?? data.message ?? "");
    case "broadcast_phase_changed":
      return notice(data.phase === "live" ? "" : before(data));
    case "broadcast_announcement":
      return notice(data.message);
    case "broadcast_ended":
      return ended("viewer.ended");
    case "result":
      if (data.origin) return original(data.origin);
      return Object.entries(data.translations).forEach(([target, one]) => translated(target, one));
    case "tts_ready":
      return speech(data);
  }
}

const before = (data) => data.standby_message || standby || word("viewer.standby");

function sentence(sid) {
  if (!sentences.has(sid)) {
    const translation = make("p", { class: "translation" });
    const said = make("p", { class: "original", dir: "auto", hidden: !$("original").checked && known.targets.includes(language) });
    const item = make("li", { "data-sid": sid }, translation, said);
    sentences.set(sid, { item, translation, said, start_ms: Date.now() });
    $("spoken").append(item);
    $("empty").hidden = true;
    while (sentences.size > (following ? KEPT : 2 * KEPT)) { // nothing moves for a reader who has scrolled back
      const [oldest] = sentences.keys();
      sentences.get(oldest).item.remove();
      sentences.delete(oldest);
    }
  }
  return sentences.get(sid);
}

function original({ sid, text, language: spoken, is_final: final }) {
  if (!text && !sentences.has(sid)) return;
  const one = sentence(sid);
  one.said.lang = spoken;
  one.said.textContent = text;
  one.said.classList.toggle("tentative", !final);
  one.original = text;
  if (final && !text && !one.text) one.item.remove();
  follow();
}

function translated(target, { sid, text, is_final: final }) {
  if (language && target !== language) return;
  const one = sentence(sid);
  one.translation.lang = target;
  one.translation.dir = direction(target);
  one.translation.textContent = text;
  one.translation.classList.toggle("tentative", final === false);
  one.text = text;
  follow();
}

// Listening: sounds in their order, one after another

function speech({ audio, format, language: target }) {
  if (!pressed("listen") || (language && target !== language) || !audio) return;
  const bytes = Uint8Array.from(atob(audio), (character) => character.charCodeAt(0));
  waiting.push(URL.createObjectURL(new Blob([bytes], { type: format === "mp3" ? "audio/mpeg" : "audio/wav" })));
  if (!heard) playNext();
}

function playNext() {
  const url = waiting.shift();
  heard = url ? new Audio(url) : null;
  if (!heard) return;
  heard.onended = heard.onerror = () => (URL.revokeObjectURL(url), playNext());
  if (waiting.length > 2) heard.playbackRate = 1.25; // behind: faster, but nothing is left out
  heard.play().catch(() => playNext());
}

const pressed = (id) => $(id).getAttribute("aria-pressed") === "true";

// What is shown

function notice(text) {
  $("notice").textContent = text || "";
  $("notice").hidden = !text;
}

function ended(why) {
  over = true;
  stream?.close();
  state("over");
  $("empty").hidden = true;
  notice(word(why));
}

function state(name) {
  $("state").dataset.state = name;
  $("state").textContent = word(`state.${name}`);
}

function follow() {
  if (following) scrollTo({ top: document.body.scrollHeight });
}

addEventListener("scroll", () => {
  following = innerHeight + scrollY > document.body.scrollHeight - 80;
  $("latest").hidden = following;
});

// Choices

function settings() {
  const options = (id, names, prefix) => $(id).replaceChildren(...names.map((name) => make("option", { value: name }, word(`${prefix}.${name}`))));
  options("theme", ["auto", "light", "dark"], "viewer.theme");
  options("stability", ["live", "steady", "final"], "stability");
  for (const [id, otherwise] of [["size", "1.5"], ["spacing", "1.5"], ["theme", "auto"], ["stability", "live"]]) {
    $(id).value = query.get(id) || remembered(`viewer.${id}`, otherwise);
    $(id).addEventListener("input", () => (remember(`viewer.${id}`, $(id).value), look()));
  }
  $("original").checked = query.has("original") || remembered("viewer.original", false);
  look();
}

function look() {
  const root = document.documentElement;
  root.style.setProperty("--size", `${$("size").value}rem`);
  root.style.setProperty("--leading", $("spacing").value);
  if ($("theme").value === "auto") delete root.dataset.theme;
  else root.dataset.theme = $("theme").value;
}

$("language").addEventListener("change", () => {
  const all = [...known.targets, ...known.sources];
  const chosen = all.find((tag) => languageName(tag) === $("language").value);
  if (!chosen) return ($("language").value = languageName(language));
  language = chosen;
  remember("viewer.language", language);
  sentences.forEach(({ item }) => item.remove());
  sentences = new Map();
  lastId = "";
  open();
});
$("language").addEventListener("focus", () => $("language").select());
$("listen").addEventListener("click", () => {
  const on = !pressed("listen");
  $("listen").setAttribute("aria-pressed", on);
  $("listen").textContent = word(on ? "viewer.listening" : "viewer.listen");
  if (!on) {
    heard?.pause();
    waiting.forEach((url) => URL.revokeObjectURL(url));
    waiting = [];
    heard = null;
  }
  open();
});
$("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
$("stability").addEventListener("change", open);
$("original").addEventListener("change", () => {
  remember("viewer.original", $("original").checked);
  for (const { said } of sentences.values()) said.hidden = !$("original").checked && known.targets.includes(language);
});
$("live-region").addEventListener("change", () => $("spoken").setAttribute("aria-live", $("live-region").checked ? "polite" : "off"));
$("latest").addEventListener("click", () => ((following = true), follow()));
$("password-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(`${at}/verify`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ password: $("password").value }) });
  if (!answer.ok) return notice(word("viewer.password.wrong"));
  const { data } = await answer.json();
  access = data.viewer_access_token;
  accessEnds = Date.now() + 1000 * data.expires_in;
  $("password-form").hidden = true;
  notice("");
  connect();
});
for (const button of document.querySelectorAll("[data-format]")) {
  button.addEventListener("click", async () => {
    const { written } = await import("./transcripts.js"); // not before: each file is a round trip on a slow network
    const zero = sentences.values().next().value?.start_ms ?? 0;
    const lines = [...sentences.values()].map(({ start_ms, text, original: said }) => ({ start_ms: start_ms - zero, text: text || said || "", original: said, language }));
    const file = written(lines, button.dataset.format);
    save(`broadcast.${button.dataset.format}`, file.type, file.text);
  });
}
addEventListener("online", () => over || connect());
onWake(() => over || connect());

/** The screen stays on while the page is seen. */
async function keepAwake() {
  if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
  awake = await navigator.wakeLock.request("screen").catch(() => awake);
}
document.addEventListener("visibilitychange", keepAwake);
keepAwake();
begin();
