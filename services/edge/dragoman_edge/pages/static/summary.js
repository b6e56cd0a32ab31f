// The summary of a kept session: shown, and made anew.

import { $, make } from "./dom.js";
import { ask, asked, data, told } from "./kept.js";
import { word } from "./words.js";

const TEMPLATES = ["general", "meeting", "interview", "lecture", "call", "consultation", "legal-consultation"]; // docs/archive.md
const FAILED = 502;

/** Read and show the summary of a session; it comes behind the sentences of its history. */
export async function showSummary(id) {
  const answer = await asked("GET", `/api/v1/sse/history/transcribe/${id}`);
  show(summaryIn(await answer.text()));
  $("summarise").onsubmit = (event) => {
    event.preventDefault();
    told(() => again(id));
  };
}

/** The summary in a session's history; null = none was wished for. */
export function summaryIn(history) {
  const event = /^event: init_summary\ndata: (.*)$/m.exec(history);
  return event ? JSON.parse(event[1]) : null;
}

async function again(id) {
  $("summarise-button").disabled = true;
  $("summary-text").textContent = word("tasks.summary_waits");
  try {
    show(await data(ask("POST", `/${id}/regenerate-summary`, { template: $("template").value })));
  } catch (error) {
    if (error.status !== FAILED) throw error;
    $("summary-text").textContent = word("tasks.summary_failed");
  } finally {
    $("summarise-button").disabled = false;
  }
}

function show(made) {
  const kind = made?.summary_template;
  const chosen = TEMPLATES.includes(kind) ? kind : TEMPLATES[0];
  $("template").replaceChildren(...TEMPLATES.map((name) => make("option", { value: name, selected: name === chosen }, word(`template.${name}`))));
  $("summarise-button").textContent = word(made ? "tasks.summarise_again" : "tasks.summarise");
  $("summary-text").textContent = made ? made.final_content || word(made.status === "failed" ? "tasks.summary_failed" : "tasks.summary_waits") : word("tasks.summary_none");
  const engine = made?.summary_engine && word("tasks.summary_by", { engine: made.summary_engine });
  $("summary-about").textContent = [kind === chosen ? word(`template.${kind}`) : kind, engine].filter(Boolean).join(" · ");
}
