// The pages of the administration and the permission that each is for; without one it is for everybody who is signed in.
import type { Component } from "vue";

interface Page {
  name: "health" | "people" | "parties" | "roles" | "who" | "keys" | "audit" | "jobs" | "letters";
  needs?: string;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: Page[] = [
  { name: "health", load: () => import("./Health.vue") },
  { name: "people", needs: "access.manage_accounts", load: () => import("./People.vue") },
  { name: "parties", needs: "access.manage_parties", load: () => import("./Parties.vue") },
  { name: "roles", load: () => import("./Roles.vue") },
  { name: "who", needs: "access.simulate", load: () => import("./WhoSees.vue") },
  { name: "keys", load: () => import("./Keys.vue") },
  { name: "audit", needs: "access.read_audit", load: () => import("./Audit.vue") },
  { name: "jobs", needs: "access.operate", load: () => import("./Jobs.vue") },
  { name: "letters", needs: "sensing.dead_letters", load: () => import("./Letters.vue") },
];
