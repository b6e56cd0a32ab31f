// The REST API of accounts, with the admin token of this tab.

const NAME = "dragoman.admin-token";
let token = sessionStorage.getItem(NAME) || "";

/** Whether the tab has a token. */
export const signedIn = () => token !== "";

/** Use a token from now on; "" = none. */
export function use(given) {
  token = given;
  if (given) sessionStorage.setItem(NAME, given);
  else sessionStorage.removeItem(NAME);
}

/** A request that was refused (`status`) or not answered (0); the message is for people. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Ask, and return the answer. */
export async function ask(method, path, body, headers = {}) {
  const options = { method, headers: { authorization: `Bearer ${token}`, ...headers } };
  if (body) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(`/v1/${path}`, options).catch(() => null);
  if (!answer) throw new Refusal(0, "");
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))).detail || "");
  return answer;
}

/** Reads pages of a list, for `paged`; `path` has its query. */
export const pages = (path) => (after) => read(after ? `${path}&after=${encodeURIComponent(after)}` : path);

/** Read JSON. */
export const read = async (path) => (await ask("GET", path)).json();
