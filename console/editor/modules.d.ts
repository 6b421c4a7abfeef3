declare module "*.css";
declare module "bpmn-auto-layout" {
  export function layoutProcess(bpmn: string): Promise<string>;
}
