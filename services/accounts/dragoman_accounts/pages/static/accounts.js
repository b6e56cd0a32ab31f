// Accounts: the list, and one of them with its credits, keys and ledger.

import { $, make, save } from "./dom.js";
import { credits, minutes, moment, whole } from "./format.js";
import { ask, pages, read } from "./rest.js";
import { paged, row } from "./table.js";
import { showUsage } from "./usage.js";
import { word } from "./words.js";

let account = null;
let request = ""; // names a top-up: asked twice, it adds once

/** Read the list of accounts. */
export async function showAccounts(told) {
  await tiers();
  const one = ({ id, name, tier, status, available, held, charged }) =>
    row(make("a", { href: `#account/${id}` }, name || id), id, tier, word(`status.${status}`), [credits(available)], [credits(held)], [credits(charged)]);
  await paged(pages("accounts?limit=100"), "account-rows", "more-accounts", one, told);
}

/** Show an account. */
export async function openAccount(told, id) {
  account = null;
  $("secret").hidden = true;
  request = named();
  const at = `accounts/${encodeURIComponent(id)}`;
  await tiers();
  fill(await read(at));
  await showUsage($("usage-of-account"), at);
  await paged(pages(`${at}/keys?limit=100`), "key-rows", "more-keys", (key) => keyRow(key, told), told);
  await paged(pages(`${at}/usage?newest=true&limit=50`), "line-rows", "more-lines", lineRow, told);
  const { problems } = await read(`${at}/reconciliation`);
  $("proof").textContent = problems.length ? problems.join("; ") : word("proof.good");
}

async function tiers() {
  const names = (await read("tiers")).map(({ name }) => make("option", { value: name }, name));
  for (const select of document.querySelectorAll("select.tiers")) {
    const chosen = select.value;
    const none = select.classList.contains("own") ? [make("option", { value: "" }, word("keys.tier"))] : [];
    select.replaceChildren(...none, ...names.map((option) => option.cloneNode(true)));
    if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
  }
}

function fill(known) {
  account = known;
  $("account-name").textContent = `${known.name || known.id} (${known.id})`;
  for (const name of ["available", "held", "charged", "topped"]) $(name).textContent = credits(known[name]);
  $("change-name").value = known.name;
  $("change-tier").value = known.tier;
  $("suspend").textContent = word(known.status === "active" ? "suspend" : "activate");
}

function named() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Keys

function keyRow({ id, label, prefix, scopes, tier, created_ms: created, used_ms: used, expires_ms: expires, revoked_ms: revoked }, told) {
  const button = make("button", { type: "button" }, word("keys.revoke"));
  button.addEventListener("click", () => {
    if (!confirm(word("keys.sure", { key: label || id }))) return;
    told(async () => {
      await ask("DELETE", `accounts/${account.id}/keys/${id}`);
      button.replaceWith(word("keys.revoked"));
    });
  });
  return row(label, `${prefix}…`, scopes.join(", "), tier || "–", moment(created), moment(used), moment(expires), revoked ? word("keys.revoked") : button);
}

async function createKey(told) {
  const day = $("key-expires").value;
  const body = {
    label: $("key-label").value,
    tier: $("key-tier").value,
    scopes: $("key-tokens").checked ? ["sessions", "tokens"] : ["sessions"],
    expires_ms: day ? new Date(`${day}T23:59:59`).getTime() : 0,
  };
  const { key, secret } = await (await ask("POST", `accounts/${account.id}/keys`, body)).json();
  $("key-rows").append(keyRow(key, told));
  $("create-key").reset();
  $("secret-text").textContent = secret;
  $("secret").hidden = false;
}

// Ledger

function lineRow(line) {
  const amount = line.kind === "topup" ? `+${credits(line.micro)}` : credits(0 - line.micro);
  return row(moment(line.end_ms), word(`kind.${line.kind}`), [amount], line.languages, [minutes(line.recognised_ms)], line.session_id, line.reason);
}

async function exported() {
  const file = await (await ask("GET", `accounts/${account.id}/usage.csv`)).blob();
  save(`ledger-${account.id}.csv`, "text/csv", file);
}

/** Connect the forms. */
export function startAccounts(told) {
  const submit = (id, work) => $(id).addEventListener("submit", (event) => (event.preventDefault(), told(work)));
  const again = () => openAccount(told, account.id);
  submit("open-account", async () => (location.hash = `account/${$("wanted").value}`));
  submit("create-account", async () => {
    const body = { name: $("new-name").value, tier: $("new-tier").value, id: $("new-id").value };
    const made = await (await ask("POST", "accounts", body)).json();
    $("create-account").reset();
    location.hash = `account/${made.id}`;
  });
  submit("change", async () => fill(await changed({ name: $("change-name").value, tier: $("change-tier").value })));
  submit("top-up", async () => {
    const body = { micro: Math.round(Number($("credits").value) * 1e6), note: $("note").value };
    try {
      await ask("POST", `accounts/${account.id}/topups`, body, { "idempotency-key": request });
    } catch (error) {
      if (error.status) request = named(); // refused: the next try is another one
      throw error;
    }
    $("top-up").reset();
    await again();
  });
  submit("create-key", () => createKey(told));
  $("suspend").addEventListener("click", () => {
    const active = account.status === "active";
    if (active && !confirm(word("suspend.sure", { account: account.name || account.id }))) return;
    told(async () => fill(await changed({ status: active ? "suspended" : "active" })));
  });
  $("copy-secret").addEventListener("click", () => navigator.clipboard?.writeText($("secret-text").textContent));
  $("export").addEventListener("click", () => told(exported));
}

const changed = async (change) => (await ask("PATCH", `accounts/${account.id}`, change)).json();
