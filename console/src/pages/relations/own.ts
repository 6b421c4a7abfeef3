// What a record of a register has beside its fields, for the few registers where that is more.
import { defineAsyncComponent, type Component } from "vue";

export interface OwnPart {
  for: (values: Record<string, unknown>) => boolean;
  part: Component; // with the record's id, and whether its reader may change the register
}

export const OWN: Record<string, OwnPart> = {
  "geo.layer": { for: (values) => values.kind === "static", part: defineAsyncComponent(() => import("./LayerFile.vue")) },
};
