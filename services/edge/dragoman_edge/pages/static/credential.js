// The credential of this browser tab: a key that was pasted, or what a one-time link gave.

const NAME = "dragoman.credential";

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) || null;
  } catch {
    return null;
  }
}

/** Keep a credential for this tab alone. */
export function keep(credential) {
  sessionStorage.setItem(NAME, JSON.stringify(credential));
}

/** Forget it. */
export function forget() {
  sessionStorage.removeItem(NAME);
}

/**
 * The credential of the tab: `{native, vas}`. A one-time code in the address is used up first, and leaves the address.
 * @returns {Promise<{native: string, vas: string}|null>} null = none yet
 * @throws Error: the code is used up or too old
 */
export async function credential() {
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
