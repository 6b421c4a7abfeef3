// What is asked of the server: the answer, or the problem, and whether it is under way.
import { ref, shallowRef } from "vue";
import { Refused, type Problem } from "../api/client";

export function useAsked<T>(ask: () => Promise<T>) {
  const answer = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const busy = ref(false);
  let turn = 0;

  async function run(): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const found = await ask();
      if (mine !== turn) return; // a later question was asked meanwhile
      answer.value = found;
      problem.value = null;
    } catch (error) {
      if (mine !== turn) return;
      problem.value = problemOf(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }
  return { answer, problem, busy, run };
}

/** Something done to what is shown, which is then asked for again: why it was refused, or what to say of it. */
export function useAct(then: () => Promise<unknown>) {
  const refused = shallowRef<Problem | null>(null);
  const done = ref("");
  const busy = ref(false);

  async function act(what: () => Promise<unknown>, said = ""): Promise<void> {
    refused.value = null;
    done.value = "";
    busy.value = true;
    try {
      await what();
      done.value = said;
    } catch (error) {
      refused.value = problemOf(error);
    } finally {
      busy.value = false;
    }
    await then();
  }
  return { refused, done, busy, act };
}

export function problemOf(error: unknown): Problem {
  return error instanceof Refused ? error.problem : { title: error instanceof Error ? error.message : String(error), status: 0 };
}
