// The host's page of a broadcast: create it, speak to it, see who listens. It speaks the VAS API.

import { openMicrophone } from "./audio.js";
import { likelySource, likelyTarget } from "./choices.js";
import { signIn } from "./credential.js";
import { heedMicrophones, offerMicrophones } from "./devices.js";
import { $, direction, languageName, make, remember, remembered } from "./dom.js";
import { offer, ticked } from "./several.js";
import { problem, state } from "./status.js";
import { onWake } from "./wake.js";
import { word } from "./words.js";

const RETRY_MS = [500, 1000, 2000, 4000];
const SHOWN = 6; // sentences
const BATCH = 3200; // bytes: 100 ms
const KEPT = 100; // batches said while the connection is away: 10 s
const BEHIND = 1_000_000; // bytes that a slow network may have waiting: 20 s

let holder = null;
let made = null;
let socket = null;
let microphone = null;
let live = false;
let blank = false;
let stopped = false;
let tries = 0;
let retry = 0; // timer
let batch = []; // bytes of frames of 20 ms
let unsent = []; // batches
let started = false; // the session of this socket
const sentences = new Map();

async function ready(known, { pairs }) {
  holder = known;
  $("create").hidden = false;
  const named = (tags) => [...new Set(tags)].map((tag) => [tag, languageName(tag)]).sort((a, b) => a[1].localeCompare(b[1]));
  const fill = (id, entries) => $(id).replaceChildren(...entries.map(([value, text]) => make("option", { value }, text)));
  fill("from", named(pairs.map((pair) => pair.from)));
  const sources = pairs.map((pair) => pair.from);
  const before = remembered("host", { from: "", to: [] });
  $("from").value = sources.includes(before.from) ? before.from : likelySource(sources);
  const targets = () => {
    const served = pairs.filter((pair) => pair.from === $("from").value);
    const again = before.to.filter((tag) => served.some((pair) => pair.to === tag));
    offer($("to"), named(served.map((pair) => pair.to)), again.length ? again : [likelyTarget(served)]);
  };
  $("from").addEventListener("change", targets);
  targets();
  await offerMicrophones();
}

const asKey = (more = {}) => ({ "x-api-key": holder.vas || holder.key, "content-type": "application/json", ...more });

async function create() {
  const wish = {
    name: $("name").value,
    transcription_language: $("from").value,
    translation_languages: ticked($("to")),
    standby_message: $("standby").value,
    ...($("password").value ? { access_type: "password", pass_code: $("password").value } : {}),
  };
  if (!wish.translation_languages.length) return problem("host.no_language");
  remember("host", { from: wish.transcription_language, to: wish.translation_languages });
  if (!(await listen())) return;
  const answer = await fetch("/api/v1/broadcasts", { method: "POST", headers: asKey(), body: JSON.stringify(wish) }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  if (!answer?.ok || !told) {
    microphone.stop();
    return problem("", told?.message || word("problem.server"));
  }
  made = told.data;
  begin();
}

/** Hear the microphone; false = told why that cannot be. */
async function listen() {
  try {
    microphone = await openMicrophone($("device").value, false, audio, refused);
    offerMicrophones();
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

const refused = ({ name }) => problem(name === "NotAllowedError" ? "problem.permission" : "problem.microphone");

/** The broadcast, for the first time or again, with the same link. */
function begin() {
  fresh();
  $("create").hidden = true;
  $("stage").hidden = false;
  $("link").href = $("link").textContent = made.share_url;
  $("projector").href = `${made.share_url}?display=1`;
  $("qr").src = `/pages/qr.svg?text=${encodeURIComponent(made.share_url)}`;
  $("qr").alt = word("host.link");
  connect();
}

/** Nothing is left of a broadcast before this one. */
function fresh() {
  stopped = started = false;
  tries = 0;
  batch = [];
  unsent = [];
  sentences.clear();
  $("spoken").replaceChildren();
  count({ viewer_count: 0, viewers_by_language: {} });
  blanked(false);
  phase("standby");
  problem("");
}

// The socket: of the broadcast, which goes on when it breaks

async function ticket() {
  if (holder.vas) return holder.vas;
  const answer = await fetch("/api/v1/auth/ticket", { method: "POST", headers: asKey() });
  return (await answer.json()).ticket;
}

async function connect() {
  let shown;
  try {
    shown = await ticket();
  } catch {
    return again();
  }
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url, [`ticket.${shown}`]);
  socket.onopen = () =>
    act("start", {
      type: "broadcast",
      broadcast_id: made.token,
      audio_format: "pcm",
      transcription_languages: [made.transcription_language],
      translation_languages: made.translation_languages,
      realtime_translation: true,
      keep: $("keep").checked,
    });
  socket.onmessage = ({ data }) => take(JSON.parse(data));
  socket.onclose = again;
}

function again() {
  started = false;
  clearTimeout(retry);
  if (stopped) return state("over");
  state("lost");
  retry = setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
}

function act(action, data = {}) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "voice-translation", data: { action, ...data } }));
}

function audio(frame, level) {
  $("level").value = level;
  batch.push(...new Uint8Array(frame));
  if (batch.length < BATCH) return;
  const full = String.fromCharCode(...batch);
  batch = [];
  if (blank) return;
  unsent.push(full);
  if (unsent.length > KEPT) unsent.shift();
  sendAudio();
}

function sendAudio() {
  while (started && unsent.length && socket.bufferedAmount < BEHIND) act("audio", { audio: btoa(unsent.shift()) });
}

function take({ type, data }) {
  if (type === "error") return failed(data);
  switch (data.action) {
    case "session_started":
      tries = 0;
      started = true;
      state("on");
      if (live && data.phase === "standby") problem("host.ended");
      phase(data.phase);
      if (blank) act("pause");
      sendAudio();
      return count(data);
    case "broadcast_phase_changed":
      return phase(data.phase);
    case "viewer_joined":
    case "viewer_left":
    case "viewer_count":
      return count(data);
    case "result":
      if (data.origin) return said(data.origin.sid, "", data.origin.text);
      return Object.entries(data.translations).forEach(([target, one]) => said(one.sid, target, one.text));
  }
}

function failed({ severity, error_code: code, message }) {
  if (severity === "warning") return;
  if (!["broadcast_ended", "broadcast_not_found"].includes(code)) return problem("", message);
  over(true);
  problem("host.over");
}

/** It is over: the next one may be created, or, unless it is `gone`, the same begun again. */
function over(gone = false) {
  stopped = true;
  if (socket) socket.onclose = socket.onmessage = null; // what it still says is not of the next session
  clearTimeout(retry);
  state("over");
  microphone?.stop();
  $("again").hidden = gone;
  $("again").textContent = word("host.again", { name: made.name });
  $("stage").hidden = true;
  $("create").hidden = false;
}

/** Show a text of a sentence: in the language `target`, or, for "", as it was spoken. */
function said(sid, target, text) {
  if (!sentences.has(sid)) {
    const translations = made.translation_languages.map((tag) => make("p", { class: "translation", "data-language": tag, lang: tag, dir: direction(tag) }));
    const item = make("li", {}, make("p", { class: "original", dir: "auto" }), make("div", {}, ...translations));
    sentences.set(sid, item);
    $("spoken").prepend(item);
    while (sentences.size > SHOWN) {
      const [oldest] = sentences.keys();
      sentences.get(oldest).remove();
      sentences.delete(oldest);
    }
  }
  const item = sentences.get(sid);
  const place = target ? [...item.querySelectorAll(".translation")].find((one) => one.dataset.language === target) : item.querySelector(".original");
  place?.replaceChildren(...(target && made.translation_languages.length > 1 ? [make("span", { class: "language" }, languageName(target))] : []), text);
}

function phase(name) {
  live = name === "live";
  $("live").disabled = live;
  $("blank").disabled = !live;
}

function blanked(on) {
  blank = on;
  $("blank").setAttribute("aria-pressed", blank);
  $("blank").textContent = word(blank ? "host.unblank" : "host.blank");
}

function count({ viewer_count: number, viewers_by_language: languages }) {
  if (number != null) $("viewers").textContent = number;
  if (languages) $("languages").replaceChildren(...Object.entries(languages).map(([tag, some]) => make("li", {}, `${tag ? languageName(tag) : "–"}: ${some}`)));
}

$("create").addEventListener("submit", (event) => (event.preventDefault(), create()));
$("again").addEventListener("click", async () => (await listen()) && begin());
$("live").addEventListener("click", () => (problem(""), act("broadcast_go_live")));
$("blank").addEventListener("click", () => {
  blanked(!blank);
  unsent = [];
  act(blank ? "pause" : "resume");
});
$("announce").addEventListener("submit", (event) => {
  event.preventDefault();
  act("broadcast_announcement", { message: $("announcement").value });
  $("announcement").value = "";
});
$("copy").addEventListener("click", () => navigator.clipboard?.writeText(made.share_url));
$("stop").addEventListener("click", () => {
  act("stop");
  over();
});
onWake(() => {
  if (!socket || stopped) return;
  socket.onclose = null; // it may come late, or never
  socket.close(4000); // a normal close would end the broadcast
  again();
});
heedMicrophones();
signIn(ready, problem);
