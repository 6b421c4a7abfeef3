// The city's doors, as this page asks them.
import { language } from "./texts.js";

/** What went wrong: no network (`offline`), nobody signed in (`out`), or the door's own word (`status`, `message`, `errors`). */
export class Trouble extends Error {
  constructor(message, more = {}) {
    super(message);
    Object.assign(this, more);
  }
}

const TIMEOUT_MS = 30_000;

export async function ask(method, path, { json, body, headers = {}, speaking = language, whole = false, patience = TIMEOUT_MS } = {}) {
  const sent = { "Accept-Language": speaking === "en" ? "en" : "zh-CN", "X-Purpose": "cases.handling", ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(patience) });
  } catch (error) {
    throw new Trouble(String(error), { offline: true });
  }
  if (answer.ok) return whole ? answer : answer.status === 204 ? null : answer.json();
  const problem = await answer.json().catch(() => ({}));
  const message = (problem.errors ?? []).map((e) => e.detail).join(" · ") || (problem.detail ?? answer.statusText);
  if (answer.status >= 502 && answer.status <= 504) throw new Trouble(message, { offline: true });
  throw new Trouble(message, { status: answer.status, out: answer.status === 401, again: answer.status === 429 || answer.status >= 500, errors: problem.errors ?? [] });
}
