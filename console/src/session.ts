import { shallowRef } from "vue";
import { api, enter, got } from "./api/client";

export const session = shallowRef<Awaited<ReturnType<typeof load>> | null>(null);

async function load() {
  return await got(api.GET("/session"));
}

export async function whoami(): Promise<void> {
  session.value = await load();
  enter();
}

/** What the reader's roles are for at all: pages show what fits, and the server decides. */
export function may(permission: string): boolean {
  return session.value?.may.includes(permission) ?? false;
}

export type Page = NonNullable<typeof session.value>["pages"][number];

/** Where a domain's own page is. */
export function addressOf(page: Page): string {
  return `/domains/${page.module}/${page.name}`;
}

export async function leave(): Promise<void> {
  await got(api.DELETE("/session"));
  location.assign("/sign-in");
}
