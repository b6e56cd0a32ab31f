// Kept sessions: list, text, exports, rename, delete. It speaks the VAS API, which sees those of every API.

import { signIn } from "./credential.js";
import { $, direction, languageName, make, save } from "./dom.js";
import { moment, whole } from "./format.js";
import { paged, row } from "./table.js";
import { word } from "./words.js";

const UNTITLED = "Untitled Recording"; // the API's word
let key = "";
let task = null;

async function ask(method, path, body) {
  const headers = { "x-api-key": key, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`/api/v1/tasks${path}`, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
  if (answer?.ok) return answer;
  throw Object.assign(new Error("refused"), { status: answer?.status ?? 0 });
}

const read = async (path) => (await (await ask("GET", path)).json()).data;

/** Do something, and show what is wrong with it. */
async function told(work) {
  try {
    await work();
    problem("");
  } catch (error) {
    if (error.status === undefined) throw error; // a bug
    problem({ 401: "problem.key", 404: "tasks.gone", 503: "tasks.away" }[error.status] ?? "problem.server");
  }
}

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
  const page = async (after) => {
    const { entries: items, next } = await read(`/${task.task_id}/entries?limit=100&after=${encodeURIComponent(after)}`);
    return { items, next };
  };
  await paged(page, "spoken", "more-entries", entry, told);
}

function fill(known) {
  task = known;
  $("title").textContent = title(task);
  $("name").value = title(task);
  $("about").textContent = [time(task.created_at), task.duration_formatted, languages(task), word("tasks.deleted", { when: time(task.expires_at) })].join(" · ");
  const options = [["", word("viewer.original")], ...task.target_languages.map((tag) => [tag, languageName(tag)])];
  $("language").replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
}

/** A sentence: as it was spoken, and its translations. */
function entry({ origin, translations }) {
  const said = make("p", { class: "original", lang: origin.language, dir: "auto" }, origin.text);
  const others = Object.entries(translations).map(([tag, one]) => make("p", { class: "translation", lang: tag, dir: direction(tag) }, one.text));
  const when = make("span", { class: "late" }, `${origin.start_time} · ${word("tasks.speaker", { name: origin.speaker_id })}`);
  return make("li", {}, said, make("div", {}, ...others), when);
}

async function view() {
  const id = location.hash.slice(1);
  $("list").hidden = Boolean(id);
  $("task").hidden = !id;
  $("tasks").replaceChildren();
  $("spoken").replaceChildren();
  await told(() => (id ? open(id) : list()));
}

function problem(name) {
  $("problem").hidden = !name;
  $("problem").textContent = name && word(name);
}

async function exported(format) {
  const query = new URLSearchParams({ format, language: $("language").value });
  const answer = await ask("GET", `/${task.task_id}/transcript/export?${query}`);
  save(`${task.task_id}.${format}`, answer.headers.get("content-type"), await answer.blob());
}

$("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  told(async () => fill((await (await ask("PATCH", `/${task.task_id}/name`, { name: $("name").value })).json()).data));
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
addEventListener("hashchange", () => key && view());
signIn(
  async (holder) => {
    key = holder.key;
    await view();
  },
  problem,
  { key: true },
);
