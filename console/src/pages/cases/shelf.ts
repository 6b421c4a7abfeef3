// What the shelves of procedures and of decisions have in common: a file given as it is, what is wrong with it by element.
import { Refused, type Problem } from "../../api/client";
import { locale } from "../../language";

/** The file as it is, to one of the doors that take one. */
export async function give<T>(path: "/procedure-checks" | "/procedures" | "/decision-checks" | "/decisions", file: File): Promise<T> {
  const answer = await fetch(path, { method: "POST", body: file, headers: { "Accept-Language": locale.value, "Content-Type": "application/xml" } });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Refused(body as Problem);
  return body as T;
}

/** What is wrong, by the element at which it is. */
export function grouped(problem: Problem): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const { pointer, detail } of problem.errors ?? []) found.set(pointer.slice(1), [...(found.get(pointer.slice(1)) ?? []), detail]);
  return [...found];
}

/** Pairs of a document, which the generated types call lists. */
export const pairs = (of: unknown): [string, string][] => of as [string, string][];
