// What this phone holds: a database for each account, so that nobody ever reads what another took along, and one that
// remembers whose turn it is. Everything goes at sign-out; what was taken along goes after some hours without contact.
const DAY = 86_400_000;
const UNSENT_DAYS = 14;
const SENT_DAYS = 1;

const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});
const over = (transaction) => new Promise((done, failed) => {
  transaction.oncomplete = () => done();
  transaction.onabort = transaction.onerror = () => failed(transaction.error);
});

function open(name, stores) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const [store, key] of Object.entries(stores)) request.result.createObjectStore(store, key ? { keyPath: key } : undefined);
  };
  return asked(request).then((db) => {
    db.onversionchange = () => db.close(); // another window signs out
    return db;
  });
}

/** Who uses this phone: `{account, name, contact, out}` by account, and the account whose turn it is. */
export class Registry {
  static async open() {
    const one = new Registry();
    one.db = await open("field", { who: "account", now: null });
    return one;
  }
  current() { return asked(this.db.transaction("now").objectStore("now").get("account")); }
  who(account) { return asked(this.db.transaction("who").objectStore("who").get(account)); }
  all() { return asked(this.db.transaction("who").objectStore("who").getAll()); }
  leaving() { return asked(this.db.transaction("now").objectStore("now").get("leaving")); }
  async put(who) {
    const tx = this.db.transaction(["who", "now"], "readwrite");
    tx.objectStore("who").put(who);
    tx.objectStore("now").put(who.account, "account");
    await over(tx);
  }
  /** Signed out without a network: the session is ended as soon as there is one. */
  async leave(leaving) {
    const tx = this.db.transaction("now", "readwrite");
    tx.objectStore("now").put(leaving, "leaving");
    if (leaving) tx.objectStore("now").delete("account");
    await over(tx);
  }
  async forget(account) {
    const tx = this.db.transaction(["who", "now"], "readwrite");
    tx.objectStore("who").delete(account);
    if ((await asked(tx.objectStore("now").get("account"))) === account) tx.objectStore("now").delete("account");
    await over(tx);
  }
}

/** What one account took along, and what waits to be sent. */
export class Bag {
  static async open(account) {
    const bag = new Bag();
    bag.account = account;
    bag.db = await open(`field-${account}`, { meta: null, rows: "key", guides: "key", entries: "id", blobs: null });
    return bag;
  }
  async get(key) { return asked(this.db.transaction("meta").objectStore("meta").get(key)); }
  async set(key, value) {
    const tx = this.db.transaction("meta", "readwrite");
    tx.objectStore("meta").put(value, key);
    await over(tx);
  }
  async rows(relation) {
    const range = IDBKeyRange.bound(`${relation}/`, `${relation}/\uffff`);
    return asked(this.db.transaction("rows").objectStore("rows").getAll(range));
  }
  row(relation, id) { return asked(this.db.transaction("rows").objectStore("rows").get(`${relation}/${id}`)); }
  /** Take over an answer of `/sync` as a whole, with its cursor, or not at all. */
  async take(answer) {
    const tx = this.db.transaction(["rows", "meta"], "readwrite");
    const rows = tx.objectStore("rows");
    if (answer.full) rows.clear();
    for (const row of answer.rows) rows.put({ ...row, key: `${row.relation}/${row.id}` });
    for (const gone of answer.gone) rows.delete(`${gone.relation}/${gone.id}`);
    for (const [key, value] of [["cursor", answer.cursor], ["at", answer.at], ["hold", answer.hold_hours]]) tx.objectStore("meta").put(value, key);
    await over(tx);
  }
  guide(key) { return asked(this.db.transaction("guides").objectStore("guides").get(key)); }
  async keepGuide(guide) {
    const tx = this.db.transaction("guides", "readwrite");
    tx.objectStore("guides").put(guide);
    await over(tx);
  }
  async entries() {
    const all = await asked(this.db.transaction("entries").objectStore("entries").getAll());
    return all.sort((a, b) => a.order - b.order);
  }
  entry(id) { return asked(this.db.transaction("entries").objectStore("entries").get(id)); }
  /** Write an entry, and a photo of it, in one go. */
  async keep(entry, photo, content) {
    const tx = this.db.transaction(["entries", "blobs"], "readwrite", { durability: "strict" });
    tx.objectStore("entries").put(entry);
    if (photo) content ? tx.objectStore("blobs").put(content, photo) : tx.objectStore("blobs").delete(photo);
    await over(tx);
  }
  blob(photo) { return asked(this.db.transaction("blobs").objectStore("blobs").get(photo)); }
  async drop(entry) {
    const tx = this.db.transaction(["entries", "blobs"], "readwrite");
    tx.objectStore("entries").delete(entry.id);
    for (const photo of entry.photos) tx.objectStore("blobs").delete(photo.id);
    await over(tx);
  }
  /** Everything that was taken along; what waits to be sent stays. */
  async empty() {
    const tx = this.db.transaction(["rows", "meta", "guides", "entries"], "readwrite");
    tx.objectStore("rows").clear();
    tx.objectStore("guides").clear();
    for (const key of ["cursor", "at", "hold"]) tx.objectStore("meta").delete(key);
    for (const one of await asked(tx.objectStore("entries").getAll())) if (one.state === "sent") tx.objectStore("entries").delete(one.id);
    await over(tx);
  }
  /** Forget what is too old; whether what was taken along went. `contact` is when the server was last heard. */
  async age(contact, now = Date.now()) {
    for (const entry of await this.entries()) {
      const days = (now - entry.order) / DAY;
      if (days > UNSENT_DAYS || (entry.state === "sent" && days > SENT_DAYS)) await this.drop(entry);
    }
    const hold = (await this.get("hold")) ?? 72;
    if (!(await this.get("at")) || now - contact < hold * 3_600_000) return false;
    await this.empty();
    return true;
  }
  async destroy() {
    this.db.close();
    await asked(indexedDB.deleteDatabase(`field-${this.account}`));
  }
}

/** What has not reached the city; and what somebody has still to look at. */
export const unsent = (entries) => entries.filter((e) => ["waiting", "sending", "refused"].includes(e.state));
/** What is lost when this phone is cleared. */
export const atRisk = (entries) => entries.filter((e) => ["waiting", "sending", "refused", "draft"].includes(e.state));
export const pending = (entries) => entries.filter((e) => ["waiting", "sending", "refused", "conflict"].includes(e.state) && !e.seen);
