// What the explorer draws: series of a thing or of all of a type, over a period, raw or summed up, beside an earlier one.
// All of it stands in the address, so that a link shows the same.
import { api, got } from "../../api/client";
import type { LocationQuery, LocationQueryRaw } from "vue-router";

export const SPANS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export const PERIODS = ["minute", "quarter-hour", "hour", "day", "week", "month"] as const;
export const MEASURES = ["avg", "min", "max", "sum", "count", "stddev", "p50", "p95"] as const;
export const AGAINST = ["before", "day", "week", "year"] as const;
export const MOST = 8; // series at once
const POINTS = 1000;

export interface Series {
  of: "thing" | "type";
  id: string;
  attribute: string;
}

export interface View {
  series: Series[];
  span: keyof typeof SPANS | "own";
  from: string; // of a period of one's own, as the field has it: China's time without seconds
  to: string;
  by: (typeof PERIODS)[number] | "raw";
  measure: (typeof MEASURES)[number];
  against: (typeof AGAINST)[number] | "";
}

export interface Drawn {
  unit: string | null;
  points: [string, number][];
}

const one = (query: LocationQuery, name: string): string => {
  const value = query[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
};
const among = <T extends string>(all: readonly T[], value: string, otherwise: T): T => (all.includes(value as T) ? (value as T) : otherwise);

/** A view from an address; what it does not say, or says wrong, is as at the beginning. */
export function viewOf(query: LocationQuery): View {
  const given = query.s === undefined ? [] : Array.isArray(query.s) ? query.s : [query.s];
  const series = given.flatMap((word): Series[] => {
    const [of, id, attribute] = (word ?? "").split("~");
    return (of === "thing" || of === "type") && id && attribute ? [{ of, id, attribute }] : [];
  });
  return {
    series: series.slice(0, MOST),
    span: among([...(Object.keys(SPANS) as (keyof typeof SPANS)[]), "own"], one(query, "span"), "day"),
    from: one(query, "from"),
    to: one(query, "to"),
    by: among([...PERIODS, "raw"], one(query, "by"), "raw"),
    measure: among(MEASURES, one(query, "measure"), "avg"),
    against: among([...AGAINST, ""], one(query, "against"), ""),
  };
}

export function queryOf(view: View): LocationQueryRaw {
  const own = view.span === "own";
  return {
    s: view.series.map((s) => `${s.of}~${s.id}~${s.attribute}`),
    span: view.span,
    from: own ? view.from || undefined : undefined,
    to: own ? view.to || undefined : undefined,
    by: view.by === "raw" ? undefined : view.by,
    measure: view.measure === "avg" ? undefined : view.measure,
    against: view.against || undefined,
  };
}

/** The period in Unix milliseconds; null while one's own is not said or ends before it begins. */
export function periodOf(view: View, now: number): { from: number; to: number } | null {
  if (view.span !== "own") return { from: now - SPANS[view.span], to: now };
  const [from, to] = [Date.parse(`${view.from}:00+08:00`), Date.parse(`${view.to}:00+08:00`)];
  return from < to ? { from, to } : null;
}

/** How much earlier the other period lies, in milliseconds. */
export function earlier(view: View, period: { from: number; to: number }): number {
  return { before: period.to - period.from, day: SPANS.day, week: SPANS.week, year: 365 * SPANS.day, "": 0 }[view.against];
}

/** All of a type have no raw line of their own: they are summed up, by the hour where nothing else is said. */
export const summed = (view: View, series: Series): View["by"] => (series.of === "type" && view.by === "raw" ? "hour" : view.by);

const within = (from: number, to: number) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
const chosen = (series: Series) => (series.of === "thing" ? { entity: [series.id] } : { type: series.id });
const asked = (measure: View["measure"]) => (measure.startsWith("p") ? { measure: ["count"], percentile: [Number(measure.slice(1))] } : { measure: [measure] });

/** A series within [from, to), its points moved by `later` milliseconds. */
export async function draw(view: View, series: Series, from: number, to: number, later: number): Promise<Drawn> {
  const moved = (at: string): string => (later ? new Date(Date.parse(at) + later).toISOString() : at);
  const by = summed(view, series);
  if (by === "raw") {
    const query = { ...within(from, to), attribute: series.attribute, points: POINTS };
    const [found] = await got(api.GET("/history/{entity_id}/chart", { params: { path: { entity_id: series.id }, query: query as never } }));
    return { unit: found?.unit ?? null, points: ((found?.points ?? []) as unknown as [string, number][]).map(([at, value]) => [moved(at), value]) };
  }
  const query = { ...within(from, to), ...chosen(series), attribute: [series.attribute], period: by, ...asked(view.measure) };
  const found = await got(api.GET("/history/statistics", { params: { query: query as never } }));
  const value = (s: (typeof found)[number]): number | null | undefined => (view.measure.startsWith("p") ? s.percentiles?.[view.measure.slice(1)] : s[view.measure as "avg"]);
  const points = found.flatMap((s): [string, number][] => (s.start && value(s) != null ? [[moved(s.start), value(s)!]] : []));
  return { unit: view.measure === "count" ? null : (found[0]?.unit ?? null), points: points.sort((a, b) => Date.parse(a[0]) - Date.parse(b[0])) };
}

/** What all of a series within [from, to) comes to. */
export async function whole(series: Series, from: number, to: number) {
  const query = { ...within(from, to), ...chosen(series), attribute: [series.attribute], measure: ["count", "min", "avg", "max"], percentile: [95] };
  return (await got(api.GET("/history/statistics", { params: { query: query as never } })))[0] ?? null;
}

export function exportOf(series: Series, from: number, to: number, format: string): string {
  const words = new URLSearchParams({ ...within(from, to), [series.of === "thing" ? "entity" : "type"]: series.id, attribute: series.attribute, format });
  return `/history/export?${words}`;
}
