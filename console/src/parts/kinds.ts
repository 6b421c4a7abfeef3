// Types of things, what they report and what they understand, in the reader's words. What no module of the city declares
// keeps its bare name.
import { shallowRef } from "vue";
import { api, got } from "../api/client";
import { spoken } from "../language";

export type Kind = Awaited<ReturnType<typeof ask>>[number];
export type Command = Kind["commands"][number];
export type Argument = Command["arguments"][number];
type Attribute = Kind["attributes"][number];

export const kinds = shallowRef<Kind[]>([]);
const byType = shallowRef(new Map<string, Kind>()); // by its own name, and by that of its entities
let asked: Promise<void> | null = null;

async function ask() {
  return await got(api.GET("/sensing/types"));
}

/** Once a page; whoever may not ask, or cannot now, reads bare names. */
export function learnKinds(): Promise<void> {
  asked ??= ask().then(
    (found) => {
      kinds.value = found;
      byType.value = new Map(found.flatMap((kind) => [[kind.entity_type, kind], [kind.name, kind]]));
    },
    () => {
      asked = null;
    },
  );
  return asked;
}

export function kindOf(type: string): Kind | undefined {
  return byType.value.get(type);
}

export function kindTitle(type: string): string {
  const kind = kindOf(type);
  return kind ? spoken(kind.title) : type;
}

export function attributeOf(type: string, name: string): Attribute | undefined {
  return kindOf(type)?.attributes.find((a) => a.name === name);
}

export function attributeTitle(type: string, name: string): string {
  const attribute = attributeOf(type, name);
  return attribute ? spoken(attribute.meaning) : name;
}
