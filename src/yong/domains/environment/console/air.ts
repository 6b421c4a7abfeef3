// What the page of air quality asks for: stations as they are now, and the indices of one over the last day.
import { api, clientOf, got } from "@console/api/client";
import type { paths } from "@console/api/generated/environment";

const environment = clientOf<paths>();
const DAY_MS = 86_400_000;

export const POLLUTANTS = ["pm25", "pm10", "so2", "no2", "co", "o3"] as const;
export type Pollutant = (typeof POLLUTANTS)[number];
const SYMBOLS: Record<Pollutant, string> = { pm25: "PM2.5", pm10: "PM10", so2: "SO₂", no2: "NO₂", co: "CO", o3: "O₃" };

/** The highest index of each class but the last, which is open (HJ 633, table 2). */
export const LIMITS = [50, 100, 150, 200, 300] as const;

export type Station = Awaited<ReturnType<typeof stations>>[number];

export interface Judged {
  at: string;
  aqi: number;
  level: number;
  primary: string[];
  parts: { pollutant: Pollutant; value: number; iaqi: number }[];
}

/** How people write a pollutant: PM2.5, SO₂. */
export function symbolOf(pollutant: string): string {
  return SYMBOLS[pollutant as Pollutant] ?? pollutant;
}

/** The worst first, those without an index last. */
export async function stations() {
  const found = await got(environment.GET("/environment/stations"));
  return found.sort((a, b) => (b.air?.aqi ?? -1) - (a.air?.aqi ?? -1) || a.code.localeCompare(b.code));
}

/** The hourly indices of a station that end in the last 24 hours, the newest first. */
export async function lastDay(station: string, now: number): Promise<Judged[]> {
  const since = new Date(now - DAY_MS).toISOString();
  const filter = [`station:eq:${station}`, "report:eq:hourly", `at:gt:${since}`];
  const page = await got(api.GET("/records/{relation}", { params: { path: { relation: "environment.aqi" }, query: { filter, sort: "-at", limit: 1000 } as never } }));
  return page.items.map(({ values }) => {
    const row = values as { at: string; aqi: number; level: number; primary_pollutants: string; parts: Judged["parts"] };
    return { at: row.at, aqi: row.aqi, level: row.level, primary: row.primary_pollutants.split(",").filter(Boolean), parts: row.parts };
  });
}
