// Requests about kept sessions. They go by the VAS API, which sees the sessions of every API.

import { problem } from "./status.js";

let key = "";

/** Ask with this API key from now on. */
export const use = (known) => (key = known);

/** Ask for something of the tasks; an answer that is no success is thrown as an error with its `status`. */
export async function ask(method, path, body) {
  return asked(method, `/api/v1/tasks${path}`, body);
}

/** The same for any path of this server. */
export async function asked(method, path, body) {
  const headers = { "x-api-key": key, authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
  if (answer?.ok) return answer;
  throw Object.assign(new Error("refused"), { status: answer?.status ?? 0 });
}

/** What an answer holds. */
export const data = async (answer) => (await (await answer).json()).data;

/** Do something, and show what is wrong with it. */
export async function told(work) {
  try {
    await work();
    problem("");
  } catch (error) {
    if (error.status === undefined) throw error; // a bug
    problem({ 401: "problem.key", 404: "tasks.gone", 503: "tasks.away" }[error.status] ?? "problem.server");
  }
}
