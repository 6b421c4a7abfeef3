// The drawing board of procedures: bpmn-js, told of `urn:yong:procedure`, and only what Yong executes offered anew.
import { layoutProcess } from "bpmn-auto-layout";
import Modeler from "bpmn-js/lib/Modeler";
import AlignElements from "bpmn-js/lib/features/align-elements";
import DistributeElements from "bpmn-js/lib/features/distribute-elements";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "./editor.css";
import type { Editor, Element, Heard, Said } from "../src/pages/cases/editing";
import procedure from "./procedure.json";
import { CHINESE } from "./words";

/* eslint-disable @typescript-eslint/no-explicit-any -- a service of bpmn-js is found by name, and has no type then */
type Any = any;

// Menus of these draw with inline styles, which the page's policy refuses.
const REFUSED = new Set<unknown>([AlignElements, DistributeElements]);
// What Yong reads and draws but does not execute is not offered (docs/reference/procedures.md).
const NOT_EXECUTED = /signal|error|escalation|compensat|link|cancel|script|call-activity|ad-?hoc|transaction|event-sub|multiple|complex|event-based|instantiat|conditional-(start|inter|bound)|non-interrupting-conditional/;
const PALETTE = 120; // pixels that its tools take
const MARK = "yong-wrong";

class Offered {
  static $inject = ["popupMenu"];
  constructor(popupMenu: Any) {
    popupMenu.registerProvider("bpmn-replace", 200, this);
  }
  getPopupMenuEntries() {
    return (entries: Record<string, unknown>) => Object.fromEntries(Object.entries(entries).filter(([id]) => !NOT_EXECUTED.test(id)));
  }
  getPopupMenuHeaderEntries() {
    return () => ({}); // loops and several instances
  }
}

class Board extends Modeler {
  _modules = (Modeler.prototype as Any)._modules.filter((one: unknown) => !REFUSED.has(one));
}

export function edit(board: HTMLElement, language: string, heard: Heard): Editor {
  const words = language.startsWith("zh") ? CHINESE : {};
  const speak = (text: string, filled: Record<string, string> = {}) => (words[text] ?? text).replace(/{([^}]+)}/g, (_, name: string) => filled[name] ?? name);
  const modeler: Any = new Board({
    container: board,
    moddleExtensions: { yong: procedure },
    additionalModules: [{ translate: ["value", speak] }, { __init__: ["offered"], offered: ["type", Offered] }],
  } as Any);
  const of = (name: string): Any => modeler.get(name);
  let marked: string[] = [];

  /** Where the process is drawn: the plane itself, or the first pool that has one. */
  const stage = (): Any => {
    const root = of("canvas").getRootElement();
    return root.businessObject.$type === "bpmn:Process" ? root : (of("elementRegistry").find((one: Any) => one.type === "bpmn:Participant" && one.businessObject.processRef) ?? root);
  };
  const process = (): Any => stage().businessObject.processRef ?? stage().businessObject;
  const isProcess = (id: string): boolean => id === process().id;
  const drawn = (id: string): Any => (isProcess(id) ? stage() : of("elementRegistry").get(id));
  const meant = (id: string): Any => (isProcess(id) ? process() : drawn(id)?.businessObject);
  const own = (bo: Any, type: string): Any[] => (bo.extensionElements?.values ?? []).filter((one: Any) => one.$type === `yong:${type}`);

  const chosen = (): string => {
    const [one, more] = of("selection").get();
    return !one || more ? process().id : one.type === "label" ? one.labelTarget.id : one === stage() && one.type !== "bpmn:Participant" ? process().id : one.id;
  };
  let drawnOnce = false; // before that there is nothing to choose
  modeler.on("commandStack.changed", () => drawnOnce && heard.changed());
  modeler.on("selection.changed", () => drawnOnce && heard.chose(chosen()));

  /** All of it in sight, and beside the palette. */
  function fit(): void {
    const canvas = of("canvas");
    canvas.zoom("fit-viewport", "auto");
    const { width, scale } = canvas.viewbox();
    canvas.zoom((scale * (width * scale - PALETTE)) / (width * scale), "auto");
    canvas.scroll({ dx: PALETTE / 2 });
  }

  function said(id: string): Said | null {
    const bo = meant(id);
    if (!bo) return null;
    const [desk] = own(bo, "Desk");
    const first = (type: string, name: string): string => String(own(bo, type)[0]?.get(name) ?? "");
    return {
      name: bo.name ?? "", en: first("Text", "en"), stage: first("Stage", "name"),
      desk: desk ? { role: desk.role ?? "", unit: desk.unit ?? "city", joint: desk.joint === "true", roster: desk.assign === "roster" } : null,
      actions: own(bo, "Action").map((a) => ({ name: a.name ?? "", zh: a.zh ?? "", en: a.en ?? "", needs: a.needs ?? "", fields: a.fields ?? "", frees: a.frees === "unit" })),
      clocks: own(bo, "Clock").map((c) => ({ name: c.name ?? "", do: c.get("do") ?? "start" })),
      operation: first("Operation", "name"), decision: first("Decision", "ref"),
      wait: first("Wait", "for") || (bo.eventDefinitions?.find((d: Any) => d.timeDuration)?.timeDuration.body ?? ""),
      reopen: own(bo, "Reopen").length > 0, outcome: first("End", "outcome"), condition: bo.conditionExpression?.body ?? "",
      stages: isProcess(id) ? own(bo, "Stage").map((s) => ({ name: s.name ?? "", zh: s.zh ?? "", en: s.en ?? "" })) : [],
      fields: own(bo, "Field").map((f) => ({
        name: f.name ?? "", kind: f.kind ?? "text", zh: f.zh ?? "", en: f.en ?? "", required: f.required === "true", personal: f.personal === "true",
        most: f.get("max-length") ?? "", minimum: f.minimum ?? "", maximum: f.maximum ?? "",
        choices: (f.choices ?? []).map((c: Any) => ({ code: c.code ?? "", zh: c.zh ?? "", en: c.en ?? "" })),
      })),
    };
  }

  /** The extension elements that say it, those of other people left as they are. */
  function written(bo: Any, id: string, what: Said): Any {
    const moddle = of("moddle");
    const made: Any[] = [];
    const make = (type: string, facts: Record<string, unknown>): Any => moddle.create(`yong:${type}`, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== "" && value !== undefined && value !== null)));
    const put = (type: string, facts: Record<string, unknown>): void => void made.push(make(type, facts));
    const yes = (value: boolean): string => (value ? "true" : "");
    if (what.en) put("Text", { en: what.en });
    if (isProcess(id)) for (const one of what.stages) put("Stage", one);
    else if (what.stage) put("Stage", { name: what.stage });
    for (const { most, choices, required, personal, ...f } of what.fields) put("Field", { ...f, required: yes(required), personal: yes(personal), "max-length": most, choices: f.kind === "code" ? choices.map((c) => make("Choice", c)) : undefined });
    if (what.desk) put("Desk", { role: what.desk.role, unit: what.desk.unit, joint: yes(what.desk.joint), assign: what.desk.roster ? "roster" : "" });
    for (const { frees, ...one } of what.actions) put("Action", { ...one, frees: frees ? "unit" : "" });
    for (const one of what.clocks) put("Clock", one);
    if (what.operation) put("Operation", { name: what.operation });
    if (what.decision) put("Decision", { ref: what.decision });
    if (what.wait) put("Wait", { for: what.wait });
    if (what.reopen) put("Reopen", {});
    if (what.outcome) put("End", { outcome: what.outcome });
    const others = (bo.extensionElements?.values ?? []).filter((one: Any) => !one.$type.startsWith("yong:"));
    const box = moddle.create("bpmn:ExtensionElements", { values: [...others, ...made] });
    box.$parent = bo;
    for (const one of made) {
      one.$parent = box;
      for (const choice of one.choices ?? []) choice.$parent = one;
    }
    return box.values.length ? box : undefined;
  }

  return {
    async open(bpmn) {
      // A file written by hand may say nothing of where things lie.
      const { warnings } = await modeler.importXML(/<(\w+:)?BPMNDiagram\b/.test(bpmn) ? bpmn : await layoutProcess(bpmn));
      drawnOnce = true;
      fit();
      return warnings.map((one: Any) => String(one.message));
    },
    save: async () => (await modeler.saveXML({ format: true })).xml,
    elements(): Element[] {
      const bo = process();
      const rest = of("elementRegistry").filter((one: Any) => one.type !== "label" && one !== of("canvas").getRootElement());
      const shown = (of_: Any): Element => ({ id: of_.id, type: of_.$type.replace(/^\w+:/, ""), title: of_.name ?? "" });
      return [shown(bo), ...rest.map((one: Any) => shown(one.businessObject))];
    },
    chosen,
    choose(id) {
      const element = drawn(id);
      if (!element || element === of("canvas").getRootElement()) return of("selection").select(null);
      of("selection").select(element);
      of("canvas").scrollToElement(element, 80);
    },
    said,
    say(id, what) {
      const bo = meant(id);
      const now = said(id);
      if (!bo || !now) return;
      const next = { ...now, ...what };
      const modeling = of("modeling");
      if (what.name !== undefined && what.name !== now.name) {
        if (isProcess(id)) modeling.updateModdleProperties(stage(), bo, { name: what.name });
        else modeling.updateProperties(drawn(id), { name: what.name });
        return;
      }
      if (what.condition !== undefined) {
        const body = what.condition.trim();
        return modeling.updateProperties(drawn(id), { conditionExpression: body ? of("moddle").create("bpmn:FormalExpression", { body }) : undefined });
      }
      modeling.updateModdleProperties(drawn(id), bo, { extensionElements: written(bo, id, next) });
    },
    mark(ids) {
      const canvas = of("canvas");
      for (const id of marked) if (of("elementRegistry").get(id)) canvas.removeMarker(id, MARK);
      marked = [...ids].filter((id) => of("elementRegistry").get(id));
      for (const id of marked) canvas.addMarker(id, MARK);
    },
    can: () => ({ undo: of("commandStack").canUndo(), redo: of("commandStack").canRedo() }),
    undo: () => of("commandStack").undo(),
    redo: () => of("commandStack").redo(),
    zoom: (step) => (step ? of("zoomScroll").stepZoom(step) : fit()),
    close: () => modeler.destroy(),
  };
}
