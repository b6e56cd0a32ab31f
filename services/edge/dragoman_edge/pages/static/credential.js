// The credential of this browser tab: a key that was pasted, or what a one-time link gave.

import { $ } from "./dom.js";
import { loadWords } from "./words.js";

const NAME = "dragoman.credential";

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) || null;
  } catch {
    return null;
  }
}

function keep(credential) {
  sessionStorage.setItem(NAME, JSON.stringify(credential));
}

function forget() {
  sessionStorage.removeItem(NAME);
}

/**
 * Sign the tab in: by a one-time link, by what it has already, or by a key that is pasted into the page's form.
 * @param {(holder: {native: string, vas: string, key?: string}, languages: object) => Promise<void>} ready
 * @param {(word: string) => void} problem shows what is wrong; "" = nothing any more
 * @param {{key?: boolean}} needed `key`: a token that a one-time link gave is not enough
 */
export async function signIn(ready, problem, needed = {}) {
  const signing = credential(); // first of all: the code leaves the address
  signing.catch(() => {});
  await loadWords();
  const open = async (holder) => {
    const answer = await fetch("/v1/languages", { headers: { authorization: `Bearer ${holder.native}` } }).catch(() => null);
    $("sign-in").hidden = Boolean(answer?.ok);
    if (!answer?.ok) {
      const refused = answer?.status === 401 || answer?.status === 403;
      if (refused) forget();
      return problem(refused ? "problem.key" : "problem.server");
    }
    problem("");
    await ready(holder, await answer.json());
  };
  $("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const key = $("key").value.trim();
    $("key").value = "";
    keep({ native: key, vas: "", key });
    open(kept());
  });
  try {
    const holder = await signing;
    if (holder && (holder.key || !needed.key)) return open(holder);
  } catch {
    problem("problem.link");
  }
  $("sign-in").hidden = false;
}

/**
 * The credential of the tab: `{native, vas}`. A one-time code in the address is used up first, and leaves the address.
 * @returns {Promise<{native: string, vas: string}|null>} null = none yet
 * @throws Error: the code is used up or too old
 */
async function credential() {
  const code = new URLSearchParams(location.hash.slice(1)).get("sign-in");
  if (!code) return kept();
  history.replaceState(null, "", location.pathname + location.search);
  const answer = await fetch("/v1/browser-sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (!answer.ok) {
    if (kept()) return kept();
    throw new Error("sign_in");
  }
  const given = await answer.json();
  keep({ native: given.native, vas: given.vas });
  return kept();
}
