// The page of administrators: sign in, choose a view, and see what is wrong.

import { openAccount, showAccounts, startAccounts } from "./accounts.js";
import { $, make } from "./dom.js";
import { showFleet, showTiers } from "./fleet.js";
import { read, signedIn, use } from "./rest.js";
import { refreshSessions, showSessions } from "./sessions.js";
import { showUsageOfAll, startUsage } from "./usage.js";
import { loadWords, word } from "./words.js";

const VIEWS = { sessions: showSessions, accounts: showAccounts, usage: showUsageOfAll, tiers: showTiers, fleet: showFleet, account: openAccount };
const AGAIN_MS = 5000; // live sessions and problems are read again

/** Do what a person asked for, and show what is wrong with it. */
async function told(work) {
  if (await quietly(work, (error) => problem(error.message || word("problem.server")))) problem("");
}

/** Do something; what is wrong with it is shown as the connection's state alone. */
async function quietly(work, refused = () => {}) {
  try {
    await work();
    state("on");
    return true;
  } catch (error) {
    if (error.status === undefined) throw error; // a bug
    if (error.status === 401) return signOut(true);
    state(error.status ? "on" : "lost");
    refused(error);
    return false;
  }
}

async function view() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  if (name === "out") return signOut();
  const chosen = VIEWS[name] ? name : "sessions";
  for (const id of Object.keys(VIEWS)) $(id).hidden = id !== chosen;
  for (const link of $("nav").children) {
    const current = link.hash === `#${chosen}` || (chosen === "account" && link.hash === "#accounts");
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  await told(() => VIEWS[chosen](told, rest.join("/")));
}

async function begin() {
  $("sign-in").hidden = signedIn();
  $("nav").hidden = !signedIn();
  if (!signedIn()) return;
  await told(about);
  if (signedIn()) await view();
}

/** What is wrong with the service, and the operator's links. */
async function about() {
  const { problems, dashboards } = await read("about");
  const lines = Object.entries(problems).map(([name, why]) => make("p", {}, `${name}: ${why}`));
  $("problems").replaceChildren(...lines);
  $("problems").hidden = !lines.length;
  $("dashboards").hidden = !dashboards.length;
  $("dashboards").replaceChildren(...dashboards.map(({ name, url }) => make("li", {}, make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name))));
}

function signOut(refused) {
  use("");
  history.replaceState(null, "", location.pathname);
  for (const id of Object.keys(VIEWS)) $(id).hidden = true;
  for (const rows of document.querySelectorAll("tbody")) rows.replaceChildren();
  $("secret").hidden = $("problems").hidden = $("dashboards").hidden = true;
  $("secret-text").textContent = "";
  state("off");
  problem(refused ? word("problem.token") : "");
  begin();
}

function state(name) {
  $("state").dataset.state = name;
  $("state").textContent = word(`state.${name}`);
}

function problem(text) {
  $("problem").hidden = !text;
  $("problem").textContent = text;
}

async function again() {
  if (signedIn() && document.visibilityState === "visible") {
    await quietly(async () => {
      await about();
      if (!$("sessions").hidden) await refreshSessions(told);
    });
  }
  setTimeout(again, AGAIN_MS);
}

$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  use($("token").value.trim());
  $("token").value = "";
  problem("");
  begin();
});
addEventListener("hashchange", () => signedIn() && view());
await loadWords();
startAccounts(told);
startUsage(told);
begin();
setTimeout(again, AGAIN_MS);
