// Between a form and what is sent: what was filled in of a procedure's fields, and which fault belongs to which field.
import type { Problem } from "../../api/client";
import type { FormField } from "./cases";

/** What was filled in; fields that were left empty are not said. */
export function filled(fields: FormField[], data: Record<string, unknown>): Record<string, unknown> {
  const said = fields.flatMap((f): [string, unknown][] => {
    const value = data[f.name];
    if (value === undefined || value === null || value === "") return [];
    return [[f.name, f.kind === "number" ? Number(value) : value]];
  });
  return Object.fromEntries(said);
}

/** The faults by field, and the problem with what is left, for the head of the form. */
export function faults(problem: Problem | null, shown: string[]): { of: (pointer: string) => string; rest: Problem | null } {
  const errors = problem?.errors ?? [];
  const place = (pointer: string): string => shown.find((s) => pointer === s || pointer.startsWith(`${s}/`)) ?? "";
  return {
    of: (pointer) => errors.filter((e) => place(e.pointer) === pointer).map((e) => e.detail).join(" "),
    rest: problem && { ...problem, errors: errors.filter((e) => !place(e.pointer)) },
  };
}
