// Changes of entities as they happen, over one stream for the whole page. What comes faster than it can be shown is
// coalesced by entity and handed on at most twice a second, so that a busy city neither blocks nor fills the page.
import { ref } from "vue";
import { signIn, staysUp } from "./api/client";

export interface Attribute {
  type: string;
  value?: unknown;
  unitCode?: string;
  observedAt?: string;
}

export interface Change {
  id: string;
  type: string;
  source?: string;
  modifiedAt?: string;
  attributes: Record<string, Attribute | Attribute[]>;
}

export type State = "connecting" | "live" | "lost" | "out";
type Listener = (changed: Map<string, Change>, gone: Set<string>) => void;

export const state = ref<State>("connecting");
const EVERY_MS = 500;
const [AGAIN_MS, OUT_MS] = [5000, 60_000];
const MOST = 20_000; // entities of one portion; what is beyond is read anew
const listeners = new Set<Listener>();
const resets = new Set<() => void>();
let stream: EventSource | null = null;
let changed = new Map<string, Change>();
let gone = new Set<string>();
let missed = false;
let timer = 0;
let again = 0;

function flush(): void {
  if (!changed.size && !gone.size) return;
  const [c, g] = [changed, gone];
  changed = new Map();
  gone = new Set();
  for (const listener of listeners) listener(c, g);
  if (missed) resets.forEach((f) => f());
  missed = false;
}

function open(): void {
  stream = new EventSource("/live/entities?type=*");
  stream.onopen = () => {
    if (state.value === "out") resets.forEach((f) => f());
    state.value = "live";
  };
  stream.onerror = () => {
    state.value = "lost";
    if (stream?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    void ended().then((out) => {
      // A desk is led to sign in; a big screen stays and says that nobody is signed in.
      if (out && !staysUp()) return signIn();
      if (out) state.value = "out";
      window.clearTimeout(again);
      again = window.setTimeout(() => listeners.size && !stream && open(), out ? OUT_MS : AGAIN_MS);
    });
  };
  stream.addEventListener("changed", (event) => {
    const one = JSON.parse((event as MessageEvent<string>).data) as Change;
    const known = changed.get(one.id);
    if (known) Object.assign(one.attributes, { ...known.attributes, ...one.attributes });
    else if (changed.size >= MOST) {
      missed = true;
      return;
    }
    changed.set(one.id, one);
    gone.delete(one.id);
  });
  stream.addEventListener("deleted", (event) => {
    const one = JSON.parse((event as MessageEvent<string>).data) as { id: string };
    changed.delete(one.id);
    gone.add(one.id);
  });
  stream.addEventListener("reset", () => resets.forEach((f) => f()));
  timer = window.setInterval(flush, EVERY_MS);
}

/** Whether the stream was refused because nobody is signed in any more: another window may do so, so it goes on asking. */
async function ended(): Promise<boolean> {
  try {
    return (await fetch("/session")).status === 401;
  } catch {
    return false;
  }
}

function close(): void {
  stream?.close();
  stream = null;
  window.clearInterval(timer);
}

/** Follow changes until the function that is given back is called. `onReset`: something was missed, read anew. */
export function follow(listener: Listener, onReset: () => void = () => {}): () => void {
  listeners.add(listener);
  resets.add(onReset);
  if (!stream) open();
  return () => {
    listeners.delete(listener);
    resets.delete(onReset);
    if (listeners.size) return;
    close();
    state.value = "connecting"; // nobody looks: what was last said of the line is old when somebody does again
  };
}

export function one(attribute: Attribute | Attribute[] | undefined): Attribute | undefined {
  return Array.isArray(attribute) ? attribute[0] : attribute;
}
