// What the pages of cases have in common: asking, the colour of a clock, where a case is.
import type { components } from "../../api/generated/cases";
import { api, got } from "../../api/client";
import { locale } from "../../language";

export type Case = components["schemas"]["CaseShown"];
export type Task = components["schemas"]["TaskShown"];
export type Choice = components["schemas"]["ChoiceShown"];
export type FormField = components["schemas"]["FieldShown"];
export const COLOURS = ["red", "yellow", "hint", "green", "none"] as const; // what is late comes first
export type Colour = (typeof COLOURS)[number];

/** How a colour is drawn on a map: with a sign of its own, for whoever does not see the colour. */
export const MARKS: Record<Colour, { colour: string; ink: string; sign: string }> = {
  red: { colour: "#b91c1c", ink: "#ffffff", sign: "!!" },
  yellow: { colour: "#facc15", ink: "#0f172a", sign: "!" },
  hint: { colour: "#7dd3fc", ink: "#0f172a", sign: "?" },
  green: { colour: "#15803d", ink: "#ffffff", sign: "" },
  none: { colour: "#64748b", ink: "#ffffff", sign: "–" },
};

interface Clocked {
  due_at: string | null;
  hint_at: string | null;
  yellow_at: string | null;
}

/** An open task with its case; what its reader may not see is null. */
export interface Waiting extends Clocked {
  id: string;
  case_id: string;
  number: string;
  procedure: string;
  version: number;
  element: string;
  element_title?: string; // the inbox says it
  source: string;
  title: string | null;
  class: string | null;
  stage: string;
  district: string;
  party_id: string | null;
  urgent: boolean;
  supervised: boolean;
  opened_at: string;
  assignee: string | null;
  state: string;
  place: string | null;
  location: unknown;
}

export interface Place {
  id: string;
  at: [number, number];
  colour: Colour;
  title: string;
  many?: number; // cases at one place
}

export const inbox = (query: { filter?: string[]; sort?: string; cursor?: string; mine?: boolean }) =>
  got(api.GET("/inbox", { params: { query: { ...query, limit: 50 } } })).then((page) => ({
    cursor: page.cursor,
    items: page.items.map((item) => item.values as unknown as Waiting),
  }));

/** What a clock shows now; `none` where nothing is due. */
export function colourOf(task: Clocked, now: number): Colour {
  if (!task.due_at) return "none";
  if (now > Date.parse(task.due_at)) return "red";
  if (task.yellow_at && now >= Date.parse(task.yellow_at)) return "yellow";
  return task.hint_at && now >= Date.parse(task.hint_at) ? "hint" : "green";
}

/** How long is left, or since when it is late, in the largest unit that says enough. */
export function left(due: string, now: number): string {
  const minutes = Math.round((Date.parse(due) - now) / 60_000);
  const [value, unit] = Math.abs(minutes) >= 2880 ? [minutes / 1440, "day"] : Math.abs(minutes) >= 120 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return new Intl.RelativeTimeFormat(locale.value, { numeric: "always" }).format(Math.trunc(value as number), unit as Intl.RelativeTimeFormatUnit);
}

/** Longitude and latitude of a point; null for anything else. */
export function pointOf(location: unknown): [number, number] | null {
  const shape = location as { type?: string; coordinates?: unknown } | null | undefined;
  const at = shape?.type === "Point" ? shape.coordinates : null;
  return Array.isArray(at) && typeof at[0] === "number" && typeof at[1] === "number" ? [at[0], at[1]] : null;
}

/** The id of a case that is named by its number or its id. */
export async function caseOf(word: string): Promise<string> {
  const said = word.trim();
  if (!/^\d+$/.test(said)) return said;
  const page = await got(api.GET("/records/{relation}", { params: { path: { relation: "cases.case" }, query: { limit: 1, filter: [`number:eq:${said}`] } } }));
  return page.items[0]?.id ?? said;
}
