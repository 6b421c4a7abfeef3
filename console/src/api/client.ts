// The typed client: every path of every module, and the server's own words when it refuses.
import createClient from "openapi-fetch";
import { locale } from "../language";
import type { paths as Access } from "./generated/access";
import type { paths as App } from "./generated/app";
import type { paths as Boards } from "./generated/boards";
import type { paths as Cases } from "./generated/cases";
import type { paths as Context } from "./generated/context";
import type { paths as Geo } from "./generated/geo";
import type { paths as History } from "./generated/history";
import type { paths as Messaging } from "./generated/messaging";
import type { paths as Records } from "./generated/records";
import type { paths as Search } from "./generated/search";
import type { paths as Sensing } from "./generated/sensing";

/** A problem document (RFC 9457), or what stands for one when the server did not answer. */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** A client of the paths that are named: a domain's page names those of its own module. */
export function clientOf<Paths extends object>() {
  const client = createClient<Paths>({ baseUrl: "/" });
  client.use({
    onRequest({ request }) {
      request.headers.set("Accept-Language", locale.value);
      return request;
    },
  });
  return client;
}

export const api = clientOf<Access & App & Boards & Cases & Context & Geo & History & Messaging & Records & Search & Sensing>();

type Asked<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** The data of an answer, or Refused with the problem that was told. Whoever is not signed in is led to sign in. */
export async function got<T>(answer: Asked<T>): Promise<T> {
  try {
    return await told(answer);
  } catch (error) {
    if (error instanceof Refused && error.problem.status === 401 && !(entered && staysUp())) signIn();
    throw error;
  }
}

/** The same where nobody needs to sign in. */
export async function told<T>(answer: Asked<T>): Promise<T> {
  let found;
  try {
    found = await answer;
  } catch {
    throw new Refused({ title: "", status: 0 });
  }
  if (found.response.ok) return found.data as T;
  const problem = found.error as Partial<Problem> | undefined;
  throw new Refused({ title: problem?.title ?? String(found.response.status), status: found.response.status, detail: problem?.detail, errors: problem?.errors });
}

export function signInAt(): string {
  return "/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
}

let entered = false;

/** Somebody is signed in: from now on a big screen stays where it is when that ends, and says so. */
export function enter(): void {
  entered = true;
}

/** Whether this is a big screen, which nobody sits at. */
export function staysUp(): boolean {
  return new URLSearchParams(location.search).has("screen");
}

let leaving = false;
addEventListener("pageshow", () => (leaving = false)); // the browser may bring the page back as it was left

/** Lead to sign-in, once: of several requests refused at the same time each would break off what the one before began. */
export function signIn(): void {
  if (leaving) return;
  leaving = true;
  location.assign(signInAt());
}
