import { ref, watch } from "vue";

export type Theme = "light" | "dark";

function first(): Theme {
  const kept = localStorage.getItem("yong.theme");
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export const theme = ref<Theme>(first());
watch(theme, (now) => {
  localStorage.setItem("yong.theme", now);
  document.documentElement.className = now;
}, { immediate: true });
