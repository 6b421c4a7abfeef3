import { ref, watch } from "vue";
import { createI18n } from "vue-i18n";
import en from "./texts/en.json";
import zh from "./texts/zh-CN.json";
import units from "./units.json";

export type Locale = "zh-CN" | "en";

function first(): Locale {
  const kept = localStorage.getItem("yong.language");
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const locale = ref<Locale>(first());
export const i18n = createI18n({ legacy: false, locale: locale.value, messages: { "zh-CN": zh, en } });

watch(locale, (now) => {
  localStorage.setItem("yong.language", now);
  i18n.global.locale.value = now;
  document.documentElement.lang = now;
}, { immediate: true });

/** One of two texts that came from the server. */
export function spoken(text: { zh: string; en: string }): string {
  return locale.value === "zh-CN" ? text.zh : text.en;
}

export function number(value: number, digits = 3): string {
  return new Intl.NumberFormat(locale.value, { maximumSignificantDigits: Math.max(digits, 1 + Math.floor(Math.log10(Math.abs(value) || 1))) }).format(value);
}

/** A unit's symbol, of its UN/CEFACT common code. */
export function symbol(code: string | null | undefined): string {
  return code ? ((units as Record<string, string>)[code] ?? code) : "";
}

const CHINA = "Asia/Shanghai";

export function moment(iso: string | null | undefined): string {
  if (!iso) return "–";
  return new Intl.DateTimeFormat(locale.value, { timeZone: CHINA, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(new Date(iso));
}
