// Small parts of the page, made of elements and never of markup: what others wrote is text.
import { t } from "./texts.js";
import { here, offset, pointOf } from "./place.js";

const SVG = "http://www.w3.org/2000/svg";
const SVGS = new Set(["svg", "circle", "line", "text", "g", "title", "path"]);

/** An element: attributes, `on…` listeners, children; what is null or false is left out. */
export function h(tag, attributes = {}, ...children) {
  const one = SVGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
    else one.setAttribute(name, value === true ? "" : value);
  }
  one.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return one;
}

export const badge = (kind, words) => h("span", { class: `badge ${kind}` }, words);

export function field(id, label, control, { hint, error } = {}) {
  control.id = id;
  const notes = [hint && h("small", { id: `${id}-hint` }, hint), error && h("small", { id: `${id}-error`, class: "error" }, error)].filter(Boolean);
  if (notes.length) control.setAttribute("aria-describedby", notes.map((n) => n.id).join(" "));
  if (error) control.setAttribute("aria-invalid", "true");
  return h("p", { class: "field" }, h("label", { for: id }, label), ...notes, control);
}

/** The tasks around the phone, or around their middle where it does not know where it is. The list says the same in words. */
export function sketch(tasks) {
  const points = tasks.map((task, n) => ({ n: n + 1, at: pointOf(task), urgent: task.values.urgent })).filter((p) => p.at);
  if (!points.length) return null;
  const centre = here.at ? [here.at.lon, here.at.lat] : [0, 1].map((i) => points.reduce((sum, p) => sum + p.at[i], 0) / points.length);
  for (const p of points) p.away = offset(p.at, centre);
  const reach = Math.max(100, ...points.map((p) => Math.hypot(...p.away)));
  const step = 10 ** Math.floor(Math.log10(reach));
  const ring = [5, 2, 1].map((n) => n * step).find((n) => n <= reach) ?? step;
  const scale = 88 / reach;
  const words = ring < 1000 ? `${ring} m` : `${ring / 1000} km`;
  return h("svg", { viewBox: "-100 -100 200 200", role: "img", "aria-label": t("around"), class: "sketch" },
    [1, 2].map((n) => n * ring).filter((r) => r <= reach * 1.15).map((r) => h("circle", { class: "ring", r: r * scale })),
    h("text", { class: "scale", x: 0, y: -ring * scale - 2 }, words), h("text", { class: "scale", x: 0, y: -92 }, "N"),
    here.at && h("circle", { class: "me", r: 4 }),
    points.map((p) => h("g", { class: p.urgent ? "spot urgent" : "spot", transform: `translate(${(p.away[0] * scale).toFixed(1)} ${(-p.away[1] * scale).toFixed(1)})` }, h("circle", { r: 7 }), h("text", { y: 3 }, String(p.n)))),
  );
}
