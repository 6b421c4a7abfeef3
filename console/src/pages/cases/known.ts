// What the city knows that cases refer to: procedures with their stages, classes, units, districts. Asked once a language.
import { api, got } from "../../api/client";
import { locale } from "../../language";

export interface Named {
  code: string;
  title: string;
}
export interface Procedure {
  name: string;
  title: string;
  stages: [string, string][];
}
const MOST = 20; // procedures whose stages are asked for

/** Asked once a language; whoever may not ask, or cannot now, is given nothing and asks again the next time. */
function once<T>(ask: () => Promise<T[]>): () => Promise<T[]> {
  const kept = new Map<string, Promise<T[]>>();
  return () => {
    const language = locale.value;
    const found = kept.get(language) ?? ask();
    kept.set(language, found);
    return found.catch(() => {
      kept.delete(language);
      return [];
    });
  };
}

/** Those that new cases go by. */
export const procedures = once<Procedure>(async () => {
  const live = (await got(api.GET("/procedures"))).filter((v) => v.state === "live").slice(0, MOST);
  const shown = await Promise.all(live.map((v) => got(api.GET("/procedures/{name}/versions/{version}", { params: { path: { name: v.name, version: v.version } } }))));
  return shown.map(({ name, title, stages }) => ({ name, title, stages: stages as [string, string][] })); // the client forgets pairs
});

export const classes = once<Named>(async () => {
  const page = await got(api.GET("/records/{relation}", { params: { path: { relation: "cases.class" }, query: { limit: 1000 } } }));
  return page.items.map(({ id, values }) => ({ code: id, title: String((locale.value === "en" && values.title_en) || values.title_zh || id) }));
});

/** Units that cases are sent to. */
export const units = once<Named>(async () => (await got(api.GET("/case-units"))).map(({ id, name }) => ({ code: id, title: name })));

/** The outlines of the districts, with `code` and `name`. */
export const districts = once<GeoJSON.Feature>(async () => {
  const query = new URLSearchParams({ limit: "200", filter: "level = 'district'" });
  const answer = await fetch(`/ogc/collections/geo.boundary/items?${query}`, { headers: { "Accept-Language": locale.value } });
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as GeoJSON.FeatureCollection).features.filter((f) => f.geometry);
});

export function districtNames(outlines: GeoJSON.Feature[]): Named[] {
  return outlines
    .map((f) => ({ code: String(f.properties?.code ?? ""), title: String(f.properties?.name ?? f.properties?.code ?? "") }))
    .filter((one) => one.code)
    .sort((a, b) => a.code.localeCompare(b.code));
}

export function titleIn(known: Named[], code: string | null | undefined): string {
  return code ? (known.find((one) => one.code === code)?.title ?? code) : "–";
}

export function stageTitle(known: Procedure[], procedure: string, stage: string): string {
  return known.find((p) => p.name === procedure)?.stages.find(([code]) => code === stage)?.[1] ?? stage;
}
