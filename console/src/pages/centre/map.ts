// The map itself: MapLibre with a style that asks nobody outside, sources for districts, layers and things.
import * as maplibre from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Step } from "./things";

maplibre.setWorkerUrl(worker);

const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];
type Collection = GeoJSON.FeatureCollection;
export const NOTHING: Collection = { type: "FeatureCollection", features: [] };

export interface Look {
  ground: string;
  land: string;
  border: string;
  ink: string;
  halo: string;
}

export const LOOKS: Record<"light" | "dark", Look> = {
  light: { ground: "#dbe7f0", land: "#f8fafc", border: "#64748b", ink: "#0f172a", halo: "#ffffff" },
  dark: { ground: "#0b1220", land: "#16213a", border: "#64748b", ink: "#f1f5f9", halo: "#0b1220" },
};

export function style(look: Look, clustered = true): maplibre.StyleSpecification {
  return {
    version: 8,
    sources: {
      districts: { type: "geojson", data: NOTHING },
      names: { type: "geojson", data: NOTHING },
      things: { type: "geojson", data: NOTHING, cluster: clustered, clusterRadius: 42, clusterMaxZoom: 13 },
      chosen: { type: "geojson", data: NOTHING },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": look.ground } },
      { id: "land", type: "fill", source: "districts", paint: { "fill-color": look.land } },
      { id: "borders", type: "line", source: "districts", paint: { "line-color": look.border, "line-width": 1.2 } },
      {
        id: "names", type: "symbol", source: "names",
        layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 13, "text-allow-overlap": false },
        paint: { "text-color": look.ink, "text-halo-color": look.halo, "text-halo-width": 1.5 },
      },
      {
        id: "clusters", type: "circle", source: "things", filter: ["has", "point_count"],
        paint: { "circle-color": "#1d4ed8", "circle-opacity": 0.88, "circle-radius": ["step", ["get", "point_count"], 13, 20, 17, 100, 22, 500, 28], "circle-stroke-color": look.halo, "circle-stroke-width": 1.5 },
      },
      {
        id: "counts", type: "symbol", source: "things", filter: ["has", "point_count"],
        layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONTS, "text-size": 12, "text-allow-overlap": true },
        paint: { "text-color": "#ffffff" },
      },
      {
        id: "things", type: "circle", source: "things", filter: ["!", ["has", "point_count"]],
        paint: { "circle-color": ["get", "colour"], "circle-radius": 6, "circle-stroke-color": look.ink, "circle-stroke-width": 1 },
      },
      { id: "chosen", type: "circle", source: "chosen", paint: { "circle-color": "rgba(0,0,0,0)", "circle-radius": 12, "circle-stroke-color": "#dc2626", "circle-stroke-width": 3 } },
    ],
  };
}

export function make(container: HTMLElement, look: Look, label: string, clustered = true): maplibre.Map {
  const map = new maplibre.Map({
    container, style: style(look, clustered), center: [121.55, 29.75], zoom: 8.6, attributionControl: false, fadeDuration: 0,
    localIdeographFontFamily: FONTS.join(","), dragRotate: false, pitchWithRotate: false, maxZoom: 18,
    locale: { "Map.Title": label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 120 }), "bottom-right");
  return map;
}

export function put(map: maplibre.Map, source: string, data: Collection): void {
  (map.getSource(source) as maplibre.GeoJSONSource | undefined)?.setData(data);
}

export function bounds(geometry: GeoJSON.Geometry): maplibre.LngLatBounds {
  const found = new maplibre.LngLatBounds();
  const walk = (c: unknown): void => {
    if (Array.isArray(c) && typeof c[0] === "number") found.extend(c as [number, number]);
    else if (Array.isArray(c)) c.forEach(walk);
  };
  if ("coordinates" in geometry) walk(geometry.coordinates);
  return found;
}

export interface Drawn {
  colour: string;
  opacity: number;
  fill_opacity: number;
  line_width: number;
  radius: number;
  by?: string | null;
  steps: Step[];
  classes: { value: string | number | boolean; colour: string }[];
}

/** A layer's colour as an expression of MapLibre. */
export function colour(drawn: Drawn): maplibre.ExpressionSpecification | string {
  if (drawn.by && drawn.steps.length) {
    const value = ["get", drawn.by];
    const steps = ["step", ["to-number", value, -1e308], drawn.colour, ...drawn.steps.flatMap((s) => [s.at, s.colour])];
    return ["case", ["==", value, null], drawn.colour, steps] as unknown as maplibre.ExpressionSpecification; // nothing is not 0
  }
  if (drawn.by && drawn.classes.length) {
    return ["match", ["to-string", ["get", drawn.by]], ...drawn.classes.flatMap((c) => [String(c.value), c.colour]), drawn.colour] as maplibre.ExpressionSpecification;
  }
  return drawn.colour;
}

/** Where a layer's vector tiles are: the template of their addresses, the layer in them, the zooms they are made for. */
export interface Tiled {
  template: string;
  inside: string;
  zooms: [number, number];
}

/** Draw a layer of vector tiles below the things. Where there is too much in a tile, it tells how many are in each cell. */
export function addLayer(map: maplibre.Map, name: string, tiled: Tiled, drawn: Drawn, zooms: [number, number]): void {
  const source = `layer:${name}`;
  const c = colour(drawn);
  const common = { source, "source-layer": tiled.inside, minzoom: zooms[0], maxzoom: Math.min(zooms[1] + 1, 24) };
  const is = (kind: string): maplibre.FilterSpecification => ["==", ["geometry-type"], kind];
  const radius: maplibre.ExpressionSpecification = ["case", ["has", "point_count"], ["step", ["get", "point_count"], 8, 100, 11, 1000, 15], drawn.radius];
  map.addSource(source, { type: "vector", tiles: [location.origin + tiled.template], minzoom: tiled.zooms[0], maxzoom: tiled.zooms[1] });
  map.addLayer({ ...common, id: `${source}:fill`, type: "fill", filter: is("Polygon"), paint: { "fill-color": c, "fill-opacity": drawn.fill_opacity } }, "clusters");
  map.addLayer({ ...common, id: `${source}:line`, type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": c, "line-width": drawn.line_width, "line-opacity": drawn.opacity } }, "clusters");
  map.addLayer({ ...common, id: `${source}:point`, type: "circle", filter: is("Point"), paint: { "circle-color": c, "circle-radius": radius, "circle-opacity": drawn.opacity } }, "clusters");
  map.addLayer({ ...common, id: `${source}:count`, type: "symbol", filter: ["has", "point_count"], layout: { "text-field": ["to-string", ["get", "point_count"]], "text-font": FONTS, "text-size": 10 }, paint: { "text-color": "#0f172a", "text-halo-color": "#ffffff", "text-halo-width": 1.5 } }, "clusters");
}

export function addTiles(map: maplibre.Map, name: string, template: string, zooms: [number, number], attribution: string): void {
  const id = `layer:${name}`;
  const tiles = [location.origin + template.replace("{row}", "{y}").replace("{col}", "{x}")];
  map.addSource(id, { type: "raster", tiles, tileSize: 256, minzoom: zooms[0], maxzoom: zooms[1], attribution });
  map.addLayer({ id: `${id}:tiles`, type: "raster", source: id }, "borders");
}

export function removeLayer(map: maplibre.Map, name: string): void {
  const id = `layer:${name}`;
  for (const layer of map.getStyle().layers) if ("source" in layer && layer.source === id) map.removeLayer(layer.id);
  if (map.getSource(id)) map.removeSource(id);
}

/** Ask for a layer's vector tiles again: what they show goes on. */
export function refreshLayer(map: maplibre.Map, name: string): void {
  if (map.getSource(`layer:${name}`)) map.refreshTiles(`layer:${name}`);
}
