// Kept sessions: list, text, recording, speakers, summary, exports, rename, delete.

import { signIn } from "./credential.js";
import { $, direction, languageName, make, save } from "./dom.js";
import { moment, whole } from "./format.js";
import { ask, asked, data, told, use } from "./kept.js";
import { Recording } from "./recording.js";
import { chooser, showSpeakers } from "./speakers.js";
import { problem } from "./status.js";
import { showSummary } from "./summary.js";
import { paged, row } from "./table.js";
import { word } from "./words.js";

const UNTITLED = "Untitled Recording"; // the API's word
const NO_AUDIO = "none";
const OPUS = "audio/ogg; codecs=opus";
let ready = false;
let task = null;
let speakers = new Map(); // labels by id

const recording = new Recording(
  $("audio"),
  async () => (await asked("GET", `/api/v1/sse/audio/${task.task_id}?format=${$("audio").canPlayType(OPUS) ? "ogg" : "m4a"}`)).blob(),
  () => $("more-entries").hidden || $("more-entries").click(),
);

const read = (path) => data(ask("GET", path));
const named = (tags) => tags.map(languageName).join(", ") || word("tasks.detected");
const title = (one) => (one.title === UNTITLED ? word("tasks.untitled") : one.title);
const languages = (one) => `${named(one.source_languages)} → ${named(one.target_languages)}`;
const time = (text) => moment(Date.parse(text));

async function list() {
  const page = async (after) => {
    const { tasks: items, next } = await read(`?status=all&limit=50&after=${encodeURIComponent(after)}`);
    return { items, next };
  };
  const drawn = (one) => row(make("a", { href: `#${one.task_id}` }, title(one)), time(one.created_at), one.duration_formatted, languages(one), [whole(one.sentences)], time(one.expires_at));
  const items = await paged(page, "tasks", "more-tasks", drawn, told);
  $("none").hidden = items.length > 0;
}

async function open(id) {
  fill(await read(`/${encodeURIComponent(id)}`));
  await sentences();
  await showSummary(task.task_id);
}

async function sentences() {
  recording.clear();
  speakers = new Map();
  const page = async (after) => {
    const { entries: items, next } = await read(`/${task.task_id}/entries?limit=100&after=${encodeURIComponent(after)}`);
    for (const { origin } of items) speakers.set(origin.speaker_id, origin.speaker_label ?? "");
    showSpeakers(speakers, { rename, merge });
    return { items, next };
  };
  await paged(page, "spoken", "more-entries", entry, told);
}

function fill(known) {
  task = known;
  $("title").textContent = title(task);
  $("name").value = title(task);
  $("about").textContent = [time(task.created_at), task.duration_formatted, languages(task), word("tasks.deleted", { when: time(task.expires_at) })].join(" · ");
  $("player").hidden = task.audio_status === NO_AUDIO;
  const options = [["", word("viewer.original")], ...task.target_languages.map((tag) => [tag, languageName(tag)])];
  $("language").replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
}

/** A sentence: as it was spoken, and its translations. */
function entry({ origin, translations }) {
  const said = make("p", { class: "original", lang: origin.language, dir: "auto" }, origin.text);
  const others = Object.entries(translations).map(([tag, one]) => make("p", { class: "translation", lang: tag, dir: direction(tag) }, one.text));
  const item = make("li", {}, said, make("div", {}, ...others), make("span", { class: "late" }, ...about(origin)));
  if (task.audio_status !== NO_AUDIO) {
    recording.add({ start: origin.start_ms, end: origin.start_ms + origin.duration_ms, item, text: said.firstChild, language: origin.language });
    said.addEventListener("click", () => play(origin.start_ms));
  }
  return item;
}

/** When it was said, and by whom. */
function about(origin) {
  const choice = () => chooser(origin.speaker_id, origin.speaker_label, () => speakers, (chosen) => reassign(origin.sid, chosen));
  const who = origin.speaker_id === "0" ? [] : [" ", choice()];
  if (task.audio_status === NO_AUDIO) return [origin.start_time, ...who];
  const button = make("button", { type: "button", class: "quiet", "aria-label": word("tasks.play_from", { time: origin.start_time }) }, `▶ ${origin.start_time}`);
  button.addEventListener("click", () => play(origin.start_ms));
  return [button, ...who];
}

const play = (ms) => told(() => recording.play(ms));
const rename = (id, label) => told(() => changed("rename", { speaker_id: id, new_label: label }));
const reassign = (sid, id) => told(() => changed("reassign", { sid, new_speaker_id: id }));
const merge = (id, other) => told(() => changed("merge", { source_speaker_id: id, target_speaker_id: other }));

async function changed(how, body) {
  await ask("PATCH", `/${task.task_id}/speakers/${how}`, body);
  await sentences();
}

async function view() {
  const id = location.hash.slice(1);
  $("list").hidden = Boolean(id);
  $("task").hidden = !id;
  $("tasks").replaceChildren();
  $("spoken").replaceChildren();
  recording.clear();
  await told(() => (id ? open(id) : list()));
}

async function exported(format) {
  const query = new URLSearchParams({ format, language: $("language").value });
  const answer = await ask("GET", `/${task.task_id}/transcript/export?${query}`);
  save(`${task.task_id}.${format}`, answer.headers.get("content-type"), await answer.blob());
}

$("play").addEventListener("click", () => play(0));
$("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  told(async () => fill(await data(ask("PATCH", `/${task.task_id}/name`, { name: $("name").value }))));
});
$("delete").addEventListener("click", () => {
  if (!confirm(word("tasks.sure", { name: title(task) }))) return;
  told(async () => {
    await ask("DELETE", `/${task.task_id}`);
    location.hash = "";
  });
});
for (const button of document.querySelectorAll("[data-format]")) {
  button.addEventListener("click", () => told(() => exported(button.dataset.format)));
}
addEventListener("hashchange", () => ready && view());
signIn(
  async (holder) => {
    use(holder.key);
    ready = true;
    await view();
  },
  problem,
  { key: true },
);
