// What the page of scores asks for, and how periods are named: 2026-W48, 2026-11, 2026-Q4, 2026, in the city's own time.
import { clientOf, got } from "@console/api/client";
import type { components, paths } from "@console/api/generated/indicators";
import { locale, symbol } from "@console/language";

const indicators = clientOf<paths>();
export type Sheet = components["schemas"]["Sheet"];
export type Figure = components["schemas"]["FigureShown"];
export type Indicator = components["schemas"]["IndicatorShown"];
export type Grade = components["schemas"]["GradeShown"];
export type Computation = components["schemas"]["ComputationShown"];
export type Behind = components["schemas"]["Behind"];
export type Kind = "week" | "month" | "quarter" | "year";
export const KINDS: Kind[] = ["week", "month", "quarter", "year"];
export const BREAKDOWNS = ["area", "unit", "post"] as const;
const DAY_MS = 86_400_000;
const CHINA_MS = 8 * 3_600_000;
const LAST = 12; // periods of a trend

export const sheet = (period: string, by: string): Promise<Sheet> => got(indicators.GET("/indicator-sheets/{module}", { params: { path: { module: "cityops" }, query: { period, by } } }));
export const figures = (name: string, period: string, by: string) => got(indicators.GET("/indicators/{name}/figures", { params: { path: { name }, query: { period, by } } }));
export const trend = (name: string, period: string, by: string, cell: string) => got(indicators.GET("/indicators/{name}/trend", { params: { path: { name }, query: { period, by, cell, last: LAST } } }));
export const behind = (id: string, cell: string, count: number): Promise<Behind> => got(indicators.GET("/indicator-computations/{id}/rows", { params: { path: { id }, query: { cell, number: count, limit: 50 } } }));
export const compute = (names: string[], period: string) => got(indicators.POST("/indicator-computations", { body: { indicators: names, period, by: null } }));
export const again = (id: string) => got(indicators.POST("/indicator-computations/{id}/checks", { params: { path: { id } } }));

/** Days since 1970 as a date without a time. */
const day = (days: number): Date => new Date(days * DAY_MS);
const daysOf = (year: number, month: number, date: number): number => Date.UTC(year, month, date) / DAY_MS;
const two = (n: number): string => String(n).padStart(2, "0");

/** The week of a day by ISO 8601: that of its Thursday. */
function weekOf(days: number): string {
  const thursday = days - ((day(days).getUTCDay() + 6) % 7) + 3;
  const year = day(thursday).getUTCFullYear();
  return `${year}-W${two(1 + Math.floor((thursday - daysOf(year, 0, 1)) / 7))}`;
}

function named(kind: Kind, days: number): string {
  const at = day(days);
  if (kind === "week") return weekOf(days);
  if (kind === "month") return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}`;
  if (kind === "quarter") return `${at.getUTCFullYear()}-Q${Math.floor(at.getUTCMonth() / 3) + 1}`;
  return String(at.getUTCFullYear());
}

/** The first day of a period; none where the name is no period's. */
function firstOf(period: string): number | null {
  const week = /^(\d{4})-W(\d\d)$/.exec(period);
  if (week) {
    const fourth = daysOf(Number(week[1]), 0, 4); // always in the first week
    return fourth - ((day(fourth).getUTCDay() + 6) % 7) + (Number(week[2]) - 1) * 7;
  }
  const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
  if (quarter) return daysOf(Number(quarter[1]), Number(quarter[2]) * 3 - 3, 1);
  const month = /^(\d{4})(?:-(\d\d))?$/.exec(period);
  return month ? daysOf(Number(month[1]), Number(month[2] ?? 1) - 1, 1) : null;
}

export function kindOf(period: string): Kind {
  if (period.includes("W")) return "week";
  if (period.includes("Q")) return "quarter";
  return period.includes("-") ? "month" : "year";
}

/** The period of a kind that runs now. */
export const running = (kind: Kind, now = Date.now()): string => named(kind, Math.floor((now + CHINA_MS) / DAY_MS));

/** The period before (-1) or after (1) one; one that is none leads to the one that runs. */
export function beside(period: string, step: -1 | 1): string {
  const kind = kindOf(period);
  const first = firstOf(period);
  if (first === null) return running(kind);
  if (kind === "week") return named(kind, first + 7 * step);
  const months = { month: 1, quarter: 3, year: 12 }[kind] * step;
  const at = day(first);
  return named(kind, daysOf(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
}

/** A value with its unit; a dash where there is none. */
export function told(value: number | null | undefined, indicator: Indicator): string {
  if (value === null || value === undefined) return "–";
  const unit = indicator.unit === "C62" ? "" : symbol(indicator.unit);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const said = new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);
  return `${said}${unit === "%" || !unit ? unit : ` ${unit}`}`;
}

export const gradeOf = (indicator: Indicator, code: string | null | undefined): Grade | undefined => indicator.grades.find((g) => g.code === code);

/** Black or white, whichever can be read on a colour (WCAG 2.2, 1.4.3). */
export function inkOn(colour: string): string {
  const light = [1, 3, 5].map((n) => parseInt(colour.slice(n, n + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * light[0]! + 0.7152 * light[1]! + 0.0722 * light[2]!;
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

/** What a grade is of, in words: at least 90 %, at most 5 %, all others. */
export function limitOf(grade: Grade, indicator: Indicator): string {
  if (grade.limit === null || grade.limit === undefined) return "";
  return `${indicator.direction === "less" ? "≤" : indicator.direction === "more" ? "≥" : "±"} ${told(grade.limit, indicator)}`;
}

export const shortly = (list: string[]): string => list.join(locale.value === "en" ? ", " : "、");
