// What a register's JSON Schema says of its fields, and the way between a form's texts and values.
export interface SchemaField {
  type?: string | string[];
  title?: string;
  "x-title"?: { zh: string; en: string };
  "x-widget"?: string;
  "x-personal"?: string;
  enum?: (string | null)[];
  oneOf?: { const: string; title?: string; "x-title"?: { zh: string; en: string } }[];
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  format?: string;
}

export interface Schema {
  properties: Record<string, SchemaField>;
  required?: string[];
}

function kinds(field: SchemaField): string[] {
  return field.type === undefined ? [] : Array.isArray(field.type) ? field.type : [field.type];
}

/** How a field is written: as text, a number, yes or no, one of a list, or JSON. */
export function widget(field: SchemaField): "text" | "number" | "boolean" | "date" | "choice" | "json" {
  if (field.enum || field.oneOf) return "choice";
  const kind = kinds(field);
  if (kind.includes("boolean")) return "boolean";
  if (kind.includes("integer") || kind.includes("number")) return "number";
  if (field.format === "date") return "date";
  if (kind.includes("string")) return "text";
  return "json";
}

export function written(value: unknown, field: SchemaField): string {
  if (value === null || value === undefined) return "";
  return widget(field) === "json" ? JSON.stringify(value) : String(value);
}

/** The value that a form's text stands for; undefined for JSON that is none. */
export function read(text: string, field: SchemaField): unknown {
  if (text.trim() === "") return null;
  switch (widget(field)) {
    case "number":
      return Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "boolean":
      return text === "true";
    case "json":
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    default:
      return text;
  }
}
