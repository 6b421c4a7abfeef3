// How many messages are unread: asked once a minute while somebody can see it, and when they come back. Asking keeps no
// session from ending, and a refusal leads nobody away from what they are writing.
import { ref } from "vue";
import { api, told } from "./api/client";

export const unread = ref<number | null>(null); // null: not known, or no inbox
const EVERY_MS = 60_000;
let timer = 0;
let askedAt = 0;

export async function ask(): Promise<void> {
  askedAt = Date.now();
  try {
    unread.value = (await told(api.GET("/messages/unread"))).unread;
  } catch {
    unread.value = null;
  }
}

function turn(): void {
  if (!document.hidden && Date.now() - askedAt >= EVERY_MS - 1000) void ask();
}

/** Ask from now on, until the function that is given back is called. */
export function watchUnread(): () => void {
  void ask();
  timer = window.setInterval(turn, EVERY_MS);
  document.addEventListener("visibilitychange", turn);
  return () => {
    window.clearInterval(timer);
    document.removeEventListener("visibilitychange", turn);
  };
}
