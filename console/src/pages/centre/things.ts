// What the map shows: every entity that has a place, kept up to date, and how it is coloured. Pure but for the asking.
import { api, got } from "../../api/client";
import { one, type Attribute, type Change } from "../../live";

export interface Thing {
  id: string;
  type: string;
  district: string | null;
  source: string | null;
  lon: number | null;
  lat: number | null;
  modifiedAt: string | null;
  attributes: Record<string, Attribute | Attribute[]>;
}

export const PREFIX = "urn:yong:";
const PAGE = 1000;
export const MOST = 20_000;

export function plain(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
}

export async function everything(): Promise<{ things: Map<string, Thing>; truncated: boolean }> {
  const things = new Map<string, Thing>();
  let after: string | undefined;
  while (things.size < MOST) {
    const page = await got(api.GET("/context/entities", { params: { query: { limit: PAGE, after } } }));
    for (const e of page) {
      const place = (e.location as { type?: string; coordinates?: number[] } | null) ?? null;
      const [lon, lat] = place?.type === "Point" ? (place.coordinates ?? []) : [];
      things.set(e.id, {
        id: e.id, type: e.type, district: e.district ?? null, source: e.source ?? null, modifiedAt: e.modified_at ?? null,
        lon: lon ?? null, lat: lat ?? null, attributes: e.attributes as unknown as Thing["attributes"],
      });
    }
    if (page.length < PAGE) return { things, truncated: false };
    after = page[page.length - 1]?.id;
  }
  return { things, truncated: true };
}

/** Take a change in; what it was for the map. A change names the attributes that it tells of. */
export function take(things: Map<string, Thing>, change: Change): "new" | "moved" | "same" {
  const id = plain(change.id);
  const known = things.get(id);
  if (!known && things.size >= MOST) return "same";
  const thing: Thing = known ?? { id, type: change.type, district: null, source: null, lon: null, lat: null, modifiedAt: null, attributes: {} };
  const [lon, lat] = [thing.lon, thing.lat];
  thing.source = change.source ?? thing.source;
  thing.modifiedAt = change.modifiedAt ?? thing.modifiedAt;
  for (const [name, attribute] of Object.entries(change.attributes)) {
    if (name === "location") {
      const value = one(attribute)?.value as { type?: string; coordinates?: number[] } | undefined;
      if (value?.type === "Point") [thing.lon, thing.lat] = [value.coordinates?.[0] ?? null, value.coordinates?.[1] ?? null];
    } else thing.attributes[name] = attribute;
  }
  if (!known) things.set(id, thing);
  return !known ? "new" : thing.lon !== lon || thing.lat !== lat ? "moved" : "same";
}

export function measured(thing: Thing, name: string): number | null {
  const value = one(thing.attributes[name])?.value;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The attributes of a kind that are numbers for some of its things, by name. */
export function numbers(things: Iterable<Thing>, type: string): string[] {
  const found = new Set<string>();
  for (const thing of things) {
    if (thing.type !== type) continue;
    for (const name of Object.keys(thing.attributes)) if (!found.has(name) && measured(thing, name) !== null) found.add(name);
  }
  return [...found].sort();
}

export const KINDS = ["#2563eb", "#b45309", "#047857", "#be123c", "#7c3aed", "#0e7490", "#4d7c0f", "#a21caf", "#475569", "#c2410c", "#1e40af", "#166534"];
// ColorBrewer's YlOrRd in five classes, which people with colour-blindness can tell apart.
const RAMP = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"];

export interface Step {
  at: number;
  colour: string;
}

/** A colour of values up to `upper` (inclusive; null: without end), with a title where a standard names the class. */
export interface Shade {
  upper: number | null;
  colour: string;
  title?: string;
}

/** Five shades that hold a fifth of the values each, fewer where values are the same. */
export function shades(values: number[]): Shade[] {
  const sorted = [...values].sort((a, b) => a - b);
  const found: Shade[] = [];
  RAMP.forEach((colour, n) => {
    const upper = sorted[Math.ceil(((n + 1) * sorted.length) / RAMP.length) - 1];
    if (upper !== undefined && (!found.length || upper > found[found.length - 1]!.upper!)) found.push({ upper, colour });
  });
  if (found.length) found[found.length - 1]!.upper = null;
  return found;
}

export function shadeOf(value: number, of: Shade[]): string {
  return (of.find((s) => s.upper === null || value <= s.upper) ?? of[of.length - 1]!).colour;
}
