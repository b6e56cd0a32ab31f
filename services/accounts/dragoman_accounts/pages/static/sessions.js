// Live sessions of all accounts.

import { $, make } from "./dom.js";
import { credits, minutes, moment } from "./format.js";
import { ask, pages } from "./rest.js";
import { paged, row } from "./table.js";
import { word } from "./words.js";

const PAGE = 100;

/** Read them again, unless somebody reads further pages; the focus stays where it is. */
export async function refreshSessions(told) {
  if ($("session-rows").children.length > PAGE) return;
  const focused = document.activeElement?.dataset.session;
  await showSessions(told);
  if (focused) document.querySelector(`[data-session="${CSS.escape(focused)}"]`)?.focus();
}

/** Read the first page. */
export async function showSessions(told) {
  const ending = new Set([...document.querySelectorAll("#session-rows button:disabled")].map((button) => button.dataset.session));
  const drawn = (session) => one(session, ending.has(session.id), told);
  const items = await paged(pages(`sessions?limit=${PAGE}`), "session-rows", "more-sessions", drawn, told);
  $("no-sessions").hidden = items.length > 0;
}

function one(session, ending, told) {
  const { id, account_id: account, languages, dialect, opened_ms: opened, figures, hold, edge } = session;
  const button = make("button", { type: "button", "data-session": id, disabled: ending }, word(ending ? "sessions.ending" : "sessions.end"));
  button.addEventListener("click", () => {
    if (!confirm(word("sessions.sure", { session: id }))) return;
    told(async () => {
      await ask("DELETE", `accounts/${account}/sessions/${id}`);
      button.disabled = true;
      button.textContent = word("sessions.ending");
    });
  });
  const owner = make("a", { href: `#account/${account}` }, account);
  return row(id, owner, languages, dialect, moment(opened), [minutes(figures.recognised_ms)], [credits(hold)], edge, button);
}
