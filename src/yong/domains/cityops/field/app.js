// The page of an inspector: what it shows, whose turn it is, when it synchronises. It works from what the phone holds.
import { ask, Trouble } from "./server.js";
import { Bag, pending, Registry, unsent } from "./store.js";
import { sync } from "./sync.js";
import { language, moment, speak, t } from "./texts.js";
import { follow } from "./place.js";
import { h } from "./parts.js";
import { listPage, taskPage, reportPage } from "./work.js";
import { mePage, queuePage, signInPage } from "./own.js";

const EVERY_MS = 60_000;
const SOON_MS = 15_000; // while something waits
const AGAIN_MS = 1_000; // after a request failed on a network that is said to be there; each time twice as long

/** What every page may ask and do. `session`: in, ended, none, or unknown for as long as there is no network. */
export const app = { registry: null, bag: null, who: null, session: "unknown", online: navigator.onLine, syncing: false, trouble: null, said: null, busyForm: false };

const PAGES = { "": listPage, tasks: listPage, task: taskPage, report: reportPage, queue: queuePage, me: mePage, "sign-in": signInPage };
let shown = "";
let going = false;
let painting = Promise.resolve();

const route = () => decodeURIComponent(location.hash.replace(/^#\/?/, "")).split("/");

// ---------------------------------------------------------------- showing

/** Draw the page anew, one after the other. A form that somebody fills in stays, unless they go to another page. */
export function paint(how = {}) {
  painting = painting.then(() => draw(how)).catch((error) => console.error(error));
  return painting;
}

async function draw({ anew = false }) {
  const here = route();
  const moved = here.join("/") !== shown;
  const entries = app.bag ? await app.bag.entries() : [];
  change(document.querySelector("header.bar"), await bar());
  tabs(here[0], pending(entries).length);
  if (!moved && !anew && app.busyForm) return;
  app.busyForm = false;
  const page = app.bag ? (PAGES[here[0]] ?? listPage) : signInPage;
  const body = await page(here[1], entries);
  const main = document.querySelector("main");
  const held = moved ? null : nameOf(document.activeElement);
  main.replaceChildren(...(app.said ? [h("div", { class: "notice", role: "status" }, h("p", {}, app.said))] : []), ...[body].flat(9).filter(Boolean));
  shown = here.join("/");
  if (moved) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus();
  } else if (held) [...main.querySelectorAll("a, button, input, textarea")].find((one) => nameOf(one) === held)?.focus({ preventScroll: true });
}

/** What tells a link or button from the others of the page, so that the focus stays on it when the page is drawn anew. */
const nameOf = (one) => (one?.matches?.("main a, main button, main input, main textarea") ? `${one.tagName} ${one.getAttribute("href") ?? one.id} ${one.getAttribute("aria-label") ?? one.textContent}` : null);

/** Put words into an element only where they are others: a screen reader is not told the same again. */
function change(one, parts) {
  const fresh = h("div", {}, parts);
  if (one.textContent !== fresh.textContent) one.replaceChildren(...fresh.childNodes);
}

async function bar() {
  const at = await app.bag?.get("at");
  const state = app.syncing ? t("syncing") : app.online ? (at ? t("synced", { at: moment(at) }) : t("online")) : t("offline");
  const waiting = app.bag && app.session === "ended" ? unsent(await app.bag.entries()).length : 0;
  return [h("b", {}, t("title")), h("p", { role: "status" }, state,
    app.bag && app.session === "ended" && [h("br"), h("a", { href: "#/sign-in" }, t("signInAgain", { name: app.who.name, n: waiting }))],
    app.trouble && [h("br"), h("span", { class: "error" }, t("failed", { why: app.trouble }))])];
}

function tabs(at, waiting) {
  const nav = document.querySelector("nav.tabs");
  nav.hidden = !app.bag;
  nav.setAttribute("aria-label", t("title"));
  change(nav, ["tasks", "report", "queue", "me"].map((name) => h("a", { href: `#/${name}` }, t(name), name === "queue" && waiting ? ` (${waiting})` : "")));
  for (const one of nav.children) one.toggleAttribute("aria-current", false);
  nav.querySelector(`[href="#/${at || "tasks"}"]`)?.setAttribute("aria-current", "page");
}

/** Go to a page of this one, with a word of what was done. */
export function go(where, said = null) {
  app.said = said;
  if (location.hash === `#/${where}`) void paint({ anew: true });
  else {
    going = true;
    location.hash = `#/${where}`;
  }
}

// ---------------------------------------------------------------- whose turn it is

/** Begin with an account: open what it holds, and leave of anybody else's only what waits to be sent. */
export async function begin(account, name) {
  const before = app.who;
  if (before && before.account !== account) {
    await app.bag?.empty();
    app.bag?.db.close();
    app.bag = null;
  }
  for (const other of await app.registry.all()) {
    if (other.account === account) continue;
    const bag = await Bag.open(other.account);
    await bag.empty();
    await bag.age(other.contact);
    const left = (await bag.entries()).length;
    bag.db.close();
    if (!left) { await (await Bag.open(other.account)).destroy(); await app.registry.forget(other.account); }
  }
  const known = await app.registry.who(account);
  app.who = { account, name, device: known?.device ?? crypto.randomUUID(), contact: Date.now(), districts: [] };
  app.bag ??= await Bag.open(account);
  await app.registry.put(app.who);
  await app.bag.set("language", language);
}

/** How many entries of others wait on this phone. */
export async function hidden() {
  let count = 0;
  for (const other of await app.registry.all()) {
    if (other.account === app.who?.account) continue;
    const bag = await Bag.open(other.account);
    count += unsent(await bag.entries()).length;
    bag.db.close();
  }
  return count;
}

/** Sign out: nothing of this account stays on the phone; without a network the session ends as soon as there is one. */
export async function leave(said = null) {
  const { bag, who } = app;
  app.bag = app.who = null;
  app.session = "none";
  await bag.destroy();
  await app.registry.forget(who.account);
  await app.registry.leave(true);
  await endSession();
  go("sign-in", said);
}

async function endSession() {
  try {
    await ask("DELETE", "/session");
  } catch (error) {
    if (error.offline || error.again) return false;
  }
  await app.registry.leave(false);
  return true;
}

/** Ask who is signed in, and go on as them. */
async function recognise() {
  if (await app.registry.leaving()) {
    if (!(await endSession())) throw new Trouble("", { offline: true });
  }
  const found = await ask("GET", "/session");
  if (!found.mandates.some((m) => m.role === "cases.inspector")) {
    app.session = "none";
    app.trouble = app.bag ? null : t("notInspector");
    return false;
  }
  if (app.who?.account !== found.account) { await begin(found.account, found.name); shown = ""; }
  app.who.districts = found.mandates.map((m) => m.district).filter(Boolean);
  app.who.contact = Date.now();
  await app.registry.put(app.who);
  app.session = "in";
  return true;
}

// ---------------------------------------------------------------- synchronising

let timer = 0;
let failed = 0; // turns in a row without an answer
let asked = false; // for a turn while one was under way, which may have begun without a network

/** Synchronise if there is a network and somebody is signed in; whatever comes of it, again after a while. */
export async function turn() {
  clearTimeout(timer);
  asked = app.syncing;
  if (asked) return;
  app.syncing = true;
  await paint();
  try {
    app.trouble = null;
    if (await recognise()) {
      const answer = await sync(app.bag, app.who, () => void paint());
      if (answer?.wipe) await leave(t("wiped"));
    }
    app.online = true;
    failed = 0;
  } catch (error) {
    failed = error.offline ? failed + 1 : 0;
    if (!(error instanceof Trouble)) app.trouble = String(error);
    else if (error.offline) app.online = false;
    else if (error.out) { app.online = true; app.session = app.bag ? "ended" : "none"; }
    else { app.online = true; app.trouble = error.message; }
  } finally {
    app.syncing = false;
  }
  if (app.bag && (await app.bag.age(app.who.contact))) app.said = t("expired");
  await paint();
  if (asked) return void turn();
  const waits = (await app.registry.leaving()) || (app.bag && (await app.bag.entries()).some((e) => e.state === "waiting"));
  const usual = waits ? SOON_MS : EVERY_MS;
  const later = failed && navigator.onLine ? Math.min(usual, AGAIN_MS * 2 ** (failed - 1)) : usual;
  timer = setTimeout(() => { if (waits || !document.hidden) void turn(); }, later); // out of sight it keeps no session alive
}

async function start() {
  document.body.append(h("a", { class: "skip", href: "#main", onclick: (e) => { e.preventDefault(); document.querySelector("h1")?.focus(); } }, "↓"), h("header", { class: "bar" }), h("main", { id: "main" }), h("nav", { class: "tabs" }));
  app.registry = await Registry.open();
  const account = await app.registry.current();
  if (account) {
    app.who = await app.registry.who(account);
    app.bag = await Bag.open(account);
    if (await app.bag.age(app.who.contact)) app.said = t("expired");
  }
  speak((await app.bag?.get("language")) ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  document.querySelector(".skip").textContent = t("skip");
  follow(() => { if (!app.busyForm) void paint(); for (const one of document.querySelectorAll("[data-position]")) one.dispatchEvent(new Event("moved")); });
  addEventListener("hashchange", () => {
    if (!going) app.said = null;
    going = false;
    if (shown !== route().join("/")) void paint();
  });
  addEventListener("online", () => void turn());
  addEventListener("offline", () => { app.online = false; void paint(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void turn(); });
  await paint();
  if ("serviceWorker" in navigator) await navigator.serviceWorker.register("/field/sw.js", { scope: "/field" }).catch((error) => { app.trouble = String(error); });
  void navigator.storage?.persist?.();
  await turn();
}

void start();
