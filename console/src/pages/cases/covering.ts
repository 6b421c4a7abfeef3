// Boxes over a photo, in pixels of the whole photo as it is looked at.
export type Kind = "face" | "plate" | "hand";
export interface Box { what: Kind; x: number; y: number; width: number; height: number }
export interface Point { x: number; y: number }
interface Size { width: number; height: number }
export const MOST = 200; // that are covered in one copy
export const LEAST = 8; // pixels of a side: less is a click

/** The box within the photo, in whole pixels. */
export function inside(box: Box, size: Size): Box {
  const width = Math.min(Math.max(LEAST, Math.round(box.width)), size.width);
  const height = Math.min(Math.max(LEAST, Math.round(box.height)), size.height);
  const within = (at: number, most: number): number => Math.min(Math.max(0, Math.round(at)), most);
  return { ...box, x: within(box.x, size.width - width), y: within(box.y, size.height - height), width, height };
}
export const moved = (box: Box, from: Point, to: Point): Box => ({ ...box, x: box.x + to.x - from.x, y: box.y + to.y - from.y });
/** A box in the middle, an eighth of the photo's width. */
export function added(size: Size): Box {
  const side = Math.round(size.width / 8);
  return inside({ what: "hand", x: (size.width - side) / 2, y: (size.height - side) / 2, width: side, height: side }, size);
}
/** Where on the photo a pointer is. */
export function pointAt(event: PointerEvent, area: Element, size: Size): Point {
  const shown = area.getBoundingClientRect();
  const part = (at: number, start: number, length: number, most: number): number => Math.round(Math.min(Math.max(0, (at - start) / length), 1) * most);
  return { x: part(event.clientX, shown.left, shown.width, size.width), y: part(event.clientY, shown.top, shown.height, size.height) };
}
