// What the wall counts: cases, each once however many units have a part of it, by stage, colour and unit.
import { api, got } from "../../api/client";
import { COLOURS, colourOf, type Colour, type Waiting } from "./cases";

const PAGE = 1000;
export const MOST = 5000;
export type Counts = Record<Colour, number> & { all: number };

/** Open tasks as the register tells them to whoever states no purpose: nothing about people, places to a hundredth of a degree. */
export async function waiting(district: string): Promise<{ tasks: Waiting[]; truncated: boolean }> {
  const tasks: Waiting[] = [];
  let cursor: string | undefined;
  while (tasks.length < MOST) {
    const filter = district ? [`district:prefix:${district}`] : undefined;
    const page = await got(api.GET("/records/{relation}", { params: { path: { relation: "cases.open_task" }, query: { limit: PAGE, sort: "due_at", cursor, filter } as never } }));
    tasks.push(...page.items.map((item) => item.values as unknown as Waiting));
    cursor = page.cursor ?? undefined;
    if (!cursor) return { tasks, truncated: false };
  }
  return { tasks, truncated: true };
}

/** Cases since a moment that were opened or closed; `more` where there are more than a page. */
export async function since(field: "opened_at" | "closed_at", from: string, district: string): Promise<{ n: number; more: boolean }> {
  const filter = [`${field}:gte:${from}`, ...(district ? [`district:prefix:${district}`] : [])];
  const page = await got(api.GET("/records/{relation}", { params: { path: { relation: "cases.case" }, query: { limit: PAGE, filter } as never } }));
  return { n: page.items.length, more: Boolean(page.cursor) };
}

/** The first moment of today in China. */
export function today(now: number): string {
  const day = new Intl.DateTimeFormat("sv", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  return new Date(`${day}T00:00:00+08:00`).toISOString();
}

export const nothing = (): Counts => ({ red: 0, yellow: 0, hint: 0, green: 0, none: 0, all: 0 });

/** Each case once: its task that is due first, which is the first in the order that was asked for. */
export function cases(tasks: Waiting[]): Waiting[] {
  const seen = new Set<string>();
  return tasks.filter((task) => !seen.has(task.case_id) && seen.add(task.case_id));
}

/** How many there are of each key, by colour; a task may count for several keys of a case only once. */
export function counted(tasks: Waiting[], keyOf: (task: Waiting) => string, now: number): Map<string, Counts> {
  const found = new Map<string, Counts>();
  const seen = new Set<string>();
  for (const task of tasks) {
    const key = keyOf(task);
    if (seen.has(`${key} ${task.case_id}`)) continue;
    seen.add(`${key} ${task.case_id}`);
    const counts = found.get(key) ?? nothing();
    counts[colourOf(task, now)]++;
    counts.all++;
    found.set(key, counts);
  }
  return found;
}

/** What is late or soon will be, the latest first. */
export function urgent(of: Waiting[], now: number): (Waiting & { colour: Colour })[] {
  return of
    .map((task) => ({ ...task, colour: colourOf(task, now) }))
    .sort((a, b) => COLOURS.indexOf(a.colour) - COLOURS.indexOf(b.colour) || (a.due_at ?? "9").localeCompare(b.due_at ?? "9"));
}
