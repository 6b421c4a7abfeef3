// Bringing this phone and the city together: first what was done here is handed in, then what changed there is taken.
import { ask, Trouble } from "./server.js";
import { unsent } from "./store.js";

const PART = 256 << 10; // bytes of a photo that are sent at once: so much is sent again at most
const ASKED = 8; // tasks at which it is asked what may be chosen, in one turn
const PARCEL = "cityops.field";

/** Once at a time on this phone, whatever windows are open. Gives what `/sync` said last, or null where another window does it. */
export function sync(bag, who, told) {
  const work = async () => {
    await send(bag, who, told);
    return pull(bag, who);
  };
  if (!navigator.locks) return work();
  return navigator.locks.request(`field-${bag.account}`, { ifAvailable: true }, (lock) => (lock ? work() : null));
}

// ---------------------------------------------------------------- what was done here

async function send(bag, who, told) {
  for (const { id } of unsent(await bag.entries())) {
    const entry = await bag.entry(id);
    if (!entry || !["waiting", "sending"].includes(entry.state)) continue;
    entry.state = "sending";
    await bag.keep(entry);
    told();
    try {
      await whole(bag, who, entry, told);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      entry.state = "waiting";
      if (error.offline || error.out) {
        await bag.keep(entry);
        throw error;
      }
      if (error.again) entry.error = error.message; // later; the others go on
      else { entry.state = "refused"; entry.error = error.message; }
    }
    await bag.keep(entry);
    told();
  }
}

/** An entry with its photos. Evidence comes before what is decided on it; a new case comes before its photos. */
async function whole(bag, who, entry, told) {
  if (entry.kind === "cases.open" && !entry.answer) await handIn(bag, who, entry);
  if (entry.case) await photos(bag, entry, told);
  if (entry.kind !== "cases.open" && !entry.answer) await handIn(bag, who, entry);
  if (!entry.answer) return;
  const { state, told: words, error } = entry.answer;
  entry.state = state === "done" || state === "merged" ? "sent" : state;
  entry.told = words;
  entry.error = error;
}

async function handIn(bag, who, entry) {
  const change = { id: entry.id, kind: entry.kind, made_at: entry.made_at, body: entry.body, ...(entry.place ? { place: entry.place } : {}) };
  const [answer] = await ask("POST", "/sync/changes", { json: { device: who.device, changes: [change] } });
  if (answer.state === "later") throw new Trouble(answer.error, { again: true });
  entry.answer = { ...answer, error: answer.errors.map((e) => e.detail).join(" · ") || answer.error };
  entry.case ??= answer.told.case;
  await bag.keep(entry); // should the page be killed now, nothing is handed in twice
}

async function photos(bag, entry, told) {
  for (const photo of entry.photos.filter((p) => !["sent", "refused"].includes(p.state))) {
    try {
      await upload(bag, entry, photo, told);
      await ask("POST", `/cases/${entry.case}/documents`, { json: { document: photo.document, made_at: photo.made_at, ...(photo.place ? { place: photo.place } : {}) } });
      photo.state = "sent";
      await bag.keep(entry, photo.id, null); // it is there for good: this phone needs it no more
    } catch (error) {
      if (!(error instanceof Trouble) || error.offline || error.out || error.again) throw error;
      photo.state = "refused";
      photo.error = error.message;
      await bag.keep(entry);
    }
    told();
  }
}

/** Send a photo part by part (tus 1.0.0), from where it was broken off, be that days ago or in another life of this page. */
async function upload(bag, entry, photo, told) {
  const content = await bag.blob(photo.id);
  if (!content && !photo.document) throw new Trouble("?", { status: 410 });
  for (let turn = 0; !photo.document && turn < 3; turn += 1) {
    if (!photo.upload) {
      photo.upload = await announce(bag, entry, photo);
      await bag.keep(entry);
    }
    try {
      let standing = await ask("GET", `/documents/uploads/${photo.upload}`);
      while (!standing.document) {
        const part = content.slice(standing.received, standing.received + PART);
        await ask("PATCH", `/documents/uploads/${photo.upload}`, { body: part, patience: 180_000, headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(standing.received), "Tus-Resumable": "1.0.0" } });
        standing = await ask("GET", `/documents/uploads/${photo.upload}`);
        photo.received = standing.received;
        told();
      }
      photo.document = standing.document;
    } catch (error) {
      if (error.status === 404) photo.upload = null; // it was there for too long: begin anew
      else if (error.status !== 409) throw error; // another part was on its way: look again how far it is
    }
    await bag.keep(entry);
  }
  if (!photo.document) throw new Trouble("", { again: true });
}

async function announce(bag, entry, photo) {
  entry.district ??= (await ask("GET", `/cases/${entry.case}`)).district;
  const about = { title: photo.title, filetype: photo.type, belongs_to: "cases.case", belongs_id: entry.case, ...(entry.district ? { district: entry.district } : {}), ...(photo.strip ? { strip: "true" } : {}) };
  const metadata = Object.entries(about).map(([key, value]) => `${key} ${base64(value)}`).join(",");
  const begun = await ask("POST", "/documents/uploads", { headers: { "Upload-Length": String(photo.size), "Upload-Metadata": metadata, "Tus-Resumable": "1.0.0" } });
  return begun.id;
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// ---------------------------------------------------------------- what changed there

async function pull(bag, who) {
  let answer;
  do {
    const cursor = await bag.get("cursor");
    const area = await bag.get("area");
    const query = new URLSearchParams({ parcel: PARCEL, device: who.device, ...(cursor ? { cursor } : {}), ...(area ? { district: area } : {}) });
    answer = await ask("GET", `/sync?${query}`);
    if (answer.wipe) return answer;
    await bag.take(answer);
  } while (answer.more);
  await learn(bag);
  return answer;
}

/** What may be chosen at the steps of the tasks that were taken along, in both languages. */
async function learn(bag) {
  let asked = 0;
  for (const task of (await bag.rows("cases.open_task")).sort((a, b) => Number(!!a.values.assignee) - Number(!!b.values.assignee))) {
    const key = guideOf(task);
    if (await bag.guide(key)) continue;
    if ((asked += 1) > ASKED) return; // a colleague's task tells nothing: the next turn asks at others
    const guide = { key };
    for (const language of ["zh", "en"]) {
      const found = await ask("GET", `/cases/${task.values.case_id}`, { speaking: language }).catch((error) => { if (error.offline || error.out) throw error; });
      const shown = found?.tasks.find((one) => one.id === task.id);
      if (shown?.choices.length) guide[language] = { title: shown.title, choices: shown.choices };
    }
    if (guide.zh && guide.en) await bag.keepGuide(guide);
  }
}

export const guideOf = ({ values }) => `${values.procedure}/${values.version}/${values.element}`;
