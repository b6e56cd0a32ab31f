// The summary of a kept session, shown and made anew.

import { $ } from "./dom.js";
import { asked } from "./kept.js";
import { word } from "./words.js";

/** Read and show the summary of a session; it comes behind the sentences of its history. */
export async function showSummary(id) {
  const answer = await asked("GET", `/api/v1/sse/history/transcribe/${id}`);
  const made = summaryIn(await answer.text());
  $("summary").hidden = !made;
  if (made) fill(made);
}

/** The summary in a session's history; null = none was wished for. */
export function summaryIn(history) {
  const event = /^event: init_summary\ndata: (.*)$/m.exec(history);
  return event ? JSON.parse(event[1]) : null;
}

function fill(made) {
  $("summary-text").textContent = made.final_content || word(made.status === "failed" ? "tasks.summary_failed" : "tasks.summary_waits");
  const engine = made.summary_engine && word("tasks.summary_by", { engine: made.summary_engine });
  $("summary-about").textContent = [made.summary_template, engine].filter(Boolean).join(" · ");
}
