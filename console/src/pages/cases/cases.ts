// What the pages of cases have in common: asking, the colour of a clock, a drawing made safe.
import type { components } from "../../api/generated/cases";
import { api, got } from "../../api/client";
import { locale } from "../../language";

export type Case = components["schemas"]["CaseShown"];
export type Task = components["schemas"]["TaskShown"];
export type Choice = components["schemas"]["ChoiceShown"];
export type Colour = "green" | "hint" | "yellow" | "red";

/** A row of the inbox; what its reader may not see is null. */
export interface Waiting {
  id: string;
  case_id: string;
  number: string;
  element: string;
  element_title: string;
  source: string;
  title: string | null;
  class: string | null;
  stage: string;
  district: string;
  urgent: boolean;
  supervised: boolean;
  opened_at: string;
  due_at: string | null;
  hint_at: string | null;
  yellow_at: string | null;
  assignee: string | null;
  state: string;
}

export const inbox = (query: { filter?: string[]; sort?: string; cursor?: string; mine?: boolean }) =>
  got(api.GET("/inbox", { params: { query: { ...query, limit: 50 } } })).then((page) => ({
    cursor: page.cursor,
    items: page.items.map((item) => item.values as unknown as Waiting),
  }));

/** What a clock shows now. */
export function colourOf(task: { due_at: string | null; hint_at: string | null; yellow_at: string | null }, now: number): Colour | null {
  if (!task.due_at) return null;
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

const TAGS = new Set(["svg", "title", "defs", "marker", "path", "g", "rect", "circle", "text", "tspan"]);
const NAMES = new Set(["xmlns", "class", "role", "aria-label", "width", "height", "viewBox", "id", "markerWidth", "markerHeight", "refX", "refY", "orient", "d", "fill", "x", "y", "cx", "cy", "r", "rx", "transform", "text-anchor", "font-size", "stroke-dasharray", "marker-end", "data-element"]);

/** The server's drawing of a procedure: known elements and attributes alone, with marks for where a case is and was. */
export function drawing(svg: string, marks: { waiting?: string[]; passed?: Record<string, number> } = {}): SVGSVGElement | null {
  const found = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (found.localName !== "svg") return null;
  for (const element of [found, ...found.querySelectorAll("*")]) {
    if (!TAGS.has(element.localName)) element.remove();
    for (const attribute of [...element.attributes]) if (!NAMES.has(attribute.name)) element.removeAttribute(attribute.name);
    const id = element.getAttribute("data-element");
    if (id && marks.waiting?.includes(id)) element.classList.add("current");
    else if (id && marks.passed?.[id]) element.classList.add("done");
  }
  return document.importNode(found, true) as unknown as SVGSVGElement;
}
