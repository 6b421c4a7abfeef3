// Cards of boards: what there is to choose, a new one of each kind, and how an arrangement changes. Pure but for the asking.
import { api, got } from "../../api/client";
import { PERIODS as SUMMED, SPANS as LENGTHS } from "../explore/series";
import type { components } from "../../api/generated/boards";

type Schemas = components["schemas"];
export type Board = Schemas["Board"];
export type Card = Board["cards"][number];
export type Kind = Card["kind"];
export type Answer = Awaited<ReturnType<typeof shows>>;
export type Of<K extends Kind> = Extract<Card, { kind: K }>;
export type AnswerOf<K extends Kind> = Extract<Answer, { kind: K }>;
export type Shared = Board["shared"];

export const KINDS: Kind[] = ["map", "chart", "number", "table", "list"];
export const SHARED: Shared[] = ["nobody", "department", "everyone"];
export const SPANS = Object.keys(LENGTHS) as (keyof typeof LENGTHS)[];
export const SAID = ["avg", "min", "max", "sum", "count"] as const;
export const PERIODS = ["raw", ...SUMMED] as const;
export const [MOST, LINES, TYPES, COLUMNS] = [24, 6, 5, 8];
export const MOST_ROWS = { table: 50, list: 20 } as const;
/** How often what a card shows is asked for again. */
export const EVERY_MS: Record<Kind, number> = { number: 10_000, list: 30_000, table: 30_000, map: 30_000, chart: 60_000 };

export async function shows(card: Card) {
  return await got(api.POST("/board-cards", { body: card }));
}

/** A card of a kind with nothing chosen yet. */
export function blank(kind: Kind): Card {
  const series = { of: "thing" as const, id: "", attribute: "" };
  switch (kind) {
    case "map":
      return { kind, title: null, width: 4, height: 3, types: [], attribute: null };
    case "chart":
      return { kind, title: null, width: 2, height: 2, series: [{ ...series }], span: "day", by: "raw", said: "avg" };
    case "number":
      return { kind, title: null, width: 1, height: 1, series, said: "latest", span: "hour" };
    case "table":
      return { kind, title: null, width: 2, height: 2, relation: "", columns: [], filters: [], sort: null, rows: 10 };
    case "list":
      return { kind, title: null, width: 1, height: 2, type: "", attribute: "", said: "avg", span: "hour", lowest: false, rows: 10 };
  }
}

/** Why a card cannot be put on a board yet: the field that is still open, as its form calls it. */
export function open(card: Card): string | null {
  switch (card.kind) {
    case "map":
      return card.types.length ? null : "types";
    case "chart":
      return card.series?.length && card.series.every((s) => s.id && s.attribute) ? null : "series";
    case "number":
      return card.series.id && card.series.attribute ? null : "series";
    case "table":
      return !card.relation ? "relation" : card.columns.length ? null : "columns";
    case "list":
      return !card.type ? "type" : card.attribute ? null : "attribute";
  }
}

/** The cards with one moved to another place among them. */
export function moved(cards: Card[], from: number, to: number): Card[] {
  const rest = [...cards];
  const [card] = rest.splice(from, 1);
  if (!card) return cards;
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, card);
  return rest;
}

/** The cards with one of another size, from 1 to 4 each way. */
export function sized(cards: Card[], n: number, by: { width?: number; height?: number }): Card[] {
  const within = (value: number): number => Math.max(1, Math.min(4, value));
  return cards.map((card, i) => (i === n ? { ...card, width: within((card.width ?? 2) + (by.width ?? 0)), height: within((card.height ?? 2) + (by.height ?? 0)) } : card));
}

/** States that one can go back to and forth from. */
export class Past<T> {
  private readonly states: T[];
  private at = 0;
  constructor(first: T) {
    this.states = [first];
  }
  put(state: T): void {
    this.states.splice(this.at + 1, Infinity, state);
    if (this.states.length > 100) this.states.shift();
    this.at = this.states.length - 1;
  }
  get back(): T | null {
    return this.at > 0 ? this.states[--this.at]! : null;
  }
  get forth(): T | null {
    return this.at + 1 < this.states.length ? this.states[++this.at]! : null;
  }
  get can(): { back: boolean; forth: boolean } {
    return { back: this.at > 0, forth: this.at + 1 < this.states.length };
  }
}
