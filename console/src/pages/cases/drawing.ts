// The server's drawing of a procedure, made safe: known elements and attributes alone, and nothing that is fetched or runs.
const TAGS = new Set(["svg", "title", "defs", "marker", "path", "g", "rect", "circle", "text", "tspan"]);
const NAMES = new Set(["class", "role", "aria-label", "width", "height", "viewBox", "id", "markerWidth", "markerHeight", "refX", "refY", "orient", "d", "fill", "x", "y", "cx", "cy", "r", "rx", "transform", "text-anchor", "font-size", "stroke-dasharray", "marker-end", "data-element"]);
const SVG = "http://www.w3.org/2000/svg";

/** The drawing with marks: `current` where a case is, `done` where it was. Null for what is none. */
export function drawing(svg: string, marks: { waiting?: string[]; passed?: Record<string, number> } = {}): SVGSVGElement | null {
  const read = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (read.localName !== "svg" || read.namespaceURI !== SVG) return null;
  const made = copied(read);
  for (const element of made.querySelectorAll("[data-element]")) {
    const id = element.getAttribute("data-element") ?? "";
    if (marks.waiting?.includes(id)) element.classList.add("current");
    else if (marks.passed?.[id]) element.classList.add("done");
  }
  return made as SVGSVGElement;
}

/** Built anew of what is known, so that nothing else can be in it. */
function copied(from: Element): Element {
  const made = document.createElementNS(SVG, from.localName);
  for (const { name, value } of from.attributes) {
    if (NAMES.has(name) && (name !== "marker-end" || /^url\(#[\w-]+\)$/.test(value))) made.setAttribute(name, value);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.textContent ?? "");
    else if (child instanceof Element && child.namespaceURI === SVG && TAGS.has(child.localName)) made.append(copied(child));
  }
  return made;
}
