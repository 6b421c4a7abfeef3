// Tasks and reports: what lies around, what is done on site, what is new.
import { app, go, paint, turn } from "./app.js";
import { badge, field, h, sketch } from "./parts.js";
import { distance, fix, here, located, pointOf, said } from "./place.js";
import { guideOf } from "./sync.js";
import { language, moment, t } from "./texts.js";

const PHOTOS = 6;
const PHOTO_MB = 20;
const KINDS = ["image/jpeg", "image/png", "image/webp"];
const NOTE = 4000;

// ---------------------------------------------------------------- the list

export async function listPage(_, entries) {
  const tasks = await app.bag.rows("cases.open_task");
  const kinds = new Map((await app.bag.rows("cases.class")).map((row) => [row.id, row.values]));
  const far = (task) => distance(pointOf(task)) ?? Infinity;
  tasks.sort((a, b) => Number(b.values.urgent) - Number(a.values.urgent) || far(a) - far(b) || String(a.values.due_at ?? "9").localeCompare(b.values.due_at ?? "9") || a.id.localeCompare(b.id));
  const never = !(await app.bag.get("at"));
  return [
    h("h1", { tabindex: -1 }, `${t("tasks")} (${tasks.length})`),
    tasks.length ? null : h("p", {}, never ? t("neverSynced") : t("noTasks")),
    sketch(tasks),
    h("ul", { class: "list" }, await Promise.all(tasks.map((task, n) => item(task, n + 1, kinds, entries)))),
    h("button", { type: "button", disabled: app.syncing, onclick: () => void turn() }, t("syncNow")),
  ];
}

async function item(task, n, kinds, entries) {
  const { values } = task;
  const guide = (await app.bag.guide(guideOf(task)))?.[language];
  const [point, kind] = [pointOf(task), kinds.get(values.class)];
  return h("li", {}, h("a", { class: "task", href: `#/task/${task.id}` },
    h("span", { class: "n", "aria-hidden": "true" }, String(n)), h("b", {}, values.title ?? values.number),
    h("span", {}, [guide?.title, kind && nameOf(kind), said(point)].filter(Boolean).join(" · ")),
    h("span", { class: "row" }, await badges(task, entries))));
}

async function badges(task, entries) {
  const { values } = task;
  const file = await app.bag.row("cases.case", values.case_id);
  const late = values.due_at && new Date(values.due_at) < new Date();
  const done = entries.some((e) => e.body.task === task.id && e.kind === "cases.act" && e.state !== "draft" && e.state !== "refused");
  return [
    done && badge("waiting", t("inQueue")), values.urgent && badge("bad", t("urgent")), file?.values.supervised && badge("warn", t("supervised")),
    values.due_at && badge(late ? "bad" : "", t(late ? "overdue" : "due", { at: moment(values.due_at) })),
    holder(task, entries) === "other" && badge("warn", t("takenBy")), holder(task, entries) === "me" && badge("sent", t("mine")),
    file?.values.source === "synthetic" && badge("", t("synthetic")),
  ];
}

/** Who has taken a task, with what this phone has yet to hand in on top. */
function holder(task, entries) {
  const last = entries.filter((e) => e.kind === "cases.take" && e.body.task === task.id && ["waiting", "sending"].includes(e.state)).at(-1);
  if (last) return last.body.back ? null : "me";
  return task.values.assignee ? (task.values.assignee === app.who.account ? "me" : "other") : null;
}

const nameOf = (kind) => (language === "en" ? kind.title_en : null) ?? kind.title_zh;

// ---------------------------------------------------------------- one task

export async function taskPage(id, entries) {
  const task = await app.bag.row("cases.open_task", id);
  if (!task) return [h("h1", { tabindex: -1 }, t("gone")), h("p", {}, h("a", { href: "#/tasks" }, t("back")))];
  const { values } = task;
  const file = (await app.bag.row("cases.case", values.case_id))?.values ?? {};
  const kind = await app.bag.row("cases.class", values.class ?? "");
  const guide = (await app.bag.guide(guideOf(task)))?.[language];
  const entry = entries.find((e) => e.kind === "cases.act" && e.body.task === id && e.state === "draft") ?? fresh("cases.act", { body: { task: id }, case: values.case_id, district: values.district, title: values.title ?? values.number });
  const done = entries.find((e) => e.kind === "cases.act" && e.body.task === id && ["waiting", "sending", "conflict", "sent"].includes(e.state));
  const point = pointOf(task);
  const facts = [[t("kind"), kind && nameOf(kind.values)], [t("describe"), file.description], [t("where"), values.place], [t("fromMe"), said(point) || (point ? "" : t("noPlace"))]];
  return [
    h("p", {}, h("a", { href: "#/tasks" }, `‹ ${t("back")}`)),
    h("h1", { tabindex: -1 }, values.title ?? values.number),
    h("p", { class: "row" }, h("span", { class: "soft" }, values.number), await badges(task, entries)),
    h("dl", {}, facts.filter(([, words]) => words).map(([name, words]) => h("div", {}, h("dt", {}, name), h("dd", {}, words)))),
    sketch([task]),
    done ? h("div", { class: "notice" }, h("p", {}, t("inQueue")), h("p", {}, h("a", { href: "#/queue" }, t("queue")))) : [taking(task, entries), form(entry, guide, task, file)],
  ];
}

function taking(task, entries) {
  const who = holder(task, entries);
  if (who === "other") return null;
  const take = async () => {
    const entry = fresh("cases.take", { body: { task: task.id, ...(who === "me" ? { back: true } : {}) }, case: task.values.case_id, title: task.values.title ?? task.values.number });
    await app.bag.keep({ ...entry, state: "waiting", made_at: new Date().toISOString(), place: fix() });
    await paint({ anew: true });
    void turn();
  };
  return h("p", {}, h("button", { type: "button", onclick: take }, t(who === "me" ? "putBack" : "take")));
}

function form(entry, guide, task, file) {
  app.busyForm = true;
  const choices = (guide?.choices ?? []).filter((one) => !one.needs.includes("unit"));
  const note = h("textarea", { maxlength: NOTE, rows: 3 });
  note.value = entry.body.note ?? "";
  const wrong = h("p", { class: "error", role: "alert" });
  const radios = choices.map((one, n) => h("input", { type: "radio", name: "choice", id: `choice-${n}`, value: one.name, checked: entry.body.choice === one.name }));
  const chosen = () => radios.find((one) => one.checked)?.value;
  const draft = () => { Object.assign(entry.body, { note: note.value || undefined, choice: chosen() }); return keepDraft(entry); };
  const submit = async (event) => {
    event.preventDefault();
    const choice = choices.find((one) => one.name === chosen());
    if (!choice) return fault(wrong, t("choose"), radios[0]);
    if (choice.needs.includes("note") && !note.value.trim()) return fault(wrong, t("noteNeeded"), note);
    const seen = { ...(file.revision ? { revision: file.revision } : {}), seen_at: await app.bag.get("at") };
    entry.body = { task: task.id, choice: choice.name, ...(note.value.trim() ? { note: note.value.trim() } : {}), ...seen };
    entry.said = choice.title;
    await finish(entry, wrong);
  };
  return h("form", { onsubmit: submit, oninput: draft },
    guide ? h("fieldset", {}, h("legend", {}, guide.title), choices.map((one, n) => h("div", { class: "choice" }, radios[n], h("label", { for: `choice-${n}` }, one.title)))) : h("p", { class: "notice" }, t("noGuide")),
    field("note", t("note"), note), photos(entry), position(), wrong, h("button", { class: "go", type: "submit", disabled: !guide }, t("save")));
}

// ---------------------------------------------------------------- a report

export async function reportPage(_, entries) {
  app.busyForm = true;
  const entry = entries.find((e) => e.kind === "cases.open" && e.state === "draft") ?? fresh("cases.open", { body: {}, title: t("report") });
  const kinds = await app.bag.rows("cases.class");
  const districts = [...new Set([...(app.who.districts ?? []), ...(await app.bag.rows("cases.open_task")).map((row) => row.values.district)])].filter(Boolean);
  const [kind, where, what, district] = [h("input", { list: "kinds", autocomplete: "off", maxlength: 100 }), h("input", { maxlength: 200 }), h("textarea", { maxlength: NOTE, rows: 4 }), h("input", { inputmode: "numeric", pattern: "[0-9]*", maxlength: 12, list: "districts" })];
  [kind.value, where.value, what.value, district.value] = [entry.body.class ?? "", entry.body.place ?? "", entry.body.description ?? "", entry.body.district ?? (districts.length === 1 ? districts[0] : "")];
  const wrong = h("p", { class: "error", role: "alert" });
  const draft = () => { entry.body = { class: kind.value || undefined, place: where.value || undefined, description: what.value || undefined, district: district.value || undefined }; return keepDraft(entry); };
  const submit = async (event) => {
    event.preventDefault();
    const text = kind.value.trim();
    const found = kinds.find(({ id, values }) => [id, values.title_zh, values.title_en, `${id} ${nameOf(values)}`].includes(text));
    const at = await located();
    if (text && !found) return fault(wrong, t("unknownKind"), kind);
    if (!what.value.trim()) return fault(wrong, t("needWhat"), what);
    if (!at && !district.value) return fault(wrong, t("needPlace"), district);
    const title = [found && nameOf(found.values), where.value.trim() || what.value.trim()].filter(Boolean).join("：").slice(0, 120);
    entry.title = title;
    entry.body = {
      procedure: "cityops.case", source: "inspector", title, description: what.value.trim(), ...(found ? { class: found.id } : {}),
      ...(where.value.trim() ? { place: where.value.trim() } : {}), ...(at ? { location: [at.lon, at.lat] } : {}), ...(district.value ? { district: district.value } : {}),
    };
    await finish(entry, wrong);
  };
  return [
    h("h1", { tabindex: -1 }, t("reportTitle")),
    h("form", { onsubmit: submit, oninput: draft, novalidate: true },
      field("kind", t("kind"), kind, { hint: t("kindHint") }), h("datalist", { id: "kinds" }, kinds.map(({ id, values }) => h("option", { value: `${id} ${nameOf(values)}` }))),
      field("what", t("describe"), what), field("where", t("where"), where), photos(entry), position(),
      field("district", t("district"), district), h("datalist", { id: "districts" }, districts.map((code) => h("option", { value: code }))),
      wrong, h("button", { class: "go", type: "submit" }, t("save"))),
  ];
}

// ---------------------------------------------------------------- what both have

function fresh(kind, more) {
  return { id: crypto.randomUUID(), order: Date.now(), kind, state: "draft", photos: [], strip: true, ...more };
}

function fault(where, words, at) {
  where.textContent = words;
  at?.setAttribute("aria-invalid", "true");
  at?.addEventListener("input", () => { at.removeAttribute("aria-invalid"); where.textContent = ""; }, { once: true });
  at?.focus();
}

/** What is being written is on the phone at once: the camera may cost the page its life. */
async function keepDraft(entry) {
  entry.body = JSON.parse(JSON.stringify(entry.body));
  await app.bag.keep(entry);
}

async function finish(entry, wrong) {
  const now = new Date().toISOString();
  for (const photo of entry.photos) Object.assign(photo, { strip: entry.strip, title: entry.title.slice(0, 150) || t("photos"), state: "waiting" });
  Object.assign(entry, { state: "waiting", order: Date.now(), made_at: now, place: await located() });
  try {
    await keepDraft(entry);
  } catch {
    entry.state = "draft";
    return fault(wrong, t("full"));
  }
  app.busyForm = false;
  go("queue", t("saved"));
  void turn();
}

function position() {
  const line = h("p", { class: "soft", "data-position": true, role: "status" });
  const tell = () => { const at = fix(); line.textContent = at ? t("position", { m: at.accuracy_m }) : t(here.denied ? "positionDenied" : "noPosition"); };
  line.addEventListener("moved", tell);
  tell();
  return line;
}

function photos(entry) {
  const list = h("ul", { class: "photos" });
  const wrong = h("p", { class: "error", role: "alert" });
  const pick = h("input", { type: "file", accept: KINDS.join(","), capture: "environment", id: "photo" });
  const strip = h("input", { type: "checkbox", id: "strip", checked: entry.strip, onchange: () => { entry.strip = strip.checked; } });
  const draw = async () => {
    const shown = await Promise.all(entry.photos.map(async (photo, n) => {
      const url = URL.createObjectURL(await app.bag.blob(photo.id));
      const drop = async () => { entry.photos = entry.photos.filter((one) => one !== photo); await app.bag.keep(entry, photo.id, null); await draw(); pick.focus(); };
      return h("li", {}, h("img", { src: url, alt: t("photoN", { n: n + 1 }), onload: () => URL.revokeObjectURL(url) }), h("button", { type: "button", class: "bad", "aria-label": t("removePhoto", { n: n + 1 }), onclick: drop }, "×"));
    }));
    list.replaceChildren(...shown);
  };
  pick.addEventListener("change", async (event) => {
    event.stopPropagation();
    wrong.textContent = "";
    for (const file of pick.files) {
      if (!KINDS.includes(file.type)) wrong.textContent = t("notPhoto");
      else if (file.size > PHOTO_MB << 20) wrong.textContent = t("tooLarge", { n: PHOTO_MB });
      else if (entry.photos.length >= PHOTOS) wrong.textContent = t("tooManyPhotos", { n: PHOTOS });
      else {
        const photo = { id: crypto.randomUUID(), type: file.type, size: file.size, made_at: new Date().toISOString(), place: fix(), received: 0, state: "draft" };
        try {
          await app.bag.keep({ ...entry, body: JSON.parse(JSON.stringify(entry.body)), photos: [...entry.photos, photo] }, photo.id, new Blob([await file.arrayBuffer()], { type: file.type }));
          entry.photos.push(photo);
        } catch { wrong.textContent = t("full"); }
      }
    }
    pick.value = "";
    await draw();
  });
  void draw();
  return h("fieldset", {}, h("legend", {}, t("photos")), list, wrong, h("label", { class: "button pick" }, t("addPhoto"), pick), h("p", { class: "tick" }, strip, h("label", { for: "strip" }, t("strip"))));
}
