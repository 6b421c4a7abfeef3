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

export function holds(...roles: string[]): boolean {
  return session.value?.mandates.some((m) => roles.includes(m.role)) ?? false;
}

export async function leave(): Promise<void> {
  await got(api.DELETE("/session"));
  location.assign("/sign-in");
}
