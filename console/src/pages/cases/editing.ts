// The editor of procedures as the console knows it. It is an extra (`make editor`), for its drawing board, bpmn-js, may be
// used but not be changed freely; where it is absent procedures are drawn and told all the same.

/** What an element, or the process itself, says beyond BPMN; docs/reference/procedures.md tells what each means. */
export interface Said {
  name: string; // the Chinese one
  en: string;
  stage: string;
  desk: { role: string; unit: string; joint: boolean; roster: boolean } | null;
  actions: { name: string; zh: string; en: string; needs: string; fields: string; frees: boolean }[];
  clocks: { name: string; do: string }[];
  operation: string;
  decision: string;
  wait: string;
  reopen: boolean;
  outcome: string;
  condition: string; // of a flow
  stages: { name: string; zh: string; en: string }[]; // of the process
  fields: { name: string; kind: string; zh: string; en: string; required: boolean; personal: boolean; most: string; minimum: string; maximum: string; choices: { code: string; zh: string; en: string }[] }[];
}

/** An element of the drawing: its BPMN type without prefix. */
export interface Element {
  id: string;
  type: string;
  title: string;
}

export interface Editor {
  /** Draw a file; what it could not read. Rejects where there is nothing to draw. */
  open(bpmn: string): Promise<string[]>;
  save(): Promise<string>;
  elements(): Element[]; // the process first
  chosen(): string;
  choose(id: string): void;
  said(id: string): Said | null;
  say(id: string, what: Partial<Said>): void;
  mark(ids: Iterable<string>): void;
  can(): { undo: boolean; redo: boolean };
  undo(): void;
  redo(): void;
  zoom(step: number): void; // 0: all of it in sight
  close(): void;
}

export interface Heard {
  changed(): void;
  chose(id: string): void;
}

export interface Extra {
  edit(board: HTMLElement, language: string, heard: Heard): Editor;
}

const AT = "/console/editor/editor";
let asked: Promise<Extra | null> | null = null;

/** The editor, where it is installed. */
export function extra(): Promise<Extra | null> {
  asked ??= (async () => {
    let found: Extra;
    try {
      found = (await import(/* @vite-ignore */ `${AT}.js`)) as Extra;
    } catch (error) {
      if ((await fetch(`${AT}.js`)).status === 404) return null;
      throw error;
    }
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = `${AT}.css`;
    document.head.append(style);
    return found;
  })();
  asked.catch(() => (asked = null)); // a network that was away is asked again
  return asked;
}

/** A procedure of one step, to begin with. */
export function blank(name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:yong="urn:yong:procedure" id="definitions" targetNamespace="urn:yong:${name}">
  <bpmn:process id="${name}" name="新流程" isExecutable="true">
    <bpmn:extensionElements><yong:text en="New procedure"/></bpmn:extensionElements>
    <bpmn:startEvent id="start" name="开始"><bpmn:extensionElements><yong:text en="Start"/></bpmn:extensionElements><bpmn:outgoing>to_do</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="to_do" sourceRef="start" targetRef="do"/>
    <bpmn:userTask id="do" name="办理"><bpmn:extensionElements><yong:text en="Do it"/><yong:desk role="" unit="city"/><yong:action name="done" zh="办结" en="Done"/></bpmn:extensionElements><bpmn:incoming>to_do</bpmn:incoming><bpmn:outgoing>to_end</bpmn:outgoing></bpmn:userTask>
    <bpmn:sequenceFlow id="to_end" sourceRef="do" targetRef="end"/>
    <bpmn:endEvent id="end" name="结束"><bpmn:extensionElements><yong:text en="End"/><yong:end outcome="done"/></bpmn:extensionElements><bpmn:incoming>to_end</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="${name}">
    <bpmndi:BPMNShape id="start_shape" bpmnElement="start"><dc:Bounds x="160" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="do_shape" bpmnElement="do"><dc:Bounds x="260" y="78" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="end_shape" bpmnElement="end"><dc:Bounds x="430" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="to_do_edge" bpmnElement="to_do"><di:waypoint x="196" y="118"/><di:waypoint x="260" y="118"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="to_end_edge" bpmnElement="to_end"><di:waypoint x="360" y="118"/><di:waypoint x="430" y="118"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}
