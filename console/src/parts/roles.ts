// The roles of the install by their titles.
import { shallowRef } from "vue";
import { api, got } from "../api/client";
import { spoken } from "../language";

export type Role = Awaited<ReturnType<typeof ask>>[number];

export const roles = shallowRef<Role[]>([]);
let asked: Promise<void> | null = null;

async function ask() {
  return await got(api.GET("/roles"));
}

/** Once a page; where it fails roles keep their bare names. */
export function learnRoles(): Promise<void> {
  asked ??= ask().then(
    (found) => {
      roles.value = found;
    },
    () => {
      asked = null;
    },
  );
  return asked;
}

export function roleTitle(name: string): string {
  const role = roles.value.find((r) => r.name === name);
  return role ? spoken(role.title) : name;
}
