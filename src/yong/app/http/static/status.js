// Refreshes the status page every two seconds; a hidden page rests.
"use strict";
const script = document.currentScript;
const state = document.getElementById("state");
let last = null;

const cell = (tag, text, badge) => {
  const element = document.createElement(tag);
  if (tag === "th") element.scope = "row";
  if (badge) mark(element, "badge", text);
  else element.textContent = text ?? "–";
  return element;
};
const mark = (place, kind, text) => {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  place.append(element);
  return place;
};
const legend = (c) => {
  const element = mark(document.createElement("li"), `dot aqi-${c.grade}`, "");
  const count = document.createElement("b");
  count.textContent = c.count;
  element.append(`${c.name} `, count);
  return element;
};
const row = (cells) => {
  const element = document.createElement("tr");
  element.append(...cells);
  return element;
};

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch("/status.json", { headers: { "Accept-Language": document.documentElement.lang } });
    if (!response.ok) throw new Error(response.status);
    const now = await response.json();
    for (const counter of now.counters) {
      const place = document.querySelector(`[data-counter="${counter.name}"]`);
      if (place) place.textContent = counter.value.toLocaleString();
      if (counter.name === "observations") {
        const moment = performance.now();
        if (last) {
          const rate = (counter.value - last.value) / ((moment - last.moment) / 1000);
          document.getElementById("rate").textContent = Math.max(0, Math.round(rate)).toLocaleString();
        }
        last = { value: counter.value, moment };
      }
    }
    const door = document.getElementById("door");
    door.children[0].textContent = now.door.said;
    door.children[0].className = `badge ${now.door.open ? "good" : "bad"}`;
    door.children[1].textContent = `${door.dataset.since} ${now.door.since}`;
    const readings = document.getElementById("readings");
    if (readings) readings.replaceChildren(...now.readings.map((r) =>
      row([cell("th", r.station), cell("td", r.attribute), cell("td", r.value), cell("td", r.time), cell("td", r.source, true)])));
    const aqi = document.getElementById("aqi");
    if (aqi) {
      aqi.replaceChildren(...now.stations.map((s) =>
        row([cell("th", s.name), mark(cell("td", ""), `index aqi-${s.grade}`, s.aqi ?? "–"), cell("td", s.class_), cell("td", s.primary), cell("td", s.source, true)])));
      document.getElementById("classes").replaceChildren(...now.classes.map(legend));
      document.getElementById("caption").textContent = now.caption;
      const marks = document.querySelectorAll("#stations .station");
      if (marks.length === now.stations.length) now.stations.forEach((s, i) => {
        const circle = marks[i].querySelector("circle"), text = marks[i].querySelector("text");
        circle.setAttribute("class", `aqi-${s.grade}`);
        text.textContent = s.aqi ?? "–";
        for (const [name, value] of [["x", s.x], ["y", s.y]]) { // they stand in the order of their index
          circle.setAttribute(`c${name}`, value);
          text.setAttribute(name, value);
        }
      });
    } else if (now.stations.length || now.readings.length) location.reload();
    state.textContent = script.dataset.live;
  } catch {
    state.textContent = script.dataset.unknown;
  }
}
refresh();
setInterval(refresh, 2000);
