import { ref, watch } from "vue";

export type Theme = "light" | "dark";

function first(): Theme {
  const kept = localStorage.getItem("yong.theme");
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export const theme = ref<Theme>(first());
// Kept only once somebody chose: until then the console looks as the machine does.
watch(theme, (now) => localStorage.setItem("yong.theme", now));
watch(theme, (now) => (document.documentElement.className = now), { immediate: true });
