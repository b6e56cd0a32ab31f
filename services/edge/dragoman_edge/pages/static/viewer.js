// The viewer's page of a broadcast: read and hear it in one's language.

import { captionLines, clearCaptions, followAgain, heedId, nextSession, showOriginal, showOriginals, showTranslation } from "./captions.js";
import { $, languageName, make, remember, remembered, save } from "./dom.js";
import { loadWords, word } from "./words.js";

const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const NEXT_MS = 5000; // at most, until viewers wait for the next session: not all at once
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
let over = false; // for good
let between = false; // a session has ended, and the next may come
let language = query.get("lang") || remembered("viewer.language", "");
let known = { sources: [], targets: [] };
let awake = null;
let later = null; // a promise of `listening.js`, or of null
let failures = 0; // of `load`
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
  if (data.status === "revoked") return ended("viewer.ended");
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
  originals();
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
  stream.onopen = () => {
    tries = 0;
    later ??= loadLater();
  };
  stream.onmessage = ({ data, lastEventId }) => {
    if (lastEventId) heedId((lastId = lastEventId));
    take(JSON.parse(data));
  };
  stream.onerror = () => {
    stream.close(); // a browser gives up after an answer such as 503
    if (!over) again();
  };
}

// What the first caption does not need: each file is a round trip on a slow network

/** The module of a file, null where the network fails. A browser remembers that an address failed, so the next try has another one. */
const load = (name) => import(`./${name}.js${failures ? `?${failures}` : ""}`).catch(() => (failures++, null));

async function loadLater() {
  const [wake, listening] = [await load("wake"), await load("listening")];
  if (!wake || !listening) return (later = null);
  wake.onWake(() => over || connect());
  return listening;
}

function again() {
  if (!between) state("lost");
  clearTimeout(retry);
  retry = setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
}

function take({ type, data }) {
  if (type === "error") return;
  switch (data.action) {
    case "viewer_connected":
      begun(data);
      return notice(data.phase === "standby" ? before(data) : "");
    case "viewer_waiting":
      begun(data);
      return notice(data.position ? word("viewer.waiting", { position: data.position }) : before(data));
    case "standby_message":
      return notice(data.standby_message ?? data.message ?? "");
    case "broadcast_phase_changed":
      begun(data);
      return notice(data.phase === "live" ? "" : before(data));
    case "broadcast_announcement":
      return notice(data.message);
    case "broadcast_ended":
      return paused();
    case "result":
    case "translation": // made again by the host
      if (data.origin) return showOriginal(data.origin);
      return Object.entries(data.translations).filter(([target]) => wanted(target)).forEach((one) => showTranslation(...one));
    case "tts_ready":
      if (pressed("listen") && data.audio && wanted(data.language)) (later ??= loadLater()).then((listening) => listening?.hear(data.audio, data.format));
  }
}

/** What viewers read before it begins, or between two sessions. */
const before = (data) => data.standby_message || (between ? word("viewer.next") : standby || word("viewer.standby"));

function begun(data) {
  state("on");
  between = data.phase === "ended" || (between && data.phase !== "live");
  told(data);
  keepAwake();
}

const wanted = (tag) => !language || tag === language;
const originals = () => showOriginals($("original").checked || !known.targets.includes(language)); // who reads the spoken language has nothing else
const pressed = (id) => $(id).getAttribute("aria-pressed") === "true";

// What is shown

function notice(text) {
  $("notice").textContent = text || "";
  $("notice").hidden = !text;
}

function ended(why) {
  over = true;
  document.body.dataset.over = "";
  stream?.close();
  state("over");
  $("empty").hidden = true;
  notice(word(why));
  keepAwake();
}

/** A session has ended. Its link is used again for the next one, so the page waits; the screen may go dark. */
function paused() {
  between = true;
  nextSession();
  stream.close();
  state("over");
  $("empty").hidden = true;
  notice(word("viewer.next"));
  keepAwake();
  clearTimeout(retry);
  retry = setTimeout(connect, NEXT_MS * (0.2 + 0.8 * Math.random()));
}

function state(name) {
  $("state").dataset.state = name;
  $("state").textContent = word(`state.${name}`);
}

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

/** The language that a text means: its name, or the first one that has the text in it. */
function meant(text) {
  const all = [...known.targets, ...known.sources];
  const sought = text.trim().toLowerCase();
  const name = (tag) => languageName(tag).toLowerCase();
  return all.find((tag) => name(tag) === sought) ?? (sought && all.find((tag) => name(tag).includes(sought)));
}

$("language").addEventListener("change", () => {
  const chosen = meant($("language").value) || language;
  $("language").value = languageName(chosen);
  if (chosen === language) return;
  language = chosen;
  remember("viewer.language", language);
  clearCaptions();
  originals();
  lastId = "";
  open();
});
$("language").addEventListener("focus", () => {
  $("language").placeholder = languageName(language);
  $("language").value = ""; // or the browser offers the chosen one alone
});
$("language").addEventListener("blur", () => ($("language").value = languageName(language)));
function showListening(on) {
  $("listen").setAttribute("aria-pressed", on);
  $("listen").textContent = word(on ? "viewer.listening" : "viewer.listen");
}
$("listen").addEventListener("click", async () => {
  const on = !pressed("listen");
  showListening(on);
  open();
  const listening = await (later ??= loadLater());
  if (listening) return (on ? listening.beginListening : listening.endListening)();
  showListening(false);
  notice(word("problem.server"));
});
$("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
$("stability").addEventListener("change", open);
$("original").addEventListener("change", () => {
  remember("viewer.original", $("original").checked);
  originals();
});
$("live-region").addEventListener("change", () => $("spoken").setAttribute("aria-live", $("live-region").checked ? "polite" : "off"));
$("latest").addEventListener("click", () => followAgain());
$("password-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(`${at}/verify`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ password: $("password").value, viewer_key: key }) }).catch(() => null);
  if (!answer || answer.status >= 500) return notice(word("problem.server"));
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
    const transcripts = await load("transcripts");
    if (!transcripts) return notice(word("problem.server"));
    const file = transcripts.written(captionLines(language), button.dataset.format);
    save(`broadcast.${button.dataset.format}`, file.type, file.text);
  });
}
addEventListener("online", () => over || connect());

/** The screen stays on while the page is seen and the broadcast goes on. */
async function keepAwake() {
  if (between || over) return awake?.release();
  if (document.visibilityState !== "visible" || !navigator.wakeLock || awake?.released === false) return;
  awake = await navigator.wakeLock.request("screen").catch(() => awake);
}
document.addEventListener("visibilitychange", keepAwake);
keepAwake();
begin();
