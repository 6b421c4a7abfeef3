// What is one's own: the queue, the account, this phone.
import { app, begin, go, hidden, leave, paint, turn } from "./app.js";
import { badge, field, h } from "./parts.js";
import { ask, Trouble } from "./server.js";
import { atRisk, unsent } from "./store.js";
import { language, moment, speak, t } from "./texts.js";

// ---------------------------------------------------------------- the queue

export async function queuePage(_, entries) {
  const shown = entries.filter((e) => e.state !== "draft").reverse();
  return [
    h("h1", { tabindex: -1 }, t("queue")),
    shown.length ? null : h("p", {}, t("nothingQueued")),
    h("ul", { class: "list" }, await Promise.all(shown.map(line))),
    h("button", { type: "button", disabled: app.syncing, onclick: () => void turn() }, t("syncNow")),
  ];
}

async function line(entry) {
  const sent = entry.photos.filter((p) => p.state === "sent").length;
  const [size, received] = ["size", "received"].map((name) => entry.photos.reduce((sum, p) => sum + (name === "received" && p.state === "sent" ? p.size : p[name] ?? 0), 0));
  const kind = { "cases.open": t("report"), "cases.take": t(entry.body.back ? "putBack" : "take"), "cases.note": t("note") }[entry.kind] ?? entry.said;
  return h("li", { class: "entry", "data-state": entry.state },
    h("p", {}, h("b", {}, entry.title), kind ? ` · ${kind}` : ""), h("p", { class: "row" }, badge(entry.state, t(`s_${entry.state}`)), entry.told?.number && h("span", { class: "soft" }, entry.told.number), h("span", { class: "soft" }, moment(entry.made_at))),
    entry.body.note && h("p", {}, entry.body.note),
    entry.photos.length ? [h("p", { class: "soft" }, t("photosSent", { n: sent, of: entry.photos.length })), sent < entry.photos.length && h("progress", { max: size, value: received, "aria-label": t("photosSent", { n: sent, of: entry.photos.length }) })] : null,
    entry.photos.filter((p) => p.state === "refused").map((p) => h("p", { class: "error" }, t("photoRefused", { why: p.error }))),
    entry.state === "sent" && entry.answer?.state === "merged" && h("p", { class: "soft" }, t("changedBeside")),
    entry.state === "conflict" && conflict(entry), ["refused", "waiting"].includes(entry.state) && entry.error && h("p", { class: "error" }, entry.error),
    entry.state === "refused" && await refused(entry));
}

function conflict(entry) {
  const words = entry.told?.[language] ?? entry.told?.en;
  const seen = async () => {
    try {
      for (const id of entry.answer.conflicts) await ask("POST", `/sync/conflicts/${id}/decision`, { json: { choice: "theirs" } }).catch((error) => { if (![404, 409].includes(error.status)) throw error; });
      entry.seen = true;
      entry.state = "sent";
      await app.bag.keep(entry);
      app.trouble = null;
    } catch (error) { app.trouble = error.offline ? t("offline") : error.message; }
    await paint({ anew: true });
  };
  return h("div", { class: "notice bad" }, h("p", {}, h("b", {}, words)), h("p", {}, t("conflictLead"), " ", (entry.body.note || entry.photos.length) && t("noteKept")), h("button", { type: "button", onclick: seen }, t("understood")));
}

async function refused(entry) {
  const at = entry.kind === "cases.open" ? "report" : entry.kind === "cases.act" && (await app.bag.row("cases.open_task", entry.body.task)) ? `task/${entry.body.task}` : null;
  const again = async () => {
    const { answer, error, told, ...rest } = entry;
    await app.bag.keep({ ...rest, id: crypto.randomUUID(), state: "draft", photos: entry.photos.filter((p) => p.state !== "sent" && p.state !== "refused") });
    await app.bag.drop({ id: entry.id, photos: [] });
    go(at);
  };
  const asNote = async () => {
    const { answer, error, told, ...rest } = entry;
    await app.bag.keep({ ...rest, id: crypto.randomUUID(), kind: "cases.note", state: "waiting", body: { case: entry.case, note: entry.body.note } });
    await app.bag.drop({ id: entry.id, photos: [] });
    await paint({ anew: true });
    void turn();
  };
  return h("p", { class: "row" }, at && h("button", { type: "button", onclick: again }, t("again")), !at && entry.case && entry.body.note && entry.kind !== "cases.note" && h("button", { type: "button", onclick: asNote }, t("asNote")), sure(t("drop"), t("dropSure"), async () => { await app.bag.drop(entry); await paint({ anew: true }); }));
}

/** A button that asks once more, on the page itself. */
function sure(title, question, doing) {
  const first = h("button", { type: "button", class: "bad", onclick: () => {
    app.busyForm = true; // the question stays until it is answered
    const box = h("span", { class: "notice bad", role: "group", "aria-label": question }, h("span", {}, question), h("span", { class: "row" }, h("button", { type: "button", class: "bad", onclick: () => void doing() }, t("yes")), h("button", { type: "button", onclick: () => { app.busyForm = false; box.replaceWith(first); first.focus(); } }, t("no"))));
    first.replaceWith(box);
    box.querySelector("button:last-child").focus();
  } }, title);
  return first;
}

// ---------------------------------------------------------------- the account and this phone

export async function mePage(_, entries) {
  const waiting = atRisk(entries);
  const others = await hidden();
  const area = h("input", { inputmode: "numeric", pattern: "[0-9]*", maxlength: 12, value: (await app.bag.get("area")) ?? "" });
  const speakOther = async () => { speak(language === "en" ? "zh" : "en"); await app.bag.set("language", language); await paint({ anew: true }); };
  const setArea = async (event) => { event.preventDefault(); if (!/^([0-9]{2,15})?$/.test(area.value)) return area.focus(); await app.bag.set("area", area.value || null); app.busyForm = false; await turn(); };
  return [
    h("h1", { tabindex: -1 }, t("me")),
    h("p", {}, t("asWho", { name: app.who.name })),
    h("p", { class: "soft" }, t("held", { n: (await app.bag.rows("cases.open_task")).length, h: (await app.bag.get("hold")) ?? 72 })),
    others ? h("p", { class: "notice" }, t("hidden", { n: others })) : null,
    h("p", {}, h("button", { type: "button", onclick: speakOther, lang: language === "en" ? "zh-CN" : "en" }, t("language"))),
    h("form", { onsubmit: setArea, oninput: () => { app.busyForm = true; } }, field("area", t("area"), area), h("button", { type: "submit" }, t("setArea"))),
    devices(),
    h("h2", {}, t("signOut")),
    waiting.length ? h("div", { class: "notice bad" }, h("p", {}, t("unsent", { n: waiting.length })), h("p", { class: "row" }, h("button", { type: "button", onclick: () => { go("queue"); void turn(); } }, t("sendFirst")), sure(t("outAnyway"), t("dropSure"), leave))) : h("button", { type: "button", class: "bad", onclick: () => void leave() }, t("signOut")),
  ];
}

function devices() {
  if (!app.online || app.session !== "in") return null;
  const list = h("ul", { class: "list" });
  const giveUp = (device) => async () => {
    await ask("DELETE", `/sync/devices/${device}`).catch((error) => { app.trouble = error.message; });
    await paint({ anew: true });
  };
  void ask("GET", "/sync/devices").then((found) => list.replaceChildren(...found.map((one) => h("li", { class: "entry" },
    h("p", {}, one.device.slice(0, 8), one.device === app.who?.device ? ` (${t("thisOne")})` : "", one.given_up ? ` · ${t("givenUp")}` : ""), h("p", { class: "soft" }, t("lastSeen", { at: moment(one.seen_at) })),
    !one.given_up && one.device !== app.who?.device && sure(t("giveUp"), t("giveUp"), giveUp(one.device))))), () => {});
  return [h("h2", {}, t("devices")), h("p", { class: "soft" }, t("lost")), list];
}

// ---------------------------------------------------------------- signing in

export async function signInPage() {
  const known = app.bag ? app.who : null;
  const [name, password, code] = [h("input", { autocomplete: "username", required: true, maxlength: 64, value: known?.name ?? "" }), h("input", { type: "password", autocomplete: "current-password", required: true, maxlength: 256 }), h("input", { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 64 })];
  const wrong = h("p", { class: "error", role: "alert" }, app.trouble ?? "");
  const others = await hidden();
  const enter = async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      const found = await ask("POST", "/session", { json: { name: name.value, password: password.value, ...(code.value ? { code: code.value.trim() } : {}) } });
      if (!found.mandates.some((m) => m.role === "cases.inspector")) throw new Trouble(t("notInspector"));
      await app.registry.leave(false);
      await begin(found.account, found.name);
      app.busyForm = false;
      app.session = "in";
      go("tasks");
      await turn();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      wrong.textContent = error.offline ? t("offlineSignIn") : error.message;
      password.value = code.value = "";
      password.focus();
    }
  };
  app.busyForm = true;
  return [
    h("h1", { tabindex: -1 }, t("signIn")), h("p", {}, known ? t("signInAgain", { name: known.name, n: unsent(await app.bag.entries()).length }) : t("signInLead")),
    others ? h("p", { class: "notice" }, t("hidden", { n: others })) : null,
    h("form", { onsubmit: enter }, field("name", t("name"), name), field("password", t("password"), password), field("code", t("code"), code), wrong, h("button", { class: "go", type: "submit" }, t("signIn"))),
    h("p", {}, h("a", { href: "/sign-in?next=/field/" }, t("otherWay"))),
    h("p", {}, h("button", { type: "button", lang: language === "en" ? "zh-CN" : "en", onclick: () => { speak(language === "en" ? "zh" : "en"); void paint({ anew: true }); } }, t("language"))),
  ];
}
